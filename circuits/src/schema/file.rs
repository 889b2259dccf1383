//! The fields of a schema file.

use serde::de::{Deserializer, Error as _, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::collections::BTreeMap;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub format: String,
    #[serde(default)]
    pub rows: Option<String>,
    #[serde(default)]
    pub subject: Texts,
    #[serde(default)]
    pub source: Texts,
    #[serde(default)]
    pub outsiders: Option<String>,
    pub columns: Vec<FileColumn>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileColumn {
    pub name: String,
    #[serde(rename = "type")]
    pub kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<Json>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<Json>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub codes: Option<Vec<String>>,
    #[serde(default)]
    pub rule: Option<String>,
    #[serde(default)]
    pub source: Texts,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    #[serde(default)]
    pub inclusion_criterion: bool,
    #[serde(default)]
    pub identifier: bool,
    #[serde(default)]
    pub quasi_identifier: bool,
}

/// Names and texts, none twice.
#[derive(Default, Serialize)]
#[serde(transparent)]
pub(super) struct Texts(pub BTreeMap<String, String>);

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct V;
        impl<'de> Visitor<'de> for V {
            type Value = Texts;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object of texts")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Texts, A::Error> {
                let mut texts = BTreeMap::new();
                while let Some((name, text)) = map.next_entry::<String, String>()? {
                    if texts.insert(name, text).is_some() {
                        return Err(A::Error::custom("a name stands twice in one object"));
                    }
                }
                Ok(Texts(texts))
            }
        }
        deserializer.deserialize_map(V)
    }
}

//! The built-in table of visa schemas (SPEC section 4).
//!
//! A schema's id hashes its canonical JSON, which names slot types and the digests of the code
//! lists: two programs that disagree on a code disagree on the id.

use super::codes;
use super::{Slot, SlotType};
use crate::domain::Label;
use crate::field::bytes_to_field;
use crate::ids::SchemaId;
use serde_json::json;
use std::sync::LazyLock;

/// A visa schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum VisaSchema {
    /// Where a person works; the only schema of an anchor.
    Affiliation,
    /// An approval by an ethics board; the only approval.
    Ethics,
    Terms,
    /// An approved cohort or another permission of a committee.
    Cohort,
}

static IDS: LazyLock<[SchemaId; 4]> =
    LazyLock::new(|| VisaSchema::ALL.map(|s| hash(&s.canonical_json())));

fn hash(json: &str) -> SchemaId {
    SchemaId::new(bytes_to_field(Label::VisaSchema, json.as_bytes()))
}

impl VisaSchema {
    pub const ALL: [VisaSchema; 4] = [
        VisaSchema::Affiliation,
        VisaSchema::Ethics,
        VisaSchema::Terms,
        VisaSchema::Cohort,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            VisaSchema::Affiliation => "affiliation",
            VisaSchema::Ethics => "ethics",
            VisaSchema::Terms => "terms",
            VisaSchema::Cohort => "cohort",
        }
    }

    /// The schema of a name.
    pub fn parse(name: &str) -> Option<Self> {
        VisaSchema::ALL
            .into_iter()
            .find(|schema| schema.name() == name)
    }

    /// The schema of an id.
    pub fn by_id(id: SchemaId) -> Option<Self> {
        VisaSchema::ALL.into_iter().find(|schema| schema.id() == id)
    }

    /// Whether a visa of it may be the anchor.
    pub const fn is_anchor(self) -> bool {
        matches!(self, VisaSchema::Affiliation)
    }

    /// Whether a visa of it approves a study.
    pub const fn is_approval(self) -> bool {
        matches!(self, VisaSchema::Ethics)
    }

    /// Slots that a visa of it needs, beside holder, index and days.
    pub const fn needs(self) -> &'static [Slot] {
        match self {
            VisaSchema::Affiliation => &[Slot::Institution],
            VisaSchema::Ethics => &[Slot::Study],
            VisaSchema::Terms | VisaSchema::Cohort => &[Slot::Value],
        }
    }

    /// Schema id = F("visa-schema", canonical JSON).
    pub fn id(self) -> SchemaId {
        IDS[self as usize]
    }

    /// The canonical JSON (RFC 8785) that the id hashes.
    pub fn canonical_json(self) -> String {
        let slots: Vec<_> = Slot::ALL
            .iter()
            .map(|slot| json!({"name": slot.name(), "type": type_word(slot.kind())}))
            .collect();
        let needs: Vec<_> = self.needs().iter().map(|slot| slot.name()).collect();
        let (diseases, permissions) = codes::digests();
        let value = json!({
            "format": "medveil-visa-schema-2",
            "name": self.name(),
            "anchor": self.is_anchor(),
            "approval": self.is_approval(),
            "needs": needs,
            "slots": slots,
            "codes": { "disease": diseases, "permissions": permissions },
        });
        // Texts, booleans and lists of them always serialise.
        serde_json_canonicalizer::to_string(&value).unwrap_or_default()
    }
}

fn type_word(kind: SlotType) -> &'static str {
    match kind {
        SlotType::Hash => "hash",
        SlotType::Index => "index",
        SlotType::Day => "day",
        SlotType::Code => "code",
        SlotType::Bitmap => "bitmap",
    }
}

impl std::fmt::Display for VisaSchema {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

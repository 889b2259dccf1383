//! One of Fabric's configuration files, read as Fabric reads it: keys in any case, the environment
//! above the file.

use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// Largest file.
///
/// **Units**: bytes.
const MAX_FILE: usize = 1 << 20;

/// Why a configuration file cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    #[error("{name}: expected at most {MAX_FILE} bytes, got {got}")]
    TooLong { name: String, got: usize },
    #[error("{name}: expected YAML")]
    Yaml {
        name: String,
        source: Box<serde_saphyr::Error>,
    },
    #[error("{name}: expected keys and values")]
    NoKeys { name: String },
    #[error("environment, line {line}: expected NAME=VALUE")]
    Variable { line: usize },
}

/// A configuration file and what overrides it.
pub struct Settings {
    /// The file, for people.
    pub name: String,
    prefix: &'static str,
    root: Value,
    env: BTreeMap<String, String>,
}

impl Settings {
    /// Reads YAML (or JSON), and lines `NAME=VALUE`.
    ///
    /// **Errors**: too large, not YAML, or a line that is no variable.
    pub fn read(
        name: &str,
        text: &str,
        prefix: &'static str,
        env: &str,
    ) -> Result<Self, SettingsError> {
        let name = name.to_owned();
        if text.len() > MAX_FILE {
            let got = text.len();
            return Err(SettingsError::TooLong { name, got });
        }
        let root: Value = match serde_saphyr::from_str(text) {
            Ok(root) => root,
            Err(source) => {
                let source = Box::new(source);
                return Err(SettingsError::Yaml { name, source });
            }
        };
        if !root.is_object() {
            return Err(SettingsError::NoKeys { name });
        }
        Ok(Settings {
            name,
            prefix,
            root,
            env: variables(env)?,
        })
    }

    /// The value of a dotted key; null where there is none.
    pub fn value(&self, key: &str) -> Value {
        let variable = format!("{}_{}", self.prefix, key.replace('.', "_")).to_uppercase();
        if let Some(text) = self.env.get(&variable) {
            return Value::String(text.clone());
        }
        let mut at = &self.root;
        for part in key.split('.') {
            let Some(next) = at
                .as_object()
                .and_then(|o| o.iter().find(|(k, _)| k.eq_ignore_ascii_case(part)))
            else {
                return Value::Null;
            };
            at = next.1;
        }
        at.clone()
    }

    /// A value as one word.
    pub fn word(&self, key: &str) -> String {
        match self.value(key) {
            Value::String(text) => text,
            Value::Null => String::new(),
            other => other.to_string(),
        }
    }

    /// The names of a list of handlers.
    pub fn names(&self, key: &str) -> Vec<String> {
        #[derive(Deserialize)]
        struct Named {
            name: String,
        }
        let Value::Array(list) = self.value(key) else {
            return Vec::new();
        };
        let named = |value| serde_json::from_value(value).ok();
        list.into_iter()
            .filter_map(named)
            .map(|handler: Named| handler.name)
            .collect()
    }
}

fn variables(env: &str) -> Result<BTreeMap<String, String>, SettingsError> {
    let mut variables = BTreeMap::new();
    for (i, line) in env.lines().enumerate() {
        let line = line.trim().trim_start_matches("export ");
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let pair = line.split_once('=');
        let (key, value) = pair.ok_or(SettingsError::Variable { line: i + 1 })?;
        let value = value.trim().trim_matches(['"', '\'']);
        variables.insert(key.trim().to_uppercase(), value.to_owned());
    }
    Ok(variables)
}

/// Milliseconds of a duration in Go's form, such as `1m30s` or `250ms`.
pub fn milliseconds(text: &str) -> Option<f64> {
    let units = [
        ("ms", 1.0),
        ("h", 3_600_000.0),
        ("m", 60_000.0),
        ("s", 1000.0),
    ];
    let (mut rest, mut total) = (text.trim(), 0.0);
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest[..end].parse().ok()?;
        let (unit, scale) = units
            .iter()
            .find(|(unit, _)| rest[end..].starts_with(unit))?;
        total += number * scale;
        rest = &rest[end + unit.len()..];
    }
    Some(total)
}

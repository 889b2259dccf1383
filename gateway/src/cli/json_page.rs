//! The page that documents the JSON of every command, made from the types.
//!
//! `UPDATE_DOCS=1 cargo test -p medveil-gateway --test json_page` writes `docs/json.md` anew.

mod entries;

use super::error::{self, EXIT_CODES};
use crate::step::Step;
use schemars::{Schema, schema_for};
use serde_json::{Map, Value};

/// The form of one answer.
struct Entry {
    name: &'static str,
    version: u32,
    schema: Schema,
}

fn entry<T: Step>() -> Entry {
    Entry {
        name: T::NAME,
        version: T::VERSION,
        schema: schema_for!(T),
    }
}

/// The page, in Markdown.
pub fn page() -> String {
    let mut entries = entries::all();
    entries.sort_by_key(|e| e.name);
    let exit = EXIT_CODES
        .replace(", 4 not", ",\n4 not")
        .replace(", 8 ", ",\n8 ");
    let mut page = HEAD.replace("@EXIT@", &exit);
    page = page.replace("@KINDS@", &error::words());
    for entry in &entries {
        page.push_str(&section(entry));
    }
    page
}

const HEAD: &str = "# JSON of the commands

Made from the types by `UPDATE_DOCS=1 cargo test -p medveil-gateway --test json_page`; a test holds
it to them.

With `--json` a command prints JSON Lines on standard output and progress on standard error. Each
line has `step` (the command), `ok` and `version`; `version` goes up when a field of that step
changes its meaning or goes away. New fields may come at any time. A line of
`quickstart` that answers a command also has `command`, which does the same by hand, and `ms`, the
milliseconds it took.

A failure is one line too, also where the command line could not be parsed (`step` is `usage`):

| field | meaning |
|---|---|
| `step` | the command that failed |
| `ok` | `false` |
| `version` | `2` |
| `kind` | @KINDS@ |
| `error` | what happened and what to do, for people |
| `tx_id` | the transaction, once there is one |
| `validation_code` | Fabric's validation code, where the transaction was ordered |
| `refusal` | the contract's code, where it refused |

Where `net doctor` finds problems, the line has the fields of its answer too.

@EXIT@
";

fn section(entry: &Entry) -> String {
    let schema = entry.schema.as_value();
    let mut text = format!("\n## `{}`\n\nVersion {}.", entry.name, entry.version);
    if let Some(description) = words(schema) {
        text.push_str(&format!(" {description}"));
    }
    text.push('\n');
    let none = Map::new();
    let definitions = schema.get("$defs").and_then(Value::as_object);
    text.push_str(&table(schema, definitions.unwrap_or(&none)));
    for (name, inner) in definitions.into_iter().flatten() {
        if inner.get("properties").is_some() {
            text.push_str(&format!("\n`{name}`:\n"));
            text.push_str(&table(inner, definitions.unwrap_or(&none)));
        }
    }
    text
}

fn table(schema: &Value, definitions: &Map<String, Value>) -> String {
    let properties = schema.get("properties").and_then(Value::as_object);
    let Some(properties) = properties.filter(|p| !p.is_empty()) else {
        return "\nNo further fields.\n".to_owned();
    };
    let required = schema.get("required").and_then(Value::as_array);
    let is_required = |name: &str| required.is_some_and(|r| r.iter().any(|v| v == name));
    let mut text = "\n| field | type | meaning |\n|---|---|---|\n".to_owned();
    for (name, inner) in properties {
        let optional = if is_required(name) { "" } else { ", optional" };
        let form = form(inner, definitions);
        let meaning = words(inner).unwrap_or_default();
        text.push_str(&format!("| `{name}` | {form}{optional} | {meaning} |\n"));
    }
    let others = schema.get("additionalProperties");
    if let Some(inner) = others.filter(|inner| inner.is_object()) {
        let form = form(inner, definitions);
        text.push_str(&format!(
            "| any other name | {form} | As many as there are. |\n"
        ));
    }
    text
}

fn words(schema: &Value) -> Option<String> {
    let text = schema.get("description")?.as_str()?;
    Some(text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// A type as people name it.
fn form(schema: &Value, definitions: &Map<String, Value>) -> String {
    if let Some(name) = schema.get("$ref").and_then(Value::as_str) {
        let name = name.rsplit('/').next().unwrap_or(name);
        return match definitions.get(name) {
            Some(inner) if inner.get("properties").is_none() => form(inner, definitions),
            _ => format!("`{name}`"),
        };
    }
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        let values: Vec<String> = values.iter().map(|v| format!("`{v}`")).collect();
        return values.join(" or ");
    }
    for key in ["anyOf", "oneOf"] {
        if let Some(choices) = schema.get(key).and_then(Value::as_array) {
            let choices: Vec<String> = choices.iter().map(|c| form(c, definitions)).collect();
            return choices.join(" or ");
        }
    }
    if let Some(value) = schema.get("const") {
        return format!("`{value}`");
    }
    match schema.get("type") {
        Some(Value::String(name)) if name == "array" => {
            let items = schema.get("items").map(|i| form(i, definitions));
            format!("list of {}", items.unwrap_or_else(|| "anything".to_owned()))
        }
        Some(Value::String(name)) => name.clone(),
        Some(Value::Array(names)) => {
            let names: Vec<&str> = names.iter().filter_map(Value::as_str).collect();
            names.join(" or ")
        }
        _ => "anything".to_owned(),
    }
}

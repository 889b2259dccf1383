//! Changes to JSON by its structure; texts in it that hold JSON, base64 or hex are changed inside.

use super::{Source, bytes, lines, pem};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// Changes one value. None where the input is no JSON.
pub(super) fn change(input: &[u8], source: &mut Source<'_>) -> Option<Vec<u8>> {
    let mut value: Value = serde_json::from_slice(input).ok()?;
    change_value(&mut value, source);
    serde_json::to_vec(&value).ok()
}

fn change_value(value: &mut Value, source: &mut Source<'_>) {
    let at = source.below(count(value));
    if let Some(node) = nth(value, &mut { at }) {
        change_node(node, source);
    }
}

fn children(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(list) => list.iter().collect(),
        Value::Object(map) => map.values().collect(),
        _ => Vec::new(),
    }
}

fn count(value: &Value) -> usize {
    1 + children(value).into_iter().map(count).sum::<usize>()
}

/// The value of this number, counted from the root downwards.
fn nth<'v>(value: &'v mut Value, left: &mut usize) -> Option<&'v mut Value> {
    if *left == 0 {
        return Some(value);
    }
    *left -= 1;
    match value {
        Value::Array(list) => list.iter_mut().find_map(|child| nth(child, left)),
        Value::Object(map) => map.values_mut().find_map(|child| nth(child, left)),
        _ => None,
    }
}

fn change_node(node: &mut Value, source: &mut Source<'_>) {
    if source.chance(5) {
        *node = other_value(source);
        return;
    }
    match node {
        Value::String(text) => *text = change_text(text, source),
        Value::Array(list) => change_list(list, source),
        Value::Object(map) => change_object(map, source),
        Value::Number(_) => *node = number(source),
        Value::Bool(b) => *b = !*b,
        Value::Null => *node = other_value(source),
    }
}

fn number(source: &mut Source<'_>) -> Value {
    let mut text = b"1".to_vec();
    lines::change(&mut text, source);
    serde_json::from_slice(&text).unwrap_or_else(|_| bytes::odd_number(source).into())
}

/// Something of another kind, or a part of another input.
fn other_value(source: &mut Source<'_>) -> Value {
    match source.below(9) {
        0 => Value::Null,
        1 => Value::Bool(true),
        2 => Value::Array(Vec::new()),
        3 => Value::Object(serde_json::Map::new()),
        4 => Value::String(String::new()),
        5 => Value::String("x".repeat(1 << source.below(16))),
        6 => number(source),
        _ => {
            let mut other: Value = serde_json::from_slice(source.other()).unwrap_or_default();
            let at = source.below(count(&other));
            nth(&mut other, &mut { at })
                .map(Value::take)
                .unwrap_or_default()
        }
    }
}

fn change_list(list: &mut Vec<Value>, source: &mut Source<'_>) {
    let at = source.below(list.len());
    match source.below(5) {
        0 if !list.is_empty() => drop(list.remove(at)),
        1 => {
            let to = source.below(list.len());
            if !list.is_empty() {
                list.swap(at, to);
            }
        }
        2 => list.push(other_value(source)),
        3 => *list = vec![Value::Array(std::mem::take(list))],
        _ => {
            let times = [1, 1, 2, 20, 300][source.below(5)];
            if let Some(item) = list.get(at).cloned() {
                list.splice(at..at, std::iter::repeat_n(item, times));
            }
        }
    }
}

fn change_object(map: &mut serde_json::Map<String, Value>, source: &mut Source<'_>) {
    let keys: Vec<String> = map.keys().cloned().collect();
    let key = source.pick(&keys).cloned().unwrap_or_default();
    match source.below(4) {
        0 => drop(map.remove(&key)),
        1 => {
            let value = map.remove(&key).unwrap_or_default();
            map.insert(change_text(&key, source), value);
        }
        2 => {
            let word = source.pick(source.words).copied().unwrap_or("added");
            map.insert(word.to_owned(), other_value(source));
        }
        _ => {
            let from = source.pick(&keys).cloned().unwrap_or_default();
            if let Some(value) = map.get(&from).cloned() {
                map.insert(key, value);
            }
        }
    }
}

fn change_text(text: &str, source: &mut Source<'_>) -> String {
    if text.starts_with('{')
        && !source.chance(4)
        && let Ok(mut inner) = serde_json::from_str::<Value>(text)
    {
        change_value(&mut inner, source);
        return inner.to_string();
    }
    if text.starts_with("-----BEGIN")
        && !source.chance(4)
        && let Some(changed) = pem::change(text.as_bytes(), source)
    {
        return String::from_utf8_lossy(&changed).into_owned();
    }
    if text.len() >= 16 && !source.chance(4) {
        if let Ok(mut inner) = hex::decode(text) {
            bytes::change(&mut inner, source);
            return hex::encode(inner);
        }
        if let Ok(inner) = STANDARD.decode(text) {
            let changed = bytes::change_length(&inner, source).unwrap_or(inner);
            return STANDARD.encode(changed);
        }
    }
    let mut changed = text.as_bytes().to_vec();
    lines::change(&mut changed, source);
    String::from_utf8_lossy(&changed).into_owned()
}

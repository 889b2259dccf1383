//! Changes of a bundle: of its bytes, of its form, and of what stands in it at any depth.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;
use serde_json::Value;

pub struct Change {
    pub what: String,
    pub text: String,
}

fn change(what: impl Into<String>, text: impl Into<String>) -> Change {
    Change {
        what: what.into(),
        text: text.into(),
    }
}

/// One byte is another, is gone, or stands twice: at one position of eight, and of sixty in what is
/// one text of base64, where each is like the next.
pub fn bytes(bundle: &str, seed: u64) -> impl Iterator<Item = Change> {
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    let mut changes = Vec::new();
    let mut since = 0;
    for at in 0..bundle.len() {
        let is_letter = bundle.as_bytes()[at].is_ascii_alphanumeric();
        since = if is_letter { since + 1 } else { 0 };
        if !rng.gen_ratio(1, if since > 64 { 60 } else { 8 }) {
            continue;
        }
        let (head, tail) = bundle.split_at(at);
        let old = &tail[..1];
        let new = char::from(rng.gen_range(b' '..=b'~')).to_string();
        let text = match rng.gen_range(0..4) {
            0 => [head, &tail[1..]].concat(),
            1 => [head, old, tail].concat(),
            // A neighbour by one bit: as a letter of base64 or of hex it is often another one.
            2 => [
                head,
                &char::from(old.as_bytes()[0] ^ 1).to_string(),
                &tail[1..],
            ]
            .concat(),
            _ => [head, &new, &tail[1..]].concat(),
        };
        if text != bundle {
            changes.push(change(format!("byte {at}"), text));
        }
    }
    changes.into_iter()
}

/// Other texts of the same values: blanks, order, repetition, escapes, forms of base64.
pub fn structure(bundle: &str) -> impl Iterator<Item = Change> {
    let mut changes = vec![
        change("a line end behind", format!("{bundle}\n")),
        change("a mark in front", format!("\u{feff}{bundle}")),
        change("a zero behind", format!("{bundle}\0")),
        change("twice", format!("{bundle}{bundle}")),
    ];
    let outer: Value = serde_json::from_str(bundle).unwrap();
    changes.extend(forms("bundle", bundle));
    // The trust, and the consortium in it, are texts of their own inside.
    let trust = outer["trust"].as_str().unwrap();
    let inner: Value = serde_json::from_str(trust).unwrap();
    let consortium = inner["consortium"].as_str().unwrap();
    let within = |trust: &str| replaced(bundle, &outer["trust"], trust);
    for one in forms("trust", trust) {
        changes.push(change(one.what, within(&one.text)));
    }
    changes.push(change("trust: a line end", within(&format!("{trust}\n"))));
    for one in forms("consortium", consortium) {
        let trust = replaced(trust, &inner["consortium"], &one.text);
        changes.push(change(one.what, within(&trust)));
    }
    for (name, pem) in inner["roots"].as_object().unwrap() {
        let text = pem.as_str().unwrap();
        for other in [
            text.trim_end().to_owned(),
            format!("{text}\n"),
            text.replace('\n', "\r\n"),
            format!("#\n{text}"),
            text.repeat(2),
        ] {
            changes.push(change(
                format!("root {name}"),
                within(&replaced(trust, pem, &other)),
            ));
        }
    }
    changes.extend(encodings(bundle, &outer));
    changes.into_iter()
}

/// Other texts of one JSON value.
fn forms(name: &str, json: &str) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut is_text = false;
    let mut escaped = false;
    for (at, c) in json.char_indices() {
        let (head, tail) = json.split_at(at);
        if !is_text && "{}[]:,".contains(c) {
            for blank in [" ", "\n", "\t"] {
                changes.push(change(
                    format!("{name}: blank at {at}"),
                    [head, &tail[..1], blank, &tail[1..]].concat(),
                ));
            }
        }
        // A letter by its number, in every text.
        if is_text && !escaped && c.is_ascii_alphanumeric() && at % 61 == 0 {
            let number = format!("\\u{:04x}", c as u32);
            changes.push(change(
                format!("{name}: escape at {at}"),
                [head, &number, &tail[1..]].concat(),
            ));
        }
        if !is_text && c.is_ascii_digit() {
            for form in [
                format!("{c}.0"),
                format!("{c}e0"),
                format!("0{c}"),
                format!("-{c}"),
            ] {
                changes.push(change(
                    format!("{name}: number at {at}"),
                    [head, &form, &tail[1..]].concat(),
                ));
            }
        }
        if c == '/' && is_text {
            changes.push(change(
                format!("{name}: slash at {at}"),
                [head, "\\/", &tail[1..]].concat(),
            ));
        }
        is_text ^= c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
    }
    let value: Value = serde_json::from_str(json).unwrap();
    let members: Vec<String> = value
        .as_object()
        .unwrap()
        .iter()
        .map(|(k, v)| format!("{}:{v}", Value::from(k.as_str())))
        .collect();
    let object = |members: &[String]| format!("{{{}}}", members.join(","));
    for at in 0..members.len() {
        let (mut twice, mut first, mut null) = (members.clone(), members.clone(), members.clone());
        twice.insert(at, members[at].clone());
        first.swap(at, 0);
        null[at] = members[at].split(':').next().unwrap().to_owned() + ":null";
        for (what, other) in [("repeated", twice), ("order", first), ("null", null)] {
            if other != members {
                changes.push(change(
                    format!("{name}: member {at} {what}"),
                    object(&other),
                ));
            }
        }
    }
    let mut more = members.clone();
    more.push("\"zz\":1".to_owned());
    changes.push(change(format!("{name}: one more"), object(&more)));
    changes
}

/// Keys in another order or more often, and base64 in other forms.
fn encodings(bundle: &str, outer: &Value) -> Vec<Change> {
    let mut changes = Vec::new();
    let keys: Vec<Value> = outer["keys"].as_array().unwrap().clone();
    let with = |keys: Vec<Value>| {
        let mut other = outer.clone();
        other["keys"] = keys.into();
        other.to_string()
    };
    for (what, order) in [
        ("reversed", vec![2, 1, 0]),
        ("swapped", vec![1, 0, 2]),
        ("repeated", vec![0, 1, 2, 2]),
        ("one thrice", vec![0, 0, 0]),
        ("fewer", vec![0, 1]),
        ("none", vec![]),
    ] {
        let keys = order.iter().map(|at: &usize| keys[*at].clone()).collect();
        changes.push(change(format!("keys {what}"), with(keys)));
    }
    for value in keys.iter().chain([&outer["registration"], &outer["claim"]]) {
        let text = value.as_str().unwrap();
        let bytes = STANDARD.decode(text).unwrap();
        for other in [
            text.trim_end_matches('=').to_owned() + if text.ends_with('=') { "" } else { "=" },
            text.replace('+', "-").replace('/', "_") + "====",
            format!("{text}\n"),
            format!(" {text}"),
            STANDARD.encode([&bytes[..], &[0]].concat()),
            STANDARD.encode(&bytes[..bytes.len() - 1]),
            STANDARD.encode([&[0], &bytes[..]].concat()),
        ] {
            changes.push(change("base64", replaced(bundle, value, &other)));
        }
    }
    changes
}

/// Decoded bytes of keys and transactions by one bit, and every leaf of the trust by one letter.
pub fn members(bundle: &str, seed: u64) -> impl Iterator<Item = Change> {
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    let outer: Value = serde_json::from_str(bundle).unwrap();
    let mut changes = Vec::new();
    let parts = outer["keys"]
        .as_array()
        .unwrap()
        .iter()
        .chain([&outer["registration"], &outer["claim"]]);
    for part in parts {
        let bytes = STANDARD.decode(part.as_str().unwrap()).unwrap();
        for at in (0..bytes.len())
            .step_by(1 + bytes.len() / 60)
            .chain(bytes.len() - 8..bytes.len())
        {
            let mut other = bytes.clone();
            other[at] ^= 1 << rng.gen_range(0..8);
            changes.push(change(
                format!("bit of byte {at}"),
                replaced(bundle, part, &STANDARD.encode(other)),
            ));
        }
    }
    let trust: Value = serde_json::from_str(outer["trust"].as_str().unwrap()).unwrap();
    for (path, text) in leaves(&trust, "") {
        for at in [0, text.len() / 2, text.len() - 1] {
            let mut letters = text.clone().into_bytes();
            letters[at] = if letters[at] == b'1' { b'2' } else { b'1' };
            let mut other = trust.clone();
            *other.pointer_mut(&path).unwrap() = String::from_utf8(letters).unwrap().into();
            changes.push(change(
                format!("{path}, letter {at}"),
                replaced(bundle, &outer["trust"], &other.to_string()),
            ));
        }
    }
    changes.into_iter()
}

fn leaves(value: &Value, path: &str) -> Vec<(String, String)> {
    match value {
        Value::Object(map) => map
            .iter()
            .flat_map(|(k, v)| leaves(v, &format!("{path}/{}", k.replace('/', "~1"))))
            .collect(),
        Value::Array(list) => list
            .iter()
            .enumerate()
            .flat_map(|(i, v)| leaves(v, &format!("{path}/{i}")))
            .collect(),
        Value::String(text) => vec![(path.to_owned(), text.clone())],
        _ => Vec::new(),
    }
}

/// A text with a string in it that reads otherwise.
fn replaced(json: &str, old: &Value, new: &str) -> String {
    let old = old.to_string();
    assert!(json.contains(&old), "a string of it");
    json.replacen(&old, &Value::from(new).to_string(), 1)
}

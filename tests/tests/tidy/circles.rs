//! No circle of imports between files, except where two files are two halves of one type.

use crate::sources::all;
use std::collections::{BTreeMap, BTreeSet};

/// Pairs that are two halves of one type.
const HALVES: &[(&str, &str)] = &[
    (
        "circuits/src/claim/chunk/r1cs/program.rs",
        "circuits/src/claim/chunk/r1cs/row.rs",
    ),
    (
        "circuits/src/eligibility/r1cs/opening.rs",
        "circuits/src/eligibility/r1cs/visa.rs",
    ),
    (
        "circuits/src/policy/document.rs",
        "circuits/src/policy/read.rs",
    ),
];

/// Files of one crate by module path, such as `journey::claim::open`.
type Modules = BTreeMap<Vec<String>, String>;

fn module(name: &str) -> Option<(String, Vec<String>)> {
    let (folder, path) = name.split_once("/src/")?;
    let path = path.strip_suffix(".rs")?;
    let mut parts: Vec<String> = path.split('/').map(str::to_owned).collect();
    if parts == ["lib"] || parts == ["main"] {
        parts.clear();
    }
    Some((folder.to_owned(), parts))
}

/// The paths that a file's `use` statements name, braces resolved.
fn imports(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for statement in text.split(';') {
        let lines = statement.lines().map(str::trim);
        let code: String = lines.filter(|l| !l.starts_with("//")).collect();
        let uses = code.rsplit_once("use ").filter(|(before, _)| {
            before.is_empty() || before.ends_with("pub ") || before.ends_with(['}', ']', ')'])
        });
        if let Some((_, tree)) = uses {
            expand("", tree.trim(), &mut found);
        }
    }
    found
}

fn expand(prefix: &str, tree: &str, found: &mut Vec<String>) {
    let Some((head, rest)) = tree.split_once('{') else {
        found.push(format!("{prefix}{tree}"));
        return;
    };
    let inner = rest.strip_suffix('}').unwrap_or(rest);
    let prefix = format!("{prefix}{head}");
    let (mut depth, mut start) = (0i32, 0);
    for (at, c) in inner.char_indices().chain([(inner.len(), ',')]) {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                let part = inner[start..at].trim();
                if !part.is_empty() {
                    expand(&prefix, part, found);
                }
                start = at + 1;
            }
            _ => {}
        }
    }
}

/// The file that a path leads to, seen from a module.
fn target<'a>(modules: &'a Modules, from: &[String], path: &str) -> Option<&'a str> {
    let mut parts = path.split("::").map(str::trim).peekable();
    let mut at: Vec<String> = match *parts.peek()? {
        "crate" => {
            parts.next();
            Vec::new()
        }
        "self" => {
            parts.next();
            from.to_vec()
        }
        "super" => {
            let mut at = from.to_vec();
            while parts.peek() == Some(&"super") {
                parts.next();
                at.pop();
            }
            at
        }
        first => {
            // A child module named without `self`.
            let child = [from, &[first.to_owned()]].concat();
            modules.contains_key(&child).then(|| from.to_vec())?
        }
    };
    let mut found = modules.get(&at);
    for part in parts {
        at.push(part.to_owned());
        match modules.get(&at) {
            Some(file) => found = Some(file),
            None => break,
        }
    }
    found.map(String::as_str)
}

/// What each file takes from others of its crate. What a file takes from the modules above it is
/// left out: a module and its parts are one room.
fn graph(
    modules: &Modules,
    texts: &BTreeMap<String, String>,
) -> BTreeMap<String, BTreeSet<String>> {
    let mut edges: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (path, file) in modules {
        for import in imports(&texts[file]) {
            let Some(to) = target(modules, path, &import) else {
                continue;
            };
            let above = (0..=path.len()).filter_map(|n| modules.get(&path[..n]));
            if !above.into_iter().any(|a| a == to) {
                edges.entry(file.clone()).or_default().insert(to.to_owned());
            }
        }
    }
    edges
}

fn reaches(edges: &BTreeMap<String, BTreeSet<String>>, from: &str, to: &str) -> bool {
    let (mut seen, mut open) = (BTreeSet::new(), vec![from.to_owned()]);
    while let Some(at) = open.pop() {
        for next in edges.get(&at).into_iter().flatten() {
            if next == to {
                return true;
            }
            if seen.insert(next.clone()) {
                open.push(next.clone());
            }
        }
    }
    false
}

#[test]
fn files_do_not_import_each_other_in_circles() {
    let mut crates: BTreeMap<String, Modules> = BTreeMap::new();
    let mut texts = BTreeMap::new();
    for source in all().into_iter().filter(|s| !s.is_test()) {
        if let Some((folder, path)) = module(&source.name) {
            let modules = crates.entry(folder).or_default();
            modules.insert(path, source.name.clone());
            texts.insert(source.name, source.text);
        }
    }
    let is_known = |a: &str, b: &str| {
        HALVES
            .iter()
            .any(|(x, y)| (a, b) == (*x, *y) || (b, a) == (*x, *y))
    };
    let mut bad = BTreeSet::new();
    for modules in crates.values() {
        let edges = graph(modules, &texts);
        for (from, targets) in &edges {
            for to in targets {
                if !is_known(from, to) && reaches(&edges, to, from) {
                    bad.insert(format!("{from} -> {to}"));
                }
            }
        }
    }
    let bad: Vec<String> = bad.into_iter().collect();
    assert!(bad.is_empty(), "in circles:\n{}", bad.join("\n"));
}

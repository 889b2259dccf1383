//! `docs/THREATS.md` against the tests: every id that a test carries is listed, and every test that
//! the page names exists. So does every test that the table of `SECURITY.md` names. Reads files only.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Letters that carry numbers, and those that stand alone as well.
const NUMBERED: &str = "bceghfiklmnprv";
const ALONE: &str = "bfkpr";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        let name = name.to_string_lossy();
        if path.is_dir() && !name.starts_with('.') && name != "target" && name != "node_modules" {
            sources(&path, found);
        } else if name.ends_with(".rs") {
            found.push(path);
        }
    }
}

/// The part of a source in which tests stand: all of it, or what follows `#[cfg(test)]`.
fn test_code<'a>(path: &Path, text: &'a str) -> &'a str {
    let is_test = path
        .components()
        .any(|part| part.as_os_str() == "tests" || part.as_os_str() == "tests.rs");
    if is_test {
        return text;
    }
    text.split_once("#[cfg(test)]").map_or("", |(_, rest)| rest)
}

/// The name of the function that a line declares.
fn function(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let line = line.strip_prefix("pub ").unwrap_or(line);
    let line = line.strip_prefix("async ").unwrap_or(line);
    let rest = line.strip_prefix("fn ")?;
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_')?;
    Some(&rest[..end])
}

fn is_id(word: &str) -> bool {
    let mut chars = word.chars();
    let Some(letter) = chars.next() else {
        return false;
    };
    match chars.as_str() {
        "" => ALONE.contains(letter),
        digits => {
            NUMBERED.contains(letter)
                && digits.len() <= 2
                && digits.chars().all(|c| c.is_ascii_digit())
        }
    }
}

/// The ids in front of a test's name: `h5_p12_a_wrong_key` carries `h5` and `p12`.
fn ids(name: &str) -> impl Iterator<Item = &str> {
    name.split('_').take_while(|word| is_id(word))
}

/// Every function of test code, and for each id the names that carry it.
fn tests() -> (BTreeSet<String>, BTreeMap<String, BTreeSet<String>>) {
    let (mut files, mut names) = (Vec::new(), BTreeSet::new());
    sources(&root(), &mut files);
    for path in files {
        let text = std::fs::read_to_string(&path).expect("a readable source");
        let found = test_code(&path, &text).lines().filter_map(function);
        names.extend(found.map(str::to_owned));
    }
    let mut by_id: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for name in &names {
        for id in ids(name) {
            by_id.entry(id.to_owned()).or_default().insert(name.clone());
        }
    }
    (names, by_id)
}

/// Rows of the page: the id in the first cell, the names in backticks of the last one.
fn rows(page: &str) -> Vec<(String, Vec<String>)> {
    let rows = page.lines().filter_map(|line| {
        let cells: Vec<&str> = line
            .strip_prefix('|')?
            .strip_suffix('|')?
            .split('|')
            .collect();
        let id = cells.first()?.trim().to_lowercase();
        let tests = cells.last()?.split('`').skip(1).step_by(2);
        is_id(&id).then(|| (id, tests.map(str::to_owned).collect()))
    });
    rows.collect()
}

#[test]
fn the_page_of_threats_and_the_tests_agree() {
    let page = std::fs::read_to_string(root().join("docs/THREATS.md")).expect("the page");
    let (names, by_id) = tests();
    let rows = rows(&page);
    assert!(rows.len() > 90, "the page has only {} rows", rows.len());
    let mut wrong = Vec::new();
    let listed: BTreeSet<&str> = rows.iter().map(|(id, _)| id.as_str()).collect();
    for (id, tests) in &by_id {
        if !listed.contains(id.as_str()) {
            wrong.push(format!("{id} is not on the page; {tests:?} carry it"));
        }
    }
    for (id, tests) in &rows {
        for test in tests {
            let exists = match test.strip_suffix("_*") {
                Some(prefix) => by_id.contains_key(prefix),
                None => names.contains(test),
            };
            if !exists {
                wrong.push(format!("{id}: no test is called {test}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn security_names_tests_that_exist() {
    let page = std::fs::read_to_string(root().join("SECURITY.md")).expect("the page");
    let (names, by_id) = tests();
    let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '*';
    let mut found = 0;
    for line in page.lines().filter(|line| line.starts_with('|')) {
        let quoted = line.split('`').skip(1).step_by(2);
        for test in quoted.filter(|name| name.contains('_') && name.chars().all(is_name)) {
            let exists = match test.strip_suffix("_*") {
                Some(id) => by_id.contains_key(id),
                None => names.contains(test),
            };
            assert!(exists, "SECURITY.md: no test is called {test}");
            found += 1;
        }
    }
    assert!(found > 20, "the page names only {found} tests");
}

#[test]
fn ids_are_read_off_names() {
    let of = |name| ids(name).collect::<Vec<_>>();
    assert_eq!(of("h5_p12_a_wrong_key_or_mask"), ["h5", "p12"]);
    assert_eq!(of("r_ten_thousand_races"), ["r"]);
    assert_eq!(of("c4_r_a_nullifier_is_used_once"), ["c4", "r"]);
    assert!(of("a_closed_grant").is_empty() && of("p256_keys").is_empty());
    assert_eq!(function("    async fn f_x() {"), Some("f_x"));
    assert_eq!(
        function("        fn b7_text(text in \".*\") {"),
        Some("b7_text")
    );
}

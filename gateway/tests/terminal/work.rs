//! Commands that do their work on a home and on files that hold hostile text.

use crate::lines::hostile_file;
use crate::model::{HARMLESS, HOSTILE, PLAIN};
use crate::pty::{on_pipes, on_terminals};
use crate::{is_calm, medveil, strings};
use medveil_text::is_hidden;
use std::path::Path;

/// Somebody's text in the quotes of JSON and YAML.
fn quoted(text: &str) -> String {
    let escape = |c: char| match c {
        '"' | '\\' => format!("\\{c}"),
        c if is_hidden(c) || c.is_control() => {
            let units = c
                .encode_utf16(&mut [0; 2])
                .iter()
                .map(|u| format!("\\u{u:04x}"))
                .collect();
            if c.len_utf16() == 1 {
                units
            } else {
                c.to_string()
            }
        }
        c => c.to_string(),
    };
    format!("\"{}\"", text.chars().map(escape).collect::<String>())
}

/// A policy whose words are somebody's.
fn policy(words: &str) -> String {
    let words = quoted(words);
    let policy = include_str!("../../data/quickstart/policy.yaml");
    policy
        .replace("Blood sugar research", &words)
        .replace("affiliated researcher with an approved study", &words)
}

/// A table whose names and codes are somebody's.
fn table(code: &str) -> String {
    let row = |i| {
        format!(
            "p{i},{},\"{code}{}\",2020-01-0{}\n",
            i % 90,
            i % 3,
            i % 9 + 1
        )
    };
    let rows: String = (0..60).map(row).collect();
    format!("patient_id,age,\"{PLAIN}\",day\n{rows}")
}

/// Command lines in their order.
fn work(folder: &Path) -> Vec<Vec<String>> {
    let file = |ending: &str, text: &str| hostile_file(folder, ending, text).display().to_string();
    let (policy, hostile_policy) = (
        file(".yaml", &policy(PLAIN)),
        file("2.yaml", &policy(HOSTILE)),
    );
    let (table, hostile_table) = (file(".csv", &table(PLAIN)), file("2.csv", &table(HOSTILE)));
    let core = format!("peer:\n  tls:\n    enabled: {}\n", quoted(HOSTILE));
    let core = file(".core", &core);
    let text = format!("{HARMLESS}{HOSTILE}");
    let name = text.replace('/', "");
    let [request, visa, trust, schema, place] =
        ["request", "visa", "trust", "schema", "place"].map(|end| format!("{name}.{end}.json"));
    let board = ["--as", "EthicsBoard"];
    let alice = ["--as", "University/alice"];
    let issuer = ["--schema", "ethics", "--group", "boards"];
    let line = |parts: &[&[&str]]| strings(&parts.concat());
    vec![
        line(&[&["consortium", "init"]]),
        line(&[&board, &["issuer", "init"], &issuer]),
        line(&[&board, &["issuer", "register"], &issuer]),
        line(&[
            &alice,
            &["visa", "request", "--schema", "ethics", "--out", &request],
        ]),
        line(&[
            &board,
            &[
                "issuer",
                "issue",
                "--request",
                &request,
                "--group",
                "boards",
                "--study",
                "STUDY-7",
            ],
            &[
                "--value", &text, "--role", &text, "--source", &text, "--region", &text,
            ],
            &[
                "--conditions",
                &text,
                "--permissions",
                "GRU",
                "--out",
                &visa,
            ],
        ]),
        line(&[&board, &["issuer", "list"], &issuer]),
        line(&[&alice, &["visa", "import", &visa]]),
        line(&[&alice, &["visa", "list"]]),
        line(&[&alice, &["visa", "show", "0"]]),
        line(&[&alice, &["visa", "show", "1"]]),
        line(&[&["issuer", "registry"]]),
        line(&[&["policy", "check", &policy]]),
        line(&[&["policy", "check", &hostile_policy]]),
        line(&[&["policy", "explain", &policy]]),
        line(&[&[
            "--as",
            "HospitalA",
            "policy",
            "put",
            &policy,
            "--dataset",
            "cohort",
            "--future",
        ]]),
        line(&[&["schema", "draft", &table]]),
        line(&[&["schema", "draft", &hostile_table]]),
        line(&[&["schema", "draft", &table, "--out", &schema]]),
        line(&[&["schema", "draft", &table, "--out", "-"]]),
        line(&[&["schema", "check", &table, "--schema", &schema]]),
        line(&[&["schema", "check", &hostile_table, "--schema", &schema]]),
        line(&[&["dataset", "inspect", &table, "--schema", &schema]]),
        line(&[&board, &["consortium", "trust", "--out", &trust]]),
        line(&[&board, &["consortium", "trust", "--out", "-"]]),
        line(&[&["net", "doctor", "--core", &core]]),
        line(&[&["verify", &trust, "--trust", &trust]]),
        line(&[&["ledger", "events", "--blocks", "--checkpoint", &place]]),
        line(&[&["ledger", "blocks"]]),
        line(&[&["ledger", "audit"]]),
        line(&[&["ledger", "tick", "--as", "HospitalA"]]),
        line(&[&["circuit", "list"]]),
        line(&[&["access", "list"]]),
        line(&[&["dataset", "list"]]),
        line(&[&["claim", "list"]]),
        line(&[&["keys", "list"]]),
        line(&[&["collections", "derive"]]),
        line(&[&["--home", &text, "ledger", "blocks"]]),
    ]
}

#[test]
fn m6_commands_on_hostile_texts_leave_a_terminal_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let (mut done, mut harmless) = (0, 0);
    for words in work(folder.path()) {
        let printed = on_terminals(&mut medveil(folder.path(), &words));
        is_calm(&words, &printed, true, false);
        done += usize::from(printed.code == Some(0));
        let shown = [HARMLESS, PLAIN]
            .iter()
            .any(|text| printed.out.contains(text));
        harmless += usize::from(shown);
    }
    assert!(
        done >= 28 && harmless >= 12,
        "{done} did their work, {harmless} show harmless text"
    );
    let home = folder.path();
    for line in [
        "visa show 1 --as University/alice",
        "visa list --as University/alice",
        "ledger events",
    ] {
        let words = strings(&format!("--json {line}").split(' ').collect::<Vec<_>>());
        let printed = on_pipes(&mut medveil(home, &words));
        is_calm(&words, &printed, false, false);
        let lines = printed
            .out
            .lines()
            .map(serde_json::from_str::<serde_json::Value>);
        assert!(
            lines.map(|v| v.unwrap()).all(|v| v.is_object()),
            "{}",
            printed.out
        );
    }
}

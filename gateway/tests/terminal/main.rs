//! No control character of anybody's gets to a terminal: all commands run on terminals, in a home and
//! on files that hold hostile text, and a model of a terminal reads what they print.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

mod lines;
mod model;
mod pty;
mod work;

use lines::{every_command, hostile_file};
use model::{HARMLESS, HOSTILE, controls, is_colour, is_progress};
use pty::{Printed, on_pipes, on_terminals};
use std::path::Path;
use std::process::Command;

/// The program in a folder, as somebody whose terminal has colours.
fn medveil(folder: &Path, words: &[String]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_medveil"));
    command.current_dir(folder).args(words);
    for name in [
        "MEDVEIL_HOME",
        "MEDVEIL_AS",
        "MEDVEIL_NET",
        "MEDVEIL_FABRIC",
        "NO_COLOR",
    ] {
        command.env_remove(name);
    }
    command
        .env("TERM", "xterm-256color")
        .env("MEDVEIL_PASSPHRASE", "correct horse battery");
    command
}

/// That nothing but the program's own colours and progress moves anything.
fn is_calm(words: &[String], printed: &Printed, on_terminal: bool, is_help: bool) {
    let out = controls(&printed.out);
    let out: Vec<_> = out
        .iter()
        .filter(|one| !(is_help && is_colour(one)))
        .collect();
    assert!(
        out.is_empty(),
        "{words:?} prints {out:?}:\n{:?}",
        printed.out
    );
    // Nobody's text has a line end here: what prints one as text is the program itself.
    assert!(
        !printed.out.contains("\\u000a"),
        "{words:?}: {:?}",
        printed.out
    );
    let err = controls(&printed.err);
    let err: Vec<_> = err
        .iter()
        .filter(|one| !(on_terminal && is_progress(one)))
        .collect();
    assert!(err.is_empty(), "{words:?} says {err:?}:\n{:?}", printed.err);
}

fn strings(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

#[test]
fn m6_every_command_with_hostile_words_leaves_a_terminal_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let file = hostile_file(folder.path(), "", &format!("{{\"format\": \"{HOSTILE}\"}}"));
    let all = every_command(&file.display().to_string());
    assert!(all.len() > 60, "{} commands", all.len());
    let mut harmless = 0;
    for (at, words) in all.iter().enumerate() {
        let words = [strings(&["--as", "HospitalA/alice"]), words.clone()].concat();
        let printed = match at % 2 {
            0 => on_terminals(&mut medveil(folder.path(), &words)),
            _ => on_pipes(&mut medveil(folder.path(), &words)),
        };
        assert!(
            matches!(printed.code, Some(1..=9)),
            "{words:?} ends with {:?}",
            printed.code
        );
        is_calm(&words, &printed, at % 2 == 0, false);
        harmless += usize::from(printed.err.contains(HARMLESS));
    }
    assert!(harmless > 12, "harmless text stayed in {harmless} answers");
}

#[test]
fn m6_hostile_words_of_a_line_that_is_none_leave_a_terminal_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    for words in [
        strings(&[HOSTILE]),
        strings(&["ledger", "blocks", "--limit", HOSTILE]),
        strings(&["policy", "check", "x", "--", HOSTILE, "a\nerror: b"]),
        strings(&["dataset", HOSTILE, "--json"]),
        strings(&["--passphrase-file", HOSTILE, "visa", "list"]),
    ] {
        let printed = on_terminals(&mut medveil(folder.path(), &words));
        is_calm(&words, &printed, true, false);
        assert!(!printed.err.contains("\nerror: b"), "{}", printed.err);
        assert!(
            matches!(printed.code, Some(2 | 4)),
            "{words:?}: {:?}",
            printed.code
        );
    }
    let help = [
        "--help",
        "--version",
        "dataset",
        "ledger events --help",
        "help visa",
    ];
    for line in help {
        let words = strings(&line.split(' ').collect::<Vec<_>>());
        let mut command = medveil(folder.path(), &words);
        command
            .env("MEDVEIL_HOME", HOSTILE)
            .env("MEDVEIL_AS", HOSTILE);
        let printed = on_terminals(&mut command);
        is_calm(&words, &printed, true, true);
        command.env("NO_COLOR", "1");
        is_calm(&words, &on_terminals(&mut command), true, false);
    }
}

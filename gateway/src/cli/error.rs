//! An error as people and machines see it: words, exit code, JSON. The only place that makes them.

use crate::classify::{Classify, Kind, kind_of_io};
use medveil_collections_config::cut_error_chain;
use medveil_ledger::LedgerError;
use serde_json::{Map, Value, json};

/// Version of the JSON of a failure.
pub const VERSION: u32 = 2;

/// Exit codes, for `--help`. Scripts rely on them: a number that stands here keeps its meaning.
pub const EXIT_CODES: &str = "Exit codes: 0 done, 1 internal error, 2 bad usage or input, 3 refused, 4 not found or not reachable, 5 in use by another process, 6 no permission, 7 over for this period, 8 damaged, 9 no space, 130 interrupted.";

/// The exit code of [`Kind::Internal`], for what fails without an error.
pub const INTERNAL: i32 = code_and_word(Kind::Internal).0;

/// The exit code of a kind, and the word that `--json` prints.
const fn code_and_word(kind: Kind) -> (i32, &'static str) {
    match kind {
        Kind::Internal => (1, "internal"),
        Kind::Input => (2, "input"),
        Kind::Refused => (3, "refused"),
        Kind::NotFound => (4, "not_found"),
        Kind::Locked => (5, "locked"),
        Kind::NoPermission => (6, "no_permission"),
        Kind::Over => (7, "over"),
        Kind::Damaged => (8, "damaged"),
        Kind::NoSpace => (9, "no_space"),
        // What shells say of a command that Ctrl-C ended.
        Kind::Interrupted => (130, "interrupted"),
    }
}

/// The words that `--json` prints of kinds, for its page.
pub(super) fn words() -> String {
    let words = Kind::ALL.map(|kind| format!("`{}`", code_and_word(kind).1));
    let [most @ .., last] = words.as_slice() else {
        return String::new();
    };
    format!("{} or {last}", most.join(", "))
}

/// The fields that every line begins with.
pub(super) fn head(step: &str, ok: bool, version: u32) -> Map<String, Value> {
    let mut line = Map::new();
    line.insert("step".into(), json!(step));
    line.insert("ok".into(), json!(ok));
    line.insert("version".into(), json!(version));
    line
}

/// A command that failed.
pub struct Failure {
    step: String,
    kind: Kind,
    words: String,
    tx_id: Option<String>,
    validation_code: Option<i32>,
    refusal: Option<&'static str>,
}

impl Failure {
    /// What is told of an error of a command.
    pub fn of(step: &str, error: &dyn Classify) -> Self {
        let ledger = error.ledger();
        Failure {
            step: step.to_owned(),
            kind: error.kind(),
            words: cut_error_chain(error, LONGEST),
            tx_id: ledger.and_then(LedgerError::tx_id).map(str::to_owned),
            validation_code: ledger.and_then(LedgerError::verdict).map(|v| v.code),
            refusal: ledger.and_then(LedgerError::code).map(|c| c.as_str()),
        }
    }

    /// What no error of a command stands behind.
    fn plain(step: &str, kind: Kind, words: &str) -> Self {
        Failure {
            step: step.to_owned(),
            kind,
            words: words.to_owned(),
            tx_id: None,
            validation_code: None,
            refusal: None,
        }
    }

    /// A command line that could not be understood.
    pub fn usage(text: &str) -> Self {
        Failure::plain("usage", Kind::Input, text)
    }

    /// A command that a signal ended.
    pub fn interrupted(step: &str) -> Self {
        let words = "interrupted: the same command goes on from here";
        Failure::plain(step, Kind::Interrupted, words)
    }

    /// An answer that standard output did not take.
    pub fn lost(why: std::io::ErrorKind) -> Self {
        Failure::plain(
            "output",
            kind_of_io(&why.into()),
            "standard output could not be written",
        )
    }

    pub fn words(&self) -> &str {
        &self.words
    }

    pub fn exit_code(&self) -> i32 {
        code_and_word(self.kind).0
    }

    /// One line of JSON.
    pub fn to_json(&self) -> Map<String, Value> {
        let mut line = head(&self.step, false, VERSION);
        line.insert("kind".into(), json!(code_and_word(self.kind).1));
        line.insert("error".into(), json!(self.words));
        let known = [
            ("tx_id", json!(self.tx_id)),
            ("validation_code", json!(self.validation_code)),
            ("refusal", json!(self.refusal)),
        ];
        let known = known.into_iter().filter(|(_, value)| !value.is_null());
        line.extend(known.map(|(key, value)| (key.to_owned(), value)));
        line
    }
}

/// Longest text of somebody else's program that is shown.
///
/// **Units**: characters.
const LONGEST: usize = 300;

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[derive(Debug, thiserror::Error)]
    #[error("outer")]
    struct Outer(#[source] Inner);

    #[derive(Debug, thiserror::Error)]
    #[error("{0}")]
    struct Inner(String);

    impl Classify for Outer {
        fn kind(&self) -> Kind {
            Kind::Locked
        }
    }

    #[derive(serde::Deserialize)]
    struct Head {
        step: String,
        kind: String,
    }

    /// The words that `--json` has for the kinds.
    #[test]
    fn every_kind_has_a_code_and_a_word_of_its_own_and_the_page_says_them() {
        let page = include_str!("../../../docs/operating.md");
        let rows = page
            .lines()
            .filter(|l| l.starts_with("| ") && l.ends_with("` |"));
        let row = |line: &str| {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            Some((
                cells.get(1)?.parse::<i32>().ok()?,
                cells.get(3)?.trim_matches('`').to_owned(),
            ))
        };
        let said: Vec<_> = rows.filter_map(row).collect();
        let mut known: Vec<_> = Kind::ALL
            .map(code_and_word)
            .map(|(code, word)| (code, word.to_owned()))
            .into();
        known.sort();
        assert_eq!(said, known);
        for (code, _) in known {
            assert!(EXIT_CODES.contains(&format!(" {code} ")), "{code}");
        }
        let words: BTreeSet<_> = Kind::ALL.map(|kind| code_and_word(kind).1).into();
        assert_eq!(words.len(), Kind::ALL.len());
        // What scripts were told stays.
        let stable = [Kind::NotFound, Kind::Locked, Kind::NoPermission, Kind::Over];
        assert_eq!(stable.map(|kind| code_and_word(kind).0), [4, 5, 6, 7]);
    }

    #[test]
    fn an_error_is_told_with_its_sources_and_shortly() {
        let failure = Failure::of("a.b", &Outer(Inner("inner".to_owned())));
        assert_eq!((failure.words(), failure.exit_code()), ("outer: inner", 5));
        let json = serde_json::from_value(Value::Object(failure.to_json()));
        let Head { step, kind } = json.unwrap();
        assert_eq!((step.as_str(), kind.as_str()), ("a.b", "locked"));
        let long = Failure::of("a.b", &Outer(Inner("x".repeat(5000))));
        assert!(long.words().len() < 400 && long.words().ends_with("(cut)"));
    }
}

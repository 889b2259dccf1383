//! Clauses that can serve to single people out: whoever writes the policy knows what it asks for,
//! and a request shows that somebody has it.
//!
//! A heuristic: it warns of what is narrow in form. What is rare in the world nobody can see here.

use super::{AlternativeDocument, ClauseDocument, Operand, Program, Verb, Word};
use crate::visa::{SlotType, day};
use std::collections::BTreeSet;

/// Fewest days of a range that is not narrow.
const FEWEST_DAYS: u32 = 7;
/// Roles that many people have: eduPersonAffiliation's words, and common ones of research.
pub const PUBLISHED_ROLES: &[&str] = &[
    "affiliate",
    "data-manager",
    "employee",
    "faculty",
    "member",
    "nurse",
    "physician",
    "professor",
    "researcher",
    "staff",
    "statistician",
    "student",
];

impl Program {
    /// What can serve to single somebody out, in words, one line each.
    pub fn singling_out(&self) -> Vec<String> {
        let alternatives = self.document().alternatives.iter();
        alternatives.flat_map(narrow_clauses).collect()
    }

    /// Every institution that a clause names.
    pub fn institutions(&self) -> BTreeSet<&str> {
        let alternatives = self.document().alternatives.iter();
        let visas = alternatives.flat_map(|alternative| &alternative.visas);
        let clauses = visas.flat_map(|visa| &visa.clauses);
        let named = clauses.filter(|clause| clause.word == Word::Institution);
        let operands = named.flat_map(|clause| &clause.operands);
        operands.filter_map(text).collect()
    }
}

fn text(operand: &Operand) -> Option<&str> {
    match operand {
        Operand::Text(text) => Some(text),
        Operand::Request(_) => None,
    }
}

fn narrow_clauses(alternative: &AlternativeDocument) -> Vec<String> {
    let mut out = Vec::new();
    for visa in &alternative.visas {
        let narrow = |clause: &&ClauseDocument| is_narrow(clause, &visa.clauses);
        for clause in visa.clauses.iter().filter(narrow) {
            out.push(format!(
                "warning: \"{}\" asks that {} of the {} visa, which few people may have: a request shows that somebody has it.",
                alternative.name,
                clause.words(),
                visa.schema
            ));
        }
    }
    out
}

fn is_narrow(clause: &ClauseDocument, all: &[ClauseDocument]) -> bool {
    let kind = clause.word.slot().kind();
    match clause.verb {
        _ if kind == SlotType::Day => {
            // All clauses of one word hold at once; the first of them speaks for all.
            let mut same = all.iter().filter(|other| other.word == clause.word);
            same.next().is_some_and(|first| std::ptr::eq(first, clause)) && few_days(clause, same)
        }
        Verb::Eq | Verb::In if kind == SlotType::Hash => {
            let mut texts = clause.operands.iter().filter_map(text);
            texts.any(|text| !is_published(clause.word, text))
        }
        _ => false,
    }
}

/// Whether all clauses of a day together leave few days.
fn few_days<'a>(
    clause: &'a ClauseDocument,
    others: impl Iterator<Item = &'a ClauseDocument>,
) -> bool {
    let (mut first, mut last) = (None, None);
    for clause in std::iter::once(clause).chain(others) {
        let mut days = clause.operands.iter().map(|o| day::parse(o.text()));
        let (from, to) = match clause.verb {
            Verb::Eq => (days.next().flatten(), None),
            Verb::AtLeast => (days.next().flatten(), None),
            Verb::AtMost => (None, days.next().flatten()),
            Verb::Range => (days.next().flatten(), days.next().flatten()),
            _ => (None, None),
        };
        let to = if clause.verb == Verb::Eq { from } else { to };
        first = first.max(from);
        last = match (last, to) {
            (Some(a), Some(b)) => Some(std::cmp::min(a, b)),
            (a, b) => a.or(b),
        };
    }
    let span = first.zip(last);
    span.is_some_and(|(first, last)| last.0.saturating_sub(first.0) + 1 < FEWEST_DAYS)
}

/// Whether many people may have a text: institutions are organisations; roles are on a list; a
/// region is a country or one of its parts, by its code.
fn is_published(word: Word, text: &str) -> bool {
    let is_code = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'-';
    match word {
        Word::Role => PUBLISHED_ROLES.contains(&text),
        Word::Institution => true,
        // ISO 3166: DE, DE-BY.
        Word::Region => (2..=6).contains(&text.len()) && text.bytes().all(is_code),
        _ => false,
    }
}

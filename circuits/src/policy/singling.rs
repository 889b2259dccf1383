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
        Verb::Eq | Verb::Range if kind == SlotType::Day => has_few_days(clause),
        Verb::AtLeast if kind == SlotType::Day => {
            let same = |other: &&ClauseDocument| other.word == clause.word;
            let mut ends = all.iter().filter(same);
            let end = ends.find(|other| other.verb == Verb::AtMost);
            end.is_some_and(|end| few_days(&clause.operands, &end.operands))
        }
        Verb::Eq | Verb::In if kind == SlotType::Hash => {
            let mut texts = clause.operands.iter().filter_map(text);
            texts.any(|text| !is_published(clause.word, text))
        }
        _ => false,
    }
}

fn has_few_days(clause: &ClauseDocument) -> bool {
    match clause.operands.as_slice() {
        [_] => true,
        [first, last] => few_days(std::slice::from_ref(first), std::slice::from_ref(last)),
        _ => false,
    }
}

fn few_days(first: &[Operand], last: &[Operand]) -> bool {
    let parsed = |operands: &[Operand]| day::parse(operands.first()?.text());
    match (parsed(first), parsed(last)) {
        (Some(first), Some(last)) => last.0.saturating_sub(first.0) + 1 < FEWEST_DAYS,
        _ => false,
    }
}

/// Whether many people may have a text: institutions are organisations, regions are large, terms
/// and cohorts are names that a committee gives; roles are on a list.
fn is_published(word: Word, text: &str) -> bool {
    match word {
        Word::Role => PUBLISHED_ROLES.contains(&text),
        Word::Institution | Word::Region | Word::Value => true,
        _ => false,
    }
}

//! A policy in words: what it asks for, what a grant reveals, and where one organisation alone
//! could say yes.

use super::document::{AlternativeDocument, ClauseDocument, Operand, Verb, VisaDocument};
use super::{PolicyDocument, Program};

/// Who may register issuers of a group for a schema: a line of the consortium file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuerLineView<'a> {
    pub schema: &'a str,
    pub group: &'a str,
    pub msps: Vec<&'a str>,
}

/// A policy in words, line by line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// What it asks for and what a grant reveals.
    pub lines: Vec<String>,
    /// What to beware of.
    pub warnings: Vec<String>,
}

impl ClauseDocument {
    /// Such as `role is one of researcher, professor`.
    pub fn words(&self) -> String {
        let word = self.word.text();
        let list = || self.operands.iter().map(operand_words).collect::<Vec<_>>();
        let shown = |list: Vec<String>| match list.len() {
            0..=8 => list.join(", "),
            n => format!("{}, .. ({n} values)", list[..8].join(", ")),
        };
        match self.verb {
            Verb::Exists => format!("{word} is present"),
            Verb::Eq => format!("{word} is {}", shown(list())),
            Verb::In => format!("{word} is one of {}", shown(list())),
            Verb::NotIn => format!("{word} is present and none of {}", shown(list())),
            Verb::Range => format!("{word} is from {}", list().join(" to ")),
            Verb::AtLeast => format!("{word} is {} or later", shown(list())),
            Verb::AtMost => format!("{word} is {} or earlier", shown(list())),
            Verb::DescendsFrom => format!("{word} is {} or below it", shown(list())),
            Verb::Subset => format!("{word} are nothing but {}", shown(list())),
            Verb::Superset => format!("{word} are at least {}", shown(list())),
        }
    }
}

fn operand_words(operand: &Operand) -> String {
    match operand {
        Operand::Text(text) => text.clone(),
        Operand::Request(_) => format!(
            "the request's {}",
            operand.text().trim_start_matches("$request.")
        ),
    }
}

impl VisaDocument {
    /// Such as `an ethics visa of group boards: study is the request's study`.
    pub fn words(&self) -> String {
        let article = if matches!(self.schema.name(), "affiliation" | "ethics") {
            "an"
        } else {
            "a"
        };
        let head = format!(
            "{article} {} visa of group {}",
            self.schema.name(),
            self.group
        );
        let clauses: Vec<String> = self.clauses.iter().map(ClauseDocument::words).collect();
        if clauses.is_empty() {
            head
        } else {
            format!("{head}: {}", clauses.join("; "))
        }
    }
}

impl Program {
    /// What the policy asks for, what a grant reveals and what to beware of; one line each. `lines`
    /// are the consortium's issuer lines, where known.
    pub fn explain(&self, lines: &[IssuerLineView<'_>]) -> Explanation {
        let PolicyDocument {
            dac, alternatives, ..
        } = self.document();
        let mut out = Vec::new();
        match alternatives.len() {
            1 => out.push("A person is eligible who has:".to_owned()),
            n => out.push(format!(
                "A person is eligible by any one of {n} alternatives, each of which asks for visas of one and the same person:"
            )),
        }
        for (i, alternative) in alternatives.iter().enumerate() {
            out.extend(alternative_words(i, alternative));
        }
        out.push(format!(
            "Each request then waits for {} of {} to approve.",
            dac.quorum,
            dac.members.join(", ")
        ));
        match self.document().period_days {
            Some(days) => out.push(format!(
                "One person can ask once for each dataset in each period of {days} days, counted from 1970-01-01."
            )),
            None => out.push(
                "One person can ask once in each period of the consortium file for each dataset."
                    .to_owned(),
            ),
        }
        out.extend(revealed_attributes(alternatives));
        let warnings = alternatives
            .iter()
            .flat_map(|alternative| warnings(alternative, lines));
        Explanation {
            lines: out,
            warnings: warnings.collect(),
        }
    }
}

impl Program {
    /// What the alternatives ask for, one line each; their names are the holder's words.
    pub fn visas_in_words(&self) -> Vec<String> {
        let alternatives = &self.document().alternatives;
        let words = |alternative: &AlternativeDocument| {
            let visas = alternative.visas.iter().map(|visa| visa.words());
            let visas: Vec<String> = visas.collect();
            format!(
                "what the holder calls {:?}: {}",
                alternative.name,
                visas.join("; ")
            )
        };
        match alternatives.as_slice() {
            [only] => vec![words(only)],
            several => several
                .iter()
                .enumerate()
                .map(|(i, alternative)| match i {
                    0 => words(alternative),
                    _ => format!("or {}", words(alternative)),
                })
                .collect(),
        }
    }
}

fn alternative_words(i: usize, alternative: &AlternativeDocument) -> Vec<String> {
    let mut out = vec![format!("  {}. {}", i + 1, alternative.name)];
    out.extend(
        alternative
            .visas
            .iter()
            .map(|visa| format!("     - {}", visa.words())),
    );
    if alternative.require_study
        && alternative
            .visas
            .iter()
            .any(|visa| visa.schema.is_approval())
    {
        out.push("     - every ethics visa is for the study of the request".to_owned());
    }
    if alternative.require_institution {
        out.push("     - the person's institution is the organisation that asks".to_owned());
    }
    if alternative.distinct_issuers {
        out.push(
            "     - visas of one schema come from issuers of different organisations".to_owned(),
        );
    }
    out
}

fn revealed_attributes(alternatives: &[AlternativeDocument]) -> Vec<String> {
    let mut out = vec![
        "A request shows everybody on the channel: that the asking organisation asks, when, for which dataset and columns, and the purpose, disease and region it names."
            .to_owned(),
    ];
    match alternatives {
        [only] => out.push(format!(
            "As there is one alternative, it also shows that the person has everything that \"{}\" asks for; not who, and not which issuer of a group signed.",
            only.name
        )),
        _ => out.push("It does not show which alternative holds, by which visas, from which issuers, or who the person is.".to_owned()),
    }
    out
}

fn warnings(alternative: &AlternativeDocument, lines: &[IssuerLineView<'_>]) -> Vec<String> {
    let name = &alternative.name;
    let mut out = Vec::new();
    if alternative.require_study
        && !alternative
            .visas
            .iter()
            .any(|visa| visa.schema.is_approval())
    {
        out.push(format!(
            "warning: \"{name}\" asks for no ethics visa, so any study will do."
        ));
    }
    if !alternative.require_study {
        out.push(format!(
            "warning: \"{name}\" does not tie approvals to the study of the request."
        ));
    }
    if !alternative.require_institution {
        out.push(format!(
            "warning: \"{name}\" lets one organisation ask for people of another."
        ));
    }
    let msps_of = |visa: &VisaDocument| {
        let line = lines
            .iter()
            .find(|line| line.schema == visa.schema.name() && line.group == visa.group);
        line.map(|line| line.msps.clone())
    };
    for visa in alternative
        .visas
        .iter()
        .filter(|visa| !lines.is_empty() && msps_of(visa).is_none())
    {
        out.push(format!(
            "warning: the consortium lets nobody register issuers of {} in group {}.",
            visa.schema, visa.group
        ));
    }
    let sets: Option<Vec<Vec<&str>>> = alternative.visas.iter().map(msps_of).collect();
    if let Some((first, rest)) = sets.as_deref().and_then(<[_]>::split_first) {
        let alone: Vec<&str> = first
            .iter()
            .copied()
            .filter(|msp| rest.iter().all(|set| set.contains(msp)))
            .collect();
        if !alone.is_empty() {
            out.push(format!(
                "warning: issuers of one organisation suffice for \"{name}\": {}.",
                alone.join(", ")
            ));
        }
    }
    out
}

//! Reading a policy: every problem at once, each with its path. Used for YAML and for canonical
//! JSON alike.

mod values;

use serde_json::{Map, Value};
use std::collections::BTreeSet;

use super::code::Req;
use super::document::{
    AlternativeDocument, ClauseDocument, Dac, FORMAT, Operand, PolicyDocument, Verb, VisaDocument,
    Word,
};
use super::{ALTERNATIVES, MAX_BYTES, MAX_SET, MAX_VISAS, PolicyError};
use crate::visa::{Slot, VisaSchema};
use values::{Reader, join};

const MAX_TEXT: usize = 1024;
/// Most members of a committee.
const MAX_MEMBERS: usize = 64;
/// Longest nullifier period.
const MAX_PERIOD: u64 = 3650;

fn check_size(text: &str) -> Result<(), PolicyError> {
    if text.len() > MAX_BYTES {
        return Err(PolicyError::one(
            "",
            format!("expected at most {MAX_BYTES} bytes, got {}", text.len()),
        ));
    }
    Ok(())
}

/// A YAML text as a tree.
pub(super) fn yaml(text: &str) -> Result<Value, PolicyError> {
    check_size(text)?;
    serde_saphyr::from_str(text)
        .map_err(|e| PolicyError::one("", format!("not yaml: {}", first_line(&e.to_string()))))
}

/// A JSON text as a tree.
pub(super) fn json(text: &str) -> Result<Value, PolicyError> {
    check_size(text)?;
    serde_json::from_str(text).map_err(|e| {
        PolicyError::one(
            "",
            format!("not json: line {}, column {}", e.line(), e.column()),
        )
    })
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

/// A tree as a policy.
pub(super) fn document(value: &Value) -> Result<PolicyDocument, PolicyError> {
    let mut reader = Reader::default();
    let document = reader.document(value);
    match document {
        Some(document) if reader.problems.is_empty() => Ok(document),
        _ if reader.problems.is_empty() => Err(PolicyError::one("", "expected a policy")),
        _ => Err(PolicyError(reader.problems)),
    }
}

/// Rules that stand at the top for all alternatives, or inside one.
#[derive(Clone, Copy)]
struct Flags {
    study: bool,
    institution: bool,
    distinct_issuers: bool,
}

impl Default for Flags {
    /// Switching off what protects takes the word `false`.
    fn default() -> Self {
        Flags {
            study: true,
            institution: true,
            distinct_issuers: false,
        }
    }
}

impl Reader {
    /// The rules of a policy or of one of its alternatives.
    fn flags(&mut self, at: &str, map: &Map<String, Value>, defaults: Flags) -> Flags {
        let mut read =
            |name: &str, default: bool| self.flag(&join(at, name), map.get(name), default);
        Flags {
            study: read("require_study", defaults.study),
            institution: read("require_institution", defaults.institution),
            distinct_issuers: read("distinct_issuers", defaults.distinct_issuers),
        }
    }

    fn document(&mut self, value: &Value) -> Option<PolicyDocument> {
        let map = self.map("", Some(value))?;
        self.only(
            "",
            map,
            &[
                "format",
                "title",
                "period_days",
                "dac",
                "require_study",
                "require_institution",
                "distinct_issuers",
                "alternatives",
            ],
        );
        if map.get("format").and_then(Value::as_str) != Some(FORMAT) {
            let _: Option<()> = self.problem("format", format!("expected {FORMAT}"));
        }
        let title = map
            .get("title")
            .and_then(|title| self.text("title", Some(title)));
        let period_days = map
            .get("period_days")
            .and_then(|days| self.integer("period_days", Some(days), MAX_PERIOD));
        let dac = self.dac(map.get("dac"));
        let defaults = self.flags("", map, Flags::default());
        let list = self.list("alternatives", map.get("alternatives"), ALTERNATIVES)?;
        let alternatives: Vec<_> = list
            .iter()
            .enumerate()
            .map(|(i, value)| self.alternative(i, value, defaults))
            .collect();
        let names: BTreeSet<_> = alternatives.iter().flatten().map(|a| &a.name).collect();
        if names.len() < alternatives.iter().flatten().count() {
            let _: Option<()> = self.problem("alternatives", "expected different names");
        }
        Some(PolicyDocument {
            title,
            period_days,
            dac: dac?,
            alternatives: alternatives.into_iter().collect::<Option<_>>()?,
        })
    }

    fn dac(&mut self, value: Option<&Value>) -> Option<Dac> {
        let map = self.map("dac", value)?;
        self.only("dac", map, &["members", "quorum"]);
        let list = self.list("dac.members", map.get("members"), MAX_MEMBERS);
        let mut members: Vec<String> = list?
            .iter()
            .enumerate()
            .filter_map(|(i, member)| self.text(&format!("dac.members[{i}]"), Some(member)))
            .collect();
        members.sort();
        if members.windows(2).any(|pair| pair[0] == pair[1]) {
            return self.problem("dac.members", "expected different organisations");
        }
        let quorum = self.integer("dac.quorum", map.get("quorum"), members.len() as u64)?;
        Some(Dac { members, quorum })
    }

    fn alternative(
        &mut self,
        i: usize,
        value: &Value,
        defaults: Flags,
    ) -> Option<AlternativeDocument> {
        let at = format!("alternatives[{i}]");
        let map = self.map(&at, Some(value))?;
        self.only(
            &at,
            map,
            &[
                "name",
                "require_study",
                "require_institution",
                "distinct_issuers",
                "visas",
            ],
        );
        let name = match map.get("name") {
            None => Some(format!("alternative {}", i + 1)),
            name => self.text(&join(&at, "name"), name),
        };
        let flags = self.flags(&at, map, defaults);
        let at = join(&at, "visas");
        let list = self.list(&at, map.get("visas"), MAX_VISAS)?;
        let visas: Vec<_> = list
            .iter()
            .enumerate()
            .map(|(i, value)| self.visa(&format!("{at}[{i}]"), value))
            .collect();
        Some(AlternativeDocument {
            name: name?,
            require_study: flags.study,
            require_institution: flags.institution,
            distinct_issuers: flags.distinct_issuers,
            visas: visas.into_iter().collect::<Option<_>>()?,
        })
    }

    fn visa(&mut self, at: &str, value: &Value) -> Option<VisaDocument> {
        let map = self.map(at, Some(value))?;
        let schema = self.schema(&join(at, "schema"), map.get("schema"));
        let group = self.text(&join(at, "group"), map.get("group"));
        let mut clauses = Vec::new();
        for (name, value) in map
            .iter()
            .filter(|(name, _)| !matches!(name.as_str(), "schema" | "group"))
        {
            let at = join(at, name);
            let Some(word) = self.word(&at, name) else {
                continue;
            };
            let Some(verbs) = self.map(&at, Some(value)) else {
                continue;
            };
            if verbs.is_empty() {
                let _: Option<()> = self.problem(&at, "expected an operator, such as in: [a, b]");
            }
            for (verb, operand) in verbs {
                clauses.extend(self.clause(&join(&at, verb), word, verb, operand));
            }
        }
        clauses.sort_by_key(|clause| (clause.word.text(), clause.verb.text()));
        Some(VisaDocument {
            schema: schema?,
            group: group?,
            clauses,
        })
    }

    fn schema(&mut self, at: &str, value: Option<&Value>) -> Option<VisaSchema> {
        let text = self.text(at, value)?;
        match VisaSchema::parse(&text) {
            Some(schema) => Some(schema),
            None => self.problem(
                at,
                format!(
                    "expected one of {}",
                    VisaSchema::ALL.map(VisaSchema::name).join(", ")
                ),
            ),
        }
    }

    fn word(&mut self, at: &str, name: &str) -> Option<Word> {
        if let Some(word) = Word::parse(name) {
            return Some(word);
        }
        if Slot::ALL
            .iter()
            .any(|slot| slot.name() == name && slot.is_forbidden())
        {
            return self.problem(
                at,
                "no policy may ask for this slot: it would tell people apart",
            );
        }
        let known: Vec<_> = Word::ALL.iter().map(|word| word.text()).collect();
        self.problem(
            at,
            format!(
                "unknown word; expected schema, group or one of {}",
                known.join(", ")
            ),
        )
    }

    fn clause(
        &mut self,
        at: &str,
        word: Word,
        verb: &str,
        operand: &Value,
    ) -> Option<ClauseDocument> {
        let Some(verb) = Verb::parse(verb) else {
            let known: Vec<_> = Verb::ALL.iter().map(|verb| verb.text()).collect();
            return self.problem(
                at,
                format!("unknown operator; expected one of {}", known.join(", ")),
            );
        };
        let operands = match verb {
            Verb::Exists if *operand == Value::Bool(true) => vec![],
            Verb::Exists => return self.problem(at, "expected exists: true"),
            verb if verb.takes_list() => {
                let list = self.list(at, Some(operand), MAX_SET)?;
                let read: Vec<_> = list
                    .iter()
                    .enumerate()
                    .map(|(i, value)| self.operand(&format!("{at}[{i}]"), value))
                    .collect();
                read.into_iter().collect::<Option<_>>()?
            }
            _ => vec![self.operand(at, operand)?],
        };
        Some(ClauseDocument {
            word,
            verb,
            operands,
        })
    }

    fn operand(&mut self, at: &str, value: &Value) -> Option<Operand> {
        let text = self.text(at, Some(value))?;
        if !text.starts_with('$') {
            return Some(Operand::Text(text));
        }
        match Req::ALL.into_iter().find(|req| req.word() == Some(&text)) {
            Some(req) => Some(Operand::Request(req)),
            None => self.problem(at, "expected $request.study, $request.purpose, $request.disease, $request.region or $request.submitter"),
        }
    }
}

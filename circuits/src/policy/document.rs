//! The document: what people write, in words, and its one canonical form.
//!
//! Canonical means RFC 8785 JSON of the same grammar with every default written out and the
//! committee sorted; the grammar stands in `POLICY.md`, reading in `read`.

use serde_json::{Map, Value, json};

use super::PolicyError;
use super::code::Req;
use super::read;
use crate::visa::{Slot, VisaSchema};

/// Value of `format`.
pub const FORMAT: &str = "medveil-policy-1";

/// A policy in words. Exists only if it was read; whether it compiles, `compile` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyDocument {
    /// Name for people.
    pub title: Option<String>,
    /// Length of a nullifier period; the consortium's where absent.
    pub period_days: Option<u32>,
    pub dac: Dac,
    /// One to four; one of them must hold.
    pub alternatives: Vec<AlternativeDocument>,
}

/// The data access committee.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dac {
    /// MSP ids, sorted.
    pub members: Vec<String>,
    /// Votes for approval.
    pub quorum: u32,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlternativeDocument {
    /// Name for people.
    pub name: String,
    /// Approvals are for the request's study.
    pub require_study: bool,
    /// The anchor's institution is the submitter.
    pub require_institution: bool,
    /// Visas of one schema come from issuers that different organisations registered.
    pub distinct_issuers: bool,
    /// Visas, the anchor first.
    pub visas: Vec<VisaDocument>,
}

/// One visa that an alternative asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VisaDocument {
    pub schema: VisaSchema,
    pub group: String,
    /// Clauses, sorted by word and verb.
    pub clauses: Vec<ClauseDocument>,
}

/// What is asked of one slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClauseDocument {
    /// Word of the slot.
    pub word: Word,
    pub verb: Verb,
    /// Operands, as written.
    pub operands: Vec<Operand>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operand {
    /// A text: a value, a date, a code.
    Text(String),
    /// A value of the request.
    Request(Req),
}

impl Operand {
    pub fn text(&self) -> &str {
        match self {
            Operand::Text(text) => text,
            Operand::Request(req) => req.word().unwrap_or_default(),
        }
    }
}

macro_rules! words {
    ($(#[doc = $enum_doc:literal] $name:ident { $($variant:ident = $text:literal, $doc:literal;)* })*) => {$(
        #[doc = $enum_doc]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name { $(#[doc = $doc] $variant,)* }
        impl $name {
            pub const ALL: &'static [$name] = &[$($name::$variant),*];
            pub const fn text(self) -> &'static str { match self { $($name::$variant => $text),* } }
            /// Reads a word.
            pub fn parse(text: &str) -> Option<Self> { $name::ALL.iter().copied().find(|word| word.text() == text) }
        }
    )*};
}

words! {
    #[doc = "What a clause speaks of."]
    Word {
        Asserted = "asserted", "Day of the assertion.";
        By = "by", "Who asserts.";
        Conditions = "conditions", "Conditions.";
        Disease = "disease", "Disease.";
        Expiry = "expiry", "First invalid day.";
        Institution = "institution", "MSP id of the institution.";
        Permissions = "permissions", "Data-use permissions.";
        Region = "region", "Region.";
        Role = "role", "Role.";
        Source = "source", "Source.";
        Study = "study", "Study.";
        Value = "value", "Value.";
    }
    #[doc = "What a clause asks."]
    Verb {
        AtLeast = "at_least", "This or more.";
        AtMost = "at_most", "This or less, but present.";
        DescendsFrom = "descends_from", "This disease or one below it.";
        Eq = "eq", "Equal.";
        Exists = "exists", "Present.";
        In = "in", "One of.";
        NotIn = "not_in", "Present and none of.";
        Range = "range", "From the first to the second, both included.";
        Subset = "subset", "Nothing but these.";
        Superset = "superset", "At least these.";
    }
}

impl Word {
    pub const fn slot(self) -> Slot {
        match self {
            Word::Asserted => Slot::Asserted,
            Word::By => Slot::By,
            Word::Conditions => Slot::Conditions,
            Word::Disease => Slot::Disease,
            Word::Expiry => Slot::Expiry,
            Word::Institution => Slot::Institution,
            Word::Permissions => Slot::Permissions,
            Word::Region => Slot::Region,
            Word::Role => Slot::Role,
            Word::Source => Slot::Source,
            Word::Study => Slot::Study,
            Word::Value => Slot::Value,
        }
    }
}

impl Verb {
    /// Whether the operand is a list.
    pub(super) const fn takes_list(self) -> bool {
        matches!(
            self,
            Verb::In | Verb::NotIn | Verb::Range | Verb::Subset | Verb::Superset
        )
    }
}

impl PolicyDocument {
    /// Reads the YAML that a committee writes.
    ///
    /// **Errors**: not YAML, or everything that is wrong, each with its path.
    pub fn from_yaml(text: &str) -> Result<Self, PolicyError> {
        read::yaml(text).and_then(|value| read::document(&value))
    }

    /// Reads canonical JSON.
    ///
    /// **Errors**: everything that is wrong, also when the text is a valid policy that is not
    /// written canonically.
    ///
    /// **Security**: two different texts are never the same policy.
    pub fn from_canonical(text: &str) -> Result<Self, PolicyError> {
        let document = read::json(text).and_then(|value| read::document(&value))?;
        if document.to_canonical() == text {
            Ok(document)
        } else {
            Err(PolicyError::one(
                "",
                "expected canonical json (rfc 8785, every default written)",
            ))
        }
    }

    /// The canonical JSON: what `PutPolicy` carries and the contract compiles.
    pub fn to_canonical(&self) -> String {
        // Texts, booleans, small integers and lists of them always serialise.
        serde_json_canonicalizer::to_string(&self.value()).unwrap_or_default()
    }

    fn value(&self) -> Value {
        let mut map = Map::new();
        map.insert("format".into(), json!(FORMAT));
        if let Some(title) = &self.title {
            map.insert("title".into(), json!(title));
        }
        if let Some(days) = self.period_days {
            map.insert("period_days".into(), json!(days));
        }
        map.insert(
            "dac".into(),
            json!({ "members": self.dac.members, "quorum": self.dac.quorum }),
        );
        map.insert(
            "alternatives".into(),
            self.alternatives
                .iter()
                .map(AlternativeDocument::value)
                .collect(),
        );
        Value::Object(map)
    }
}

impl AlternativeDocument {
    fn value(&self) -> Value {
        let mut value = json!({
            "name": self.name,
            "require_study": self.require_study,
            "require_institution": self.require_institution,
            "visas": self.visas.iter().map(VisaDocument::value).collect::<Vec<_>>(),
        });
        if let (true, Some(map)) = (self.distinct_issuers, value.as_object_mut()) {
            map.insert("distinct_issuers".into(), json!(true));
        }
        value
    }
}

impl VisaDocument {
    fn value(&self) -> Value {
        let mut map = Map::new();
        map.insert("schema".into(), json!(self.schema.name()));
        map.insert("group".into(), json!(self.group));
        for clause in &self.clauses {
            let entry = map.entry(clause.word.text()).or_insert_with(|| json!({}));
            if let Some(verbs) = entry.as_object_mut() {
                verbs.insert(clause.verb.text().into(), clause.operand_value());
            }
        }
        Value::Object(map)
    }
}

impl ClauseDocument {
    fn operand_value(&self) -> Value {
        let texts: Vec<&str> = self.operands.iter().map(Operand::text).collect();
        match (self.verb, texts.first()) {
            (Verb::Exists, _) => json!(true),
            (verb, Some(first)) if !verb.takes_list() => json!(first),
            _ => json!(texts),
        }
    }
}

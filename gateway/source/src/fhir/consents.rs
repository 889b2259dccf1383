//! The consents of each person, as one decision a scope.

use medveil_fhir::consent::{self, Code, ConsentRow, Decision};
use medveil_fhir::json::Node;
use medveil_tables::Scalar;
use std::collections::BTreeMap;

/// The table's name.
pub(super) const TABLE: &str = "consents";
/// `scope` is `system|code`; `permit` is TRUE or FALSE.
pub(super) const HEADERS: [&str; 2] = ["scope", "permit"];

/// The scope of a denial that names none: it is of everything.
const EVERYTHING: &str = "*";

/// Consents as they come.
pub(super) struct Consents {
    today: i32,
    of: BTreeMap<(u32, String), Vec<ConsentRow>>,
    /// People of whom something that withholds cannot be read.
    withheld: Vec<u32>,
}

impl Consents {
    pub fn new(today: i32) -> Self {
        Consents {
            today,
            of: BTreeMap::new(),
            withheld: Vec::new(),
        }
    }

    /// Takes a Consent; gives why it is none.
    pub fn take(&mut self, person: u32, node: &Node) -> Option<&'static str> {
        let row = match consent::read(node) {
            Ok(row) => row,
            Err(why) => {
                if why.withholds() {
                    self.withheld.push(person);
                }
                return Some(why.words());
            }
        };
        if row.when.last_day > self.today {
            return Some("dated after the day of reading");
        }
        // A day that may be outside the period is outside for a permission, inside for a denial.
        let (starts, ends) = (row.start.as_ref(), row.end.as_ref());
        let surely = starts.is_none_or(|m| m.last_day <= self.today)
            && ends.is_none_or(|m| self.today <= m.first_day);
        let maybe = starts.is_none_or(|m| m.first_day <= self.today)
            && ends.is_none_or(|m| self.today <= m.last_day);
        let is_in_force = match row.decision {
            Decision::Permit => surely,
            Decision::Deny => maybe,
        };
        if !is_in_force {
            return Some("consent outside its period on the day of reading");
        }
        let text = |code: &Code| match &code.system {
            Some(system) => format!("{system}|{}", code.code),
            None => EVERYTHING.to_owned(),
        };
        let mut scopes: Vec<String> = row.scope.iter().map(text).collect();
        if scopes.is_empty() {
            scopes.push(EVERYTHING.to_owned());
        }
        for scope in scopes {
            self.of
                .entry((person, scope))
                .or_default()
                .push(row.clone());
        }
        None
    }

    /// Person, scope and decision: the latest, and of equal times the denial. What withholds and
    /// cannot be read denies everything.
    pub fn rows(&self) -> Vec<(u32, [Scalar; 2])> {
        let mut rows = Vec::new();
        for ((person, scope), own) in &self.of {
            let everything = self.of.get(&(*person, EVERYTHING.to_owned()));
            let denials = everything
                .into_iter()
                .flatten()
                .filter(|_| scope != EVERYTHING);
            let all: Vec<ConsentRow> = own.iter().chain(denials).cloned().collect();
            let permit = consent::last(&all) == Some(Decision::Permit);
            rows.push((*person, scope.clone(), permit));
        }
        for person in &self.withheld {
            rows.push((*person, EVERYTHING.to_owned(), false));
            for row in rows.iter_mut().filter(|row| row.0 == *person) {
                row.2 = false;
            }
        }
        let cells = |(person, scope, permit)| (person, [Scalar::Text(scope), Scalar::Bool(permit)]);
        rows.into_iter().map(cells).collect()
    }
}

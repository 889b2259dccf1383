//! Walking the JSON of a view: fields by name, places, and problems collected on the way.

use super::problem::{Problem, ViewProblem};
use crate::json::Node;

/// The problems so far.
#[derive(Default)]
pub(super) struct Problems(pub(super) Vec<ViewProblem>);

impl Problems {
    pub(super) fn add(&mut self, place: &str, problem: impl Into<Problem>) {
        self.0.push(ViewProblem {
            place: place.to_owned(),
            problem: problem.into(),
        });
    }
}

/// An object of the view and where it stands.
#[derive(Clone)]
pub(super) struct Place<'n> {
    pub(super) node: &'n Node,
    pub(super) place: String,
}

impl<'n> Place<'n> {
    /// The place of a field.
    pub(super) fn at(&self, name: &str) -> String {
        if self.place.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.place)
        }
    }

    /// Reports what is no object, and fields that are not known.
    pub(super) fn check(&self, known: &[&str], problems: &mut Problems) {
        let Node::Object(fields) = self.node else {
            let place = if self.place.is_empty() {
                "view"
            } else {
                &self.place
            };
            problems.add(place, Problem::Expected("an object"));
            return;
        };
        for (name, _) in fields {
            if !known.contains(&name.as_str()) {
                problems.add(&self.at(name), Problem::UnknownField);
            }
        }
    }

    /// A text field; `None` where it is absent or reported.
    pub(super) fn text(&self, name: &'static str, problems: &mut Problems) -> Option<&'n str> {
        let node = self.node.get(name)?;
        let text = node.text().filter(|text| !text.trim().is_empty());
        if text.is_none() {
            problems.add(
                &self.at(name),
                Problem::Expected("a text that is not empty"),
            );
        }
        text
    }

    /// A text field that must be there.
    pub(super) fn need(&self, name: &'static str, problems: &mut Problems) -> Option<&'n str> {
        if matches!(self.node, Node::Object(_)) && self.node.get(name).is_none() {
            problems.add(self.own(), Problem::Missing(name));
        }
        self.text(name, problems)
    }

    fn own(&self) -> &str {
        if self.place.is_empty() {
            "view"
        } else {
            &self.place
        }
    }

    /// A truth; false where it is absent.
    pub(super) fn truth(&self, name: &'static str, problems: &mut Problems) -> bool {
        match self.node.get(name) {
            None => false,
            Some(Node::Bool(value)) => *value,
            Some(_) => {
                problems.add(&self.at(name), Problem::Expected("true or false"));
                false
            }
        }
    }

    /// The elements of a list field, each with its place.
    pub(super) fn list(&self, name: &'static str, problems: &mut Problems) -> Vec<Place<'n>> {
        let list = match self.node.get(name) {
            None => return Vec::new(),
            Some(Node::List(list)) if !list.is_empty() => list,
            Some(_) => {
                problems.add(
                    &self.at(name),
                    Problem::Expected("a list that is not empty"),
                );
                return Vec::new();
            }
        };
        let place = |at| format!("{}[{at}]", self.at(name));
        let each = list.iter().enumerate();
        each.map(|(at, node)| Place {
            node,
            place: place(at),
        })
        .collect()
    }
}

/// Whether a database takes a name as it is.
pub(super) fn is_name(name: &str) -> bool {
    let first = name.starts_with(|c: char| c.is_ascii_alphabetic());
    first && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

//! What a bulk export was asked for, by its manifest's `request`: all there is, or a part.
//!
//! Source: FHIR Bulk Data Access, "Query Parameters". A parameter that is not known here may leave
//! out anything. A request by POST does not name its parameters, which nobody can tell.

use crate::moment::instant;
use crate::reference::{is_type, unescaped};
use std::collections::BTreeSet;

/// Parameters that leave nothing out.
const HARMLESS: [&str; 6] = [
    "_outputFormat",
    "_format",
    "_pretty",
    "includeAssociatedData",
    "organizeOutputBy",
    "allowPartialManifests",
];

/// Types that something is said of.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) enum Part {
    #[default]
    Nothing,
    Kinds(BTreeSet<String>),
    All,
}

impl Part {
    pub(crate) fn has(&self, kind: &str) -> bool {
        match self {
            Part::Nothing => false,
            Part::Kinds(kinds) => kinds.contains(kind),
            Part::All => true,
        }
    }

    /// Adds a type; all where none is named.
    fn add(&mut self, kind: Option<&str>) {
        match (kind, &mut *self) {
            (_, Part::All) => {}
            (None, _) => *self = Part::All,
            (Some(kind), Part::Kinds(kinds)) => {
                kinds.insert(kind.to_owned());
            }
            (Some(kind), Part::Nothing) => *self = Part::Kinds(BTreeSet::from([kind.to_owned()])),
        }
    }
}

/// From when on changes were asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Since {
    #[default]
    Ever,
    /// **Units**: microseconds since 1970 UTC.
    At(i64),
    Unreadable,
}

/// What was asked for.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Asked {
    /// None where all types were.
    types: Option<BTreeSet<String>>,
    pub since: Since,
    /// Types of which some resources were not asked for.
    pub filtered: Part,
    /// Types of whose resources only some elements were.
    pub elements: Part,
}

impl Asked {
    /// Reads a request's URL.
    pub(crate) fn read(request: Option<&str>) -> Asked {
        let mut asked = Asked::default();
        let url = request.unwrap_or_default().trim();
        let (path, query) = url.split_once('?').unwrap_or((url, ""));
        // What follows the operation's name without a question mark may be parameters too.
        let path = unescaped(path).unwrap_or_default();
        let operation = path.trim_end_matches('/').rsplit('/').next();
        let name = operation.and_then(|name| name.strip_prefix('$'));
        let is_name = |name: &str| name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if !name.is_some_and(is_name) {
            asked.filtered.add(None);
        }
        let query = query.split('#').next().unwrap_or_default();
        for parameter in query.split('&').filter(|p| !p.is_empty()) {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            match (unescaped(name), unescaped(value)) {
                (Some(name), Some(value)) => asked.parameter(&name, value.trim()),
                _ => asked.filtered.add(None),
            }
        }
        asked
    }

    fn parameter(&mut self, name: &str, value: &str) {
        match name {
            "_type" => {
                let types = self.types.get_or_insert_default();
                types.extend(value.split(',').map(|kind| kind.trim().to_owned()));
            }
            "_since" => {
                self.since = match (self.since, instant(value)) {
                    (Since::Ever, Some(time)) => Since::At(time),
                    _ => Since::Unreadable,
                };
            }
            "_typeFilter" => self.type_filter(value),
            "_elements" => {
                for element in value.split(',') {
                    let kind = element.split_once('.').map(|(kind, _)| kind.trim());
                    self.elements.add(kind.filter(|kind| is_type(kind)));
                }
            }
            _ if HARMLESS.contains(&name) => {}
            _ => self.filtered.add(None),
        }
    }

    /// Queries by type, between commas; a part without a type is a value's.
    fn type_filter(&mut self, value: &str) {
        for (number, query) in value.split(',').enumerate() {
            let kind = query.split_once('?').map(|(kind, _)| kind.trim());
            let kind = kind.filter(|kind| is_type(kind));
            if number == 0 || kind.is_some() {
                self.filtered.add(kind);
            }
        }
    }

    /// Whether resources of a type were asked for.
    pub(crate) fn covers(&self, kind: &str) -> bool {
        self.types.as_ref().is_none_or(|types| types.contains(kind))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(kinds: &[&str]) -> Part {
        Part::Kinds(kinds.iter().map(|kind| (*kind).to_owned()).collect())
    }

    #[test]
    fn b12_what_an_export_was_asked_for_is_told_in_every_spelling() {
        let read = |query: &str| Asked::read(Some(&format!("https://h/fhir/{query}")));
        for whole in [
            "$export",
            "$export/",
            "%24export",
            "Group/7/$export",
            "Patient/$export?",
            "$export?_outputFormat=ndjson&includeAssociatedData=x&organizeOutputBy=Patient",
            "$bulk-publish",
        ] {
            assert_eq!(read(whole), Asked::default(), "{whole}");
        }
        for (query, part) in [
            (
                "$export?_typeFilter=Condition%3Fx%3Dy",
                kinds(&["Condition"]),
            ),
            (
                "$export?_pretty=1&%5FtypeFilter=Condition?x=a,b",
                kinds(&["Condition"]),
            ),
            (
                "$export?_typeFilter=Condition%3Fx%3Dy,Observation%3Fz&_typeFilter=Flag%3Fx",
                kinds(&["Condition", "Flag", "Observation"]),
            ),
            ("$export?_typeFilter=x", Part::All),
            ("$export?_until=2020-01-01T00:00:00Z", Part::All),
            ("$export?patient=Patient/1", Part::All),
            ("$export?_SINCE=2020", Part::All),
            ("$export?a=b&unknown", Part::All),
            ("$export?%ff=1", Part::All),
            ("$export%3F_since=2020-01-01T00:00:00Z", Part::All),
            ("$export;_since=x", Part::All),
            ("$export (POST)", Part::All),
            ("Condition", Part::All),
        ] {
            assert_eq!(read(query).filtered, part, "{query}");
        }
        assert_eq!(Asked::read(None).filtered, Part::All);
    }

    #[test]
    fn b12_times_elements_and_types_of_an_export_are_read() {
        let read = |query: &str| Asked::read(Some(&format!("https://h/fhir/{query}")));
        let time = instant("2020-01-01T00:00:00Z").unwrap();
        for (query, since) in [
            ("$export?_since=2020-01-01T00:00:00Z", Since::At(time)),
            (
                "$export?_type=X&%5fsince=2020-01-01T01%3A00%3A00%2B01:00",
                Since::At(time),
            ),
            ("$export?_since=2020-01-01", Since::Unreadable),
            ("$export?_since=", Since::Unreadable),
        ] {
            assert_eq!(read(query).since, since, "{query}");
        }
        let twice = "$export?_since=2020-01-01T00:00:00Z&_since=2020-01-01T00:00:00Z";
        assert_eq!(read(twice).since, Since::Unreadable);
        assert_eq!(
            read("$export?_elements=Flag.code").elements,
            kinds(&["Flag"])
        );
        assert_eq!(read("$export?_elements=Flag.code,id").elements, Part::All);
        let typed = read("$export?_type=Patient,Flag&_type=Goal");
        assert!(typed.covers("Patient") && typed.covers("Goal") && !typed.covers("Condition"));
    }
}

//! Deletions: which resource each means, or of which type it may mean any.

use crate::error::FhirError;
use crate::first::First;
use crate::index::{Entry, Origin, Spot};
use crate::json::Node;
use crate::reason::Reason;
use crate::reference::{self, Ident, Key, NO_BASE, Target, is_type};

/// What a deletion means.
#[derive(Debug, PartialEq, Eq)]
enum Means<'u> {
    One {
        base: Option<&'u str>,
        kind: &'u str,
        id: &'u str,
    },
    /// Some of a type.
    Some(&'u str),
    Anything,
}

/// What stands in an entry beside its resource.
pub(crate) struct Requested<'r> {
    pub request: Option<&'r Node>,
    pub has_resource: bool,
    /// The time of the Bundle.
    pub time: Option<i64>,
}

impl First<'_> {
    /// Enters a deletion. False where the entry is none.
    ///
    /// **Errors**: a change of a resource, whose state after it nobody says.
    pub(crate) fn deletion(
        &mut self,
        entry: &Requested<'_>,
        spot: Spot<'_>,
    ) -> Result<bool, FhirError> {
        let Some(request) = entry.request else {
            return Ok(false);
        };
        let method = request.text_at("method").unwrap_or_default();
        match method.trim().to_ascii_uppercase().as_str() {
            "DELETE" => {}
            "PATCH" => {
                let at = self.at(spot);
                let what = format!("{at}: expected whole resources, got a change of one (PATCH)");
                let path = self.path.clone();
                return Err(FhirError::Malformed { path, what });
            }
            "GET" | "HEAD" | "POST" => return Ok(false),
            "PUT" | "" if entry.has_resource => return Ok(false),
            // What is put without being there, or done in another word, nobody can tell.
            _ => {
                let means = self.of_url(request, spot);
                let kind = match means {
                    Means::One { kind, .. } | Means::Some(kind) => Some(kind),
                    Means::Anything => None,
                };
                self.unplaced(kind, spot, entry.time);
                return Ok(true);
            }
        }
        match self.of_url(request, spot) {
            Means::One { base, kind, id } => self.delete(base, kind, id, spot, entry.time)?,
            Means::Some(kind) => self.unplaced(Some(kind), spot, entry.time),
            Means::Anything => self.unplaced(None, spot, entry.time),
        }
        let cascades = |url: &str| url.contains('?') && url.contains("cascade");
        if request.text_at("url").is_some_and(cascades) {
            // What refers to it is deleted too.
            self.unplaced(None, spot, entry.time);
        }
        Ok(true)
    }

    fn of_url<'u>(&self, request: &'u Node, spot: Spot<'u>) -> Means<'u> {
        let url = request.text_at("url").map(str::trim);
        let url = url.filter(|url| !url.is_empty()).or(spot.full_url);
        means(url.unwrap_or_default(), &|kind| self.knows(kind))
    }

    /// Whether a name is surely one of a type.
    fn knows(&self, kind: &str) -> bool {
        kind == "Patient" || self.options.types.contains(kind)
    }

    fn when(&mut self, spot: Spot<'_>, bundle_time: Option<i64>) -> Option<i64> {
        let time = spot.time.or(bundle_time.filter(|_| !spot.history));
        if let Some(time) = time {
            self.saw_time(time);
        }
        time
    }

    fn delete(
        &mut self,
        base: Option<&str>,
        kind: &str,
        id: &str,
        spot: Spot<'_>,
        bundle_time: Option<i64>,
    ) -> Result<(), FhirError> {
        let of_full = match spot.full_url.map(reference::parse) {
            Some(Target::Typed { base, .. }) => base,
            _ => None,
        };
        let base = base.or(of_full);
        let key = Key {
            ident: Ident::of(kind, id),
            base: base.map_or(NO_BASE, |base| self.index.bases.number(base)),
        };
        let time = self.when(spot, bundle_time);
        let past = spot.history && time.is_none();
        let entry = Entry {
            at: self.number(spot.at)?,
            sub: self.sub(spot, 0)?,
            ..Entry::deletion(key, self.index.kind_number(kind), time, past)
        };
        self.index.entries.push(entry);
        self.tally.deletions += 1;
        Ok(())
    }

    /// Enters a deletion of some of a type, or of all. A patient's takes along what is theirs.
    fn unplaced(&mut self, kind: Option<&str>, spot: Spot<'_>, bundle_time: Option<i64>) {
        self.tally.deletions += 1;
        let time = self.when(spot, bundle_time);
        let kind = kind.filter(|kind| *kind != "Patient");
        if kind.is_none_or(|kind| self.knows(kind)) {
            let place = self.spot(spot);
            let name = kind.unwrap_or_default();
            self.index
                .count_early(name, Reason::UnreadableDeletion, &place);
        }
        self.index.missing.insert(kind.map(str::to_owned));
        let kind = kind.map(|kind| self.index.kind_number(kind));
        let origin = Origin::File(self.index.files.len());
        let past = spot.history && time.is_none();
        self.index.unplaced(kind, origin, time, past);
    }
}

/// What the URL of a deletion means. `knows`: whether a name is surely one of a type.
fn means<'u>(url: &'u str, knows: &dyn Fn(&str) -> bool) -> Means<'u> {
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let path = path.trim_end_matches('/');
    let is_absolute = path.contains("://");
    let path = if is_absolute {
        path
    } else {
        path.trim_start_matches('/')
    };
    if let Target::Typed { base, kind, id } = reference::parse(path) {
        return Means::One { base, kind, id };
    }
    let front = path
        .split_once("/_history/")
        .map_or(path, |(front, _)| front);
    let mut parts = front.rsplit('/');
    match (parts.next(), parts.next()) {
        (Some(kind), None) if is_type(kind) => Means::Some(kind),
        (Some(kind), Some(_)) if is_absolute && knows(kind) => Means::Some(kind),
        // A path on the server may stand in front.
        (Some(id), Some(kind))
            if !is_absolute && query.is_empty() && knows(kind) && !parts.any(may_be_type) =>
        {
            match reference::parse(id_of(front, kind, id)) {
                Target::Typed { kind, id, .. } => Means::One {
                    base: None,
                    kind,
                    id,
                },
                _ => Means::Some(kind),
            }
        }
        _ => Means::Anything,
    }
}

/// Whether a part of a path looks like a type, and not like `FHIR`.
fn may_be_type(part: &str) -> bool {
    is_type(part) && part.bytes().any(|b| b.is_ascii_lowercase())
}

/// The last two parts of a path.
fn id_of<'u>(path: &'u str, kind: &str, id: &str) -> &'u str {
    let start = path.len() - (kind.len() + 1 + id.len());
    path.get(start..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b7_a_deletion_means_one_resource_some_of_a_type_or_anything() {
        let knows = |kind: &str| matches!(kind, "Condition" | "Patient");
        let check =
            |url: &str, means_it: Means<'_>| assert_eq!(means(url, &knows), means_it, "{url}");
        let one = |base| Means::One {
            base,
            kind: "Condition",
            id: "c1",
        };
        let server = Some("https://h/FHIR");
        for (url, base) in [
            ("Condition/c1", None),
            ("/Condition/c1", None),
            ("Condition/c1/", None),
            ("//Condition/c1//", None),
            ("Condition/c1/_history/2", None),
            ("/Condition/c1/_history/2/", None),
            ("Condition/c1?_pretty=true", None),
            ("/fhir/r4/Condition/c1", None),
            ("/FHIR/Condition/c1", None),
            ("fhir/Condition/c1/_history/2", None),
            ("https://h/FHIR/Condition/c1", server),
            ("https://h/FHIR/Condition/c1/", server),
            ("https://h/FHIR/Condition/c1/_history/1", server),
            ("https://h/FHIR/Condition/c1?_format=json", server),
        ] {
            check(url, one(base));
        }
        for url in [
            "Condition",
            "Condition/",
            "/Condition?code=x",
            "Condition?code=http://snomed.info/sct|1",
            "https://h/fhir/Condition?code=x",
            "https://h/fhir/Condition/",
        ] {
            check(url, Means::Some("Condition"));
        }
        for url in [
            "",
            "/",
            "condition/c1",
            "Condition/c1/Patient/p",
            "Condition/c1/_history",
            "https://h/FHIR",
            "https://h/FHIR?_type=Condition",
            "urn:uuid:00000000-0000-0000-0000-000000000000",
            "?_id=c1",
            "#c1",
        ] {
            check(url, Means::Anything);
        }
        check("Encounter?x=y", Means::Some("Encounter"));
    }
}

//! Entering one resource into the index.

use crate::error::FhirError;
use crate::files::Format;
use crate::first::First;
use crate::index::Spot;
use crate::index::{Entry, NO_TIME, NONE, Said};
use crate::json::Node;
use crate::moment::instant;
use crate::reason::Reason;
use crate::reference::{self, Context, Ident, Key, NO_BASE};
use crate::release::{self, FhirVersion, Hint};
use crate::skim::Head;
use crate::status;
use crate::verdict::{Verdict, judge};

/// Extensions by which a resource says what it replaces.
/// Source: <https://hl7.org/fhir/R4/extension-observation-replaces.html> and the like.
const REPLACES: [&str; 5] = [
    "http://hl7.org/fhir/StructureDefinition/observation-replaces",
    "http://hl7.org/fhir/StructureDefinition/event-replaces",
    "http://hl7.org/fhir/StructureDefinition/workflow-replaces",
    "http://hl7.org/fhir/StructureDefinition/request-replaces",
    "http://hl7.org/fhir/StructureDefinition/replaces",
];
/// Severities of issues that leave nothing out.
/// Source: <https://hl7.org/fhir/R5/valueset-issue-severity.html>.
const FINE: [&str; 3] = ["information", "warning", "success"];
/// Most different types of a set. FHIR has about 160.
const MAX_TYPES: usize = 1000;
/// Most products of identifiers and codes of one result.
const MAX_RESULTS: usize = 16;

impl First<'_> {
    /// Enters a resource that was skimmed.
    pub(crate) fn resource(&mut self, head: Head, spot: Spot<'_>) -> Result<(), FhirError> {
        self.tally.resources += 1;
        let Some(kind) = head.node.text_at("resourceType").map(str::to_owned) else {
            self.typeless(&self.spot(spot));
            return Ok(());
        };
        if kind == "Bundle" {
            self.no_states(Reason::BundleInside, &self.spot(spot));
            return Ok(());
        }
        if kind == "Parameters" {
            self.no_states(Reason::Parameters, &self.spot(spot));
            return Ok(());
        }
        if kind == "OperationOutcome" {
            self.outcome(&head.node, spot);
        }
        self.release(&kind, &head.node, spot)?;
        if self.index.seen.len() < MAX_TYPES && !self.index.seen.contains(&kind) {
            self.index.seen.insert(kind.clone());
        }
        let meta = head.node.get("meta");
        let updated = meta
            .and_then(|m| m.text_at("lastUpdated"))
            .and_then(instant);
        if let Some(time) = updated {
            self.saw_time(time);
        }
        let contained = head.node.each_at("contained");
        let kind_of = |node: &Node| node.text_at("resourceType").map(str::to_owned);
        let mut kinds = contained.iter().filter_map(kind_of);
        let holds = kinds.any(|kind| self.wants(&kind));
        if kind != "Patient" && !self.options.types.contains(&kind) && !holds {
            return Ok(());
        }
        if contained.len() >= Entry::PER_LINE as usize {
            return Err(FhirError::Malformed {
                path: self.path.clone(),
                what: format!(
                    "{}: expected at most 1023 contained resources",
                    self.at(spot)
                ),
            });
        }
        let base = self.enter(&kind, &head, spot, updated.or(spot.time))?;
        for (number, node) in (1u32..).zip(contained) {
            self.contained(number, node, contained, base, spot)?;
        }
        Ok(())
    }

    /// What a server says of itself: that something could not be given leaves all types open.
    fn outcome(&mut self, node: &Node, spot: Spot<'_>) {
        self.tally.outcomes += 1;
        let is_fine = |issue: &Node| issue.text_at("severity").is_some_and(|s| FINE.contains(&s));
        let issues = node.each_at("issue");
        if issues.is_empty() || !issues.iter().all(is_fine) {
            let place = self.spot(spot);
            let reason = Reason::ExportErrors;
            self.index.count_early("OperationOutcome", reason, &place);
            self.index.missing.insert(None);
        }
    }

    /// Counts what may be anything.
    pub(crate) fn typeless(&mut self, place: &str) {
        self.tally.others += 1;
        self.index.count_early("", Reason::NoType, place);
        self.index.missing.insert(None);
    }

    /// Counts a Bundle of which nothing is read, so that nothing is all there.
    pub(crate) fn no_states(&mut self, reason: Reason, place: &str) {
        self.tally.others += 1;
        self.index.count_early("Bundle", reason, place);
        self.index.missing.insert(None);
    }

    fn wants(&self, kind: &str) -> bool {
        kind != "Patient" && self.options.types.contains(kind)
    }

    pub(crate) fn spot(&self, spot: Spot<'_>) -> String {
        format!("{}, {}", self.path.display(), self.at(spot))
    }

    /// Where it stands in its file.
    pub(crate) fn at(&self, spot: Spot<'_>) -> String {
        match (Format::of(&self.path), spot.in_line) {
            (Some(Format::Lines), 0) => format!("line {}", spot.at),
            (Some(Format::Lines), entry) => format!("line {}, entry {entry}", spot.at),
            _ => format!("entry {}", spot.at),
        }
    }

    fn release(&mut self, kind: &str, node: &Node, spot: Spot<'_>) -> Result<(), FhirError> {
        let mut found: Vec<Hint> = Vec::new();
        release::hints(kind, node, &mut |hint| found.push(hint));
        for hint in found {
            match hint {
                Hint::Is(version, hint) => self.says(version, hint, spot)?,
                Hint::Refused(release, hint) => {
                    let place = self.spot(spot);
                    return Err(FhirError::Release {
                        place,
                        release,
                        hint,
                    });
                }
            }
        }
        Ok(())
    }

    /// Takes what a place says of the release.
    fn says(
        &mut self,
        version: FhirVersion,
        hint: &'static str,
        spot: Spot<'_>,
    ) -> Result<(), FhirError> {
        let place = self.spot(spot);
        let Some(said) = &mut self.index.said else {
            self.index.said = Some(Said {
                version,
                place,
                hint,
            });
            return Ok(());
        };
        said.version = said
            .version
            .and(version)
            .ok_or_else(|| FhirError::Releases {
                first: said.place.clone(),
                first_release: said.version.name(),
                first_hint: said.hint,
                second: place,
                second_release: version.name(),
                second_hint: hint,
            })?;
        Ok(())
    }

    /// Enters a resource of its own. Returns its server.
    fn enter(
        &mut self,
        kind: &str,
        head: &Head,
        spot: Spot<'_>,
        time: Option<i64>,
    ) -> Result<u32, FhirError> {
        let node = &head.node;
        let index = &mut self.index;
        let id = node.text_at("id");
        let names = reference::names(kind, id, spot.full_url, head.content, &mut index.bases);
        let number = index.entries.len() as u32;
        let version = node.get("meta").and_then(|m| m.text_at("versionId"));
        if version.is_some() || time.is_some() {
            // An id beside a full URL of no server is a server's where that stamped the state.
            let own = names.id.filter(|_| names.key.base == NO_BASE);
            index.aliases.extend(own.map(|own| (own, names.key.ident)));
        }
        let (verdict, subject) = if kind == "Patient" {
            self.patient(node, &names, head.modifier)
        } else {
            let mut verdict = judge(kind, node, head.modifier);
            let contained = node.each_at("contained");
            let subject = self.subject(node, names.key.base, contained, &mut verdict);
            (verdict, subject)
        };
        let wanted = self.options.types.contains(kind);
        let entry = Entry {
            key: names.key.ident,
            content: head.content,
            time: time.unwrap_or(NO_TIME),
            version: version.and_then(numeric).unwrap_or(0),
            base: names.key.base,
            at: self.number(spot.at)?,
            sub: self.sub(spot, 0)?,
            subject,
            kind: self.index.kind_number(kind),
            verdict,
            flags: (u8::from(wanted) * Entry::WANTED)
                | (u8::from(names.has_url) * Entry::HAS_URL)
                | (status::rank(node.text_at("status")) << Entry::RANK),
        };
        self.relations(kind, node, &entry, number);
        self.index.entries.push(entry);
        Ok(names.key.base)
    }

    pub(crate) fn sub(&self, spot: Spot<'_>, contained: u32) -> Result<u32, FhirError> {
        self.number(spot.in_line * u64::from(Entry::PER_LINE) + u64::from(contained))
    }

    pub(crate) fn number(&self, number: u64) -> Result<u32, FhirError> {
        u32::try_from(number).map_err(|_| FhirError::TooMany {
            path: self.path.clone(),
            what: "lines or entries",
            limit: u64::from(u32::MAX),
        })
    }

    fn subject(
        &mut self,
        node: &Node,
        base: u32,
        contained: &[Node],
        verdict: &mut Verdict,
    ) -> u32 {
        let context = Context { base, contained };
        let bases = &mut self.index.bases;
        let found = reference::subject_field(node)
            .and_then(|field| reference::to_patient(field, &context, bases));
        match found {
            Ok(reference) => self.index.references.number(reference),
            Err(reason) => {
                // What may say anything says it of nobody who is known.
                if !matches!(verdict, Verdict::Out(own) if !own.is_open()) {
                    *verdict = Verdict::Out(reason);
                }
                NONE
            }
        }
    }

    /// A contained resource: of its container's subject, or of its own where it is the same.
    fn contained(
        &mut self,
        number: u32,
        node: &Node,
        siblings: &[Node],
        base: u32,
        spot: Spot<'_>,
    ) -> Result<(), FhirError> {
        let kind = node.text_at("resourceType").unwrap_or_default();
        if !self.wants(kind) {
            return Ok(());
        }
        let head = self.skimmer.head(node);
        let mut verdict = judge(kind, &head.node, head.modifier);
        let said = reference::subject_field(node).ok();
        let text = said.and_then(|f| f.text_at("reference"));
        // "#pat" is the container's contained patient, or, as "#", the container.
        let subject = if said.is_none() || text.is_some_and(|t| t.starts_with('#')) {
            NONE
        } else {
            self.subject(&head.node, base, siblings, &mut verdict)
        };
        let entry = Entry {
            key: Ident::default(),
            content: head.content,
            time: NO_TIME,
            version: 0,
            base: NO_BASE,
            at: self.number(spot.at)?,
            sub: self.sub(spot, number)?,
            subject,
            kind: self.index.kind_number(kind),
            verdict,
            flags: Entry::WANTED | Entry::CONTAINED,
        };
        self.index.entries.push(entry);
        Ok(())
    }

    /// What it replaces, and which result it is.
    fn relations(&mut self, kind: &str, node: &Node, entry: &Entry, number: u32) {
        let extensions = node.each_at("extension").iter();
        let extended = extensions
            .filter(|e| e.text_at("url").is_some_and(|u| REPLACES.contains(&u)))
            .filter_map(|e| e.get("valueReference"));
        let related = node.each_at("relatesTo").iter().filter(|r| {
            let code = r.get("code");
            let coded = code.map_or(&[][..], |c| c.each_at("coding"));
            code.and_then(Node::text) == Some("replaces")
                || coded.iter().any(|c| c.text_at("code") == Some("replaces"))
        });
        let related = related.filter_map(|r| r.get("target").or_else(|| r.get("targetReference")));
        for field in extended.chain(related).chain(node.each_at("replaces")) {
            let text = field.text_at("reference").unwrap_or_default();
            let key = Key::of_reference(text, kind, entry.base, &mut self.index.bases);
            if let Ok(key) = key {
                self.index.replaces.push((key, number));
            }
        }
        if matches!(kind, "Observation" | "DiagnosticReport") {
            self.result(node, number);
        }
    }

    fn result(&mut self, node: &Node, number: u32) {
        let codes = node.get("code").map_or(&[][..], |c| c.each_at("coding"));
        let identifiers = node.each_at("identifier").iter();
        let pairs = identifiers.flat_map(|i| codes.iter().map(move |c| (i, c)));
        for (identifier, code) in pairs.take(MAX_RESULTS) {
            let field = |node: &Node, name: &str| node.text_at(name).unwrap_or_default().to_owned();
            if identifier.text_at("value").is_none() || code.text_at("code").is_none() {
                continue;
            }
            let text = [
                field(identifier, "system"),
                field(identifier, "value"),
                field(code, "system"),
                field(code, "code"),
            ];
            let key = self.skimmer.key(b'r', text.join("\0").as_bytes());
            self.index.results.push((key, number));
        }
    }
}

/// A versionId that is a number tells an order. 0 means none, so one is added.
fn numeric(version: &str) -> Option<u64> {
    let plain = (1..=18).contains(&version.len()) && version.bytes().all(|b| b.is_ascii_digit());
    plain
        .then(|| version.parse::<u64>().ok())
        .flatten()
        .map(|v| v + 1)
}

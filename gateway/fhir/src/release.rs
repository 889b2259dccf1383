//! Which release of FHIR a set is written in, by what it says and by fields that one release has.
//!
//! Sources: the "R3 diff" and "R4 diff" of <https://hl7.org/fhir/R4/resourcelist.html> and
//! <https://hl7.org/fhir/R5/resourcelist.html>. A set of which nothing tells is `Common`: all that
//! was read stands in R4, R4B and R5 alike.

use crate::json::Node;

/// The release of a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FhirVersion {
    /// Nothing told R4, R4B and R5 apart.
    Common,
    /// R4 by its forms; R4B has the same ones.
    R4,
    R4B,
    R5,
}

impl FhirVersion {
    pub fn name(self) -> &'static str {
        match self {
            FhirVersion::Common => "R4, R4B or R5",
            FhirVersion::R4 => "R4",
            FhirVersion::R4B => "R4B",
            FhirVersion::R5 => "R5",
        }
    }

    /// What two findings come to. None where they contradict.
    pub(crate) fn and(self, other: FhirVersion) -> Option<FhirVersion> {
        use FhirVersion::{Common, R4, R4B};
        match (self, other) {
            (Common, other) => Some(other),
            (one, Common) => Some(one),
            (one, other) if one == other => Some(one),
            // R4B is R4 but for resources about products and evidence.
            (R4, R4B) | (R4B, R4) => Some(R4B),
            _ => None,
        }
    }
}

/// What a resource says of its release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hint {
    /// A release that is read, and what says so.
    Is(FhirVersion, &'static str),
    /// A release that is not read.
    Refused(&'static str, &'static str),
}

/// What kind of value a hint asks for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Any,
    Text,
    List,
    Object,
}
use Shape::{Any, List, Object, Text};

/// Release, resource type, field, shape.
type Row = (u8, &'static str, &'static str, Shape);

const TABLE: [Row; 74] = [
    (3, "Patient", "animal", Any),
    (3, "Condition", "assertedDate", Any),
    (3, "Condition", "context", Any),
    (3, "Condition", "clinicalStatus", Text),
    (3, "Condition", "verificationStatus", Text),
    (3, "AllergyIntolerance", "assertedDate", Any),
    (3, "AllergyIntolerance", "clinicalStatus", Text),
    (3, "AllergyIntolerance", "verificationStatus", Text),
    (3, "MedicationStatement", "taken", Any),
    (3, "MedicationStatement", "reasonNotTaken", Any),
    (3, "MedicationRequest", "context", Any),
    (3, "MedicationRequest", "definition", Any),
    (3, "MedicationAdministration", "notGiven", Any),
    (3, "MedicationAdministration", "prescription", Any),
    (3, "Observation", "related", Any),
    (3, "Observation", "context", Any),
    (3, "Observation", "comment", Any),
    (3, "Procedure", "context", Any),
    (3, "Procedure", "definition", Any),
    (3, "Procedure", "notDoneReason", Any),
    (3, "DiagnosticReport", "context", Any),
    (3, "DiagnosticReport", "codedDiagnosis", Any),
    (3, "DiagnosticReport", "image", Any),
    (3, "Immunization", "notGiven", Any),
    (3, "Immunization", "explanation", Any),
    (3, "Immunization", "vaccinationProtocol", Any),
    (3, "Encounter", "incomingReferral", Any),
    (3, "CarePlan", "context", Any),
    (3, "CareTeam", "context", Any),
    (3, "ClinicalImpression", "context", Any),
    (3, "Communication", "context", Any),
    (3, "QuestionnaireResponse", "context", Any),
    (3, "RiskAssessment", "context", Any),
    (3, "DocumentReference", "indexed", Any),
    (3, "DocumentReference", "class", Any),
    (3, "Consent", "consentingParty", Any),
    (3, "Consent", "except", Any),
    (3, "ImagingStudy", "accession", Any),
    (4, "Encounter", "hospitalization", Any),
    (4, "Encounter", "period", Any),
    (4, "Encounter", "class", Object),
    (4, "Encounter", "reasonCode", Any),
    (4, "MedicationRequest", "medicationCodeableConcept", Any),
    (4, "MedicationRequest", "medicationReference", Any),
    (4, "MedicationStatement", "medicationCodeableConcept", Any),
    (4, "MedicationStatement", "medicationReference", Any),
    (
        4,
        "MedicationAdministration",
        "medicationCodeableConcept",
        Any,
    ),
    (4, "MedicationAdministration", "medicationReference", Any),
    (4, "Consent", "scope", Any),
    (4, "Consent", "patient", Any),
    (4, "Consent", "dateTime", Any),
    (4, "Consent", "policyRule", Any),
    (4, "Condition", "recorder", Any),
    (4, "Condition", "asserter", Any),
    (4, "Procedure", "performedDateTime", Any),
    (4, "Procedure", "performedPeriod", Any),
    (4, "Procedure", "reasonCode", Any),
    (4, "AllergyIntolerance", "type", Text),
    (4, "DocumentReference", "context", Object),
    (4, "Coverage", "payor", Any),
    (4, "ResearchSubject", "individual", Any),
    (5, "Encounter", "admission", Any),
    (5, "Encounter", "actualPeriod", Any),
    (5, "Encounter", "class", List),
    (5, "MedicationRequest", "medication", Any),
    (5, "MedicationStatement", "medication", Any),
    (5, "MedicationAdministration", "medication", Any),
    (5, "Consent", "decision", Any),
    (5, "Consent", "subject", Any),
    (5, "Condition", "participant", Any),
    (5, "Procedure", "occurrenceDateTime", Any),
    (5, "Procedure", "occurrencePeriod", Any),
    (5, "AllergyIntolerance", "type", Object),
    (5, "DocumentReference", "context", List),
];

/// Whether a field is worth a look.
pub(crate) fn is_hint(name: &str) -> bool {
    matches!(
        name,
        "animal"
            | "assertedDate"
            | "context"
            | "clinicalStatus"
            | "taken"
            | "reasonNotTaken"
            | "definition"
            | "notGiven"
            | "prescription"
            | "related"
            | "comment"
            | "notDoneReason"
            | "codedDiagnosis"
            | "image"
            | "explanation"
            | "vaccinationProtocol"
            | "incomingReferral"
            | "indexed"
            | "class"
            | "consentingParty"
            | "except"
            | "accession"
            | "hospitalization"
            | "period"
            | "reasonCode"
            | "medicationCodeableConcept"
            | "medicationReference"
            | "scope"
            | "dateTime"
            | "policyRule"
            | "recorder"
            | "asserter"
            | "performedDateTime"
            | "performedPeriod"
            | "type"
            | "payor"
            | "admission"
            | "actualPeriod"
            | "medication"
            | "decision"
            | "participant"
            | "occurrenceDateTime"
            | "occurrencePeriod"
    )
}

/// Calls back with each hint of a resource.
pub(crate) fn hints(kind: &str, resource: &Node, found: &mut dyn FnMut(Hint)) {
    if kind == "CapabilityStatement" {
        stated(resource.text_at("fhirVersion"), found);
    }
    for profile in resource
        .get("meta")
        .map_or(&[][..], |m| m.each_at("profile"))
    {
        profiled(profile.text().unwrap_or_default(), found);
    }
    for (release, resource_type, field, shape) in TABLE {
        if resource_type == kind && resource.get(field).is_some_and(|n| shape.is(n)) {
            found(match release {
                3 => Hint::Refused("STU3", field),
                4 => Hint::Is(FhirVersion::R4, field),
                _ => Hint::Is(FhirVersion::R5, field),
            });
        }
    }
}

impl Shape {
    fn is(self, node: &Node) -> bool {
        match self {
            Shape::Any => true,
            Shape::Text => matches!(node, Node::Text(_)),
            Shape::List => matches!(node, Node::List(_)),
            Shape::Object => matches!(node, Node::Object(_)),
        }
    }
}

/// `4.0.1`, as a CapabilityStatement writes it.
fn stated(version: Option<&str>, found: &mut dyn FnMut(Hint)) {
    if let Some(version) = version {
        found(by_number(version, "fhirVersion").unwrap_or(Hint::Refused("another", "fhirVersion")));
    }
}

fn by_number(version: &str, hint: &'static str) -> Option<Hint> {
    let starts = |front: &str| {
        version
            .strip_prefix(front)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-']))
    };
    Some(if starts("4.0") {
        Hint::Is(FhirVersion::R4, hint)
    } else if starts("4.3") || starts("4.1") {
        Hint::Is(FhirVersion::R4B, hint)
    } else if starts("5.0") {
        Hint::Is(FhirVersion::R5, hint)
    } else if starts("3.0") {
        Hint::Refused("STU3", hint)
    } else if starts("1.0") {
        Hint::Refused("DSTU2", hint)
    } else if starts("6.0") {
        Hint::Refused("R6", hint)
    } else {
        return None;
    })
}

/// A profile of FHIR itself tells by its version, in the path or behind a bar.
fn profiled(profile: &str, found: &mut dyn FnMut(Hint)) {
    let Some(rest) = profile
        .strip_prefix("http://hl7.org/fhir/")
        .or_else(|| profile.strip_prefix("https://hl7.org/fhir/"))
    else {
        return;
    };
    let (path, behind) = rest.split_once('|').unwrap_or((rest, ""));
    let inside = path.split('/').next().unwrap_or_default();
    let version = match inside {
        "STU3" => "3.0",
        "DSTU2" => "1.0",
        "R4" => "4.0",
        "R4B" => "4.3",
        "R5" => "5.0",
        "StructureDefinition" => behind,
        other => other,
    };
    if let Some(hint) = by_number(version, "meta.profile") {
        found(hint);
    }
}

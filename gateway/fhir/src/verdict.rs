//! Whether a resource says of its subject that something is so.
//!
//! Status by [`crate::status`]. Verification: condition-ver-status and allergyintolerance-
//! verification, <https://terminology.hl7.org/CodeSystem-condition-ver-status.html>. Certainty of
//! German diagnoses: <http://fhir.de/StructureDefinition/icd-10-gm-diagnosesicherheit>, G confirmed,
//! V suspected, A excluded, Z past. Clinical status (active, resolved, remission ...) counts always:
//! a diagnosis was once had; views tell them apart.

use crate::json::Node;
use crate::reason::Reason;
use crate::status::{Standing, standing};

const VERIFICATION: [(&str, &str); 2] = [
    (
        "Condition",
        "http://terminology.hl7.org/CodeSystem/condition-ver-status",
    ),
    (
        "AllergyIntolerance",
        "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification",
    ),
];
const CERTAINTY: &str = "http://fhir.de/StructureDefinition/icd-10-gm-diagnosesicherheit";
/// The system of its codes.
const CERTAINTIES: &str = "https://fhir.kbv.de/CodeSystem/KBV_CS_SFHIR_ICD_DIAGNOSESICHERHEIT";
/// Source: FHIR R4, "Search", at `_elements`: what such a search gives is not all of a resource.
const SUBSETTED: &str = "http://terminology.hl7.org/CodeSystem/v3-ObservationValue";
const FOCUS_CODE: &str = "http://hl7.org/fhir/StructureDefinition/observation-focusCode";

/// What a resource says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Counts,
    /// Counts unless a final one stands.
    Interim,
    Out(Reason),
}

/// Judges a resource. `modifier`: a modifier extension stands somewhere in it.
pub(crate) fn judge(kind: &str, resource: &Node, modifier: bool) -> Verdict {
    let status = status_of(kind, resource);
    let said = match status {
        Some(Standing::Error) => return Verdict::Out(Reason::EnteredInError),
        Some(Standing::Not) => Err(Reason::NotDone),
        Some(Standing::Planned) => Err(Reason::Planned),
        Some(Standing::Unknown) => Err(Reason::StatusUnknown),
        Some(Standing::Replaced) => Err(Reason::Replaced),
        None => Err(Reason::StatusUnreadable),
        Some(Standing::Counts) => Ok(Verdict::Counts),
        Some(Standing::Interim) => Ok(Verdict::Interim),
    };
    // What a consent says is read by itself: one that cannot be read may take another back.
    if kind == "Consent" {
        return Verdict::Counts;
    }
    // What takes a resource back is told before anything else of it.
    let verification = match verification(kind, resource) {
        Some(Reason::EnteredInError) => return Verdict::Out(Reason::EnteredInError),
        other => other,
    };
    let reason = modified(resource, modifier)
        .or_else(|| about(kind, resource))
        .or_else(|| said.err())
        .or_else(|| negated(kind, resource))
        .or(verification)
        .or_else(|| certainty(kind, resource));
    match (reason, said) {
        (Some(reason), _) | (None, Err(reason)) => Verdict::Out(reason),
        (None, Ok(verdict)) => verdict,
    }
}

fn status_of(kind: &str, resource: &Node) -> Option<Standing> {
    let field = if kind == "Goal" {
        "lifecycleStatus"
    } else {
        "status"
    };
    match resource.get(field) {
        None => standing(kind, None),
        Some(Node::Text(code)) => standing(kind, Some(code)),
        // A status of another form is none that can be read.
        Some(_) => None,
    }
}

fn modified(resource: &Node, modifier: bool) -> Option<Reason> {
    if modifier || resource.get("modifierExtension").is_some() {
        return Some(Reason::Modifier);
    }
    if resource.get("implicitRules").is_some() {
        return Some(Reason::ImplicitRules);
    }
    let tags = resource
        .get("meta")
        .map_or(&[][..], |meta| meta.each_at("tag"));
    let is_part = tags.iter().any(|tag| {
        tag.text_at("code") == Some("SUBSETTED") && tag.text_at("system") == Some(SUBSETTED)
    });
    is_part.then_some(Reason::Subsetted)
}

/// Whether it is about the subject at all.
fn about(kind: &str, resource: &Node) -> Option<Reason> {
    if matches!(kind, "FamilyMemberHistory" | "RelatedPerson" | "Person") {
        return Some(Reason::SomebodyElse);
    }
    if kind != "Observation" {
        return None;
    }
    let coded = resource
        .each_at("extension")
        .iter()
        .any(|e| e.text_at("url") == Some(FOCUS_CODE));
    let focus = resource.each_at("focus");
    let subject = resource.get("subject").and_then(|s| s.text_at("reference"));
    let other = |node: &Node| subject.is_none() || node.text_at("reference") != subject;
    (coded || focus.iter().any(other)).then_some(Reason::Focus)
}

fn negated(kind: &str, resource: &Node) -> Option<Reason> {
    if kind == "AdverseEvent" && resource.text_at("actuality").is_some_and(|a| a != "actual") {
        return Some(Reason::NotDone);
    }
    for name in ["notDone", "doNotPerform"] {
        match resource.get(name) {
            None | Some(Node::Bool(false)) => {}
            Some(_) => return Some(Reason::NotDone),
        }
    }
    let requests = [
        "MedicationRequest",
        "ServiceRequest",
        "DeviceRequest",
        "NutritionOrder",
    ];
    let proposed = ["proposal", "plan", "option"];
    if requests.contains(&kind)
        && resource
            .text_at("intent")
            .is_some_and(|i| proposed.contains(&i))
    {
        return Some(Reason::Proposal);
    }
    let adherence = resource.get("adherence").and_then(|a| a.get("code"));
    let codes = adherence.map_or(&[][..], |c| c.each_at("coding"));
    let taken = |code: &str| !code.starts_with("not-taking") && code != "unknown";
    let not = codes
        .iter()
        .any(|c| c.text_at("code").is_some_and(|c| !taken(c)));
    not.then_some(Reason::NotDone)
}

/// The verification status of a condition, an allergy, or whatever has one.
fn verification(kind: &str, resource: &Node) -> Option<Reason> {
    let status = resource.get("verificationStatus")?;
    let (_, own) = VERIFICATION.iter().find(|(of, _)| *of == kind)?;
    let mut known = None;
    for coding in status.each_at("coding") {
        // A code counts only with its system; what takes a resource back, also without.
        let system = coding.text_at("system");
        let code = coding.text_at("code").unwrap_or_default();
        let takes_back = system.is_none() && code == "entered-in-error";
        if system != Some(own) && !takes_back {
            continue;
        }
        let reason = match code {
            "entered-in-error" => return Some(Reason::EnteredInError),
            "confirmed" => None,
            "refuted" => Some(Reason::Refuted),
            "provisional" | "differential" | "unconfirmed" | "presumed" => {
                Some(Reason::Provisional)
            }
            _ => continue,
        };
        known = Some(known.flatten().or(reason));
    }
    known.unwrap_or(Some(Reason::VerificationUnreadable))
}

/// The German certainty of a diagnosis, wherever in the code it stands.
fn certainty(kind: &str, resource: &Node) -> Option<Reason> {
    if kind != "Condition" {
        return None;
    }
    let code = resource.get("code");
    let mut places = vec![resource];
    for concept in code.map_or(&[][..], Node::each) {
        places.push(concept);
        places.extend(concept.each_at("coding"));
    }
    let extensions = places.iter().flat_map(|p| p.each_at("extension"));
    let own = extensions.filter(|e| e.text_at("url") == Some(CERTAINTY));
    let mut said = own.filter_map(certainty_of).collect::<Vec<_>>();
    // What is said not to be so is told before what cannot be read.
    said.sort_by_key(|reason| *reason == Reason::VerificationUnreadable);
    said.first().copied()
}

/// What one statement of certainty says against a diagnosis. A code of another system, and one
/// that is none of the four, cannot be read.
fn certainty_of(extension: &Node) -> Option<Reason> {
    let coding = extension.get("valueCoding").or_else(|| {
        let concept = extension.get("valueCodeableConcept")?;
        // Several codings may say several things.
        match concept.each_at("coding") {
            [one] => Some(one),
            _ => None,
        }
    });
    let is_own = |c: &Node| {
        c.get("system")
            .is_none_or(|s| s.text() == Some(CERTAINTIES))
    };
    let code = match coding {
        Some(coding) => coding.text_at("code").filter(|_| is_own(coding)),
        None => extension.text_at("valueCode"),
    };
    match code {
        Some("G") => None,
        Some("V" | "A" | "Z") => Some(Reason::CertaintyNotConfirmed),
        _ => Some(Reason::VerificationUnreadable),
    }
}

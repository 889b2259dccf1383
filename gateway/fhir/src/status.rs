//! Which statuses of which resource count.
//!
//! Sources: the value sets that the `status` elements are bound to, R4 <https://hl7.org/fhir/R4/> and
//! R5 <https://hl7.org/fhir/R5/>, named at each row. A code of neither is unreadable, and the
//! resource does not count. Codes mean: it was so (counts), it was not or is only meant to be (not),
//! nobody knows (not).

/// What a status does to a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Counts.
    Counts,
    /// Counts, until a final one with its identifier stands.
    Interim,
    /// Did not happen: cancelled, not done, declined.
    Not,
    /// Is to happen: planned, registered, draft.
    Planned,
    /// Nobody knows.
    Unknown,
    /// Was never so.
    Error,
    /// Replaced by another.
    Replaced,
}

/// Codes that count, interim, not, planned; `unknown` and `entered-in-error` are the same for all.
struct Row {
    types: &'static [&'static str],
    counts: &'static [&'static str],
    interim: &'static [&'static str],
    not: &'static [&'static str],
    planned: &'static [&'static str],
}

const TABLE: [Row; 19] = [
    // observation-status; R5 the same.
    Row {
        types: &[
            "Observation",
            "RiskAssessment",
            "DetectedIssue",
            "MolecularSequence",
        ],
        counts: &["final", "amended", "corrected", "appended"],
        interim: &["preliminary"],
        not: &["cancelled", "mitigated"],
        planned: &["registered"],
    },
    // diagnostic-report-status, composition-status.
    Row {
        types: &["DiagnosticReport", "Composition"],
        counts: &["final", "amended", "corrected", "appended", "modified"],
        interim: &["partial", "preliminary"],
        not: &["cancelled", "deprecated"],
        planned: &["registered"],
    },
    // encounter-status; R5 has on-hold, discharged, completed, discontinued.
    Row {
        types: &["Encounter"],
        counts: &[
            "arrived",
            "triaged",
            "in-progress",
            "onleave",
            "finished",
            "on-hold",
            "discharged",
            "completed",
            "discontinued",
        ],
        interim: &[],
        not: &["cancelled"],
        planned: &["planned"],
    },
    // event-status.
    Row {
        types: &["Procedure", "MedicationAdministration", "Communication"],
        counts: &["in-progress", "on-hold", "stopped", "completed"],
        interim: &[],
        not: &["not-done"],
        planned: &["preparation"],
    },
    // immunization-status.
    Row {
        types: &["Immunization"],
        counts: &["completed"],
        interim: &[],
        not: &["not-done"],
        planned: &[],
    },
    // medication-statement-status; R5: recorded, draft.
    Row {
        types: &[
            "MedicationStatement",
            "MedicationUsage",
            "DeviceUseStatement",
            "DeviceUsage",
        ],
        counts: &["active", "completed", "stopped", "on-hold", "recorded"],
        interim: &[],
        not: &["not-taken", "not-done"],
        planned: &["intended", "draft"],
    },
    // medicationrequest-status, request-status; R5: ended.
    Row {
        types: &[
            "MedicationRequest",
            "ServiceRequest",
            "DeviceRequest",
            "NutritionOrder",
            "CarePlan",
            "CommunicationRequest",
            "VisionPrescription",
            "RequestGroup",
            "RequestOrchestration",
        ],
        counts: &["active", "on-hold", "completed", "stopped", "ended"],
        interim: &[],
        not: &["cancelled", "revoked"],
        planned: &["draft"],
    },
    // medicationdispense-status: only what was handed over counts.
    Row {
        types: &["MedicationDispense"],
        counts: &["completed"],
        interim: &[],
        not: &["cancelled", "declined", "stopped"],
        planned: &["preparation", "in-progress", "on-hold"],
    },
    // document-reference-status.
    Row {
        types: &["DocumentReference", "DocumentManifest"],
        counts: &["current"],
        interim: &[],
        not: &[],
        planned: &[],
    },
    // care-team-status, flag-status, list-status.
    Row {
        types: &["CareTeam", "Flag", "List"],
        counts: &["active", "suspended", "inactive", "current", "retired"],
        interim: &[],
        not: &[],
        planned: &["proposed"],
    },
    // goal-status.
    Row {
        types: &["Goal"],
        counts: &["planned", "accepted", "active", "on-hold", "completed"],
        interim: &[],
        not: &["cancelled", "rejected"],
        planned: &["proposed"],
    },
    // episode-of-care-status.
    Row {
        types: &["EpisodeOfCare"],
        counts: &["active", "onhold", "finished"],
        interim: &[],
        not: &["cancelled"],
        planned: &["planned", "waitlist"],
    },
    // appointmentstatus.
    Row {
        types: &["Appointment"],
        counts: &["booked", "arrived", "fulfilled", "checked-in"],
        interim: &[],
        not: &["cancelled", "noshow"],
        planned: &["proposed", "pending", "waitlist"],
    },
    // questionnaire-answers-status.
    Row {
        types: &["QuestionnaireResponse"],
        counts: &["completed", "amended"],
        interim: &["in-progress", "stopped"],
        not: &[],
        planned: &[],
    },
    // specimen-status, device-status.
    Row {
        types: &["Specimen", "Device", "BiologicallyDerivedProduct"],
        counts: &["available", "unavailable", "active", "inactive"],
        interim: &[],
        not: &["unsatisfactory"],
        planned: &[],
    },
    // imagingstudy-status.
    Row {
        types: &["ImagingStudy", "ImagingSelection"],
        counts: &["available", "inactive"],
        interim: &[],
        not: &["cancelled"],
        planned: &["registered"],
    },
    // clinicalimpression-status; R5 event-status.
    Row {
        types: &["ClinicalImpression"],
        counts: &["completed", "on-hold", "stopped"],
        interim: &["in-progress"],
        not: &["not-done"],
        planned: &["preparation"],
    },
    // consent-state-codes: what a consent says is read by `consent`.
    Row {
        types: &["Consent"],
        counts: &["active", "inactive", "rejected"],
        interim: &[],
        not: &["not-done"],
        planned: &["draft", "proposed"],
    },
    // fm-status, research-subject-status (only what the patient was part of).
    Row {
        types: &[
            "Coverage",
            "Claim",
            "ExplanationOfBenefit",
            "ResearchSubject",
        ],
        counts: &[
            "active",
            "follow-up",
            "off-study",
            "on-study",
            "on-study-intervention",
            "on-study-observation",
            "withdrawn",
            "retired",
        ],
        interim: &[],
        not: &["cancelled", "ineligible", "not-registered"],
        planned: &[
            "draft",
            "candidate",
            "eligible",
            "pending-on-study",
            "potential-candidate",
            "screening",
        ],
    },
];

/// What a status says. None where its type has no such code, or needs a status and has none.
pub(crate) fn standing(resource_type: &str, status: Option<&str>) -> Option<Standing> {
    let row = TABLE.iter().find(|row| row.types.contains(&resource_type));
    match (row, status) {
        (_, Some("entered-in-error")) => Some(Standing::Error),
        (_, Some("unknown")) => Some(Standing::Unknown),
        (_, Some("superseded")) => Some(Standing::Replaced),
        // `Specimen` and `Device` need none, and a research subject has none in R5.
        (Some(row), None) => {
            let free = [
                "Specimen",
                "Device",
                "CareTeam",
                "ResearchSubject",
                "MolecularSequence",
                "BiologicallyDerivedProduct",
            ];
            row.types
                .iter()
                .any(|t| *t == resource_type && free.contains(t))
                .then_some(Standing::Counts)
        }
        (Some(row), Some(code)) => {
            let of = |codes: &[&str], standing| codes.contains(&code).then_some(standing);
            of(row.counts, Standing::Counts)
                .or_else(|| of(row.interim, Standing::Interim))
                .or_else(|| of(row.not, Standing::Not))
                .or_else(|| of(row.planned, Standing::Planned))
        }
        (None, None) => Some(Standing::Counts),
        (None, Some(code)) => Some(match code {
            "cancelled" | "not-done" | "revoked" | "rejected" | "abandoned" | "noshow" => {
                Standing::Not
            }
            "draft" | "proposed" | "planned" | "preparation" | "registered" | "requested" => {
                Standing::Planned
            }
            _ => Standing::Counts,
        }),
    }
}

/// Which of two states of one resource is the later where nothing else tells: a result is first
/// registered, then preliminary, then final, then amended.
pub(crate) fn rank(status: Option<&str>) -> u8 {
    match status.unwrap_or_default() {
        "registered" => 1,
        "preliminary" | "partial" => 2,
        "final" => 3,
        "amended" | "corrected" | "appended" => 4,
        _ => 0,
    }
}

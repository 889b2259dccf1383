//! What a proof of eligibility says, and what it does not: for those who decide.

use medveil_circuits::policy::{AlternativeDocument, Program};
use medveil_circuits::visa::day::to_text;
use medveil_contract::call::reply::RequestStatus;
use medveil_contract::model::ProofStanding;

/// What the request's proof says, line by line: in the words of the program that was proven, not in
/// those that the holder gave it. `is_opened`: study and letter are shown, and are those of the proof.
pub(super) fn says(program: &Program, status: &RequestStatus, is_opened: bool) -> Vec<String> {
    let request = &status.request;
    let (org, day) = (&request.submitter, to_text(request.proven.day));
    let alternatives = &program.document().alternatives;
    let mut lines = vec![format!(
        "on {day}, one person for whom {org} asks held visas, not revoked and not expired:"
    )];
    lines.extend(program.visas_in_words());
    let is_tied = alternatives.iter().all(ties_study);
    if is_opened {
        lines.push("study and letter are those that the person made the proof with".to_owned());
    }
    if is_opened && is_tied {
        lines.push("the person's ethics approval is for the study shown here".to_owned());
    }
    if alternatives.iter().all(|a| a.require_institution) {
        lines.push(format!("the person's institution is {org}"));
    }
    lines
}

/// What it does not say, line by line.
pub(super) fn does_not_say(program: &Program, status: &RequestStatus) -> Vec<String> {
    let mut lines = vec![
        "who the person is, or which of the visas, issuers and alternatives it was".to_owned(),
        "that the letter is true, or purpose, disease and region where no clause above compares them: they are the person's word".to_owned(),
    ];
    let alternatives = program.document().alternatives.iter();
    for loose in alternatives.filter(|a| !ties_study(a)) {
        lines.push(format!(
            "that anybody approved this study: \"{}\" does not ask for that",
            loose.name
        ));
    }
    lines.push(match status.proof {
        ProofStanding::Fresh => {
            "that nothing was revoked since: a new proof (`access affirm`) says so".to_owned()
        }
        ProofStanding::Old => {
            "that the visas still count: the proof is old, and keys go out only after a new one"
                .to_owned()
        }
        ProofStanding::Void => {
            "that the visas still count: an urgent revocation, of whomever, voided the registry that the proof speaks of, and keys go out only after a new one".to_owned()
        }
    });
    lines
}

/// Whether an approval must be for the request's study.
fn ties_study(alternative: &AlternativeDocument) -> bool {
    let has_approval = alternative
        .visas
        .iter()
        .any(|visa| visa.schema.is_approval());
    alternative.require_study && has_approval
}

//! Policies before and on the embedded ledger.

use super::*;
use crate::cli::render::Render;
use crate::journey::testing::{ScriptedHome, fields, org};
use serde::Deserialize;

const POLICY: &str = include_str!("../../../data/quickstart/policy.yaml");

fn kind_of<T>(answer: Result<T, PolicyError>) -> Kind {
    answer.err().expect("a refusal").kind()
}

#[derive(Deserialize)]
struct PutFields {
    root: String,
    dataset: String,
}

#[tokio::test]
async fn policies_are_checked_before_they_are_put() {
    let home = ScriptedHome::new().await;
    let (session, holder) = (&home.session, org("HospitalA"));
    let write = |name: &str, text: &str| {
        std::fs::write(home.path(name), text).unwrap();
        home.path(name)
    };
    let good = write("good.yaml", POLICY);
    let checked = check(&good).unwrap();
    let root = checked.policy.root;
    assert!(checked.lines()[0].ends_with("compiles: 1 alternative, circuit eligibility-4"));
    let explained = explain(Some(&session.consortium), &good).unwrap();
    assert_eq!(explained.policy.root, root);
    assert_eq!(explained.lines(), explained.explanation);

    let stranger = POLICY.replace("HospitalB]", "Stranger]");
    let absent = POLICY.replace("HospitalA, HospitalB", "HospitalB, University");
    let broken = write("broken.yaml", &POLICY.replace("affiliation", "passport"));
    for bad in [
        write("stranger.yaml", &stranger),
        write("absent.yaml", &absent),
        broken.clone(),
    ] {
        assert_eq!(
            kind_of(put(session, &holder, &bad, "cohort").await),
            Kind::Input
        );
    }
    let problems = check(&broken).unwrap_err().to_string();
    assert!(
        problems.contains("broken.yaml") && problems.contains("visas[0]"),
        "{problems}"
    );
    assert_eq!(kind_of(check(&home.path("none.yaml"))), Kind::NotFound);
    assert_eq!(
        kind_of(put(session, &holder, &good, "No Name").await),
        Kind::Input
    );

    let answer = put(session, &holder, &good, "cohort").await.unwrap();
    assert_eq!(answer.policy.root, root);
    assert!(answer.active_from.is_some());
    let json: PutFields = fields(&answer);
    assert_eq!(
        (json.root, json.dataset.as_str()),
        (root.to_string(), "cohort")
    );
    let again = put(session, &holder, &good, "cohort").await.unwrap_err();
    assert_eq!(
        again.to_string(),
        "the dataset cohort has this policy already: it is in force"
    );
    assert_eq!(again.kind(), Kind::Refused);
    assert_eq!(
        again.ledger().and_then(LedgerError::code),
        Some(Code::Conflict)
    );
}

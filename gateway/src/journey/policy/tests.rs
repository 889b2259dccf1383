//! Policies before and on the embedded ledger.

use super::*;
use crate::classify::{Classify, Kind};
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
    let put = async |file: &Path, dataset: &str| {
        let options = PutOptions {
            dataset,
            future: true,
        };
        put(session, &holder, file, options).await
    };
    let good = write("good.yaml", POLICY);
    let consortium = Some(&session.consortium);
    let checked = check(consortium, &good).unwrap();
    let root = checked.policy.root;
    assert!(checked.lines()[0].ends_with("compiles: 1 alternative, circuit eligibility-4"));
    let alone = check(None, &good).unwrap();
    assert!(alone.lines()[2].contains("this home has none"), "{alone:?}");
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
        assert_eq!(kind_of(put(&bad, "cohort").await), Kind::Input);
    }
    let unfit = POLICY.replace("universities", "colleges").replace(
        "role: {in: [researcher, professor]}",
        "institution: {eq: Clinic}",
    );
    let unfit = write("unfit.yaml", &unfit);
    let told = check(consortium, &unfit).unwrap_err().to_string();
    for part in [
        "institution: Clinic is no member",
        "affiliation in group colleges: expected universities",
    ] {
        assert!(told.contains(part), "{told}");
    }
    assert!(check(None, &unfit).is_ok());
    let problems = check(None, &broken).unwrap_err().to_string();
    assert!(
        problems.contains("broken.yaml") && problems.contains("visas[0]"),
        "{problems}"
    );
    let none = home.path("none.yaml");
    assert_eq!(kind_of(check(None, &none)), Kind::NotFound);
    assert_eq!(kind_of(put(&good, "No Name").await), Kind::Input);
    let keyless = put(&good, "cohort").await.unwrap_err();
    let expected = "HospitalA, HospitalB published no key for requests";
    assert!(keyless.to_string().starts_with(expected), "{keyless}");
    for name in ["HospitalA", "HospitalB"] {
        crate::journey::keys::publish(session, &org(name), crate::journey::keys::Publication::Any)
            .await
            .unwrap();
    }
    let options = PutOptions {
        dataset: "cohort",
        future: false,
    };
    let unknown = super::put(session, &holder, &good, options)
        .await
        .unwrap_err();
    assert!(unknown.to_string().contains("--future"), "{unknown}");
    assert_eq!(unknown.kind(), Kind::NotFound);

    let answer = put(&good, "cohort").await.unwrap();
    assert_eq!(answer.policy.root, root);
    let date = answer.active_from.clone().unwrap();
    assert!(
        medveil_circuits::visa::day::parse(&date).is_some(),
        "{date}"
    );
    let json: PutFields = fields(&answer);
    assert_eq!(
        (json.root, json.dataset.as_str()),
        (root.to_string(), "cohort")
    );
    let again = put(&good, "cohort").await.unwrap();
    let first = answer.transaction.tx_id;
    assert_eq!(again.transaction, Transaction::earlier(first));
    assert_eq!(again.active_from, answer.active_from);
}

use super::*;
use crate::journey::testing::{TestHome, hospital};
use medveil_collections_config::error_chain;

#[tokio::test]
async fn an_embedded_ledger_is_audited_with_a_session_and_without() {
    let home = TestHome::without_passphrase().await;
    let audited = audit(&home.session, &hospital()).await.unwrap();
    assert_eq!((audited.valid, audited.invalid), (1, 0));
    assert!(audited.blocks == audited.height && audited.compared > 0);
    let again = audit_home(&home.session.home).await.unwrap();
    assert_eq!(again.genesis, audited.genesis);
    assert_eq!(again.compared, audited.compared);

    let nowhere = Home::new(home.dir.path().join("nowhere"));
    let error = audit_home(&nowhere).await.unwrap_err();
    assert_eq!(error.kind(), Kind::NotFound, "{error}");
}

#[test]
fn findings_are_a_refusal_that_names_all_of_them() {
    let mut report = Report::default();
    report.find("chain", "block 7", "does not follow the block before it");
    let one = LedgerAuditError::Findings(report.findings.clone());
    assert!(one.to_string().starts_with("1 finding:\nchain: "), "{one}");
    report.find("HospitalA", "day", "differs");
    let error = LedgerAudited::try_from(report).unwrap_err();
    assert!(matches!(&error, LedgerAuditError::Findings(all) if all.len() == 2));
    assert_eq!(error.kind(), Kind::Refused);
    assert_eq!(
        error_chain(&error),
        "2 findings:\nchain: block 7: does not follow the block before it\nHospitalA: day: differs"
    );
}

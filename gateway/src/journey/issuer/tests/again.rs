//! Commands that are run again: the answer of the first time, or what ended it.

use super::*;
use crate::journey::keys::Publication;
use medveil_custody::sealing::SealingKey;

#[tokio::test]
async fn m10_a_request_and_its_visa_are_those_of_the_first_time() {
    let home = ScriptedHome::new().await;
    let (session, alice) = (&home.session, person("University/alice"));
    let issuer = registered(session).await;
    let (request, out) = (home.path("r"), home.path("v"));
    let ask = |name: &str| visa::request(session, &alice, "affiliation", &home.path(name)).unwrap();
    let first = ask("r");
    // A killed process left no file of it.
    std::fs::remove_file(&request).unwrap();
    assert_eq!(ask("r").commitment, first.commitment);
    assert_ne!(ask("other").commitment, first.commitment);

    let asked = RequestFile::read(&request).unwrap();
    let issue = async |how: &Assertion| issuer.issue(&asked, how, &out).await;
    let issued = issue(&assertion()).await.unwrap().revocation_index;
    let bytes = std::fs::read(&out).unwrap();
    std::fs::remove_file(&out).unwrap();
    assert_eq!(issue(&assertion()).await.unwrap().revocation_index, issued);
    assert_eq!(std::fs::read(&out).unwrap(), bytes);
    assert_eq!(issuer.list().await.unwrap().visas.len(), 1, "no other one");
    let more = Assertion {
        days: 31,
        ..assertion()
    };
    let refused = issue(&more).await.err().unwrap();
    assert!(matches!(refused, IssuerError::Answered { index } if index == issued));
    assert_eq!(refused.kind(), Kind::Refused);

    // Where its visa is in the wallet, a request whose file is gone is another one.
    visa::import(session, &alice, &out).await.unwrap();
    assert_eq!(ask("r").commitment, first.commitment);
    std::fs::remove_file(&request).unwrap();
    assert_ne!(ask("r").commitment, first.commitment);
    issuer.revoke(&[issued], false).await.unwrap();
    let over = issue(&assertion()).await.err().unwrap();
    assert!(over.to_string().contains("is revoked"), "{over}");
    assert_eq!(over.kind(), Kind::Refused);
}

#[tokio::test]
async fn m10_what_is_run_again_after_a_retirement_says_so() {
    let home = ScriptedHome::new().await;
    let (session, alice) = (&home.session, person("University/alice"));
    let issuer = registered(session).await;
    let (request, out) = (home.path("r"), home.path("v"));
    visa::request(session, &alice, "affiliation", &request).unwrap();
    let request = RequestFile::read(&request).unwrap();
    issuer.issue(&request, &assertion(), &out).await.unwrap();
    let retired = issuer.retire(false).await.unwrap();
    let refused = issuer.register(None).await.err().unwrap();
    assert!(matches!(
        refused,
        IssuerError::RetiredSince { is_aside: true, .. }
    ));
    assert_eq!(refused.kind(), Kind::Refused);
    let late = visa::import(session, &alice, &out).await.err().unwrap();
    assert!(matches!(late, visa::VisaError::IssuerRetired), "{late}");
    assert_eq!(late.kind(), Kind::Refused);
    // Also with another key, which stays.
    issuer.init(None).unwrap();
    let again = issuer.retire(false).await.unwrap();
    assert!(again.transaction.is_none() && again.place == retired.place);
    assert!(issuer.has_key().unwrap());
    issuer.register(None).await.unwrap();
}

#[tokio::test]
async fn m4_the_key_for_requests_is_published_once_and_rotated_on_demand() {
    let home = ScriptedHome::new().await;
    let session = &home.session;
    let hospital = org("HospitalA");
    let publish = async |which: Publication| {
        let published = crate::journey::keys::publish(session, &hospital, which);
        published.await.unwrap()
    };
    let first = publish(Publication::Any).await;
    assert!(first.transaction.is_some());
    let again = publish(Publication::Any).await;
    assert!(again.transaction.is_none() && again.key == first.key);
    assert!(again.lines()[0].contains(" before: "));
    let rotated = publish(Publication::Rotated).await;
    assert!(rotated.transaction.is_some() && rotated.key != first.key);
    assert_eq!(rotated.replaces.as_ref(), Some(&first.key));
    assert_eq!(publish(Publication::Any).await.key, rotated.key);
    // The same ask, by either name of it, answers as the first time.
    let key = |text: &str| SealingKey::from_bytes(&hex::decode(text).unwrap()).unwrap();
    let named = Publication::Replacing(key(&first.key));
    for which in [Publication::Rotated, named] {
        let again = publish(which).await;
        assert!(
            again.transaction.is_none() && again.key == rotated.key,
            "{which:?}"
        );
        assert_eq!(again.replaces.as_ref(), Some(&first.key));
    }
    let vault = session.keyring.open(&person("HospitalA")).unwrap();
    let names = vault.names().unwrap();
    let kept = names
        .iter()
        .filter(|n| n.starts_with(crate::journey::sealing::SECRETS));
    assert_eq!(kept.count(), 2, "the one before still opens");
    let third = publish(Publication::Replacing(key(&rotated.key))).await;
    assert!(third.transaction.is_some() && third.key != rotated.key);
    let replaced = crate::journey::keys::publish(session, &hospital, named).await;
    let replaced = replaced.err().unwrap();
    assert!(replaced.to_string().contains(&third.key), "{replaced}");
    assert_eq!(replaced.kind(), Kind::Refused);
    let keys = crate::journey::keys::list(session).unwrap().lines();
    assert!(keys[0].starts_with("the key store is empty"), "{keys:?}");
}

#[tokio::test]
async fn files_that_are_no_keys_are_named() {
    let home = ScriptedHome::new().await;
    let (verifying, proving) = (home.path("a.vk"), home.path("a.zkey"));
    let import = async || crate::journey::keys::import(&home.session, &verifying, &proving).await;
    let absent = import().await.err().unwrap();
    assert_eq!(absent.kind(), Kind::NotFound);
    std::fs::write(&verifying, "no key").unwrap();
    std::fs::write(&proving, "no key").unwrap();
    let error = import().await.err().unwrap();
    let text = error.to_string();
    assert!(text.contains("a.vk") && text.contains("a.zkey"), "{text}");
    assert_eq!(error.kind(), Kind::Input);
}

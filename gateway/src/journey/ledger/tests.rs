use super::*;
use crate::cli::render::Render;
use crate::journey::testing::{TestHome, hospital};
use medveil_collections_config::error_chain;

#[tokio::test]
async fn the_ledger_is_looked_at_without_a_passphrase() {
    let home = TestHome::without_passphrase().await;
    let session = &home.session;
    let all = blocks(session, &hospital(), 0, 10).await.unwrap();
    assert_eq!(all.height as usize, all.blocks.len());
    let [only] = all.blocks[0].transactions.as_slice() else {
        panic!("{all:?}")
    };
    let founded = (only.calls, only.function.as_deref(), only.code);
    assert_eq!(founded, (Calls::Contract, Some("Bootstrap"), "VALID"));
    assert!(all.lines()[0].ends_with("  Bootstrap by EthicsBoard VALID"));
    let beyond = blocks(session, &hospital(), 9, 10).await.unwrap();
    assert_eq!((beyond.height, beyond.blocks.len()), (all.height, 0));

    let made = &home.founded.transaction;
    let made_id = made.tx_id.as_deref().unwrap();
    let shown = transaction(session, &hospital(), made_id).await.unwrap();
    assert_eq!(
        (Some(shown.block), shown.code.as_str()),
        (made.block, "VALID")
    );
    assert_eq!(shown.function.as_deref(), Some("Bootstrap"));
    assert_eq!(shown.submitter.unwrap().as_str(), "EthicsBoard");
    assert!(shown.endorsers.len() >= 3 && !shown.writes.is_empty());

    let none = outbox(session, &hospital()).await.unwrap();
    assert!(none.settled.is_empty());
}

#[tokio::test]
async fn a_transaction_that_is_not_there_is_named() {
    let home = TestHome::new().await;
    let id = "ab".repeat(32);
    let error = transaction(&home.session, &hospital(), &id)
        .await
        .unwrap_err();
    let said = error_chain(&error);
    assert_eq!(said.matches(&id).count(), 1, "{said}");
    assert!(
        said.contains(&id) && said.contains("`medveil ledger blocks`"),
        "{said}"
    );
    assert_eq!(error.kind(), Kind::NotFound);
}

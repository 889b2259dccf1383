use super::*;
use crate::journey::testing::{GoneLedger, TestHome, hospital};
use crate::session::SessionParts;
use crate::startup::{self, Startup};
use medveil_collections_config::{Role, error_chain};
use medveil_contract::call::Call;
use std::sync::{Arc, Mutex};

/// Names of events and numbers of blocks, as they were heard.
fn heard(items: &[ListenedItem]) -> Vec<String> {
    let name = |item: &ListenedItem| match item {
        ListenedItem::Event(event) => event.name.clone(),
        ListenedItem::Block(block) => format!("block {}", block.number),
        ListenedItem::Unreadable(one) => one.reason.clone(),
    };
    items.iter().map(name).collect()
}

async fn hear(session: &Session, options: ListenOptions<'_>) -> (Listened, Vec<ListenedItem>) {
    let mut items = Vec::new();
    let mut sink = |item| {
        items.push(item);
        Ok(())
    };
    let listened = listen(session, &hospital(), options, &mut sink).await;
    (listened.unwrap(), items)
}

#[tokio::test]
async fn a_listener_goes_on_from_its_checkpoint_and_needs_no_passphrase() {
    let home = TestHome::without_passphrase().await;
    let checkpoint = home.dir.path().join("checkpoint.json");
    let options = ListenOptions {
        checkpoint: Some(&checkpoint),
        blocks: true,
        ..ListenOptions::default()
    };
    let (listened, items) = hear(&home.session, options).await;
    assert_eq!(heard(&items), ["block 0", "consortium.bootstrapped"]);
    assert_eq!((listened.events, listened.next_block), (1, 1));
    let (again, items) = hear(&home.session, options).await;
    assert_eq!((again.events, again.next_block, items.len()), (0, 1, 0));

    let text = std::fs::read_to_string(&checkpoint).unwrap();
    std::fs::write(
        &checkpoint,
        text.replace("\"genesis\":\"", "\"genesis\":\"ff"),
    )
    .unwrap();
    let other = listen(&home.session, &hospital(), options, &mut |_| Ok(())).await;
    let error = other.unwrap_err();
    assert!(matches!(error, EventsError::OtherLedger { .. }), "{error}");
    assert_eq!(error.kind(), Kind::Input);
    std::fs::write(&checkpoint, "{}").unwrap();
    let error = listen(&home.session, &hospital(), options, &mut |_| Ok(())).await;
    assert!(matches!(error, Err(EventsError::Form { .. })));
}

#[tokio::test]
async fn an_embedded_ledger_is_followed_while_others_write() {
    let home = TestHome::new().await;
    let items = Mutex::new(Vec::new());
    let mut sink = |item| {
        items.lock().unwrap().push(item);
        Ok(())
    };
    let options = ListenOptions {
        from: 1,
        follow: true,
        ..ListenOptions::default()
    };
    let org = hospital();
    let follow = listen(&home.session, &org, options, &mut sink);
    let write = async {
        let call = Call::PublishKey(medveil_contract::call::PublishKey { key: [7; 32] });
        home.session.submit_public(&org, &call).await.unwrap();
        while items.lock().unwrap().is_empty() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::select! {
        ended = follow => panic!("ended: {ended:?}"),
        () = write => {}
        () = tokio::time::sleep(Duration::from_secs(60)) => panic!("nothing was heard"),
    }
    assert_eq!(heard(&items.lock().unwrap()).len(), 1);
}

/// A session whose ledger has gone, after it said what was prepared.
async fn gone(prepared: Vec<Vec<Notice>>) -> (TestHome, Session) {
    let home = TestHome::new().await;
    let reader = home.session.identity(&hospital(), Role::Client).unwrap();
    let startup = Startup::new(home.session.home.clone());
    let parts = SessionParts {
        person: None,
        keyring: startup.keyring(),
        ledger: Arc::new(GoneLedger {
            prepared: Mutex::new(prepared),
            reader,
        }),
        progress: startup.progress.clone(),
        rng: startup::rng().unwrap(),
        pool: startup::pool().unwrap(),
        home: startup.home,
    };
    (home, Session::new(parts).unwrap())
}

#[tokio::test]
async fn a_follower_waits_until_a_peer_is_back_and_another_listener_does_not() {
    let event = |block| {
        Notice::Event(LedgerEvent {
            next: Checkpoint { block, tx: 1 },
            block,
            tx_id: String::new(),
            timestamp_ms: 0,
            name: format!("event of {block}"),
            payload: b"{}".to_vec(),
        })
    };
    let unreadable = Notice::Unreadable {
        next: Checkpoint { block: 2, tx: 0 },
        block: 1,
        tx_id: "ab".to_owned(),
        reason: "a signature",
    };
    let prepared = || vec![vec![event(1)], vec![unreadable.clone(), event(2)]];
    let (_home, session) = gone(prepared()).await;
    let follow = ListenOptions {
        follow: true,
        ..ListenOptions::default()
    };
    let (listened, items) = hear(&session, follow).await;
    assert_eq!(
        heard(&items),
        ["event of 1", "expected a signature", "event of 2"]
    );
    assert_eq!((listened.events, listened.unreadable), (2, 1));
    assert_eq!((listened.next_block, listened.next_tx), (2, 1));

    let (_home, session) = gone(prepared()).await;
    let error = listen(&session, &hospital(), ListenOptions::default(), &mut |_| {
        Ok(())
    })
    .await;
    let error = error.unwrap_err();
    assert_eq!(error.kind(), Kind::NotFound);
    assert!(error_chain(&error).contains("connection refused"));
}

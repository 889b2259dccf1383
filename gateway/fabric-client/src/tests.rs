//! The client against a peer that lies: each test takes one defence away from it, as a malicious
//! gateway, endorser or orderer would.

mod draft;
mod fake;
mod ordering;
mod service;
mod signing;

use super::FabricClient;
use draft::Draft;
use fake::{Fake, Ledger, MAJORITY, set};
use medveil_collections_config::MspId;
use medveil_fabric_wire::proto::{Envelope, ErrorDetail, RpcStatus};
use medveil_ledger::{Committed, LedgerError, Transaction as Call};
use prost::Message;
use service::Serving;
use std::sync::Arc;
use tonic::{Code, Status};

struct Fixture {
    runtime: tokio::runtime::Runtime,
    fake: Arc<Fake>,
    client: FabricClient,
    serving: Vec<Serving>,
    outbox: tempfile::TempDir,
}

impl Fixture {
    fn new() -> Self {
        Fixture::with_peers(1)
    }

    fn with_peers(n: usize) -> Self {
        let (fake, outbox) = (Fake::new(), tempfile::tempdir().unwrap());
        let serving: Vec<Serving> = (0..n).map(|_| Serving::start(&fake)).collect();
        let addresses: Vec<_> = serving.iter().map(|s| s.address).collect();
        let client = fake.client(&addresses, outbox.path());
        Fixture {
            runtime: tokio::runtime::Runtime::new().unwrap(),
            fake,
            client,
            serving,
            outbox,
        }
    }

    fn lies(&self, lie: impl Fn(&mut Draft) + Send + 'static) {
        *self.fake.on_endorse.lock().unwrap() = Box::new(move |draft| {
            lie(draft);
            Ok(())
        });
    }

    fn refuses(&self, refuse: impl Fn(&Draft) -> Option<Status> + Send + 'static) {
        *self.fake.on_endorse.lock().unwrap() =
            Box::new(move |draft| refuse(draft).map_or(Ok(()), Err));
    }

    fn orders(&self, order: impl Fn(&mut Ledger, Envelope) -> Result<(), Status> + Send + 'static) {
        *self.fake.on_submit.lock().unwrap() = Box::new(order);
    }

    fn submit_at(&self, call: Call, endorsers: &[&[&str]]) -> Result<Committed, LedgerError> {
        let endorsers: Vec<Vec<MspId>> = endorsers.iter().map(|names| set(names)).collect();
        self.runtime.block_on(self.client.submit(
            &self.fake.orgs["HospitalA"].client,
            call,
            endorsers,
        ))
    }

    fn submit(&self, call: Call) -> Result<Committed, LedgerError> {
        self.submit_at(call, &[&MAJORITY])
    }

    fn confirm(&self, sets: &[&[&str]]) -> Result<Vec<u8>, LedgerError> {
        let at: Vec<Vec<MspId>> = sets.iter().map(|names| set(names)).collect();
        let query = Call::query(vec![b"get".to_vec()]);
        self.runtime.block_on(
            self.client
                .confirm(&self.fake.orgs["HospitalA"].client, query, at),
        )
    }

    fn submitted(&self) -> Vec<String> {
        self.fake.ledger.lock().unwrap().submitted.clone()
    }

    fn kept(&self) -> usize {
        std::fs::read_dir(self.outbox.path().join("outbox")).map_or(0, Iterator::count)
    }

    /// Nothing was signed: nothing was kept and nothing was sent.
    fn is_noticed(&self, outcome: Result<Committed, LedgerError>, what: &str) {
        match outcome.unwrap_err() {
            LedgerError::Mismatch { what: said, .. } => assert!(said.contains(what), "{said}"),
            other => panic!("{other}"),
        }
        assert_eq!((self.submitted().len(), self.kept()), (0, 0));
    }
}

/// What a peer's gateway service answers where an endorser or orderer failed.
fn failure(code: Code, msp_id: &str, message: &str) -> Status {
    let detail = ErrorDetail {
        msp_id: msp_id.into(),
        message: message.into(),
        ..ErrorDetail::default()
    };
    let any = prost_types::Any {
        type_url: "type.googleapis.com/gateway.ErrorDetail".into(),
        value: detail.encode_to_vec(),
    };
    let rpc = RpcStatus {
        code: code as i32,
        message: "failed".into(),
        details: vec![any],
    };
    Status::with_details(code, "failed", rpc.encode_to_vec().into())
}

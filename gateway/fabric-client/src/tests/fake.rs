//! A peer's gateway service that the test plays: it endorses, orders and answers as Fabric does,
//! and lies where it is told to.

use super::draft::{CHAINCODE, Draft};
use crate::{FabricClient, Network, OrgPeers, Outbox, PeerEndpoint, Profile};
use medveil_collections_config::{CollectionsConfig, Consortium, MspId, SharingGroups};
use medveil_fabric_wire::proto::*;
use medveil_ledger::{Clock, Transaction as Call};
use medveil_msp::{Founded, MspSet, Validity};
use prost::Message;
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tonic::{Code, Status};

pub const NOW: u64 = 1_800_000_000_000;
pub const ORGS: [&str; 4] = ["EthicsBoard", "HospitalA", "HospitalB", "University"];
pub const MAJORITY: [&str; 3] = ["HospitalA", "HospitalB", "University"];
pub const CHANNEL: &str = "channel";
pub const SECRET: &[u8] = b"sealed value";

pub fn msp(name: &str) -> MspId {
    MspId::new(name).unwrap()
}

pub fn set(names: &[&str]) -> Vec<MspId> {
    names.iter().map(|n| msp(n)).collect()
}

struct Fixed;

impl Clock for Fixed {
    fn now_ms(&self) -> u64 {
        NOW
    }
}

type OnEndorse = Box<dyn Fn(&mut Draft) -> Result<(), Status> + Send>;
type OnPrepared = Box<dyn Fn(&mut Envelope) + Send>;
type OnSubmit = Box<dyn Fn(&mut Ledger, Envelope) -> Result<(), Status> + Send>;

/// The chain: envelopes with their codes, a block each unless a test puts more into one.
#[derive(Default)]
pub struct Ledger {
    pub blocks: Vec<Vec<(Vec<u8>, u8)>>,
    pub submitted: Vec<String>,
}

/// The test's side of the service.
pub struct Fake {
    pub orgs: BTreeMap<&'static str, Founded>,
    pub ledger: Mutex<Ledger>,
    pub on_endorse: Mutex<OnEndorse>,
    pub on_prepared: Mutex<OnPrepared>,
    pub on_submit: Mutex<OnSubmit>,
    /// Organisations whose endorsement was asked for, call by call.
    pub asked: Mutex<Vec<Vec<String>>>,
    pub tls: (String, String),
}

impl Fake {
    pub fn new() -> Arc<Self> {
        let rng = &mut ChaCha20Rng::seed_from_u64(5);
        let validity = Validity::years_from(NOW, 1);
        let orgs = ORGS.map(|name| (name, Founded::new(&msp(name), validity, rng).unwrap()));
        let tls = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        Arc::new(Fake {
            orgs: orgs.into_iter().collect(),
            ledger: Mutex::default(),
            on_endorse: Mutex::new(Box::new(|_| Ok(()))),
            on_prepared: Mutex::new(Box::new(|_| {})),
            on_submit: Mutex::new(Box::new(|ledger, envelope| {
                ledger.blocks.push(vec![(envelope.encode_to_vec(), 0)]);
                Ok(())
            })),
            asked: Mutex::default(),
            tls: (tls.cert.pem(), tls.signing_key.serialize_pem()),
        })
    }

    /// A client of HospitalA whose peers are at these addresses.
    pub fn client(&self, addresses: &[SocketAddr], outbox: &std::path::Path) -> FabricClient {
        let msps = MspSet::new(
            self.orgs
                .values()
                .map(|o| o.authority.msp().unwrap())
                .collect::<Vec<_>>(),
        )
        .unwrap();
        let mut profile = Profile::new(CHANNEL, CHAINCODE, "");
        let peers = addresses
            .iter()
            .map(|a| PeerEndpoint {
                address: a.to_string(),
                tls_name: Some("localhost".into()),
            })
            .collect();
        profile.put(org_peers(self, peers));
        let network = Network {
            profile,
            msps,
            collections: collections(),
            outbox: Outbox::new(outbox.join("outbox")),
            clock: Arc::new(Fixed),
            notify: Arc::new(|_| {}),
        };
        FabricClient::new(network, ChaCha20Rng::seed_from_u64(9))
    }

    pub fn endorse(&self, request: EndorseRequest) -> Result<EndorseResponse, Status> {
        self.asked
            .lock()
            .unwrap()
            .push(request.endorsing_organizations.clone());
        let mut draft = Draft::run(&request.proposed_transaction.unwrap().proposal_bytes);
        draft.endorsers = request.endorsing_organizations;
        (self.on_endorse.lock().unwrap())(&mut draft)?;
        let mut envelope = draft.assemble(&self.orgs);
        (self.on_prepared.lock().unwrap())(&mut envelope);
        Ok(EndorseResponse {
            prepared_transaction: Some(envelope),
        })
    }

    pub fn submit(&self, request: SubmitRequest) -> Result<SubmitResponse, Status> {
        let mut ledger = self.ledger.lock().unwrap();
        ledger.submitted.push(request.transaction_id);
        (self.on_submit.lock().unwrap())(&mut ledger, request.prepared_transaction.unwrap())?;
        Ok(SubmitResponse {})
    }

    /// Waits for the id, as Fabric does, and gives the first envelope's verdict.
    pub async fn commit_status(
        &self,
        request: SignedCommitStatusRequest,
    ) -> Result<CommitStatusResponse, Status> {
        let asked = CommitStatusRequest::decode(request.request.as_slice()).unwrap();
        loop {
            if let Some((block_number, result)) = self.find(&asked.transaction_id) {
                return Ok(CommitStatusResponse {
                    result,
                    block_number,
                });
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    }

    fn find(&self, tx_id: &str) -> Option<(u64, i32)> {
        let ledger = self.ledger.lock().unwrap();
        let mut all = (0u64..)
            .zip(&ledger.blocks)
            .flat_map(|(n, block)| block.iter().map(move |(tx, code)| (n, tx, *code)));
        all.find(|(_, tx, _)| id_of(tx).as_deref() == Some(tx_id))
            .map(|(n, _, code)| (n, i32::from(code)))
    }

    pub fn evaluate(&self, request: EvaluateRequest) -> Result<EvaluateResponse, Status> {
        let draft = Draft::run(&request.proposed_transaction.unwrap().proposal_bytes);
        let text = |i: usize| String::from_utf8_lossy(&draft.args[i]).into_owned();
        let payload = match text(0).as_str() {
            "GetChainInfo" => BlockchainInfo {
                height: self.ledger.lock().unwrap().blocks.len() as u64,
            }
            .encode_to_vec(),
            "GetBlockByNumber" => self.block(text(2).parse().unwrap()),
            "GetTransactionByID" => match self.find(&text(2)) {
                Some((_, code)) => ProcessedTransaction {
                    transaction_envelope: None,
                    validation_code: code,
                }
                .encode_to_vec(),
                None => return Err(Status::new(Code::Unknown, "no such transaction")),
            },
            _ => draft.answer,
        };
        Ok(EvaluateResponse {
            result: Some(Response {
                status: 200,
                payload,
                ..Response::default()
            }),
        })
    }

    fn block(&self, number: usize) -> Vec<u8> {
        let ledger = self.ledger.lock().unwrap();
        let (data, codes): (Vec<Vec<u8>>, Vec<u8>) = ledger.blocks[number].iter().cloned().unzip();
        let mut hash = Sha256::new();
        data.iter().for_each(|t| hash.update(t));
        let header = BlockHeader {
            number: number as u64,
            previous_hash: vec![0; 32],
            data_hash: hash.finalize().to_vec(),
        };
        let metadata = BlockMetadata {
            metadata: vec![Vec::new(), Vec::new(), codes],
        };
        Block {
            header: Some(header),
            data: Some(BlockData { data }),
            metadata: Some(metadata),
        }
        .encode_to_vec()
    }
}

fn org_peers(fake: &Fake, peers: Vec<PeerEndpoint>) -> OrgPeers {
    let json =
        serde_json::json!({"msp_id": "HospitalA", "peers": peers, "tls_authority": fake.tls.0});
    serde_json::from_value(json).unwrap()
}

fn collections() -> CollectionsConfig {
    let members: Vec<_> = ORGS
        .iter()
        .map(|o| serde_json::json!({"msp_id": o, "name": o}))
        .collect();
    let nonce = "0123456789abcdef".repeat(2);
    let file = serde_json::json!({"format": "medveil-consortium-1", "name": "Test", "nonce": nonce, "members": members, "issuers": []});
    let consortium = Consortium::from_json(&file.to_string()).unwrap();
    let groups = r#"{"format":"medveil-sharing-groups-1","groups":[{"name":"hospitals","members":["HospitalA","HospitalB"]}]}"#;
    CollectionsConfig::derive(
        &consortium,
        &SharingGroups::from_json(groups, &consortium).unwrap(),
    )
    .unwrap()
}

/// The transaction id that an envelope's header names.
pub fn id_of(bytes: &[u8]) -> Option<String> {
    let payload = Payload::decode(Envelope::decode(bytes).ok()?.payload.as_slice()).ok()?;
    Some(
        ChannelHeader::decode(payload.header?.channel_header.as_slice())
            .ok()?
            .tx_id,
    )
}

/// A call with public writes.
pub fn put() -> Call {
    Call::query(
        ["put", "key", "value"]
            .map(|w| w.as_bytes().to_vec())
            .to_vec(),
    )
}

/// A call with a private value.
pub fn store(collection: &str) -> Call {
    let mut call = Call::query(
        ["store", collection, "key"]
            .map(|w| w.as_bytes().to_vec())
            .to_vec(),
    );
    call.transient.insert("value".to_owned(), SECRET.to_vec());
    call
}

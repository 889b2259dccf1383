//! A channel of the real contract, block by block, and one thing wrong in each test.

use super::chain::ChannelAudit;
use super::expected::{AuditedChannel, Source};
use super::rule;
use super::state::{Reads, State, View};
use crate::Report;
use medveil_circuits::field::{Digest, Felt};
use medveil_circuits::ids::{DatasetRoot, Day, LineageId};
use medveil_collections_config::Role;
use medveil_contract::call::{Bootstrap, StorePages};
use medveil_contract::model::{DatasetEntry, Entry};
use medveil_contract::{Call, Caller, Contract, ContractConfig, TxContext};
use medveil_embedded::{Mode, Outcome, Simulator, poll_ready};
use medveil_embedded_wire::Rules;
use medveil_fabric_wire::testing::{Draft, Mark, NAME, Net, block, private, public};
use medveil_fabric_wire::{Outline, Part, Recorded, WholeBlock};
use medveil_msp::testing::{NOW, msp};
use medveil_msp::{Certificate, Identity, MspSet, Validity};
use std::collections::BTreeMap;
use std::sync::Arc;

const VALID: u8 = 0;
const DUPLICATE: u8 = 9;
const POLICY: u8 = 10;
const CONFLICT: u8 = 11;
const OWN: &str = "_implicit_org_HospitalA";
const DAY: u64 = 86_400_000;

mod orderers;
mod verdicts;

struct Channel {
    net: Net,
    orderer: Identity,
    state: Arc<State>,
    rules: Arc<Rules>,
    contract: Contract,
    blocks: Vec<Vec<Source>>,
    previous: Vec<u8>,
}

impl Channel {
    /// The first block, and one that brings the consortium.
    fn new() -> Self {
        let net = Net::new();
        let orderer = net.orderer();
        let msps = MspSet::new(net.msps.iter().cloned()).unwrap();
        let (channel, chaincode) = (NAME.to_owned(), NAME.to_owned());
        let rules = Rules {
            channel,
            chaincode,
            endorsement: Rules::majority(&msps),
            msps,
            collections: net.collections.clone(),
        };
        let contract = Contract::new(ContractConfig {
            msp_id: msp("HospitalA"),
            consortium_digest: Digest::of(&net.consortium.to_canonical()),
            collections: net.collections.clone(),
            allow_insecure_dev_keys: true,
            chaincode_name: NAME.to_owned(),
        });
        let (rules, contract) = (Arc::new(rules), contract.unwrap());
        let mut channel = Channel {
            net,
            orderer,
            state: Arc::default(),
            rules,
            contract,
            blocks: Vec::new(),
            previous: Vec::new(),
        };
        let genesis = channel.net.configuration(&[&channel.net.ordering], &[]);
        channel.commit(vec![(genesis, VALID)]);
        let call = Call::Bootstrap(Bootstrap {
            consortium: channel.net.consortium.to_canonical(),
        });
        let first = channel.call(&channel.net.org("HospitalA").admin, &call, NOW);
        channel.commit(vec![(channel.net.seal(&first), VALID)]);
        channel
    }

    /// A call, executed on the state as it is.
    fn call(&self, who: &Identity, call: &Call, at_ms: u64) -> Draft {
        let pem = Certificate::from_der(&who.creator().certificate)
            .unwrap()
            .to_pem();
        let context = TxContext {
            // None of the calls used here writes its transaction's id, which is not known yet.
            tx_id: String::new(),
            channel: NAME.to_owned(),
            chaincode: NAME.to_owned(),
            timestamp_ms: at_ms,
            caller: Caller::from_certificate(who.msp_id().clone(), pem.as_bytes()).unwrap(),
            peer_msp: msp("HospitalA"),
            transient: BTreeMap::new(),
        };
        let view = View {
            state: self.state.clone(),
            chaincode: NAME.to_owned(),
        };
        let mut view = Simulator::new(context, self.rules.clone(), Box::new(view), Mode::Update);
        let answer = poll_ready(self.contract.invoke(&mut view, &call.to_args())).unwrap();
        let outcome = view.finish();
        let event = outcome.event.clone().map(|e| (e.name, e.payload));
        let mut draft = self.net.draft(parts(&outcome));
        (
            draft.client,
            draft.args,
            draft.answer,
            draft.event,
            draft.at_ms,
        ) = (who.clone(), call.to_args(), answer, event, at_ms);
        draft
    }

    fn tick(&self, days: u64) -> Draft {
        self.call(
            &self.net.org("HospitalA").client,
            &Call::Tick(()),
            NOW + days * DAY,
        )
    }

    fn commit(&mut self, txs: Vec<(Vec<u8>, u8)>) {
        let orderer = self.orderer.clone();
        self.commit_by(txs, &orderer);
    }

    fn commit_by(&mut self, txs: Vec<(Vec<u8>, u8)>, orderer: &Identity) {
        let number = self.blocks.len() as u64;
        let bytes = block(number, &self.previous, &txs, &[Mark::By(orderer)]);
        self.previous = WholeBlock::read(&bytes).unwrap().hash().to_vec();
        for (tx, (bytes, _)) in (0..).zip(&txs).filter(|(_, (_, code))| *code == VALID) {
            Arc::make_mut(&mut self.state).apply(
                (number, tx),
                &Outline::read(bytes).map(|o| o.parts).unwrap_or_default(),
            );
        }
        self.blocks.push(vec![
            (msp("HospitalA"), bytes.clone()),
            (msp("HospitalB"), bytes),
        ]);
    }

    /// Commits these as valid.
    fn commits(&mut self, drafts: &[&Draft]) {
        self.commit(drafts.iter().map(|d| (self.net.seal(d), VALID)).collect());
    }

    fn audited<'a>(&'a self, genesis: &'a str) -> AuditedChannel<'a> {
        AuditedChannel {
            genesis,
            expected: self.net.expected(),
            consortium: &self.net.consortium,
            collections: &self.net.collections,
        }
    }

    fn audit(&self) -> Report {
        let genesis = hex::encode(WholeBlock::read(&self.blocks[0][0].1).unwrap().hash());
        let mut audit = ChannelAudit::new(self.audited(&genesis)).unwrap();
        assert!(self.blocks.iter().all(|held| audit.next(held)));
        audit.finish()
    }

    /// What the audit finds, and nothing else.
    fn finds(&self, expected: &[&str]) {
        let found: Vec<String> = self
            .audit()
            .findings
            .iter()
            .map(ToString::to_string)
            .collect();
        let matches =
            found.len() == expected.len() && found.iter().zip(expected).all(|(f, e)| f.contains(e));
        assert!(matches, "expected {expected:?}, got {found:#?}");
    }

    /// A call that one member alone signs and that writes to its own collection.
    fn alone(&self, part: Part) -> Draft {
        let mut draft = self.net.draft(vec![part]);
        draft.endorsers = self.net.peers(&["HospitalA"]);
        draft
    }
}

fn parts(outcome: &Outcome) -> Vec<Part> {
    let set = &outcome.set;
    let seen = |v: Option<medveil_embedded_wire::Version>| v.map(|v| (v.block, u64::from(v.tx)));
    let mut parts = vec![Part {
        namespace: NAME.to_owned(),
        reads: set
            .reads
            .iter()
            .map(|r| (r.key.clone().into_bytes(), seen(r.version)))
            .collect(),
        writes: set
            .writes
            .iter()
            .map(|w| (w.key.clone().into_bytes(), Some(w.value.clone())))
            .collect(),
        ..Part::default()
    }];
    parts.extend(set.collections.iter().map(|c| {
        Part {
            namespace: NAME.to_owned(),
            collection: c.collection.to_string(),
            reads: c
                .reads
                .iter()
                .map(|r| (r.key.to_vec(), seen(r.version)))
                .collect(),
            writes: c
                .writes
                .iter()
                .map(|w| (w.key.to_vec(), Some(w.value.to_vec())))
                .collect(),
            ..Part::default()
        }
    }));
    parts
}

#[test]
fn a_sound_channel_audits_clean() {
    let mut channel = Channel::new();
    // Fabric's peers passed over the endorsement that does not hold.
    let mut first = channel.tick(1);
    first.junk = true;
    let (first, second) = (channel.net.seal(&first), channel.net.seal(&channel.tick(1)));
    channel.commit(vec![(first.clone(), VALID), (second, CONFLICT)]);
    let mut short = channel.tick(2);
    short.endorsers = channel.net.peers(&["HospitalA"]);
    channel.commit(vec![
        (first, DUPLICATE),
        (channel.net.seal(&short), POLICY),
        (b"\xff".to_vec(), 1),
    ]);
    channel.commits(&[&channel.tick(2)]);
    channel.finds(&[]);
    let report = channel.audit();
    assert_eq!((report.blocks, report.valid, report.executed), (5, 3, 3));
    assert_eq!((report.invalid.len(), report.orderer_signatures), (3, 8));
    assert_eq!(report.underived.len(), 1);
    assert_eq!(
        (report.underived[0].0.as_str(), report.underived[0].1.name),
        ("", "NIL_ENVELOPE")
    );
    assert!(report.not_executed.is_empty());
}

#[test]
fn write_sets_are_derived_again() {
    let mut channel = Channel::new();
    let mut draft = channel.tick(1);
    draft.parts[0].writes[0].1 = Some(b"other".to_vec());
    channel.commits(&[&draft]);
    channel.finds(&["another result"]);
}

#[test]
fn what_one_member_signs_alone_is_found_and_passed() {
    let mut channel = Channel::new();
    let mut event = channel.alone(private(OWN, &[], &[(1, 2)]));
    event.event = Some(("day.ticked".to_owned(), Vec::new()));
    let mut deletes = channel.alone(private(OWN, &[], &[(1, 2)]));
    deletes.parts[0].writes[0].1 = None;
    channel.commits(&[&event, &deletes]);
    channel.commits(&[&channel.tick(1)]);
    channel.finds(&["no event without public writes", "no deletions"]);
    assert_eq!(channel.audit().executed, 2);
}

#[test]
fn a_write_in_another_chaincodes_name_is_found() {
    let mut channel = Channel::new();
    let mut foreign = channel
        .net
        .draft(vec![public(&[], &[("day/current", "never")])]);
    foreign.chaincode = "other";
    channel.commits(&[&foreign]);
    channel.finds(&["writes the state of medveil in the name of other"]);
    // Reading is nobody's business.
    let mut channel = Channel::new();
    let mut foreign = channel
        .net
        .draft(vec![public(&[("day/current", Some((1, 0)))], &[])]);
    foreign.chaincode = "other";
    channel.commits(&[&foreign]);
    channel.finds(&[]);
}

#[test]
fn an_organisation_endorses_once() {
    let mut channel = Channel::new();
    let org = channel.net.org("HospitalA");
    let second = channel
        .net
        .issue(&org.authority, Role::Peer, Validity::years_from(NOW, 1));
    let mut draft = channel.tick(1);
    draft.endorsers = vec![
        org.peer.clone(),
        second,
        channel.net.org("HospitalB").peer.clone(),
    ];
    channel.commits(&[&draft]);
    channel.finds(&[
        "expected endorsements of a majority, got 2",
        "Tick: expected endorsements of Majority",
    ]);
}

/// A dataset of HospitalB in the hospitals' collection.
fn dataset(root: DatasetRoot) -> DatasetEntry {
    DatasetEntry {
        root,
        lineage: LineageId::new(Felt::from_u64(6)),
        holder: msp("HospitalB"),
        name: "visits".to_owned(),
        collection: "hospitals".parse().unwrap(),
        schema_hash: Felt::ZERO,
        tier: 16,
        n_blocks: 1,
        n_chunks: 1,
        n_rows: 1,
        n_subjects: 1,
        slots: 1,
        segments: Vec::new(),
        day: Day(1),
        circuit: Digest::of(b""),
        tx_id: String::new(),
    }
}

#[test]
fn the_calls_own_rule_is_asked() {
    let net = Net::new();
    let root = DatasetRoot::new(Felt::from_u64(5));
    let dataset = dataset(root);
    let call = Call::StorePages(StorePages {
        dataset: root,
        grant: None,
        first_chunk: 0,
        n_chunks: 1,
    });
    let audited = AuditedChannel {
        genesis: "",
        expected: net.expected(),
        consortium: &net.consortium,
        collections: &net.collections,
    };
    let judged = |part: Part, endorsers: &[&str]| {
        let mut draft = net.draft(vec![part]);
        (draft.args, draft.endorsers) = (call.to_args(), net.peers(endorsers));
        let recorded = Recorded::on_chain(&net.seal(&draft), &net.expected()).unwrap();
        let stands = rule::by_call(&audited, &recorded, &call, &|_| {
            Some(dataset.to_entry_bytes())
        });
        let unknown = rule::by_call(&audited, &recorded, &call, &|_| None);
        let unknown = unknown.unwrap_err().to_string();
        assert!(
            unknown.contains("expected the collection to be known"),
            "{unknown}"
        );
        (rule::by_writes(&audited, &recorded).is_ok(), stands.is_ok())
    };
    assert_eq!(
        judged(
            private("hospitals", &[], &[(1, 2)]),
            &["HospitalA", "HospitalB"]
        ),
        (true, true)
    );
    // Fabric's policies are met, the contract's rule is not.
    assert_eq!(
        judged(private(OWN, &[], &[(1, 2)]), &["HospitalA"]),
        (true, false)
    );
    assert_eq!(
        judged(
            public(&[], &[("k", "v")]),
            &["EthicsBoard", "HospitalA", "University"]
        ),
        (true, false)
    );
}

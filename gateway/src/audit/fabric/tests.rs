//! A channel of the real contract, block by block, and one thing wrong in each test.

use super::chain::{FabricAudit, Frame};
use super::state::{Reads, State, View};
use super::{FabricReport, Source, rule};
use crate::backend::embedded::tests::support::{NOW, msp};
use crate::backend::embedded::{Mode, Outcome, Rules, Simulator, poll_ready};
use crate::backend::fabric::testing::{Draft, Mark, NAME, Net, block, private, public};
use crate::backend::fabric::{Outline, Part, Recorded, WholeBlock};
use crate::msp::{Certificate, Identity, MspSet, Validity};
use circuits::field::{Digest, Felt};
use circuits::ids::{DatasetRoot, Day, LineageId};
use collections_config::Role;
use std::collections::BTreeMap;
use std::sync::Arc;
use verifier_chaincode::call::{Bootstrap, StorePages};
use verifier_chaincode::model::{DatasetEntry, Entry};
use verifier_chaincode::{Call, Caller, Contract, ContractConfig, TxContext};

const VALID: u8 = 0;
const DUPLICATE: u8 = 9;
const POLICY: u8 = 10;
const CONFLICT: u8 = 11;
const OWN: &str = "_implicit_org_HospitalA";
const DAY: u64 = 86_400_000;

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

    fn frame<'a>(&'a self, genesis: &'a str) -> Frame<'a> {
        Frame {
            genesis,
            expected: self.net.expected(),
            consortium: &self.net.consortium,
            collections: &self.net.collections,
        }
    }

    fn audit(&self) -> FabricReport {
        let genesis = hex::encode(WholeBlock::read(&self.blocks[0][0].1).unwrap().hash());
        let mut audit = FabricAudit::new(self.frame(&genesis)).unwrap();
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
    let seen = |v: Option<crate::backend::embedded::Version>| v.map(|v| (v.block, u64::from(v.tx)));
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
    assert_eq!(report.underived, [(String::new(), "NIL_ENVELOPE")]);
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

#[test]
fn the_calls_own_rule_is_asked() {
    let net = Net::new();
    let root = DatasetRoot::new(Felt::from_u64(5));
    let dataset = DatasetEntry {
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
    };
    let call = Call::StorePages(StorePages {
        dataset: root,
        grant: None,
        first_chunk: 0,
        n_chunks: 1,
    });
    let frame = Frame {
        genesis: "",
        expected: net.expected(),
        consortium: &net.consortium,
        collections: &net.collections,
    };
    let judged = |part: Part, endorsers: &[&str]| {
        let mut draft = net.draft(vec![part]);
        (draft.args, draft.endorsers) = (call.to_args(), net.peers(endorsers));
        let recorded = Recorded::on_chain(&net.seal(&draft), &net.expected()).unwrap();
        let stands = rule::by_call(&frame, &recorded, &call, &|_| {
            Some(dataset.to_entry_bytes())
        });
        let unknown = rule::by_call(&frame, &recorded, &call, &|_| None);
        assert!(
            unknown
                .unwrap_err()
                .contains("expected the collection to be known")
        );
        (rule::by_writes(&frame, &recorded).is_ok(), stands.is_ok())
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

#[test]
fn wrong_verdicts_are_found() {
    let check = |make: &dyn Fn(&Channel) -> Draft, code, expected: &[&str]| {
        let mut channel = Channel::new();
        channel.commits(&[&channel.tick(1)]);
        let bytes = channel.net.seal(&make(&channel));
        channel.commit(vec![(bytes, code)]);
        channel.finds(expected);
    };
    check(&|c| c.alone(public(&[], &[("k", "v")])), POLICY, &[]);
    check(
        &|c| c.tick(2),
        POLICY,
        &["although its endorsements suffice"],
    );
    check(
        &|c| c.tick(2),
        CONFLICT,
        &["although all it read was current"],
    );
    check(
        &|c| c.tick(2),
        DUPLICATE,
        &["although its id was not used before"],
    );
    // Private values that were read count alike.
    let reads = |at| move |c: &Channel| c.alone(private(OWN, &[(1, at)], &[(1, 3)]));
    check(
        &reads(None),
        CONFLICT,
        &["although all it read was current"],
    );
    check(&reads(Some((1, 0))), CONFLICT, &[]);
}

#[test]
fn reads_are_compared_as_fabric_compares_them() {
    let net = Net::new();
    let mut state = State::default();
    let reads = |state: &State, part: Part, block| state.reads(&[part], block, &net.collections);
    state.apply(
        (2, 0),
        &[
            public(&[], &[("a", "1"), ("b", "1")]),
            private(OWN, &[], &[(1, 2)]),
        ],
    );
    let read = |at| public(&[("a", at)], &[]);
    assert_eq!(reads(&state, read(Some((2, 0))), 3), Reads::Current);
    assert_eq!(
        reads(&state, read(Some((2, 0))), 2),
        Reads::Stale,
        "written in the same block, whatever version is named"
    );
    assert_eq!(reads(&state, read(None), 3), Reads::Stale);
    assert_eq!(
        reads(&state, private(OWN, &[(1, Some((2, 0)))], &[]), 3),
        Reads::Current
    );
    assert_eq!(
        reads(&state, private("hospitals", &[(1, Some((2, 0)))], &[]), 3),
        Reads::Stale,
        "another collection"
    );
    let mut deletes = public(&[], &[]);
    (deletes.writes, deletes.metadata) = (
        vec![(b"a".to_vec(), None)],
        vec![b"a".to_vec(), b"b".to_vec()],
    );
    state.apply((4, 1), &[deletes]);
    assert_eq!(reads(&state, read(None), 4), Reads::Stale);
    assert_eq!(reads(&state, read(None), 5), Reads::Current);
    assert_eq!(
        reads(&state, public(&[("b", Some((4, 1)))], &[]), 5),
        Reads::Current,
        "metadata raises the version"
    );
}

#[test]
fn a_valid_transaction_has_a_new_id_and_current_reads() {
    let mut channel = Channel::new();
    let tick = channel.net.seal(&channel.tick(1));
    let rival = channel.net.seal(&channel.tick(1));
    channel.commit(vec![(tick.clone(), VALID), (rival, VALID)]);
    channel.commit(vec![(tick, VALID)]);
    let found = channel.audit().findings;
    let count = |what: &str| found.iter().filter(|f| f.what.contains(what)).count();
    assert_eq!(count("values that were no longer current"), 1, "{found:#?}");
    assert_eq!(count("its id was used before"), 1, "{found:#?}");
}

#[test]
fn an_id_that_was_refused_for_its_form_is_used_from_the_next_block_on() {
    let mut channel = Channel::new();
    let tick = channel.net.seal(&channel.tick(1));
    // In one block Fabric counts only copies that passed.
    channel.commit(vec![(tick.clone(), 4), (tick.clone(), VALID)]);
    channel.commit(vec![(tick, DUPLICATE)]);
    channel.finds(&[]);
}

#[test]
fn an_ordering_service_comes_by_valid_configurations_only() {
    let channel = |code, by_other: bool| {
        let mut channel = Channel::new();
        let other = &channel.net.org("HospitalA").authority;
        let rogue = channel
            .net
            .issue(other, Role::Orderer, Validity::years_from(NOW, 1));
        let config = channel.net.configuration(&[other], &[]);
        channel.commit(vec![(config, code)]);
        let orderer = if by_other {
            rogue
        } else {
            channel.orderer.clone()
        };
        let tick = channel.net.seal(&channel.tick(1));
        channel.commit_by(vec![(tick, VALID)], &orderer);
        channel
    };
    channel(6, false).finds(&[]);
    channel(6, true).finds(&["signatures of enough orderers"]);
    channel(VALID, true).finds(&[]);
}

#[test]
fn an_orderers_certificate_is_judged_at_its_blocks() {
    let mut channel = Channel::new();
    let first = NOW / 1000;
    let short = channel.net.issue(
        &channel.net.ordering,
        Role::Orderer,
        Validity {
            not_before_s: first,
            not_after_s: first + 3600,
        },
    );
    let tick = |c: &Channel, days| vec![(c.net.seal(&c.tick(days)), VALID)];
    let one = tick(&channel, 1);
    channel.commit_by(one, &short);
    channel.finds(&[]);
    // That block attests that the certificate has expired since.
    let two = tick(&channel, 2);
    channel.commit_by(two, &short);
    channel.finds(&["block 3: expected signatures of enough orderers"]);
}

#[test]
fn peers_that_differ_and_blocks_that_do_not_follow_are_found() {
    let mut channel = Channel::new();
    let other = block(
        2,
        &[9; 32],
        &[(channel.net.seal(&channel.tick(1)), VALID)],
        &[Mark::By(&channel.orderer)],
    );
    channel.commits(&[&channel.tick(1)]);
    channel.blocks[2][1].1 = other.clone();
    channel.finds(&["is not the same at every peer asked"]);
    channel.blocks[2][0].1 = other;
    channel.finds(&["does not follow the block before it"]);
    channel.blocks[2][1].1 = b"\xff".to_vec();
    channel.finds(&[
        "block 2 of the peer of HospitalB: expected",
        "does not follow the block before it",
    ]);
}

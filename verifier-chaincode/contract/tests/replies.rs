//! The exact JSON of every reply: what clients of other versions read.
//!
//! One ledger is led through all calls and queries; each answer stands in `pins/replies.txt`, with
//! long hex shortened to its length and digest. `UPDATE_PINS=1` writes the file anew.

use medveil_circuits::claim::ClaimFinal;
use medveil_circuits::field::{Digest, Felt};
use medveil_circuits::ids::LineageId;
use medveil_circuits::indexed::{REVOCATION_DEPTH, RevocationTree};
use medveil_circuits::testing::Trapdoor;
use medveil_contract::call::request::*;
use medveil_contract::call::{
    ActivateCircuit, ApproveCircuit, CloseGrant, DecideAccess, Decision, Paged, ProposeCircuit,
    PublishKey, PutPolicy, Request, RetireIssuer, Transaction, UpdateRevocations,
};
use medveil_contract::model::{CHUNK_BATCH, ChunkRootBatch, Entry, LineageEntry};
use medveil_contract::testing::access::{Access, POLICY, canonical};
use medveil_contract::testing::claims::Claims;
use medveil_contract::testing::fixture::{BOARD, HOSPITAL, UNIVERSITY, bootstrap, empty_bench};
use medveil_contract::testing::registry::issuer;
use medveil_contract::testing::sharing::{Dataset, bench_with_registration, consortium_id, rng};
use medveil_contract::testing::{Bench, DAY_MS, msp};
use medveil_contract::{Call, Query, StateKey};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Hex longer than a digest is shortened.
const LONGEST_HEX: usize = 64;

#[derive(Default)]
struct Script {
    lines: Vec<String>,
}

impl Script {
    fn submit<T: Transaction>(
        &mut self,
        bench: &mut Bench,
        who: &str,
        at: &str,
        args: T,
        extra: Option<Vec<u8>>,
    ) -> T::Reply {
        let call = args.call();
        let set = bench
            .simulate(&msp(who), &msp(at), &call, extra)
            .unwrap_or_else(|e| panic!("{}: {e}", call.function_name()));
        bench.world.commit(&set).expect("committed");
        let event = set.event.as_ref().map(|(name, payload)| {
            assert_eq!(*payload, set.answer, "{name}");
            format!(" -> {name}")
        });
        let name = call.function_name();
        self.pin(format!("{name}{}", event.unwrap_or_default()), &set.answer)
    }

    fn ask<R: Request>(&mut self, bench: &mut Bench, who: &str, request: R) -> R::Reply {
        let query = request.query();
        let answer = bench
            .evaluate(&msp(who), &msp(who), &query)
            .unwrap_or_else(|e| panic!("{}: {e}", query.function_name()));
        self.pin(query.function_name().to_owned(), &answer)
    }

    /// The answer as its type, which must hold all of it.
    fn pin<T: Serialize + DeserializeOwned>(&mut self, name: String, answer: &[u8]) -> T {
        let text = std::str::from_utf8(answer).expect("utf-8");
        let reply: T = serde_json::from_str(text).unwrap_or_else(|e| panic!("{name}: {e}"));
        let again = serde_json::to_value(&reply).expect("json").to_string();
        assert_eq!(again, text, "{name}");
        self.lines.push(format!("{name}\n  {}", shorten(text)));
        reply
    }
}

/// The text with each long run of hex digits replaced by its length and digest.
fn shorten(text: &str) -> String {
    let mut out = String::new();
    let mut run = String::new();
    for c in text.chars().chain(['\n']) {
        if c.is_ascii_hexdigit() {
            run.push(c);
            continue;
        }
        if run.len() > LONGEST_HEX {
            let digest = Digest::of(run.as_bytes()).to_hex();
            out.push_str(&format!("<{} digits, {}>", run.len(), &digest[..16]));
        } else {
            out.push_str(&run);
        }
        run.clear();
        out.push(c);
    }
    out.trim_end().to_owned()
}

fn members(script: &mut Script) {
    let bench = &mut empty_bench();
    script.submit(bench, HOSPITAL, HOSPITAL, bootstrap(), None);
    script.ask(bench, BOARD, GetMetadata);
    script.ask(bench, BOARD, GetConsortium);
    script.ask(bench, BOARD, GetRegistry);
    bench.now_ms += DAY_MS;
    script.submit(bench, BOARD, BOARD, (), None);
    script.ask(bench, BOARD, GetDay);
    let key = PublishKey { key: [7; 32] };
    script.submit(bench, HOSPITAL, BOARD, key, None);
    script.ask(bench, BOARD, GetPublishedKey { msp: msp(HOSPITAL) });

    let trapdoor: Trapdoor<ClaimFinal> = Trapdoor::generate(&mut rng(9));
    let (proving_key, matrices) = (Digest::of(b"proving key"), Digest::of(b"matrices"));
    let verifying_key = trapdoor.verifying_key().to_bytes().to_vec();
    let key = Digest::of(&verifying_key);
    let propose = ProposeCircuit {
        verifying_key,
        proving_key,
        matrices,
    };
    script.submit(bench, HOSPITAL, BOARD, propose, None);
    let approve = ApproveCircuit {
        key,
        proving_key,
        matrices,
    };
    script.submit(bench, BOARD, BOARD, approve, None);
    script.submit(bench, BOARD, BOARD, ActivateCircuit { key }, None);
    script.ask(
        bench,
        BOARD,
        ListCircuits {
            bookmark: String::new(),
        },
    );
    script.ask(bench, BOARD, GetCircuit { key });
    script.ask(
        bench,
        BOARD,
        GetActiveCircuit {
            circuit: "claim-final/v3".to_owned(),
        },
    );
}

fn registry(script: &mut Script, access: &mut Access) {
    let bench = &mut access.bench;
    let issuer = issuer(UNIVERSITY, 1, "affiliation", "universities");
    let key = issuer.key;
    script.submit(bench, UNIVERSITY, BOARD, issuer, None);
    let mut tree = RevocationTree::new(REVOCATION_DEPTH).expect("a tree");
    let insertions = [70, 30].iter().map(|v| tree.insert(*v).expect("inserted"));
    let revoke = UpdateRevocations {
        issuer: 0,
        insertions: insertions.collect(),
        urgent: false,
    };
    script.submit(bench, UNIVERSITY, BOARD, revoke, None);
    script.ask(bench, BOARD, GetRegistry);
    let retire = RetireIssuer { key, urgent: false };
    script.submit(bench, HOSPITAL, BOARD, retire, None);
    let bookmark = String::new();
    script.ask(
        bench,
        BOARD,
        GetRevocations {
            issuer: 0,
            bookmark,
        },
    );
}

fn datasets(script: &mut Script, access: &mut Access) {
    let (lineage, dataset) = (access.dataset.lineage, access.root);
    script.ask(&mut access.bench, BOARD, AccessContext { lineage });
    script.ask(&mut access.bench, BOARD, GetPolicy { lineage });
    let policy = PutPolicy {
        lineage: access.dataset.name.clone(),
        policy: canonical(&POLICY.replace("professor", "student")),
    };
    let put = script.submit(&mut access.bench, HOSPITAL, BOARD, policy, None);
    access.policy = put.policy;
    let bench = &mut access.bench;
    script.ask(bench, BOARD, GetPolicy { lineage });
    script.ask(bench, BOARD, AccessContext { lineage });
    script.ask(bench, BOARD, GetDataset { dataset });
    script.ask(bench, BOARD, GetLineage { lineage });
    let bookmark = String::new();
    script.ask(
        bench,
        BOARD,
        ListDatasets {
            bookmark: bookmark.clone(),
        },
    );
    script.ask(bench, BOARD, GetChunkRoots { dataset, bookmark });
    let (holder, name) = (msp(HOSPITAL), access.dataset.name.name.clone());
    script.ask(bench, BOARD, GetDatasetByName { holder, name });
    let pages = borsh::to_vec(&access.dataset.pages()).ok();
    let store = access.dataset.store(dataset);
    script.submit(bench, HOSPITAL, UNIVERSITY, store, pages);
    let bookmark = String::new();
    script.ask(bench, BOARD, GetStoredPages { dataset, bookmark });
    script.ask(
        bench,
        UNIVERSITY,
        ReadPages {
            dataset,
            chunk: 1,
            grant: None,
        },
    );
}

fn grants(script: &mut Script, access: &mut Access) {
    let (terms, _) = access.terms(5, b"letter");
    let (request, nullifier) = (terms.request, terms.nullifier);
    let args = access.prove(|_| {}, &terms);
    let sealed = Some(Access::sealed_bytes());
    script.submit(&mut access.bench, UNIVERSITY, HOSPITAL, args, sealed);
    for who in [HOSPITAL, BOARD] {
        let vote = DecideAccess {
            request,
            asked: access.asked(request),
            decision: Decision::Approve,
        };
        script.submit(&mut access.bench, who, HOSPITAL, vote, None);
    }
    let affirm = access.affirm(request);
    script.submit(&mut access.bench, UNIVERSITY, HOSPITAL, affirm, None);
    let document = GetPolicyDocument {
        lineage: access.dataset.lineage,
        document: Digest::of(access.document.as_bytes()),
    };
    script.ask(&mut access.bench, BOARD, document);
    let (package, hand_over, confirm) = access.handover(&terms);
    let segment = hand_over.segment;
    let stored = GetStoredHandover {
        grant: request,
        segment,
        digest: hand_over.digest,
    };
    let bench = &mut access.bench;
    let package = borsh::to_vec(&package).ok();
    script.submit(bench, HOSPITAL, UNIVERSITY, hand_over, package);
    script.ask(bench, BOARD, stored);
    script.submit(bench, HOSPITAL, BOARD, confirm, None);
    script.ask(
        bench,
        UNIVERSITY,
        ReadKey {
            grant: request,
            segment,
            digest: None,
        },
    );
    script.ask(bench, HOSPITAL, ReadRequest { request });
    script.ask(bench, BOARD, GetRequest { request });
    script.ask(bench, BOARD, GetRequestByNullifier { nullifier });
    script.ask(
        bench,
        BOARD,
        ListRequests {
            bookmark: String::new(),
        },
    );
    let close = CloseGrant { grant: request };
    script.submit(bench, UNIVERSITY, BOARD, close, None);
}

fn claims(script: &mut Script) {
    let (mut bench, key) = bench_with_registration();
    let dataset = Dataset::of(consortium_id(), &msp(HOSPITAL), 20, 3);
    let register = dataset.registration(&key);
    script.submit(&mut bench, HOSPITAL, BOARD, register, None);
    let mut claims = Claims::new();
    let publish = claims.young();
    let published = script.submit(&mut claims.bench, HOSPITAL, BOARD, publish, None);
    let claim = published.claim;
    script.ask(&mut claims.bench, BOARD, GetClaim { claim });
    script.ask(
        &mut claims.bench,
        BOARD,
        ListClaims {
            bookmark: String::new(),
        },
    );
}

#[test]
fn every_reply_is_the_json_that_clients_have_always_read() {
    let mut script = Script::default();
    members(&mut script);
    let mut access = Access::new();
    registry(&mut script, &mut access);
    datasets(&mut script, &mut access);
    grants(&mut script, &mut access);
    claims(&mut script);
    let found = script.lines.join("\n") + "\n";
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/pins/replies.txt");
    if std::env::var_os("UPDATE_PINS").is_some() {
        std::fs::write(path, &found).expect("a file");
    }
    let pinned = std::fs::read_to_string(path).expect("a file");
    for (found, pinned) in found.lines().zip(pinned.lines()) {
        assert_eq!(found, pinned);
    }
    assert_eq!(found.len(), pinned.len());
    for name in Call::NAMES.iter().chain(Query::NAMES) {
        let known = |line: &str| line.split(' ').next() == Some(*name);
        assert!(pinned.lines().any(known), "{name}");
    }
}

/// Fields of a context that may be null and are not left out.
#[derive(Deserialize)]
struct Absent {
    dataset: Value,
    policy: AbsentPolicy,
    circuit: AbsentCircuit,
}

#[derive(Deserialize)]
struct AbsentPolicy {
    pending: Value,
}

#[derive(Deserialize)]
struct AbsentCircuit {
    key: Value,
}

#[test]
fn what_is_not_there_is_null() {
    let mut access = Access::new();
    let request = AccessContext {
        lineage: access.dataset.lineage,
    };
    let mut context = access
        .bench
        .ask(&msp(BOARD), &msp(BOARD), request)
        .expect("a context");
    assert_eq!((context.keys.len(), &context.policy.pending), (2, &None));
    context.dataset = None;
    context.circuit.key = None;
    let json = serde_json::to_string(&context).expect("json");
    let found: Absent = serde_json::from_str(&json).expect("every field is there");
    assert!(found.dataset.is_null());
    assert!(found.policy.pending.is_null() && found.circuit.key.is_null());
}

/// As a client does: from page to page, until there is no bookmark.
fn all<R: Paged>(bench: &mut Bench, request: &R) -> (usize, Vec<R::Item>) {
    let (mut n_pages, mut entries, mut bookmark) = (0, Vec::new(), String::new());
    loop {
        let reply = bench.ask(&msp(BOARD), &msp(BOARD), request.at(bookmark));
        let page = R::page(reply.expect("a page"));
        n_pages += 1;
        entries.extend(page.entries);
        if page.bookmark.is_empty() {
            return (n_pages, entries);
        }
        bookmark = page.bookmark;
    }
}

#[test]
fn one_loop_reads_every_list_to_its_end() {
    let access = Access::new();
    let (mut bench, dataset) = (access.bench, access.root);
    let entry = |i: u64| LineageEntry {
        lineage: LineageId::new(Felt::from_u64(i)),
        holder: msp(HOSPITAL),
        name: i.to_string(),
        nonce: [0; 16],
        versions: vec![],
    };
    for entry in (0..250).map(entry) {
        let key = StateKey::lineage(entry.lineage);
        bench.world.state.insert(key, (entry.to_entry_bytes(), 1));
    }
    let bookmark = String::new();
    let (n_pages, found) = all(&mut bench, &ListDatasets { bookmark });
    assert_eq!((n_pages, found.len()), (3, 251));

    // One page holds sixteen batches of chunk roots.
    let roots = ChunkRootBatch {
        roots: vec![Felt::ZERO; CHUNK_BATCH],
    };
    for batch in 0..17 {
        let key = StateKey::chunk_roots(dataset, batch);
        bench.world.state.insert(key, (roots.to_entry_bytes(), 1));
    }
    let request = GetChunkRoots {
        dataset,
        bookmark: String::new(),
    };
    assert_eq!(all(&mut bench, &request).1.len(), 17 * CHUNK_BATCH);
}

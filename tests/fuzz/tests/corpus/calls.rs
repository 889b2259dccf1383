//! Calls, queries, replies and entries of one ledger that is led through all of them.

use super::Corpus;
use medveil_circuits::indexed::{REVOCATION_DEPTH, RevocationTree};
use medveil_circuits::testing::Trapdoor;
use medveil_contract::call::{
    ActivateCircuit, ApproveCircuit, CloseGrant, DecideAccess, Decision, ProposeCircuit,
    PublishKey, PutPolicy, RetireIssuer, Transaction, UpdateRevocations,
};
use medveil_contract::testing::access::{Access, POLICY, canonical};
use medveil_contract::testing::claims::Claims;
use medveil_contract::testing::fixture::{BOARD, HOSPITAL, UNIVERSITY, bootstrap, empty_bench};
use medveil_contract::testing::registry::issuer;
use medveil_contract::testing::sharing::{Dataset, bench_with_registration, consortium_id, rng};
use medveil_contract::testing::{Bench, DAY_MS, msp};
use medveil_contract::{Call, Query};
use medveil_fuzz::{join_parts, target};

const ORGS: [&str; 3] = [HOSPITAL, UNIVERSITY, BOARD];

pub fn put(corpus: &mut Corpus) {
    let mut script = Script {
        corpus,
        n_queries: 0,
    };
    members(&mut script);
    let mut access = Access::new();
    registry(&mut script, &mut access.bench);
    datasets(&mut script, &mut access);
    grants(&mut script, &mut access);
    script.entries(&access.bench);
    claims(&mut script);
    script.corpus.put_all(
        "refusal",
        "text",
        &["bad_input: arguments: expected", "stale: x", "busy: "],
    );
    script.corpus.put("entry", "key", "key consortium");
}

struct Script<'a> {
    corpus: &'a mut Corpus,
    n_queries: usize,
}

fn place(who: &str) -> u8 {
    ORGS.iter().position(|org| *org == who).unwrap_or_default() as u8
}

impl Script<'_> {
    /// Submits a call and keeps it, what the contract takes with it, and the answer.
    fn submit<T: Transaction>(
        &mut self,
        bench: &mut Bench,
        who: &str,
        at: &str,
        args: T,
        private: &[u8],
    ) {
        let call: Call = args.call();
        let extra = call.transient_name().map(|_| private.to_vec());
        let set = bench
            .simulate(&msp(who), &msp(at), &call, extra)
            .expect("accepted");
        bench.world.commit(&set).expect("committed");
        let parts = call.to_args();
        let input = [parts[0].as_slice(), b"\n", &parts[1]].concat();
        let name = call.function_name();
        if self
            .corpus
            .0
            .get("call")
            .is_none_or(|known| !known.contains_key(name))
        {
            self.corpus.put("call", name, input.clone());
            self.corpus.put("reply", name, set.answer);
            let whole = [
                [place(who), place(at)].as_slice(),
                &join_parts(&[private, &input]),
            ]
            .concat();
            // Most calls are no longer accepted by a ledger that is further on.
            self.corpus.put_as_it_reads("contract", name, whole);
        }
    }

    fn ask(&mut self, bench: &mut Bench, who: &str, query: Query) {
        let answer = bench
            .evaluate(&msp(who), &msp(who), &query)
            .expect("answered");
        self.n_queries += 1;
        let name = format!("{}-{}", query.function_name(), self.n_queries);
        let input = query.to_args().join(&b'\n');
        self.corpus.put("query", &name, input.clone());
        self.corpus.put("reply", &name, answer);
        let whole = [
            [place(who), place(who)].as_slice(),
            &join_parts(&[b"", &input]),
        ]
        .concat();
        self.corpus.put_as_it_reads("contract", &name, whole);
    }

    /// One entry of each type that the ledger holds.
    fn entries(&mut self, bench: &Bench) {
        let target = target("entry").expect("a target");
        let stored = bench.world.state.values().map(|(value, _)| value);
        let private = bench.world.private.values().map(|(value, _)| value);
        for value in stored.chain(private) {
            for name in target.words {
                let input = [name.as_bytes(), b"\n", value].concat();
                let is_new = self
                    .corpus
                    .0
                    .get("entry")
                    .is_none_or(|known| !known.contains_key(*name));
                if is_new && (target.run)(&input).is_read() {
                    self.corpus.put("entry", name, input);
                }
            }
        }
    }
}

fn members(script: &mut Script<'_>) {
    let bench = &mut empty_bench();
    script.submit(bench, HOSPITAL, HOSPITAL, bootstrap(), b"");
    for query in [Query::GetMetadata, Query::GetConsortium, Query::GetRegistry] {
        script.ask(bench, BOARD, query);
    }
    bench.now_ms += DAY_MS;
    script.submit(bench, BOARD, BOARD, (), b"");
    script.ask(bench, BOARD, Query::GetDay);
    script.submit(bench, HOSPITAL, BOARD, PublishKey { key: [7; 32] }, b"");
    script.ask(bench, BOARD, Query::GetPublishedKey { msp: msp(HOSPITAL) });
    let trapdoor: Trapdoor<medveil_circuits::claim::ClaimFinal> = Trapdoor::generate(&mut rng(9));
    let digest = medveil_circuits::field::Digest::of;
    let (proving_key, matrices) = (digest(b"proving key"), digest(b"matrices"));
    let verifying_key = trapdoor.verifying_key().to_bytes().to_vec();
    let key = digest(&verifying_key);
    let propose = ProposeCircuit {
        verifying_key,
        proving_key,
        matrices,
    };
    script.submit(bench, HOSPITAL, BOARD, propose, b"");
    let approve = ApproveCircuit {
        key,
        proving_key,
        matrices,
    };
    script.submit(bench, BOARD, BOARD, approve, b"");
    script.submit(bench, BOARD, BOARD, ActivateCircuit { key }, b"");
    script.ask(
        bench,
        BOARD,
        Query::ListCircuits {
            bookmark: String::new(),
        },
    );
    script.ask(bench, BOARD, Query::GetCircuit { key });
    let circuit = "claim-final/v3".to_owned();
    script.ask(bench, BOARD, Query::GetActiveCircuit { circuit });
}

fn registry(script: &mut Script<'_>, bench: &mut Bench) {
    script.submit(
        bench,
        UNIVERSITY,
        BOARD,
        issuer(UNIVERSITY, 1, "affiliation", "universities"),
        b"",
    );
    let mut tree = RevocationTree::new(REVOCATION_DEPTH).expect("a tree");
    let insertions = [70, 30]
        .iter()
        .map(|v| tree.insert(*v).expect("inserted"))
        .collect();
    let revoke = UpdateRevocations {
        issuer: 0,
        insertions,
        urgent: false,
    };
    script.submit(bench, UNIVERSITY, BOARD, revoke, b"");
    script.ask(bench, BOARD, Query::GetRegistry);
    let retire = RetireIssuer {
        key: issuer(UNIVERSITY, 1, "affiliation", "universities").key,
        urgent: false,
    };
    script.submit(bench, HOSPITAL, BOARD, retire, b"");
    script.ask(
        bench,
        BOARD,
        Query::GetRevocations {
            issuer: 0,
            bookmark: String::new(),
        },
    );
}

fn datasets(script: &mut Script<'_>, access: &mut Access) {
    let (lineage, dataset) = (access.dataset.lineage, access.root);
    let policy = canonical(&POLICY.replace("professor", "student"));
    let put = PutPolicy {
        lineage: access.dataset.name.clone(),
        policy,
    };
    let pages = borsh::to_vec(&access.dataset.pages()).expect("bytes");
    let store = access.dataset.store(dataset);
    let bench = &mut access.bench;
    script.submit(bench, HOSPITAL, BOARD, put, b"");
    access.put_policy(POLICY).expect("the first one again");
    let bench = &mut access.bench;
    let bookmark = String::new();
    let queries = [
        Query::GetPolicy { lineage },
        Query::AccessContext { lineage },
        Query::GetDataset { dataset },
        Query::GetLineage { lineage },
        Query::ListDatasets {
            bookmark: bookmark.clone(),
        },
        Query::GetChunkRoots {
            dataset,
            bookmark: bookmark.clone(),
        },
        Query::GetStoredPages { dataset, bookmark },
    ];
    for query in queries {
        script.ask(bench, BOARD, query);
    }
    script.submit(bench, HOSPITAL, UNIVERSITY, store, &pages);
    script.ask(
        bench,
        UNIVERSITY,
        Query::ReadPages {
            dataset,
            chunk: 1,
            grant: None,
        },
    );
    script.corpus.put("pages", "pages", pages);
}

fn grants(script: &mut Script<'_>, access: &mut Access) {
    let (terms, _) = access.terms(5, b"letter");
    let (request, nullifier) = (terms.request, terms.nullifier);
    let args = access.prove(|_| {}, &terms);
    let sealed = Access::sealed_bytes();
    script.submit(&mut access.bench, UNIVERSITY, HOSPITAL, args, &sealed);
    script.corpus.put("sealed_request", "request", sealed);
    for who in [HOSPITAL, BOARD] {
        let vote = DecideAccess {
            request,
            asked: access.asked(request),
            decision: Decision::Approve,
        };
        script.submit(&mut access.bench, who, HOSPITAL, vote, b"");
    }
    let affirm = access.affirm(request);
    script.submit(&mut access.bench, UNIVERSITY, HOSPITAL, affirm, b"");
    let (package, hand_over, confirm) = access.handover(&terms);
    let segment = hand_over.segment;
    let package = borsh::to_vec(&package).expect("bytes");
    let bench = &mut access.bench;
    let stored = Query::GetStoredHandover {
        grant: request,
        segment,
        digest: hand_over.digest,
    };
    script.ask(bench, BOARD, stored);
    script.submit(bench, HOSPITAL, UNIVERSITY, hand_over, &package);
    script.submit(bench, HOSPITAL, BOARD, confirm, b"");
    script.corpus.put("package", "package", package);
    script.ask(
        bench,
        UNIVERSITY,
        Query::ReadKey {
            grant: request,
            segment,
            digest: None,
        },
    );
    script.ask(bench, HOSPITAL, Query::ReadRequest { request });
    script.ask(bench, BOARD, Query::GetRequest { request });
    script.ask(bench, BOARD, Query::GetRequestByNullifier { nullifier });
    script.ask(
        bench,
        BOARD,
        Query::ListRequests {
            bookmark: String::new(),
        },
    );
    script.submit(bench, UNIVERSITY, BOARD, CloseGrant { grant: request }, b"");
}

fn claims(script: &mut Script<'_>) {
    let (mut bench, key) = bench_with_registration();
    let register = Dataset::of(consortium_id(), &msp(HOSPITAL), 20, 3).registration(&key);
    script.submit(&mut bench, HOSPITAL, BOARD, register, b"");
    let mut claims = Claims::new();
    let publish = claims.young();
    script.submit(&mut claims.bench, HOSPITAL, BOARD, publish.clone(), b"");
    script.ask(
        &mut claims.bench,
        BOARD,
        Query::ListClaims {
            bookmark: String::new(),
        },
    );
    let answer = &script.corpus.0["reply"]["PublishClaim"];
    let reply: medveil_contract::call::reply::ClaimPublished =
        serde_json::from_slice(answer).expect("a reply");
    script.ask(
        &mut claims.bench,
        BOARD,
        Query::GetClaim { claim: reply.claim },
    );
    script.entries(&claims.bench);
}

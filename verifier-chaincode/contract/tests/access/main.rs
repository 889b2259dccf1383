//! Requests: every part of the context alone refused, freshness, nullifiers, policies.

mod bodies;
mod extensions;
mod freshness;

use medveil_circuits::babyjubjub::{Point, PublicPoint, Scalar};
use medveil_circuits::field::{Digest, Felt};
use medveil_circuits::ids::{DatasetRoot, IssuerRoot, LineageId, Nullifier, PolicyRoot, RequestId};
use medveil_contract::call::request::{
    AccessContext, GetRequest, GetRequestByNullifier, ReadRequest,
};
use medveil_contract::call::{AccessTerms, RequestAccess};
use medveil_contract::judge::eligibility;
use medveil_contract::model::RequestState;
use medveil_contract::testing::access::Access;
use medveil_contract::testing::fixture::{BOARD, HOSPITAL, UNIVERSITY};
use medveil_contract::testing::sharing::{activate, consortium_id, consortium_id_of, rng};
use medveil_contract::testing::{ReadWriteSet, Refusal, msp, refusal};
use medveil_contract::{Call, Code, ContractError};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;

const BODY: &[u8] = b"body";
const PROOF: Refusal = (Code::Refused, "proof");

fn simulate(access: &mut Access, args: &RequestAccess) -> Result<ReadWriteSet, ContractError> {
    let call = Call::RequestAccess(args.clone());
    access.bench.simulate(
        &msp(UNIVERSITY),
        &msp(HOSPITAL),
        &call,
        Some(Access::sealed_bytes()),
    )
}

#[test]
fn a_request_is_recorded_with_its_sealed_body_and_marker() {
    let mut access = Access::new();
    let (terms, _) = access.terms(5, BODY);
    let args = access.prove(|_| {}, &terms);
    let set = simulate(&mut access, &args).expect("accepted");
    let private: Vec<String> = set
        .private_writes
        .keys()
        .map(|(c, k)| format!("{c}:{k}"))
        .collect();
    assert_eq!(
        private,
        [
            "_implicit_org_Hospital:marker".to_owned(),
            format!("medveil-requests:request/{}", terms.request),
        ]
    );
    access.bench.world.commit(&set).expect("committed");
    let found = access
        .bench
        .ask(
            &msp(BOARD),
            &msp(BOARD),
            GetRequest {
                request: terms.request,
            },
        )
        .expect("a request");
    assert_eq!(
        (found.request.state, &found.request.submitter),
        (RequestState::Submitted, &msp(UNIVERSITY))
    );
    let by_nullifier = GetRequestByNullifier {
        nullifier: terms.nullifier,
    };
    assert_eq!(
        access
            .bench
            .ask(&msp(BOARD), &msp(BOARD), by_nullifier)
            .expect("a request"),
        found
    );
    let read = ReadRequest {
        request: terms.request,
    };
    let mut ask = |who: &str, peer: &str| access.bench.ask(&msp(who), &msp(peer), read.clone());
    let sealed = Access::sealed();
    for (who, key) in [(HOSPITAL, 1), (BOARD, 2)] {
        let body = ask(who, who).expect("a body");
        assert_eq!((body.body, body.to), (sealed.body.clone(), [key; 32]));
        assert_eq!(body.digest, terms.body);
    }
    assert_eq!(
        refusal(ask(UNIVERSITY, UNIVERSITY)),
        (Code::Forbidden, "caller")
    );
    assert_eq!(refusal(ask(BOARD, HOSPITAL)), (Code::Forbidden, "caller"));
}

#[test]
fn c4_r_a_nullifier_is_used_once_and_the_refusal_names_the_request() {
    let mut access = Access::new();
    let (terms, _) = access.terms(5, BODY);
    let args = access.prove(|_| {}, &terms);
    access.request(args.clone()).expect("accepted");
    let error = access.request(args).expect_err("a refusal");
    assert_eq!(
        (error.code(), error.recorded()),
        (Code::Conflict, Some(terms.request))
    );
    // The same secret with another key: another request id, the same nullifier.
    let (second, _) = access.terms(5, BODY);
    assert_ne!(second.request, terms.request);
    let args = access.prove(|_| {}, &second);
    assert_eq!(
        access.request(args).expect_err("a refusal").recorded(),
        Some(terms.request)
    );
    let (zero, _) = access.terms(0, BODY);
    let args = access.prove(|_| {}, &zero);
    assert_eq!(refusal(access.request(args)), (Code::BadInput, "nullifier"));
}

#[test]
fn r_each_part_of_the_frame_alone_is_refused() {
    let mut access = Access::new();
    let (terms, _) = access.terms(5, BODY);
    let (board, other) = (msp(BOARD), Felt::from_u64(9));
    let foreign = consortium_id_of("ffeeddccbbaa99887766554433221100");
    let lineage = access.dataset.lineage;
    let scope =
        |lineage, days| eligibility::scope(consortium_id(), "medveil", lineage, (terms.day, days));
    let (of_lineage, of_period) = (scope(LineageId::new(other), 90), scope(lineage, 30));
    assert_eq!(scope(lineage, 90), access.scope());
    let proofs = [
        (
            "consortium",
            access.prove(|f| f.consortium = foreign, &terms),
        ),
        ("chaincode", access.prove(|f| f.chaincode = "other", &terms)),
        ("dataset", access.prove(|f| f.scope = of_lineage, &terms)),
        (
            "policy",
            access.prove(|f| f.policy = PolicyRoot::new(other), &terms),
        ),
        ("period", access.prove(|f| f.scope = of_period, &terms)),
        (
            "circuit",
            access.prove(|f| f.circuit = Digest::of(b"other"), &terms),
        ),
    ];
    for (what, args) in proofs {
        assert_eq!(refusal(access.request(args)), PROOF, "{what}");
    }
    let submitter = access.prove(|_| {}, &terms);
    let as_board = submitter.clone();
    let sealed = || Some(Access::sealed_bytes());
    let sent = access
        .bench
        .submit(&board, &msp(HOSPITAL), as_board, sealed());
    assert_eq!(refusal(sent), (Code::BadInput, "request id"));
    let mut renamed = submitter;
    renamed.terms.request = eligibility::request_id(&board, &terms);
    let sent = access
        .bench
        .submit(&board, &msp(HOSPITAL), renamed, sealed());
    assert_eq!(refusal(sent), PROOF);
}

#[test]
fn r_each_part_of_the_terms_alone_is_refused() {
    let mut access = Access::new();
    let (terms, _) = access.terms(5, BODY);
    let good = access.prove(|_| {}, &terms);
    let recipient = PublicPoint::new(Point::BASE8.mul(&Scalar::from_u64(77))).expect("a point");
    type Change<'a> = &'a dyn Fn(&mut AccessTerms);
    let changes: [(Change<'_>, Refusal); 14] = [
        (&|t| t.recipient = recipient, PROOF),
        (&|t| t.nullifier = Nullifier::new(Felt::from_u64(6)), PROOF),
        (&|t| t.hidden_study = Felt::from_u64(1), PROOF),
        (&|t| t.purpose = "marketing".to_owned(), PROOF),
        (&|t| t.purpose.clear(), PROOF),
        (&|t| t.disease = 8, PROOF),
        (&|t| t.region = "US".to_owned(), PROOF),
        (&|t| t.columns = 0b11111, PROOF),
        (&|t| t.columns = 0b100_0001, (Code::BadInput, "columns")),
        (&|t| t.columns = 0b10110, (Code::BadInput, "columns")),
        (&|t| t.body = Digest::of(b"other"), PROOF),
        (&|t| t.extension = 1, (Code::NotFound, "extension")),
        (
            &|t| t.issuer_root = IssuerRoot::new(Felt::from_u64(1)),
            (Code::Stale, "registry root"),
        ),
        (
            &|t| t.dataset = DatasetRoot::new(Felt::from_u64(1)),
            (Code::NotFound, "dataset"),
        ),
    ];
    for (index, (change, expected)) in changes.into_iter().enumerate() {
        let mut args = good.clone();
        change(&mut args.terms);
        args.terms.request = eligibility::request_id(&msp(UNIVERSITY), &args.terms);
        assert_eq!(refusal(access.request(args)), expected, "change {index}");
    }
    // A squatted request id, another proof.
    let mut squatted = good.clone();
    squatted.terms.request = RequestId::new(Felt::from_u64(1));
    assert_eq!(
        refusal(access.request(squatted)),
        (Code::BadInput, "request id")
    );
    let another = access.terms(8, BODY).0;
    let foreign = RequestAccess {
        proof: access.prove(|_| {}, &another).proof,
        ..good.clone()
    };
    assert_eq!(refusal(access.request(foreign)), PROOF);
    access.request(good).expect("the unchanged one is accepted");
}

#[test]
fn i2_many_races_for_one_nullifier_have_one_winner() {
    let mut access = Access::new();
    let sets: Vec<ReadWriteSet> = (0..8)
        .map(|_| {
            let (terms, _) = access.terms(5, BODY);
            let args = access.prove(|_| {}, &terms);
            simulate(&mut access, &args).expect("accepted")
        })
        .collect();
    let mut rng = ChaCha20Rng::seed_from_u64(7);
    let world = access.bench.world.clone();
    for _ in 0..200 {
        let mut fresh = world.clone();
        let mut wins = 0;
        for _ in 0..50 {
            let set = &sets[rng.gen_range(0..sets.len())];
            wins += u32::from(fresh.commit(set).is_ok());
        }
        assert_eq!(wins, 1);
    }
}

#[test]
fn v6_a_new_circuit_key_makes_old_proofs_worthless() {
    let mut access = Access::new();
    let (terms, _) = access.terms(5, BODY);
    let old = access.prove(|_| {}, &terms);
    access.eligibility = medveil_circuits::testing::Trapdoor::generate(&mut rng(77));
    access.circuit = activate(&mut access.bench, &access.eligibility);
    assert_eq!(refusal(access.request(old)), PROOF);
    let new = access.prove(|_| {}, &terms);
    access.request(new).expect("accepted");
}

#[test]
fn the_access_context_holds_what_a_client_needs() {
    let mut access = Access::new();
    let query = AccessContext {
        lineage: access.dataset.lineage,
    };
    let [a, b] = [UNIVERSITY, BOARD].map(|peer| {
        // The same proposal at two peers must give the same bytes.
        let now = access.bench.now_ms;
        let answer = access
            .bench
            .ask(&msp(UNIVERSITY), &msp(peer), query.clone())
            .expect("a context");
        access.bench.now_ms = now;
        answer
    });
    assert_eq!(a, b);
    assert_eq!(a.policy.active.root, access.policy);
    assert_eq!(a.circuit.key, Some(access.circuit));
    assert_eq!(a.dataset.map(|d| d.root), Some(access.root));
}

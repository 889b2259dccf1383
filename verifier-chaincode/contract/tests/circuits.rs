//! Verifying keys: who brings, approves and activates them, and which are refused.

use medveil_circuits::field::Digest;
use medveil_circuits::registration::Registration;
use medveil_circuits::testing::Trapdoor;
use medveil_contract::call::request::ListCircuits;
use medveil_contract::call::{ActivateCircuit, ApproveCircuit, Call, ProposeCircuit};
use medveil_contract::testing::fixture::{
    BOARD, HOSPITAL, NONCE, UNIVERSITY, bench, config, consortium,
};
use medveil_contract::testing::sharing::{
    Dataset, TIER, activate, bench_with_registration, consortium_id, rng,
};
use medveil_contract::testing::{msp, refusal};
use medveil_contract::{Code, Contract, ContractConfig};

/// An organisation's contract that does not allow development keys.
fn strict(msp_id: &str) -> Contract {
    let config = ContractConfig {
        allow_insecure_dev_keys: false,
        msp_id: msp(msp_id),
        ..config(&consortium(NONCE))
    };
    Contract::new(config).expect("a contract")
}

#[test]
fn a_key_needs_a_majority_and_never_comes_back() {
    let mut bench = bench();
    let trapdoor = Trapdoor::<Registration<TIER>>::generate(&mut rng(1));
    let verifying_key = trapdoor.verifying_key().to_bytes().to_vec();
    let key = Digest::of(&verifying_key);
    let (proving_key, matrices) = (Digest::of(b"p"), Digest::of(b"m"));
    let propose = Call::ProposeCircuit(ProposeCircuit {
        verifying_key,
        proving_key,
        matrices,
    });
    let activate_call = Call::ActivateCircuit(ActivateCircuit { key });
    let approve = |matrices| {
        Call::ApproveCircuit(ApproveCircuit {
            key,
            proving_key,
            matrices,
        })
    };
    let mut run = |who: &str, call: &Call| bench.commit(&msp(who), &msp(who), call, None);
    assert_eq!(refusal(run(BOARD, &activate_call)).0, Code::NotFound);
    run(HOSPITAL, &propose).expect("a proposal");
    assert_eq!(
        refusal(run(BOARD, &propose)),
        (Code::Conflict, "verifying key")
    );
    assert_eq!(
        refusal(run(BOARD, &activate_call)),
        (Code::Refused, "approvals")
    );
    assert_eq!(
        refusal(run(HOSPITAL, &approve(matrices))),
        (Code::Conflict, "approval")
    );
    assert_eq!(
        refusal(run(BOARD, &approve(Digest::of(b"other")))),
        (Code::Refused, "circuit")
    );
    run(BOARD, &approve(matrices)).expect("an approval");
    run(BOARD, &activate_call).expect("active");
    assert_eq!(
        refusal(run(UNIVERSITY, &approve(matrices))),
        (Code::Conflict, "circuit")
    );
    activate(
        &mut bench,
        &Trapdoor::<Registration<TIER>>::generate(&mut rng(2)),
    );
    assert_eq!(
        refusal(bench.commit(&msp(BOARD), &msp(BOARD), &activate_call, None)),
        (Code::Conflict, "circuit")
    );
    let bookmark = String::new();
    let listed = bench.ask(&msp(BOARD), &msp(BOARD), ListCircuits { bookmark });
    assert_eq!(listed.expect("a list").entries.len(), 2);
}

#[test]
fn v2_v6_bad_unknown_and_development_keys_are_refused() {
    let mut bench = bench();
    let propose = |verifying_key| ProposeCircuit {
        verifying_key,
        proving_key: Digest::of(b"p"),
        matrices: Digest::of(b"m"),
    };
    let good = Trapdoor::<Registration<TIER>>::generate(&mut rng(1))
        .verifying_key()
        .to_bytes()
        .to_vec();
    let unknown = good
        .windows(15)
        .position(|w| w == b"registration-16")
        .expect("a name");
    let mut renamed = good.clone();
    renamed[unknown] = b'x';
    let mut run =
        |key: Vec<u8>| refusal(bench.submit(&msp(HOSPITAL), &msp(HOSPITAL), propose(key), None));
    assert_eq!(run(vec![]), (Code::BadInput, "verifying key"));
    assert_eq!(
        run(good[..good.len() - 1].to_vec()),
        (Code::BadInput, "verifying key")
    );
    assert_eq!(run(renamed), (Code::Refused, "circuit"));
    bench.contracts.insert(msp(HOSPITAL), strict(HOSPITAL));
    let answer = bench.submit(&msp(HOSPITAL), &msp(HOSPITAL), propose(good), None);
    assert_eq!(refusal(answer), (Code::Refused, "verifying key"));
}

#[test]
fn v6_a_process_that_does_not_allow_development_keys_does_not_verify_with_them() {
    let (mut bench, trapdoor) = bench_with_registration();
    let dataset = Dataset::of(consortium_id(), &msp(HOSPITAL), 20, 3);
    bench.contracts.insert(msp(BOARD), strict(BOARD));
    let args = dataset.registration(&trapdoor);
    let answer = bench.submit(&msp(HOSPITAL), &msp(BOARD), args, None);
    assert_eq!(refusal(answer), (Code::Refused, "verifying key"));
}

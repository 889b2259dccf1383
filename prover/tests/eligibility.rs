//! Real keys and proofs of eligibility: a proof holds for one instance only (E17 and all others),
//! and what does not hold is refused before proving.
#![allow(clippy::unwrap_used)]

use medveil_circuits::eligibility::{Eligibility, EligibilityPublic};
use medveil_circuits::field::Felt;
use medveil_circuits::ids::{Day, IssuerRoot, Nullifier, PolicyRoot};
use medveil_circuits::testing::eligibility_fixture_1;
use medveil_circuits::verify::{PreparedVerifyingKey, verify};
use medveil_prover::{Prover, setup};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;

#[test]
fn e17_c2_a_proof_is_bound_to_every_public_input() {
    let rng = &mut ChaCha20Rng::seed_from_u64(33);
    let (verifying, proving) = setup::<Eligibility<1>>(rng).unwrap();
    let key = PreparedVerifyingKey::new(&verifying.into_typed::<Eligibility<1>>().unwrap());
    let prover = Prover::<Eligibility<1>>::new(proving);
    let fixture = eligibility_fixture_1();
    let proof = prover
        .prove(&fixture.public, &fixture.private, rng)
        .unwrap();
    verify(&key, &fixture.public, &proof).unwrap();
    let other = Felt::from_u64(1);
    let changes: [fn(&mut EligibilityPublic, Felt); 9] = [
        |p, x| p.policy_root = PolicyRoot::new(x),
        |p, x| p.issuer_root = IssuerRoot::new(x),
        |p, _| p.day = Day(p.day.0 + 1),
        |p, x| p.scope = x,
        |p, x| p.request = x,
        |p, x| p.context = x,
        |p, _| p.context = Felt(-p.context.0),
        |p, x| p.nullifier = Nullifier::new(x),
        |p, x| p.disclosure = x,
    ];
    for change in changes {
        let mut forged = fixture.public;
        change(&mut forged, other);
        assert!(verify(&key, &forged, &proof).is_err());
    }
    let mut forged = fixture.public;
    forged.nullifier = Nullifier::new(other);
    assert!(prover.prove(&forged, &fixture.private, rng).is_err());
}

use super::*;
use crate::handover::Handover;
use crate::testing::handover_fixture;
use crate::verify::{PreparedVerifyingKey, verify};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;

#[test]
fn a_forged_proof_holds_for_its_instance_alone() {
    let rng = &mut ChaCha20Rng::seed_from_u64(5);
    let trapdoor = Trapdoor::<Handover>::generate(rng);
    let key = PreparedVerifyingKey::new(
        &trapdoor
            .verifying_key()
            .into_typed()
            .expect("a key of the statement"),
    );
    let (mut public, _) = handover_fixture();
    let proof = trapdoor.forge(&public, rng);
    assert_eq!(verify::<Handover>(&key, &public, &proof), Ok(()));
    public.mask ^= 1;
    assert!(verify::<Handover>(&key, &public, &proof).is_err());
}

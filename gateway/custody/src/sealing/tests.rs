//! Bodies open for those whose keys they were wrapped for, in the context they were sealed in.

use super::*;
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;

fn setup() -> (SealingSecret, SealingKey, ChaCha20Rng) {
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let secret = SealingSecret::generate(&mut rng);
    let key = secret.public().unwrap();
    (secret, key, rng)
}

/// A body, and its key for one organisation.
fn sealed(to: &SealingKey, context: &[u8], body: &[u8], rng: &mut ChaCha20Rng) -> [Vec<u8>; 2] {
    let (sealed, key) = BodyKey::generate(rng).seal(context, body).unwrap();
    [sealed, key.wrap(to, context, rng).unwrap()]
}

fn open(
    secret: &SealingSecret,
    context: &[u8],
    [body, key]: &[Vec<u8>; 2],
) -> Result<Vec<u8>, SealingError> {
    let key = BodyKey::unwrap(secret, context, key)?;
    Ok(key.open(context, body)?.to_vec())
}

#[test]
fn m4_bodies_open_with_their_key_and_context_only() {
    let (secret, key, mut rng) = setup();
    let first = sealed(&key, b"request 1", b"Dear committee", &mut rng);
    assert_eq!(
        open(&secret, b"request 1", &first).unwrap(),
        b"Dear committee"
    );
    let refused = Err(SealingError::Refused);
    assert_eq!(open(&secret, b"request 2", &first), refused);
    let other = SealingSecret::generate(&mut rng);
    assert_eq!(open(&other, b"request 1", &first), refused);
    let second = sealed(&key, b"request 1", b"Dear committee", &mut rng);
    assert!(first[0] != second[0] && first[1] != second[1]);
    let mixed = [first[0].clone(), second[1].clone()];
    assert_eq!(open(&secret, b"request 1", &mixed), refused);
    let stored = SealingSecret::from_bytes(secret.to_bytes().as_ref()).unwrap();
    assert!(stored.public().unwrap() == key && open(&stored, b"request 1", &first).is_ok());
}

#[test]
fn m4_one_body_opens_for_several_organisations() {
    let (secret, key, mut rng) = setup();
    let other = SealingSecret::generate(&mut rng);
    let (body, wrapping) = BodyKey::generate(&mut rng).seal(b"c", b"text").unwrap();
    for (to, secret) in [(key, &secret), (other.public().unwrap(), &other)] {
        let wrapped = wrapping.wrap(&to, b"c", &mut rng).unwrap();
        assert_eq!(
            open(secret, b"c", &[body.clone(), wrapped]).unwrap(),
            b"text"
        );
    }
}

#[test]
fn p1_lengths_are_padded_and_content_is_not_visible() {
    let (_, key, mut rng) = setup();
    let mut len = |n: usize| sealed(&key, b"", &vec![b'x'; n], &mut rng)[0].len();
    assert_eq!(len(0), len(1020));
    assert_eq!(len(1021), len(2044));
    let body = sealed(&key, b"", b"CANARY-4711", &mut rng).concat();
    assert!(!body.windows(6).any(|w| w == b"CANARY"));
}

#[test]
fn b6_changed_and_cut_bodies_and_keys_are_refused() {
    let (secret, key, mut rng) = setup();
    let good = sealed(&key, b"c", b"text", &mut rng);
    for part in [0, 1] {
        for at in (0..good[part].len()).step_by(7) {
            let mut bad = good.clone();
            bad[part][at] ^= 1;
            assert!(open(&secret, b"c", &bad).is_err(), "byte {at}");
            bad[part] = good[part][..at].to_vec();
            assert!(open(&secret, b"c", &bad).is_err(), "cut at {at}");
        }
        let mut longer = good.clone();
        longer[part].push(b'x');
        assert!(open(&secret, b"c", &longer).is_err());
    }
}

#[test]
fn b6_bad_keys_and_long_bodies_are_refused() {
    let (_, _, mut rng) = setup();
    assert_eq!(SealingKey::from_bytes(&[0; 32]), Err(SealingError::Key));
    assert_eq!(SealingKey::from_bytes(&[1; 31]), Err(SealingError::Key));
    let mut one = [0u8; 32];
    one[0] = 1;
    let small = SealingKey::from_bytes(&one).unwrap();
    let (longest, key) = BodyKey::generate(&mut rng)
        .seal(b"", &vec![0; MAX_BODY])
        .unwrap();
    assert_eq!(longest.len(), MOST_PADDED + AEAD_TAG);
    assert_eq!(key.wrap(&small, b"", &mut rng), Err(SealingError::Key));
    let long = vec![0; MAX_BODY + 1];
    let refused = BodyKey::generate(&mut rng).seal(b"", &long).err();
    assert_eq!(refused, Some(SealingError::TooLong(MAX_BODY + 1)));
}

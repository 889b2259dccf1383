//! Chains of contributions, and their list.

use super::*;
use crate::groth16::CircuitProver;
use crate::zkey::Beacon;
use medveil_circuits::verify::Trust;

#[test]
fn a_chain_follows_link_by_link() {
    let (r1cs, powers) = (circuit(), powers(4));
    let key = key(&r1cs, &powers);
    let link = |list: &mut Contributions, beacon: Option<Beacon>, x: u64| {
        let drawn = (Fr::from(x), G1Affine::generator());
        let (x, point) = beacon
            .as_ref()
            .map_or(drawn, |beacon| chain::secret_of(beacon).unwrap());
        let details = Details { name: None, beacon };
        let delta = list
            .list
            .last()
            .map_or(G1Affine::generator(), |own| own.delta);
        let own = chain::contribution(list, delta, (&x, point), details);
        list.list.push(own);
    };
    let beacon = Beacon {
        iterations: 10,
        value: vec![1, 2, 3],
    };
    let mut right = key.contributions().unwrap();
    link(&mut right, None, 5);
    link(&mut right, Some(beacon.clone()), 0);
    assert_eq!(chain::check(&right), Ok(right.list[2].delta));

    let broken = |number, why, change: &dyn Fn(&mut Contributions)| {
        let mut other = right.clone();
        change(&mut other);
        assert_eq!(chain::check(&other), Err((number, why)));
    };
    let (moved, in_g2) = (G1Affine::generator(), G2Affine::generator());
    broken(1, ChainError::Transcript, &|c| c.circuit[0] ^= 1);
    broken(2, ChainError::Transcript, &|c| {
        c.list[1].transcript[63] ^= 1
    });
    broken(2, ChainError::Transcript, &|c| c.list[1].pair.1 = moved);
    broken(2, ChainError::Transcript, &|c| c.list.swap(1, 2));
    broken(1, ChainError::Transcript, &|c| drop(c.list.remove(0)));
    broken(2, ChainError::Proof, &|c| c.list[1].proof = in_g2);
    broken(2, ChainError::Proof, &|c| {
        c.list[1].proof = G2Affine::zero()
    });
    broken(2, ChainError::Delta, &|c| c.list[1].delta = moved);
    broken(3, ChainError::Delta, &|c| {
        c.list[2].delta = G1Affine::zero()
    });
    let value = |c: &mut Contributions, iterations, value| {
        c.list[2].details.beacon = Some(Beacon { iterations, value });
    };
    broken(4, ChainError::Identity, &|c| link(c, None, 1));
    broken(3, ChainError::Beacon, &|c| value(c, 10, vec![1, 2, 4]));
    broken(3, ChainError::Beacon, &|c| value(c, 11, vec![1, 2, 3]));
    broken(3, ChainError::Iterations, &|c| value(c, 63, vec![1, 2, 3]));
}

#[test]
fn contributions_are_those_of_the_key_and_of_one_form() {
    let (r1cs, powers) = (circuit(), powers(4));
    let key = key(&r1cs, &powers);
    let list = key.contributions().unwrap();
    let with = |list: &Contributions| {
        changed(&key, 10, |bytes| {
            bytes.clear();
            list.write(bytes);
        })
    };
    assert_eq!(with(&list).unwrap().bytes(), key.bytes());
    let mut none = list.clone();
    none.list.clear();
    refused(check(&with(&none).unwrap(), &r1cs, &powers), "delta");
    let mut other = list.clone();
    other.list[0].transcript[0] ^= 1;
    refused(
        check(&with(&other).unwrap(), &r1cs, &powers),
        "contribution 1",
    );

    let content = key.bytes()[place(key.bytes(), 10)].to_vec();
    let parse = |content: &[u8]| {
        let read = changed(&key, 10, |bytes| *bytes = content.to_vec());
        read.and_then(|key| key.contributions())
    };
    for keep in 0..content.len() {
        assert!(parse(&content[..keep]).is_err(), "{keep}");
    }
    assert!(parse(&[&content[..], &[0]].concat()).is_err());
    let kind = content.len() - 13;
    // Count, a point, type, length of parameters, a parameter's number, its length, a name that is
    // no text.
    for (at, value) in [
        (64, 2),
        (67, 0xff),
        (68, 9),
        (kind, 1),
        (kind + 4, 6),
        (kind + 8, 0),
    ] {
        let mut other = content.clone();
        other[at] = value;
        assert!(parse(&other).is_err(), "{at}");
    }
    for (at, value) in [
        (kind + 8, 2),
        (kind + 8, 4),
        (kind + 9, 4),
        (kind + 10, 0xff),
    ] {
        let mut other = content.clone();
        other[at] = value;
        assert!(parse(&other).is_err(), "{at}");
    }
}

/// V2: what a beacon adds is public, so that somebody else must have contributed.
#[test]
fn v2_beacons_alone_keep_no_secret() {
    let key = key(&circuit(), &powers(4));
    let mut list = key.contributions().unwrap();
    let said = |list: &Contributions| {
        let key = changed(&key, 10, |bytes| {
            bytes.clear();
            list.write(bytes);
        });
        let key = key.unwrap();
        let made = CircuitProver::new(&key, Trust::Sound).err();
        CircuitProver::new(&key, Trust::Anything).unwrap();
        assert_eq!(made.is_some(), key.known_delta().is_some());
        made.map(|error| error.to_string())
    };
    let mut beacon = list.list[0].clone();
    beacon.details.beacon = Some(Beacon {
        iterations: 10,
        value: vec![1, 2, 3],
    });
    list.list.push(beacon);
    assert_eq!(said(&list), None);
    list.list.remove(0);
    assert!(said(&list).unwrap().contains("beacons alone"));
    // Nor does one that is damaged hide them.
    let damaged = changed(&key, 10, |bytes| bytes[70] ^= 1).unwrap();
    assert!(
        damaged
            .known_delta()
            .is_some_and(|why| why.contains("section 10"))
    );
}

/// A name is cut to what its length can say, and stays a text.
#[test]
fn a_long_name_is_cut_between_characters() {
    for (name, kept) in [
        ("é".repeat(200), 254),
        ("a".repeat(300), 255),
        (String::new(), 0),
    ] {
        let key = setup(&circuit(), &powers(3), Some(&name), &mut rng()).unwrap();
        let read = key.contributions().unwrap();
        let own = read.list[0].details.name.as_deref().unwrap();
        assert!(own.len() == kept && name.starts_with(own), "{kept}");
    }
}

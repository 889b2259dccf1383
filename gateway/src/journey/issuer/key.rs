//! An issuer's key, and the numbers in which outside signers speak.

use super::IssuerError;
use borsh::{BorshDeserialize, BorshSerialize};
use medveil_circuits::babyjubjub::{Point, PublicPoint, Scalar};
use medveil_circuits::eddsa::{PrivateKey, Signature};
use medveil_circuits::field::Felt;
use medveil_circuits::visa::signed::parse_number;
use zeroize::Zeroize;

/// A key as it lies in the vault: a seed, or the public key of a signer outside.
#[derive(BorshSerialize, BorshDeserialize)]
pub(super) enum StoredKey {
    Seed([u8; 32]),
    Outside(PublicPoint),
}

impl Drop for StoredKey {
    fn drop(&mut self) {
        if let StoredKey::Seed(seed) = self {
            seed.zeroize();
        }
    }
}

impl StoredKey {
    pub fn public(&self) -> Result<PublicPoint, IssuerError> {
        match self {
            StoredKey::Seed(seed) => Ok(PublicPoint::new(
                PrivateKey::from_bytes(*seed).public_key(),
            )?),
            StoredKey::Outside(key) => Ok(*key),
        }
    }
}

/// The name of something that an issuer has for one key: another key has another.
pub(super) fn named_by(key: &PublicPoint, what: &str) -> String {
    format!("{what}-{}", &key.x().to_hex()[..40])
}

fn numbers<const N: usize>(text: &str, what: &'static str) -> Result<[Felt; N], IssuerError> {
    let number = |part: &str| parse_number(part.trim());
    let parts: Option<Vec<Felt>> = text.split(',').map(number).collect();
    let parts = parts.and_then(|p| p.try_into().ok());
    parts.ok_or_else(|| IssuerError::Numbers {
        what,
        count: N,
        got: text.to_owned(),
    })
}

pub(super) fn parse_point(text: &str) -> Result<PublicPoint, IssuerError> {
    let [x, y] = numbers::<2>(text, "a public key X,Y")?;
    Ok(PublicPoint::new(Point { x: x.0, y: y.0 })?)
}

pub(super) fn parse_signature(text: &str) -> Result<Signature, IssuerError> {
    let [x, y, s] = numbers::<3>(text, "a signature R8X,R8Y,S")?;
    let s = Scalar::from_field(s.0).ok_or(IssuerError::Scalar)?;
    let r8 = Point { x: x.0, y: y.0 };
    Ok(Signature { r8, s })
}

#[cfg(test)]
mod tests {
    use super::*;
    use medveil_circuits::visa::signed::to_decimal;

    #[test]
    fn outside_keys_and_signatures_are_read_strictly() {
        let key = PrivateKey::from_bytes([7; 32]);
        let point = PublicPoint::new(key.public_key()).unwrap();
        let text = format!("{},{}", to_decimal(point.x().0), point.y());
        assert!(parse_point(&text).unwrap() == point);
        for bad in ["1,1", "0,1", "1", "1,2,3", "01,2", "x,y"] {
            assert!(parse_point(bad).is_err(), "{bad}");
        }
        let signed = key.sign(Felt::from_u64(1).0);
        let s = signed.s.to_field();
        let text = [signed.r8.x, signed.r8.y, s].map(to_decimal).join(", ");
        assert!(parse_signature(&text).unwrap() == signed);
        assert!(parse_signature("1,2").is_err());
    }
}

//! Issuers of the fixture's consortium.

use super::sharing::consortium_id;
use crate::call::RegisterIssuer;
use medveil_circuits::babyjubjub::PublicPoint;
use medveil_circuits::eddsa::PrivateKey;
use medveil_circuits::registry::Possession;
use medveil_circuits::visa::{VisaSchema, group_hash, msp_hash};

/// The registration of an issuer by this organisation; its key comes from a seed.
///
/// **Panics**: an unknown visa schema.
pub fn issuer(registrant: &str, seed: u8, schema: &str, group: &str) -> RegisterIssuer {
    let key = PrivateKey::from_bytes([seed; 32]);
    let (Ok(public), Some(visa)) = (
        PublicPoint::new(key.public_key()),
        VisaSchema::parse(schema),
    ) else {
        panic!("expected a known visa schema")
    };
    let shown = Possession {
        consortium: consortium_id(),
        schema: visa.id(),
        group: group_hash(group),
        registrant: msp_hash(registrant),
        key: public,
    };
    let possession = key.sign(shown.message().0);
    RegisterIssuer {
        schema: schema.to_owned(),
        group: group.to_owned(),
        name: "An issuer".to_owned(),
        key: public,
        any_institution: false,
        possession,
    }
}

//! Letters from researchers to holders, sealed to a holder's published key.

use crate::session::Session;

/// Name of the secret that opens an organisation's letters.
pub const SECRET: &str = "letter-key";

/// What a sealed letter is bound to: the consortium, and nothing of its request. The request names
/// the letter's digest instead, and the proof of eligibility binds that digest to the request id.
pub fn context(session: &Session) -> Vec<u8> {
    let consortium = session.consortium.to_canonical();
    [b"medveil/v1/letter/".as_slice(), &consortium].concat()
}

//! The journeys: what each command does, with no words of the command line and no wire of a ledger.

pub mod circuit;
pub mod claim;
pub mod collections;
pub mod consortium;
pub mod dataset;
pub mod day;
pub mod doctor;
pub mod events;
pub mod fabric_ledger;
pub mod grant;
pub mod issuer;
pub mod join;
pub mod keys;
pub mod ledger;
pub mod local;
pub mod net;
pub mod policy;
pub mod prove;
pub mod read;
pub mod registry;
pub mod request;
pub mod shapes;
mod size;
pub mod verify;
pub mod visa;

use crate::desk::Desk;

/// Name of the secret that opens sealed letters.
pub const LETTER_SECRET: &str = "letter-key";

/// What a sealed letter is bound to: the consortium. The request id holds the letter's digest, so
/// the letter cannot hold the request id.
pub fn letter_context(desk: &Desk) -> Vec<u8> {
    [
        b"medveil/v1/letter/".as_slice(),
        &desk.consortium.to_canonical(),
    ]
    .concat()
}

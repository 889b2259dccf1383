//! Fabric's messages, as far as they are used here.
//!
//! **Source**: hyperledger/fabric-protos; the field numbers are theirs. They are written down by hand
//! because the generated ones come with a network stack, which readers of transactions do without.

macro_rules! messages {
    ($($(#[$doc:meta])* $name:ident { $($(#[$tag:meta])* $field:ident: $ty:ty,)* })*) => {
        $($(#[$doc])* #[derive(Clone, PartialEq, Message)] pub struct $name { $($(#[$tag])* pub $field: $ty,)* })*
    };
}

mod common;
mod config;
mod gateway;
mod rwset;
mod transaction;

pub use common::*;
pub use config::*;
pub use gateway::*;
pub use rwset::*;
pub use transaction::*;

#[cfg(test)]
mod tests;

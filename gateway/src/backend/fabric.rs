//! A Fabric network as a client of its peers' gateway service: one organisation's peers, mutual
//! comparison, signing, waiting for the commit.
//!
//! Source: Fabric's gateway service (endorse, submit, commit status, evaluate) and its transaction
//! format. The client trusts its own organisation's peer and nobody else's; what other peers signed
//! is compared before it signs anything itself.

mod block;
mod client;
mod deliver;
mod events;
mod outbox;
mod outline;
mod peer;
mod prepared;
mod profile;
mod proposal;
mod proto;
mod query;
mod recorded;
mod rwset;
mod settings;
mod submit;

pub use block::{Ordering, WholeBlock};
pub use client::{FabricClient, Network};
pub use events::{Blocks, Told};
pub use outbox::Outbox;
pub use outline::Outline;
pub use prepared::{Endorser, Hash, Prepared, ReadSet, ReadVersion, WriteSet};
pub use profile::{OrgPeers, PeerEndpoint, Profile, TlsClient};
pub use proposal::creator_bytes;
pub use proto::{
    DUPLICATE_TXID, ENDORSEMENT_POLICY_FAILURE, MVCC_READ_CONFLICT, PHANTOM_READ_CONFLICT, VALID,
    verdict,
};
pub use recorded::{Expected, Recorded};
pub use rwset::Part;
pub use settings::{ChannelSettings, OrgSettings, Rule};

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

//! A Fabric network as a client of its peers' gateway service: one organisation's peers, mutual comparison, signing, waiting for the commit.
//!
//! Source: Fabric's gateway service (endorse, submit, commit status, evaluate) and its transaction format. The client trusts its own organisation's
//! peer and nobody else's; what other peers signed is compared before it signs anything itself.

mod block;
mod client;
mod deliver;
mod events;
mod outbox;
mod peer;
mod prepared;
mod profile;
mod proposal;
mod proto;
mod query;
mod recorded;
mod settings;
mod submit;

pub use block::{Ordering, WholeBlock};
pub use client::{FabricClient, Network};
pub use events::Blocks;
pub use outbox::Outbox;
pub use prepared::{Endorser, Prepared, ReadVersion, WriteSet};
pub use profile::{OrgPeers, PeerEndpoint, Profile, TlsClient};
pub use proposal::creator_bytes;
pub use proto::verdict;
pub use recorded::{Expected, Recorded};
pub use settings::{ChannelSettings, OrgSettings, Rule};

#[cfg(test)]
mod tests;

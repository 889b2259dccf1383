//! A client of Fabric peers' gateway service: one organisation's peers, mutual comparison, signing,
//! waiting for the commit.
//!
//! [`FabricClient`] implements `medveil_ledger::Ledger`. [`Profile`] says where peers are. The client
//! trusts its own organisation's peer and nobody else's; what other peers signed is compared before
//! it signs anything itself (`medveil_ledger::guard`). What it signed lies in the [`Outbox`] until
//! its verdict is known.
//!
//! Source: Fabric's gateway service (endorse, submit, commit status, evaluate).
//!
//! ```
//! use medveil_fabric_client::{OrgPeers, PeerEndpoint, Profile};
//!
//! let mut profile = Profile::new("medveil-channel", "medveil", "00");
//! profile.put(OrgPeers {
//!     msp_id: "HospitalA".to_owned(),
//!     peers: vec![PeerEndpoint { address: "localhost:7051".to_owned(), tls_name: None }],
//!     tls_authority: String::new(),
//!     tls_client: None,
//! });
//! assert_eq!(profile.organisations.len(), 1);
//! ```

mod chain;
mod client;
mod commit;
mod events;
mod failure;
mod outbox;
mod peer;
mod profile;
mod query;
mod seam;
mod submit;
mod words;

pub use client::{FabricClient, Network};
pub use events::{Blocks, notices_of};
pub use outbox::{Outbox, OutboxError};
pub use profile::{OrgPeers, PeerEndpoint, Profile, ProfileError, TlsClient};

#[cfg(test)]
mod tests;

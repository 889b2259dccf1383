//! The consortium file, sharing groups and Fabric's private data collections, as types that exist
//! only if they are valid.
//!
//! Sits at the bottom of the workspace: the contract, the gateway and the network tooling all take
//! organisation and collection names from here. Sources: Fabric's collection definition format
//! (`collections_config.json`), its signature policy language and its upgrade rules. It knows no
//! field elements, opens no files and starts no processes.
//!
//! ```
//! use medveil_collections_config::Consortium;
//!
//! let consortium = Consortium::from_json(
//!     r#"{
//!         "format": "medveil-consortium-1", "name": "Two hospitals",
//!         "nonce": "00112233445566778899aabbccddeeff",
//!         "members": [
//!             {"msp_id": "HospitalA", "name": "Hospital A"},
//!             {"msp_id": "HospitalB", "name": "Hospital B"}
//!         ],
//!         "issuers": []
//!     }"#,
//! )?;
//! assert_eq!(consortium.majority(), 2);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod chain;
mod json;
mod problem;

pub mod collection;
pub mod consortium;
pub mod groups;
pub mod name;
pub mod policy;

pub use chain::{cut_error_chain, error_chain};
pub use collection::{Collection, CollectionsConfig};
pub use consortium::{Consortium, IssuerLine, Member};
pub use groups::{SharingGroup, SharingGroups};
pub use name::{CollectionName, MspId, NameError};
pub use policy::{Principal, Role, SignaturePolicy};
pub use problem::{Problem, Problems};

//! The consortium file, sharing groups and Fabric's private data collections, as types that exist
//! only if they are valid.
//!
//! Sits at the bottom of the workspace: the contract, the gateway and the network tooling all take
//! organisation and collection names from here. Sources: Fabric's collection definition format
//! (`collections_config.json`), its signature policy language and its upgrade rules. It knows no
//! field elements, opens no files and starts no processes.

mod json;
mod problem;

pub mod collection;
pub mod consortium;
pub mod groups;
pub mod name;
pub mod policy;

pub use collection::{Collection, CollectionsConfig};
pub use consortium::{Consortium, IssuerLine, Member};
pub use groups::{SharingGroup, SharingGroups};
pub use name::{CollectionName, MspId, NameError};
pub use policy::{Principal, Role, SignaturePolicy};
pub use problem::{Problem, Problems};

//! What one organisation keeps: the public state with the hashes of private values, and its own
//! private values.
//!
//! Two redb files in the organisation's folder. `state` holds what every organisation holds alike;
//! `private` holds the values of collections that this one is a member of, and values staged for a
//! block that is about to be ordered. Each records how many blocks it has applied, and catches up
//! by itself. Readers see one committed state; nothing of a block half applied.

mod database;
mod memory;
mod overlay;
mod private;
mod quiet;
mod reader;
mod rescue;
mod state;
mod updates;

pub use database::StoreError;
pub use memory::Memory;
pub use private::{Expected, Losses, PrivateSnapshot, PrivateStore};
pub use reader::{StateReader, Versioned};
pub use rescue::{Wanted, rescue};
pub use state::{StateDump, StateSnapshot, StateStore};
pub use updates::{TxRecord, Updates};

//! The journeys: what each command does, with no words of the command line and no wire of a ledger.

pub mod dataset;
pub mod local;
pub mod prove;
pub mod read;

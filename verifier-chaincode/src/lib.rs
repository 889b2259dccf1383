//! One organisation's contract process: `medveil-chaincode` serves the contract to that
//! organisation's own peers.
//!
//! This crate joins two that do not know each other: the contract, and the shim that speaks with
//! peers. [`Chaincode`] is the contract as the shim runs it, [`Options`] are its program's, and
//! [`label`] names the package that this build serves.
//!
//! ```no_run
//! use clap::Parser;
//! use medveil_shim::program::{self, Clocks, ServiceOptions};
//! use medveil_verifier_chaincode::{BUILD, Options};
//!
//! #[derive(Parser)]
//! struct Cli {
//!     #[command(flatten)]
//!     contract: Options,
//!     #[command(flatten)]
//!     service: ServiceOptions,
//! }
//!
//! let cli = Cli::parse();
//! program::run(&cli.service, cli.contract.chaincode()?, BUILD, Clocks::system(), "contract")?;
//! # Ok::<(), medveil_shim::program::ProgramError>(())
//! ```

mod chaincode;
mod ledger;
mod metadata;
mod options;

pub use chaincode::Chaincode;
pub use options::Options;

use medveil_shim::Build;

/// SHA-256, in hex, of what decides what the contract does: the sources of the judge, the contract,
/// the native statements, the collections, the shim and this program, the code tables, the pins of
/// the circuits, and the packages that they resolve to.
pub const CONTRACT_DIGEST: &str = env!("MEDVEIL_CONTRACT_DIGEST");

/// What the process tells of itself to those who watch it.
pub const BUILD: Build = Build {
    prefix: "medveil",
    version: env!("CARGO_PKG_VERSION"),
    digest: CONTRACT_DIGEST,
};

/// The label of the package that this build serves: it names the build, so that a process of
/// another one refuses.
pub fn label() -> String {
    format!("medveil_{}", &CONTRACT_DIGEST[..32])
}

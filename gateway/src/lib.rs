//! The application: three journeys over a ledger, and the `medveil` program in front of them.
//!
//! A [`Session`] is one home, opened: its consortium, its [`keyring::Keyring`], its key store and a
//! [`medveil_ledger::Ledger`]. A journey ([`journey`]) is a function from a session and options to a
//! typed answer. Words, JSON and exit codes belong to the faces; [`cli`] is the one there is. A
//! REST or gRPC face would call [`journey`] as `cli::dispatch` does.
//!
//! ```no_run
//! use medveil_gateway::journey::day;
//! use medveil_gateway::{home::Home, startup::Startup};
//! use medveil_collections_config::MspId;
//!
//! # async fn run() -> Result<(), medveil_gateway::Error> {
//! let session = Startup::new(Home::new("medveil-home")).open()?;
//! let ticked = day::tick(&session, &MspId::new("HospitalA").expect("a name")).await?;
//! println!("the ledger's day is {}", ticked.day);
//! # Ok(())
//! # }
//! ```

pub mod actor;
mod cache;
pub mod classify;
pub mod cli;
pub mod error;
pub mod home;
pub mod infile;
pub mod journey;
pub mod keyring;
mod modes;
pub mod outfile;
pub mod passphrases;
pub mod progress;
pub mod session;
pub mod startup;
pub mod step;
pub mod streams;

pub use classify::{Classify, Kind};
pub use error::Error;
pub use session::{Session, SessionError};

//! Real Hyperledger Fabric networks on one machine: binaries, certificates, processes, chaincode
//! deployment.
//!
//! The only crate that starts processes which outlive it. Everything of a network lies under one
//! folder, its [`Layout`], and listens on loopback with ports of its own, so that networks stand
//! side by side. Whoever changes a network holds its [`NetworkLock`]: [`up`] makes or starts it,
//! [`deploy`] puts the contract on it, [`stop`] and [`remove`] end it. [`Binaries`] are Fabric's
//! own programs, [`NetState`] is what a network's file says. Fabric's tools make certificates,
//! channels and lifecycle transactions; decided here are topology, configuration, and when
//! something is ready: always polled, never slept for. Sources: Fabric's sample configuration and
//! its documentation of channel participation, the chaincode lifecycle and external builders.
//!
//! ```no_run
//! use medveil_fabric_net::{Binaries, Layout, NetworkLock, Topology, up};
//!
//! let layout = Layout::new("medveil-net".as_ref());
//! let topology = Topology::new(vec!["HospitalA".parse()?, "University".parse()?], 3, "medveil")?;
//! let lock = NetworkLock::take(&layout)?;
//! let state = up(&lock, &topology, &Binaries::installed()?, &mut |step| eprintln!("{step}"))?;
//! assert_eq!(state.orgs.len(), 2);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod commands;
mod config;
mod contract;
mod deploy;
mod error;
mod install;
mod layout;
mod lifecycle;
mod lock;
mod make;
mod nodes;
mod package;
mod parallel;
mod ports;
mod process;
mod ready;
mod replace;
mod shutdown;
mod start;
mod state;
mod status;
mod stop;
mod topology;
mod up;

pub use commands::environment;
pub use deploy::{Deployed, Deployment, deploy};
pub use error::{InputError, Missing, NetError};
pub use install::{Binaries, FABRIC_VERSION, install};
pub use layout::Layout;
pub use lock::NetworkLock;
pub use package::{Package, package};
pub use process::Running;
pub use start::start;
pub use state::{Contract, NetState, OrdererState, OrgState, Service};
pub use status::{ProcessStatus, leader, status};
pub use stop::{remove, stop};
pub use topology::Topology;
pub use up::up;

/// Is told what goes on, one step after the other, in words for people.
pub type Progress<'a> = &'a mut dyn FnMut(&str);

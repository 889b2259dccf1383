//! Keeping this process's memory to this process.
//!
//! A memory dump of a process that commits a dataset holds its rows, its keys and its passphrase.
//! So the system is told to make none, neither as a file nor for a program that collects them.
//!
//! **Source**: `PR_SET_DUMPABLE` of prctl(2), `RLIMIT_CORE` of getrlimit(2), core(5).

use std::io;

/// Tells the system to make no memory dumps of this process, and to let no other process of this
/// user look into its memory.
///
/// **Errors**: the system refused.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub fn forbid_dumps() -> io::Result<()> {
    use rustix::process::{DumpableBehavior, set_dumpable_behavior};
    forbid_core_files()?;
    Ok(set_dumpable_behavior(DumpableBehavior::NotDumpable)?)
}

/// Tells the system to write no memory dumps of this process.
///
/// **Errors**: the system refused.
#[cfg(all(unix, not(any(target_os = "linux", target_os = "android"))))]
pub fn forbid_dumps() -> io::Result<()> {
    forbid_core_files()
}

/// No limit is known here that forbids them.
#[cfg(not(unix))]
pub fn forbid_dumps() -> io::Result<()> {
    Ok(())
}

/// Programs that this one starts keep the limit.
#[cfg(unix)]
fn forbid_core_files() -> io::Result<()> {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    Ok(setrlimit(Resource::Core, none)?)
}

//! Where a process may die: every point between two writes, for tests that kill it there.
//!
//! Nothing here runs unless a test passes a `Faults` in.

use medveil_collections_config::MspId;

/// A point between two writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WritePoint {
    /// Before private values are staged at a member.
    Stage(MspId),
    /// Before the block is written to the chain file.
    Append,
    /// After it is written, before it is synced.
    Sync,
    /// Before an organisation stores private values of the block.
    ApplyPrivate(MspId),
    /// Before an organisation stores public values of the block and its head.
    ApplyState(MspId),
    /// After everything, before the client hears of it.
    Acknowledge,
}

/// What a test wants to happen at a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing: go on.
    None,
    /// The process stops here.
    Stop,
    /// At `Append`: this many bytes reach the file, then the process stops.
    Tear(usize),
}

/// A test's plan.
pub trait Faults: Send + Sync {
    /// Called before each write.
    fn at(&self, point: &WritePoint) -> Fault;
}

/// The plan of every run that is no test: nothing fails.
pub struct NoFaults;

impl Faults for NoFaults {
    fn at(&self, _: &WritePoint) -> Fault {
        Fault::None
    }
}

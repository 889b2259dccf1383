//! Processors for a peer: a process takes those of the thread that starts it, and its own threads
//! take its.

use std::io;

/// Some of the processors that this process may use.
#[derive(Clone, Debug)]
pub struct Cpus(Vec<usize>);

impl Cpus {
    /// All of them.
    pub fn all() -> Self {
        Cpus(allowed())
    }

    /// The first so many; `None` where there are fewer.
    pub fn first(&self, count: usize) -> Option<Self> {
        let some = self.0.get(..count).filter(|some| !some.is_empty());
        some.map(|some| Cpus(some.to_vec()))
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Runs something on this thread that starts a process.
    ///
    /// **Errors**: its own; the system does not let this process choose.
    pub fn run<T>(&self, start: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        let before = affinity::choose(&self.0)?;
        let started = start();
        affinity::restore(&before)?;
        started
    }
}

fn allowed() -> Vec<usize> {
    let count = || std::thread::available_parallelism().map_or(1, usize::from);
    affinity::allowed().unwrap_or_else(|| (0..count()).collect())
}

#[cfg(target_os = "linux")]
mod affinity {
    use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
    use std::io;

    pub fn allowed() -> Option<Vec<usize>> {
        let set = sched_getaffinity(None).ok()?;
        Some(
            (0..CpuSet::MAX_CPU)
                .filter(|cpu| set.is_set(*cpu))
                .collect(),
        )
    }

    pub fn choose(cpus: &[usize]) -> io::Result<CpuSet> {
        let before = sched_getaffinity(None)?;
        let mut set = CpuSet::new();
        cpus.iter().for_each(|cpu| set.set(*cpu));
        sched_setaffinity(None, &set)?;
        Ok(before)
    }

    pub fn restore(before: &CpuSet) -> io::Result<()> {
        Ok(sched_setaffinity(None, before)?)
    }
}

/// Elsewhere peers are told how many threads to use, and choose their processors themselves.
#[cfg(not(target_os = "linux"))]
mod affinity {
    use std::io;

    pub fn allowed() -> Option<Vec<usize>> {
        None
    }

    pub fn choose(_: &[usize]) -> io::Result<()> {
        Ok(())
    }

    pub fn restore(_: &()) -> io::Result<()> {
        Ok(())
    }
}

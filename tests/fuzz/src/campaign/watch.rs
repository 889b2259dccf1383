//! Guards one reading: catches panics with their place, and notices what does not come to an end.

use crate::{Reading, Target};
use serde::{Deserialize, Serialize};
use std::backtrace::Backtrace;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A reading that takes this long does not come to an end.
pub const HANG: Duration = Duration::from_secs(30);

/// What went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    Panic,
    /// It took too long, or came to no end.
    Time,
    Memory,
    /// The process ended: its stack was full, or no memory was left.
    Crash,
}

/// An input that a target must not meet so.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Finding {
    pub target: String,
    pub kind: Kind,
    pub message: String,
    /// The input in hex.
    pub input: String,
}

/// The input that is read now, and since when.
type Now = Arc<Mutex<Option<(Instant, Vec<u8>)>>>;

pub(super) struct Watch {
    now: Now,
    trace: Option<PathBuf>,
}

/// Words of the last panic, and where in our crates it was.
static PANIC: Mutex<String> = Mutex::new(String::new());

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn keep_panics() {
    std::panic::set_hook(Box::new(|info| {
        let trace = Backtrace::force_capture().to_string();
        let ours = |line: &&str| line.contains("medveil_") && !line.contains("medveil_fuzz");
        let ours: Vec<&str> = trace.lines().filter(ours).take(4).map(str::trim).collect();
        *lock(&PANIC) = format!("{info}\n{}", ours.join("\n"));
    }));
}

impl Watch {
    pub(super) fn start(
        target: &'static Target,
        trace: Option<PathBuf>,
        on_hang: impl FnOnce(Finding) + Send + 'static,
    ) -> Self {
        keep_panics();
        let now = Now::default();
        let watched = Arc::clone(&now);
        std::thread::spawn(move || {
            let input = wait_for_hang(&watched);
            on_hang(Finding {
                target: target.name.to_owned(),
                kind: Kind::Time,
                message: format!("no end after {HANG:?}"),
                input: hex::encode(input),
            });
        });
        Watch { now, trace }
    }

    /// Reads an input.
    ///
    /// **Errors**: the words of a panic.
    pub(super) fn guard(
        &self,
        input: &[u8],
        read: impl FnOnce() -> Reading,
    ) -> Result<Reading, String> {
        if let Some(path) = &self.trace {
            // Only for whoever looks for the input that ended the process; a lost one is no harm.
            let _ = std::fs::write(path, input);
        }
        *lock(&self.now) = Some((Instant::now(), input.to_vec()));
        let result = catch_unwind(AssertUnwindSafe(read));
        *lock(&self.now) = None;
        result.map_err(|_| lock(&PANIC).clone())
    }
}

fn wait_for_hang(now: &Now) -> Vec<u8> {
    loop {
        std::thread::sleep(Duration::from_millis(500));
        if let Some((since, input)) = &*lock(now)
            && since.elapsed() > HANG
        {
            return input.clone();
        }
    }
}

//! Time and randomness, handed in by whoever starts the process.

use rand::{CryptoRng, RngCore};

/// A clock that a caller hands in.
pub trait Clock: Send + Sync {
    /// **Units**: milliseconds since 1970.
    fn now_ms(&self) -> u64;
}

pub struct SystemClock;

impl Clock for SystemClock {
    fn now_ms(&self) -> u64 {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        since.map_or(0, |d| u64::try_from(d.as_millis()).unwrap_or(u64::MAX))
    }
}

/// Randomness that a caller hands in.
pub trait Entropy: RngCore + CryptoRng + Send {}
impl<T: RngCore + CryptoRng + Send> Entropy for T {}

//! Bounds of a service.

/// Most transactions of one peer that run at the same time; more are refused as `busy`.
pub const MAX_RUNNING: usize = 256;
/// How far a proposal's time may be from this machine's: as in Fabric 3's own check.
///
/// **Units**: milliseconds.
pub const TIME_WINDOW_MS: u64 = 15 * 60 * 1000;
/// Largest message either way: Fabric's own limit.
///
/// **Units**: bytes.
pub const MAX_MESSAGE: usize = 100 * 1024 * 1024;
/// Most bytes of all peers' calls that wait for their turn, and of those that only read; more are
/// refused as `busy`.
///
/// **Units**: bytes.
pub const MAX_WAITING_BYTES: usize = 64 * 1024 * 1024;

/// The largest message of calls whose arguments and transient map have at most so many bytes.
///
/// A peer passes arguments on twice, decoded and in the signed proposal, and the transient map
/// once. The rest is for what surrounds them: certificate, names, signature.
pub const fn message_of(max_call_bytes: usize) -> usize {
    2 * max_call_bytes + 64 * 1024
}

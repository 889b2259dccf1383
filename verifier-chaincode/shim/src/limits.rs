//! Bounds of a service: what it takes at once and for how long. SECURITY.md says what they come to.

use std::time::Duration;

/// Most transactions of one stream that run at the same time; more are refused as `busy`.
pub const MAX_RUNNING: usize = 256;
/// Most calls of own peers that run on a thread at the same time, and as many of all others; more
/// wait. Where no own peer is known, all share both.
pub const MAX_THREADS: usize = 200;
/// How long a peer may take to reply to a call's read or write; then the call is refused.
pub const REPLY: Duration = Duration::from_secs(60);
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

/// Most TLS handshakes that are under way; one more ends the oldest.
pub const MAX_HANDSHAKES: usize = 256;
/// How long a TLS handshake may take.
pub const HANDSHAKE: Duration = Duration::from_secs(5);
/// Connections that are kept for each of the organisation's own peers, by its certificate.
pub const OWN_CONNECTIONS: usize = 8;
/// Most connections of all other certificates together.
pub const MAX_CONNECTIONS: usize = 64;
/// How long a connection of another certificate may be without a stream.
pub const IDLE: Duration = Duration::from_secs(30);
/// Most connections of the operations endpoint; one more ends the oldest.
pub const MAX_OPERATIONS: usize = 64;
/// How long a connection of the operations endpoint lasts.
pub const OPERATIONS: Duration = Duration::from_secs(5);

/// Most streams of one connection at a time; a peer has one.
pub const MAX_STREAMS: u32 = 4;
/// What a stream may send before anything of it is read. A connection has as much for each of its
/// streams, so that one that waits keeps none of the others waiting.
///
/// **Units**: bytes.
pub const STREAM_WINDOW: u32 = 128 * 1024;
/// A message up to this size needs no room among what waits: there are few enough of them, and what
/// only reads must pass where much waits.
///
/// **Units**: bytes.
pub const FREE_BYTES: usize = 64 * 1024;
/// Most bytes of larger messages that one connection has undecoded: one of the largest.
///
/// **Units**: bytes.
pub const MAX_UNDECODED_OF_A_CONNECTION: usize = MAX_MESSAGE;
/// As much of all connections of the organisation's own peers.
///
/// **Units**: bytes.
pub const MAX_UNDECODED_OF_OWN: usize = 2 * MAX_MESSAGE;
/// As much of all others; where no own peer is known, theirs is both.
///
/// **Units**: bytes.
pub const MAX_UNDECODED_OF_OTHERS: usize = MAX_MESSAGE;
/// How long a message may take once it has begun, before any of it has come.
pub const MESSAGE: Duration = Duration::from_secs(20);
/// What it may take longer for what has come: the largest message has two minutes.
pub const MESSAGE_BYTES_PER_SECOND: usize = 1024 * 1024;

/// Most arguments of a call; its transient map and its input together are as many. An empty one is
/// two bytes in a message and many more in memory.
pub const MAX_ARGUMENTS: usize = 4096;

/// The largest message of calls whose arguments and transient map have at most so many bytes.
///
/// A peer passes arguments on twice, decoded and in the signed proposal, and the transient map
/// once. The rest is for what surrounds them: certificate, names, signature.
pub const fn message_of(max_call_bytes: usize) -> usize {
    2 * max_call_bytes + 64 * 1024
}

//! A Fabric chaincode as a service: peers connect by mutual TLS and send transactions; every read
//! and write of a transaction goes back to its peer.
//!
//! A chaincode implements [`Invoke`] and reaches the ledger by [`PeerLedger`]. [`bind`] takes a
//! listener and certificates ([`Serving`]), [`Bound::serve`] serves until it is asked to end, and
//! [`program::run`] is both with options, logging and signals. Sources of the protocol: Fabric's
//! chaincode messages and its chaincode-as-a-service documentation.
//!
//! Where a peer takes them so, writes go to it together (Fabric 3.1 and later), and what it says of
//! them may come with a later call, or when the chaincode has returned.
//!
//! A refusal is an ERROR message and never an answer with a failing status, because a peer would
//! still distribute the private data of such an answer. Calls that take whole cores wait their
//! turn, what waits has a bound, and a proposal far from this machine's clock is refused.
//!
//! ```
//! use medveil_shim::{Invoke, PeerLedger, Refusal, Space};
//!
//! /// Keeps one word.
//! struct Word;
//!
//! impl Invoke for Word {
//!     async fn invoke(&self, ledger: &mut PeerLedger, args: &[Vec<u8>]) -> Result<Vec<u8>, Refusal> {
//!         match args {
//!             [call] if call == b"get" => Ok(ledger.get(Space::PUBLIC, "word").await?.unwrap_or_default()),
//!             [call, word] if call == b"put" => Ok(ledger.put(Space::PUBLIC, "word", word.clone()).await.map(|()| Vec::new())?),
//!             _ => Err(Refusal::bad_input("expected get, or put and a word")),
//!         }
//!     }
//! }
//! ```

mod batch;
mod composite;
mod connections;
mod crowd;
mod door;
mod handler;
mod invoke;
mod ledger;
mod limits;
pub mod log_lines;
mod messages;
mod metrics;
mod operations;
mod places;
pub mod program;
mod refusal;
mod run;
mod server;
mod service;
mod shared;
mod state;
mod stream;
mod tls;
mod transaction;

pub use composite::{BadPart, composite_key, composite_range, split_composite_key};
pub use invoke::Invoke;
pub use ledger::{PeerError, PeerLedger, RangePage, Space};
pub use limits::{
    FREE_BYTES, HANDSHAKE, IDLE, MAX_ARGUMENTS, MAX_CONNECTIONS, MAX_HANDSHAKES, MAX_MESSAGE,
    MAX_OPERATIONS, MAX_RUNNING, MAX_STREAMS, MAX_THREADS, MAX_UNDECODED_OF_A_CONNECTION,
    MAX_UNDECODED_OF_OTHERS, MAX_UNDECODED_OF_OWN, MAX_WAITING_BYTES, MESSAGE,
    MESSAGE_BYTES_PER_SECOND, OPERATIONS, OWN_CONNECTIONS, REPLY, STREAM_WINDOW, TIME_WINDOW_MS,
    message_of,
};
pub use operations::{LogError, LogHandle, start_logging};
pub use refusal::Refusal;
pub use server::{Bound, Build, Serving, ShimError, bind};
pub use tls::{Tls, TlsError};
pub use transaction::{Creator, Transaction};

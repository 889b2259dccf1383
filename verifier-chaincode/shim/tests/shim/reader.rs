//! A chaincode that reads keys.

use medveil_shim::{Invoke, PeerLedger, Refusal, Space, message_of};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// Calls that take a turn at the same time.
pub const TURNS: usize = 16;
/// Most bytes of a call's arguments.
pub const MAX_CALL: usize = 8 << 20;

/// Calls that verify at this moment, and the most that ever did.
pub static VERIFYING: (AtomicUsize, AtomicUsize) = (AtomicUsize::new(0), AtomicUsize::new(0));

/// Answers with the value of the key that its second argument names; `panic` panics, `slow` takes a
/// while, `verify` takes a turn, `hold` reads in its turn, `twice` reads two times, `all` reads keys
/// together; `put` writes keys; `range` reads a page of all keys, `endorsers` asks that nobody endorses
/// a key.
pub struct Reader;

impl Invoke for Reader {
    async fn invoke(&self, ledger: &mut PeerLedger, args: &[Vec<u8>]) -> Result<Vec<u8>, Refusal> {
        let text = |i: usize| {
            args.get(i)
                .and_then(|a| std::str::from_utf8(a).ok())
                .unwrap_or_default()
        };
        match text(0) {
            "panic" => panic!("a fault of the chaincode"),
            "twice" => {}
            "slow" => std::thread::sleep(Duration::from_millis(700)),
            "get" | "hold" => {}
            "all" => {
                let keys: Vec<&str> = (1..args.len()).map(text).collect();
                let found = ledger.get_all(Space::PUBLIC, &keys).await?;
                let missing = |value: Option<Vec<u8>>| value.unwrap_or_else(|| b"-".to_vec());
                return Ok(found.into_iter().flat_map(missing).collect());
            }
            "put" => {
                for at in 1..args.len() {
                    ledger.put(Space::PUBLIC, text(at), b"v".to_vec()).await?;
                }
                return Ok(b"put".to_vec());
            }
            "range" => {
                let page = ledger.range(Space::PUBLIC, ("", ""), 10, "").await?;
                return Ok(page.bookmark.into_bytes());
            }
            "endorsers" => {
                ledger.set_endorsers(Space::PUBLIC, text(1), &[]).await?;
                return Ok(Vec::new());
            }
            "verify" => {
                let now = VERIFYING.0.fetch_add(1, Ordering::SeqCst) + 1;
                VERIFYING.1.fetch_max(now, Ordering::SeqCst);
                std::thread::sleep(Duration::from_millis(20));
                VERIFYING.0.fetch_sub(1, Ordering::SeqCst);
                return Ok(Vec::new());
            }
            _ => {
                return Err(Refusal::bad_input("expected get, slow or panic"));
            }
        }
        let key = text(1);
        if key.is_empty() {
            return Err(Refusal::bad_input("expected a key"));
        }
        if text(0) == "twice" {
            ledger.get(Space::PUBLIC, key).await?;
        }
        Ok(ledger.get(Space::PUBLIC, key).await?.unwrap_or_default())
    }

    fn needs_turn(&self, name: &[u8]) -> bool {
        name == b"verify" || name == b"hold"
    }

    fn turns(&self) -> usize {
        TURNS
    }

    fn max_message(&self) -> usize {
        message_of(MAX_CALL)
    }

    fn names(&self) -> &'static [&'static [&'static str]] {
        &[&["get", "slow", "panic", "verify"]]
    }

    fn metadata(&self) -> Vec<u8> {
        b"{}".to_vec()
    }
}

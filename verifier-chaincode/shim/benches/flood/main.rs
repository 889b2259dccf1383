//! The service under a thousand hostile connections: what memory its process takes, and how long an
//! organisation's own peer waits. Prints a table in Markdown.
//!
//! The service and the hostile connections each run in a process of their own: this program, started
//! again. The latter come back a second after they were ended. Memory and sockets are read from
//! `/proc`, so that elsewhere than on Linux they are not told.
#![allow(clippy::unwrap_used)]

#[allow(dead_code)]
#[path = "../../tests/shim/authority.rs"]
mod authority;
mod child;
mod endless;
mod hostile;
#[allow(dead_code)]
#[path = "../../tests/shim/peer.rs"]
mod peer;
mod served;

use authority::Authority;
use fabric_shim_protos::peer::ChaincodeMessage;
use fabric_shim_protos::peer::chaincode_message::Type;
use hostile::Kind;
use peer::Peer;
use rustix::process::{Resource, getrlimit, setrlimit};
use served::Served;
use std::io::Write;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

/// What the peer measures in each row.
struct Sizes {
    hostile: usize,
    /// Before the first measurement.
    warm_up: Duration,
    rounds: usize,
}

const FULL: Sizes = Sizes {
    hostile: 1000,
    warm_up: Duration::from_secs(5),
    rounds: 30,
};
/// Once through, where benches are tests.
const QUICK: Sizes = Sizes {
    hostile: 40,
    warm_up: Duration::from_millis(500),
    rounds: 2,
};

fn main() {
    // Each connection is a file.
    let mut files = getrlimit(Resource::Nofile);
    files.current = files.maximum;
    setrlimit(Resource::Nofile, files).unwrap();
    match child::part().as_deref() {
        Some("served") => return served::serve(),
        Some(_) => return hostile::come(),
        None => {}
    }
    let is_test = std::env::args().any(|arg| arg == "--test");
    let sizes = if is_test { QUICK } else { FULL };
    print(&format!(
        "{} hostile connections; milliseconds of the own peer, median and longest of {}\n",
        sizes.hostile, sizes.rounds
    ));
    print(
        "| hostile connections | own peer known | sockets | memory, MiB | at most | connect and call | call |",
    );
    print("|---|---|---|---|---|---|---|");
    let runtime = Runtime::new().unwrap();
    for kind in Kind::ALL {
        for knows_peer in [true, false] {
            runtime.block_on(row(kind, knows_peer, &sizes));
        }
    }
}

fn print(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").unwrap();
}

async fn row(kind: Kind, knows_peer: bool, sizes: &Sizes) {
    let authority = Authority::new();
    let (own, rests) = (authority.issue("peer"), authority.issue("peer"));
    let both = format!("{}{}", own.0, rests.0);
    let served = Served::start(&authority, knows_peer.then_some(both));
    // It comes before all others, and stays.
    let mut resting = connected(&served, &rests).await.unwrap();
    let _hostile = hostile::begin(kind, sizes.hostile, &served, &authority);
    tokio::time::sleep(sizes.warm_up).await;
    let (mut connects, mut calls) = (Vec::new(), Vec::new());
    for round in 0..sizes.rounds {
        let begun = Instant::now();
        let peer = connected(&served, &own).await;
        if let Some(mut peer) = peer {
            peer.works("first").await;
            connects.push(begun.elapsed());
        }
        let begun = Instant::now();
        resting.works(&format!("t{round}")).await;
        calls.push(begun.elapsed());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let (now, most) = served.memory();
    print(&format!(
        "| {} | {} | {} | {now} | {most} | {} | {} |",
        kind.name(),
        if knows_peer { "yes" } else { "no" },
        served.n_sockets(),
        told(connects, sizes.rounds),
        told(calls, sizes.rounds),
    ));
}

/// The median and the longest, in milliseconds, and how many were turned away.
fn told(mut times: Vec<Duration>, rounds: usize) -> String {
    times.sort();
    let refused = rounds - times.len();
    if refused > 0 {
        return format!("{refused} of {rounds} turned away");
    }
    let ms = |time: Option<&Duration>| time.map_or(0.0, |t| t.as_secs_f64() * 1e3);
    let (median, longest) = (times.get(times.len() / 2), times.last());
    format!("{:.1}, {:.1}", ms(median), ms(longest))
}

/// A peer that has registered; none where it was turned away.
async fn connected(served: &Served, identity: &(String, String)) -> Option<Peer> {
    let channel = hostile::channel(served, identity).await.ok()?;
    let mut peer = Peer::connect(channel).await.ok()?;
    assert_eq!(peer.next().await.r#type(), Type::Register);
    for kind in [Type::Registered, Type::Ready] {
        peer.send(ChaincodeMessage {
            r#type: kind.into(),
            ..ChaincodeMessage::default()
        })
        .await;
    }
    Some(peer)
}

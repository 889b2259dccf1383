//! A relay before every peer and orderer. Everything that one process of the network, or a client,
//! says to another goes through it, so that the network can be cut between any of them without
//! rights over the machine.
//!
//! Who called is what the system says of the caller's end: the process that has the socket.

use anyhow::{Context, Result};
use medveil_fabric_net::{Layout, NetState};
use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;

/// The name of every caller that is no process of the network.
pub const CLIENT: &str = "client";

/// A network in two parts that hear nothing of each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// Processes of one part; all others, and the clients, are the other.
    pub inside: BTreeSet<String>,
    /// Whether clients reach both parts.
    pub spares_clients: bool,
    /// Whether connections end; else bytes wait, as they do where packets are lost.
    pub resets: bool,
}

impl Cut {
    fn parts(&self, from: &str, to: &str) -> bool {
        let spared = self.spares_clients && from == CLIENT;
        !spared && self.inside.contains(from) != self.inside.contains(to)
    }
}

type Watched = watch::Receiver<Option<Cut>>;

/// Times that something was held up by a cut.
static HELD: AtomicU64 = AtomicU64::new(0);

/// The relays of a network; they end with this.
pub struct Relays {
    cut: watch::Sender<Option<Cut>>,
    _runtime: Runtime,
}

impl Relays {
    /// Relays of a network that is about to start.
    ///
    /// **Errors**: a port is taken.
    pub fn new(layout: &Layout) -> Result<Self> {
        let state = NetState::read(layout)?;
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()?;
        let (cut, watched) = watch::channel(None);
        let layout = Arc::new(layout.clone());
        let orderers = state.orderers.iter().enumerate();
        let orderers = orderers.map(|(i, o)| (format!("orderer{i}"), o.port, o.own_port()));
        let peers = state.orgs.iter();
        let peers = peers.map(|o| (format!("peer-{}", o.msp_id), o.peer_port, o.own_port()));
        for (name, port, own) in orderers.chain(peers) {
            let listener = runtime
                .block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, port)))
                .with_context(|| format!("the relay before {name}, port {port}"))?;
            let (layout, watched) = (layout.clone(), watched.clone());
            runtime.spawn(accept(listener, Arc::new(name), own, layout, watched));
        }
        Ok(Relays {
            cut,
            _runtime: runtime,
        })
    }

    /// Cuts the network, or joins it again; gives how often something was held up by the cut until
    /// now.
    pub fn cut(&self, cut: Option<Cut>) -> u64 {
        self.cut.send_replace(cut);
        HELD.swap(0, Ordering::Relaxed)
    }
}

async fn accept(
    listener: TcpListener,
    to: Arc<String>,
    own: u16,
    layout: Arc<Layout>,
    cut: Watched,
) {
    while let Ok((stream, caller)) = listener.accept().await {
        let (to, layout, cut) = (to.clone(), layout.clone(), cut.clone());
        tokio::spawn(async move {
            let found = tokio::task::spawn_blocking(move || caller_of(&layout, caller)).await;
            let from = found.unwrap_or_else(|_| CLIENT.to_owned());
            // Whichever end goes, so does the other: nothing is left to say.
            let _ = relay(stream, &from, &to, own, cut).await;
        });
    }
}

async fn relay(
    caller: TcpStream,
    from: &str,
    to: &str,
    own: u16,
    mut cut: Watched,
) -> std::io::Result<()> {
    pass(&mut cut, from, to).await?;
    let called = TcpStream::connect((Ipv4Addr::LOCALHOST, own)).await?;
    caller.set_nodelay(true)?;
    called.set_nodelay(true)?;
    let (read_caller, write_caller) = caller.into_split();
    let (read_called, write_called) = called.into_split();
    tokio::select! {
        there = pump(read_caller, write_called, from, to, cut.clone()) => there,
        back = pump(read_called, write_caller, from, to, cut.clone()) => back,
    }
}

/// Carries bytes one way while the network is whole.
async fn pump(
    mut read: impl AsyncRead + Unpin,
    mut write: impl AsyncWrite + Unpin,
    from: &str,
    to: &str,
    mut cut: Watched,
) -> std::io::Result<()> {
    let mut bytes = vec![0; 64 << 10];
    loop {
        let n = tokio::select! {
            n = read.read(&mut bytes) => n?,
            _ = cut.changed() => {
                pass(&mut cut, from, to).await?;
                continue;
            }
        };
        pass(&mut cut, from, to).await?;
        if n == 0 {
            return write.shutdown().await;
        }
        write.write_all(&bytes[..n]).await?;
    }
}

/// Waits while the two are apart.
///
/// **Errors**: they are, by a cut that ends connections; or the relays end.
async fn pass(cut: &mut Watched, from: &str, to: &str) -> std::io::Result<()> {
    let broken = || std::io::Error::from(std::io::ErrorKind::ConnectionReset);
    loop {
        let resets = match &*cut.borrow_and_update() {
            Some(cut) if cut.parts(from, to) => cut.resets,
            _ => return Ok(()),
        };
        HELD.fetch_add(1, Ordering::Relaxed);
        if resets || cut.changed().await.is_err() {
            return Err(broken());
        }
    }
}

/// The process of the network at the other end of a connection.
fn caller_of(layout: &Layout, caller: SocketAddr) -> String {
    let socket = socket_at(caller.port());
    let state = NetState::read(layout).ok();
    let processes = state.map(|s| s.processes()).unwrap_or_default();
    let has = |pid: i32| {
        let open = std::fs::read_dir(format!("/proc/{pid}/fd"));
        let mut open = open.into_iter().flatten().flatten();
        open.any(|e| std::fs::read_link(e.path()).ok().as_deref() == socket.as_deref())
    };
    let found = processes
        .into_iter()
        .filter(|_| socket.is_some())
        .find(|(_, running, _)| running.is_some_and(|r| has(r.pid)));
    found.map_or_else(|| CLIENT.to_owned(), |(name, ..)| name)
}

/// The socket whose own port is this one and that is connected, as a process's folder names it.
fn socket_at(port: u16) -> Option<std::path::PathBuf> {
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"];
    let texts = tables.map(|t| std::fs::read_to_string(t).unwrap_or_default());
    let mut lines = texts.iter().flat_map(|text| text.lines());
    lines.find_map(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let (local, state, socket) = (fields.get(1)?, fields.get(3)?, fields.get(9)?);
        let own = u16::from_str_radix(local.rsplit_once(':')?.1, 16).ok()?;
        (own == port && *state == "01").then(|| format!("socket:[{socket}]").into())
    })
}

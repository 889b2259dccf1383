//! The service in a process of its own, so that its memory is nobody else's.

use super::authority::Authority;
use super::child::{self, Running};
use super::peer::NOW_MS;
use medveil_shim::{Build, Invoke, PeerLedger, Refusal, Serving, Space, Tls, bind, message_of};
use serde::{Deserialize, Serialize};
use std::future::pending;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

/// A chaincode that reads one key.
struct Reader;

impl Invoke for Reader {
    async fn invoke(&self, ledger: &mut PeerLedger, args: &[Vec<u8>]) -> Result<Vec<u8>, Refusal> {
        let key = args.get(1).and_then(|key| std::str::from_utf8(key).ok());
        let value = ledger.get(Space::PUBLIC, key.unwrap_or("key")).await?;
        Ok(value.unwrap_or_default())
    }

    fn max_message(&self) -> usize {
        message_of(8 << 20)
    }

    fn names(&self) -> &'static [&'static [&'static str]] {
        &[&["get"]]
    }

    fn metadata(&self) -> Vec<u8> {
        b"{}".to_vec()
    }
}

/// What the service is told.
#[derive(Deserialize, Serialize)]
struct Told {
    address: SocketAddr,
    certificate: String,
    key: String,
    authority: String,
    own: Option<String>,
}

/// Serves, in a process that was started for it.
pub fn serve() {
    let told: Told = child::told();
    let serving = Serving {
        address: told.address,
        package_id: "flood:hash".into(),
        build: Build {
            prefix: "flood",
            version: "",
            digest: "",
        },
        tls: Tls {
            certificate: told.certificate.into(),
            key: told.key.into(),
            client_authority: told.authority.into(),
            own_peers: told.own.map(String::into_bytes),
        },
        now_ms: Some(|| NOW_MS),
        micros: || 0,
        operations: None,
        log: None,
    };
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let bound = bind(serving, Arc::new(Reader)).await.unwrap();
        bound.serve(pending()).await.unwrap();
    });
}

/// A service that runs until this is dropped.
pub struct Served {
    pub address: SocketAddr,
    /// The authority's certificate, PEM.
    pub authority: String,
    process: Running,
}

impl Served {
    pub fn start(authority: &Authority, own: Option<String>) -> Self {
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = free.local_addr().unwrap();
        drop(free);
        let (certificate, key) = authority.issue("peer");
        let told = Told {
            address,
            certificate,
            key,
            authority: authority.pem(),
            own,
        };
        let process = Running::start("served", &told);
        while std::net::TcpStream::connect(address).is_err() {
            std::thread::sleep(Duration::from_millis(20));
        }
        Served {
            address,
            authority: authority.pem(),
            process,
        }
    }

    /// Its sockets: the listener, the peer, and hostile connections that it keeps.
    pub fn n_sockets(&self) -> usize {
        let files = std::fs::read_dir(format!("/proc/{}/fd", self.process.id()));
        let links = files.into_iter().flatten().flatten();
        let links = links.filter_map(|file| std::fs::read_link(file.path()).ok());
        links
            .filter(|to| to.to_string_lossy().starts_with("socket:"))
            .count()
    }

    /// What it takes now, and took at most, in MiB.
    pub fn memory(&self) -> (String, String) {
        let status = format!("/proc/{}/status", self.process.id());
        let status = std::fs::read_to_string(status).unwrap_or_default();
        let mib = |name: &str| {
            let line = status.lines().find(|line| line.starts_with(name));
            let kib = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
            kib.map_or("-".to_owned(), |kib| (kib / 1024).to_string())
        };
        (mib("VmRSS:"), mib("VmHWM:"))
    }
}

//! Ports of a network: below those that the system gives to connections, so that no client's own
//! end takes one while its process is down.

use crate::error::NetError;
use sha2::{Digest, Sha256};
use std::net::{Ipv4Addr, TcpListener};
use std::ops::Range;
use std::path::Path;

/// Below it are ports that programs of a machine are known by.
const FIRST: u16 = 10_000;
/// Where the system does not say, what Linux ships with.
const EPHEMERAL: Range<u16> = 32_768..61_000;

fn bind(port: u16) -> std::io::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port))
}

/// Ports that nobody listens on now and that are not among those `taken`; all are held until all
/// are known, so none is given twice.
///
/// **Errors**: there are not as many.
pub(crate) fn free(n: usize, root: &Path, taken: &[u16]) -> Result<Vec<u16>, NetError> {
    let range = range(
        &std::fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").unwrap_or_default(),
    );
    let width = range.end - range.start;
    // Networks that are made at the same time look in different places.
    let digest = Sha256::digest(
        [
            root.as_os_str().as_encoded_bytes(),
            &std::process::id().to_le_bytes(),
        ]
        .concat(),
    );
    let from = u16::from_le_bytes([digest[0], digest[1]]) % width;
    let candidates = (from..width)
        .chain(0..from)
        .map(|offset| range.start + offset)
        .filter(|port| !taken.contains(port));
    let held: Vec<(u16, TcpListener)> = candidates
        .filter_map(|port| Some((port, bind(port).ok()?)))
        .take(n)
        .collect();
    if held.len() < n {
        return Err(NetError::Input(format!(
            "expected {n} free ports from {} to {}, got {}",
            range.start,
            range.end,
            held.len()
        )));
    }
    Ok(held.into_iter().map(|(port, _)| port).collect())
}

/// The wider of what lies below and above the ports that the system gives out itself.
fn range(told: &str) -> Range<u16> {
    let mut numbers = told
        .split_whitespace()
        .filter_map(|n| n.parse::<u16>().ok());
    let given = match (numbers.next(), numbers.next()) {
        (Some(first), Some(last)) if first < last => first..last,
        _ => EPHEMERAL,
    };
    let (below, above) = (
        FIRST..given.start.max(FIRST),
        given.end.saturating_add(1)..u16::MAX,
    );
    match (below.len(), above.len()) {
        // Everything is given out: then these are as good as any.
        (0, 0) => FIRST..u16::MAX,
        (low, high) if low >= high => below,
        _ => above,
    }
}

/// Refuses to start a process where another program listens on one of its ports.
///
/// **Errors**: one is in use.
pub(crate) fn check_free(name: &str, ports: &[u16]) -> Result<(), NetError> {
    let taken = ports
        .iter()
        .find(|port| bind(**port).is_err_and(|e| e.kind() == std::io::ErrorKind::AddrInUse));
    match taken {
        Some(port) => Err(NetError::Input(format!(
            "port {port} of {name} is taken by another program: end it, or make another network"
        ))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_lie_outside_what_the_system_gives_out_and_a_taken_one_is_named() {
        assert_eq!(range("32768\t60999\n"), 10_000..32_768);
        assert_eq!(range("1024 60999"), 61_000..65_535);
        assert_eq!(range("nothing"), 10_000..32_768);
        assert_eq!(range("1024 65535"), 10_000..65_535);
        let found = free(3, Path::new("/net"), &[]).expect("ports");
        let others = free(3, Path::new("/net"), &found).expect("other ports");
        assert!(found.iter().all(|port| !others.contains(port)));
        let _held = bind(found[0]).expect("a listener");
        let said = check_free("orderer0", &found)
            .expect_err("taken")
            .to_string();
        assert!(
            said.contains(&format!("port {} of orderer0", found[0])),
            "{said}"
        );
    }
}

//! Ports of a network: below those that the system gives to connections, so that no client's own
//! end takes one while its process is down.

use crate::error::InputError;
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
pub(crate) fn free(n: usize, root: &Path, taken: &[u16]) -> Result<Vec<u16>, InputError> {
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
        return Err(InputError::NoPorts {
            wanted: n,
            first: range.start,
            end: range.end,
            found: held.len(),
        });
    }
    Ok(held.into_iter().map(|(port, _)| port).collect())
}

/// The wider of what lies below and above the ports that the system gives out itself.
fn range(given_out: &str) -> Range<u16> {
    let mut numbers = given_out
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
pub(crate) fn check_free(name: &str, ports: &[u16]) -> Result<(), InputError> {
    let taken = ports
        .iter()
        .find(|port| bind(**port).is_err_and(|e| e.kind() == std::io::ErrorKind::AddrInUse));
    match taken {
        Some(port) => Err(InputError::PortTaken {
            port: *port,
            process: name.to_owned(),
        }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;

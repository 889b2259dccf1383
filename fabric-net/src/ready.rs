//! When something is ready: polled, with a limit.

use crate::error::{At, NetError};
use crate::process::Running;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::time::{Duration, Instant};

const EVERY: Duration = Duration::from_millis(25);
/// Nothing here takes longer on a machine that works.
const LIMIT: Duration = Duration::from_secs(90);
/// How much of a dead process's log goes into the error, in bytes.
const TAIL: usize = 800;

/// Polls until it holds while the process that it depends on lives.
///
/// **Errors**: the process ended, with the end of its log; or it does not hold within the limit.
pub(crate) fn until(
    what: &str,
    process: Option<Running>,
    log: &Path,
    mut holds: impl FnMut() -> bool,
) -> Result<(), NetError> {
    let begun = Instant::now();
    loop {
        // What holds is asked first: it counts only where the process lives afterwards.
        let holds = holds();
        if process.is_some_and(|p| !p.is_alive()) {
            return Err(NetError::Ended {
                what: what.to_owned(),
                log: log.to_owned(),
                tail: tail(log)?,
            });
        }
        if holds {
            return Ok(());
        }
        if begun.elapsed() > LIMIT {
            return Err(NetError::Timeout {
                what: what.to_owned(),
                seconds: LIMIT.as_secs(),
                log: log.to_owned(),
            });
        }
        std::thread::sleep(EVERY);
    }
}

fn tail(log: &Path) -> Result<String, NetError> {
    let bytes = std::fs::read(log).at(log)?;
    let start = bytes.len().saturating_sub(TAIL);
    Ok(String::from_utf8_lossy(&bytes[start..]).into_owned())
}

fn connect(port: u16) -> Option<TcpStream> {
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    TcpStream::connect_timeout(&address, Duration::from_millis(500)).ok()
}

/// Whether a process listens on all of these ports.
pub(crate) fn listens(process: Option<Running>, ports: &[u16]) -> bool {
    process.is_some_and(|p| ports.iter().all(|port| p.listens(*port)))
}

/// The body of a page of an operations endpoint, where it answers 200.
pub(crate) fn page(port: u16, path: &str) -> Option<String> {
    let mut stream = connect(port)?;
    stream.set_read_timeout(Some(Duration::from_secs(2))).ok()?;
    write!(stream, "GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n").ok()?;
    let mut text = String::new();
    stream.read_to_string(&mut text).ok()?;
    let (head, body) = text.split_once("\r\n\r\n")?;
    head.lines()
        .next()?
        .contains(" 200 ")
        .then(|| body.to_owned())
}

/// The sum of a metric over the lines that hold `label`; none where there is no such line.
pub(crate) fn metric(port: u16, name: &str, label: &str) -> Option<f64> {
    let text = page(port, "/metrics")?;
    let lines = text
        .lines()
        .filter(|l| l.starts_with(name) && l.contains(label));
    let values: Vec<f64> = lines
        .filter_map(|l| l.rsplit(' ').next()?.parse().ok())
        .collect();
    (!values.is_empty()).then(|| values.iter().sum())
}

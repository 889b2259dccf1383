//! A signal that ends a command: said as every other end of it is, with an exit code of its own.
//!
//! Nothing is tidied up: every command goes on from what is there, as after a kill.

use super::error::Failure;
use super::output::Output;
use crate::streams::Shown;

/// Waits for a signal beside the command, on a thread that no work can hold up. A system that
/// refuses the thread ends the process as it always does.
pub fn watch(output: Output, step: &'static str) {
    #[cfg(unix)]
    drop(
        std::thread::Builder::new()
            .name("signals".to_owned())
            .spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_io()
                    .build();
                if runtime.is_ok_and(|runtime| runtime.block_on(signalled())) {
                    std::process::exit(end(output, step));
                }
            }),
    );
    #[cfg(not(unix))]
    let _ = (output, step, end);
}

fn end(output: Output, step: &str) -> i32 {
    let failure = Failure::interrupted(step);
    let said = format!("medveil: {}", failure.words());
    output.give_up(&failure, &Shown::message(&said))
}

/// Waits for one of the signals that ask for an end. Gives whether it came.
#[cfg(unix)]
async fn signalled() -> bool {
    use tokio::signal::unix::{SignalKind, signal};
    let wait = async |kind| match signal(kind) {
        Ok(mut signal) => signal.recv().await.is_some(),
        Err(_) => std::future::pending().await,
    };
    let terminate = wait(SignalKind::terminate());
    if is_ignored(SignalKind::interrupt().as_raw_value()) {
        return terminate.await;
    }
    tokio::select! {
        came = wait(SignalKind::interrupt()) => came,
        came = terminate => came,
    }
}

/// Whether whoever started this process had it ignore a signal, as shells do in the background.
/// Only Linux tells.
#[cfg(unix)]
fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|hex| u64::from_str_radix(hex.trim(), 16).ok());
    mask.is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}

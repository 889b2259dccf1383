//! Clocks that are off: a quarter of an hour is what peers and contracts let pass.

use crate::load::Load;
use crate::network::{Network, program, within};
use crate::visitor::{Off, Visitor};
use crate::{ORGS, inject};
use anyhow::{Context, Result};
use medveil_ledger::SystemClock;
use rand::Rng;
use rand_chacha::ChaCha20Rng;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What puts a process's clock off.
pub const LIBRARY: &str = "libmedveil_clock.so";
const MINUTE_MS: i64 = 60_000;

/// Certificates of a network begin a few minutes before it was made: by a clock that is 14 minutes
/// behind they are none yet.
fn is_young(network: &Network) -> bool {
    network.age() < Duration::from_secs(720)
}

/// A client's clock: 14 minutes off is served, 16 is refused, and what was refused gets through by a
/// clock that is right.
pub fn of_a_client(network: &Network, load: &mut Load) -> Result<Instant> {
    let org = ORGS[0];
    let mut visitor = Visitor::new(network, org, None)?;
    for (number, minutes) in (0..).zip([14, -14, 16, -16]) {
        if minutes == -14 && is_young(network) {
            continue;
        }
        let clock = Arc::new(Off(minutes * MINUTE_MS));
        let when = format!("a client's clock {minutes} minutes off");
        if minutes.abs() < 15 {
            visitor.writes(number, clock, &when)?;
        } else {
            let kind = visitor.is_refused(number, clock, &when)?;
            eprintln!("  {when}: {kind:?}");
            visitor.writes(number, Arc::new(SystemClock), "after the clock was set")?;
        }
    }
    load.also(org, visitor.acknowledged);
    Ok(Instant::now())
}

/// A contract's clock: 14 minutes off, everybody goes on; 16, and the others do.
pub fn of_a_contract(network: &Network, load: &mut Load, rng: &mut ChaCha20Rng) -> Result<Instant> {
    let org = inject::any_org(rng);
    let minutes: i64 = [14, -14, 16, -16][rng.gen_range(0..4)];
    let minutes = if is_young(network) {
        minutes.abs()
    } else {
        minutes
    };
    let right = network.state()?.contract.context("a contract")?.program;
    let library = program(LIBRARY)?;
    let wrong = network.path("contract-off.sh");
    let script = format!(
        "#!/bin/sh\nexec env LD_PRELOAD='{}' MEDVEIL_CLOCK_OFF={} '{}' \"$@\"\n",
        library.display(),
        minutes * 60,
        right.display()
    );
    std::fs::write(&wrong, script)?;
    std::fs::set_permissions(&wrong, PermissionsExt::from_mode(0o700))?;
    network.run_contract(org, &wrong)?;
    if minutes.abs() < 15 {
        load.goes_on()?;
    } else {
        let before = load.total(org);
        load.goes_on_but(org)?;
        std::thread::sleep(Duration::from_millis(within(1000..4000).end));
        let through = load.total(org) - before;
        eprintln!(
            "  contract of {org} {minutes} minutes off: its own clients got {through} through"
        );
    }
    let ended = Instant::now();
    network.run_contract(org, &right)?;
    Ok(ended)
}

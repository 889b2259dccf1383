//! This program, started again for another part: what it is told comes as JSON from its input.

use serde::Serialize;
use serde::de::DeserializeOwned;
use std::process::{Child, Command, Stdio};

/// Names the part.
const PART: &str = "FLOOD_PART";

/// A process that runs until this is dropped.
pub struct Running(Child);

impl Running {
    pub fn start(part: &str, told: &impl Serialize) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .env(PART, part)
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        // It ends here, so that the other side knows that this was all.
        serde_json::to_writer(child.stdin.take().unwrap(), told).unwrap();
        Running(child)
    }

    pub fn id(&self) -> u32 {
        self.0.id()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The part that this process was started for; none where a person started it.
pub fn part() -> Option<String> {
    std::env::var(PART).ok()
}

/// What it was told.
pub fn told<T: DeserializeOwned>() -> T {
    serde_json::from_reader(std::io::stdin()).unwrap()
}

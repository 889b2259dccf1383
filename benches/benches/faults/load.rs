//! The load: a worker's process for each organisation, and what they said.

use crate::network::Network;
use crate::worker::{JOB, Job, Said};
use crate::{LIMIT, ORGS};
use anyhow::{Context, Result, bail};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// What one organisation's workers said so far.
#[derive(Debug)]
pub struct Heard {
    /// Acknowledged and not looked for on the chain yet.
    pub acknowledged: Vec<String>,
    /// How many were, in all.
    pub total: u64,
    /// Failures by their kind.
    pub failures: BTreeMap<String, u64>,
    last_failure: String,
    /// Different answers to the same question.
    pub differs: Vec<String>,
    next: u64,
    last: Instant,
    /// The longest time between two acknowledged writes, since it was asked for.
    stall: Duration,
}

impl Heard {
    fn take(&mut self, said: Said) {
        match said {
            Said::Acknowledged { number, tx_id } => {
                self.acknowledged.push(tx_id);
                self.total += 1;
                self.next = number + 1;
                self.stall = self.stall.max(self.last.elapsed());
                self.last = Instant::now();
            }
            Said::Failed { kind, words } => {
                *self.failures.entry(kind).or_default() += 1;
                self.last_failure = words;
            }
            Said::Differs { number, words } => self.differs.push(format!("{number}: {words}")),
        }
    }
}

struct Worker {
    org: &'static str,
    child: Child,
    reader: Option<JoinHandle<()>>,
    heard: Arc<Mutex<Heard>>,
}

/// Workers of all organisations; they end with this.
pub struct Load {
    job: Job,
    workers: Vec<Worker>,
}

impl Drop for Load {
    fn drop(&mut self) {
        for worker in &mut self.workers {
            let _ = worker.child.kill();
            let _ = worker.child.wait();
        }
    }
}

fn lock(heard: &Mutex<Heard>) -> MutexGuard<'_, Heard> {
    heard.lock().unwrap_or_else(PoisonError::into_inner)
}

fn spawn(job: &Job) -> Result<(Child, ChildStdout)> {
    let mut child = Command::new(std::env::current_exe()?)
        .env(JOB, serde_json::to_string(job)?)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()?;
    let out = child.stdout.take().context("a pipe")?;
    Ok((child, out))
}

fn listen(out: ChildStdout, heard: Arc<Mutex<Heard>>) -> JoinHandle<()> {
    std::thread::spawn(move || {
        for line in BufReader::new(out).lines().map_while(Result::ok) {
            // A line that a kill cut off was not said.
            if let Ok(said) = serde_json::from_str(&line) {
                lock(&heard).take(said);
            }
        }
    })
}

impl Load {
    /// Starts a worker for each organisation.
    ///
    /// **Errors**: nothing is acknowledged within a limit.
    pub fn start(network: &Network) -> Result<Self> {
        let policy = network.path("policy.yaml");
        std::fs::write(&policy, crate::POLICY)?;
        let job = |name: &str| Job {
            org: name.to_owned(),
            home: network.home(name).root().to_owned(),
            passphrase: network.path("passphrase"),
            policy: policy.clone(),
            from: 0,
        };
        let mut load = Load {
            job: job(ORGS[0]),
            workers: Vec::new(),
        };
        for org in ORGS {
            let heard = Arc::new(Mutex::new(Heard {
                acknowledged: Vec::new(),
                total: 0,
                failures: BTreeMap::new(),
                last_failure: String::new(),
                differs: Vec::new(),
                next: 0,
                last: Instant::now(),
                stall: Duration::ZERO,
            }));
            let (child, out) = spawn(&job(org))?;
            load.workers.push(Worker {
                org,
                child,
                reader: Some(listen(out, heard.clone())),
                heard,
            });
        }
        load.goes_on()?;
        Ok(load)
    }

    /// Kills an organisation's worker and starts the next one, from the same home.
    pub fn kill(&mut self, network: &Network, org: &str) -> Result<()> {
        let worker = self.workers.iter_mut().find(|w| w.org == org);
        let worker = worker.with_context(|| format!("no worker of {org}"))?;
        worker.child.kill()?;
        worker.child.wait()?;
        // What it said before it died was said.
        if let Some(reader) = worker.reader.take() {
            let _ = reader.join();
        }
        let job = Job {
            org: org.to_owned(),
            home: network.home(org).root().to_owned(),
            from: lock(&worker.heard).next,
            ..self.job.clone()
        };
        let (child, out) = spawn(&job)?;
        worker.child = child;
        worker.reader = Some(listen(out, worker.heard.clone()));
        Ok(())
    }

    /// Waits until every worker got some more through; gives how long the last one took.
    ///
    /// **Errors**: a worker ended, or nothing gets through within a limit.
    pub fn goes_on(&mut self) -> Result<Duration> {
        self.all_go_on(None)
    }

    fn all_go_on(&mut self, spared: Option<usize>) -> Result<Duration> {
        let begun = Instant::now();
        // The first may have been on its way before.
        let before: Vec<u64> = self.each(|heard| heard.total);
        loop {
            let now: Vec<u64> = self.each(|heard| heard.total);
            let mut pairs = now.iter().zip(&before).enumerate();
            if pairs.all(|(i, (now, before))| Some(i) == spared || *now >= before + 2) {
                return Ok(begun.elapsed());
            }
            for worker in &mut self.workers {
                let (org, ended) = (worker.org, worker.child.try_wait()?);
                if let Some(status) = ended {
                    bail!("the client of {org} ended by itself: {status}");
                }
            }
            if begun.elapsed() > LIMIT {
                let last = self.each(|heard| heard.last_failure.clone());
                bail!("stuck: a client gets nothing through; last failures: {last:#?}");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// As [`Load::goes_on`], but for one organisation.
    pub fn goes_on_but(&mut self, org: &str) -> Result<Duration> {
        let spared = self.workers.iter().position(|w| w.org == org);
        self.all_go_on(spared)
    }

    /// Writes of somebody else's that were acknowledged.
    pub fn also(&self, org: &str, acknowledged: Vec<String>) {
        if let Some(worker) = self.workers.iter().find(|w| w.org == org) {
            lock(&worker.heard).acknowledged.extend(acknowledged);
        }
    }

    /// How many writes an organisation got through so far.
    pub fn total(&self, org: &str) -> u64 {
        let of = self.workers.iter().find(|w| w.org == org);
        of.map_or(0, |w| lock(&w.heard).total)
    }

    /// Forgets how long anybody waited until now.
    pub fn begin(&self) {
        self.each(|heard| heard.stall = Duration::ZERO);
    }

    /// The longest that any organisation waited between two acknowledged writes since then.
    pub fn stall(&self) -> Duration {
        let stalls = self.each(|heard| heard.stall.max(heard.last.elapsed()));
        stalls.into_iter().max().unwrap_or_default()
    }

    /// Does something with what each organisation's workers said.
    pub fn each<T>(&self, mut with: impl FnMut(&mut Heard) -> T) -> Vec<T> {
        self.workers
            .iter()
            .map(|worker| with(&mut lock(&worker.heard)))
            .collect()
    }
}

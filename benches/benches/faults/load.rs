//! The load: a worker's process for each organisation, one that registers datasets and asks for them,
//! and what they said.

use crate::network::Network;
use crate::worker::{JOB, Job, Said};
use crate::{LIMIT, ORGS};
use anyhow::{Context, Result, bail};
use std::collections::{BTreeMap, BTreeSet};
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
    /// Different words of failures.
    pub told: BTreeSet<String>,
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
            Said::Part { tx_id } => self.acknowledged.push(tx_id),
            Said::Acknowledged { number, tx_id } => {
                self.acknowledged.extend(tx_id);
                self.total += 1;
                self.next = number + 1;
                self.stall = self.stall.max(self.last.elapsed());
                self.last = Instant::now();
            }
            Said::Failed { kind, words } => {
                *self.failures.entry(kind).or_default() += 1;
                self.told.insert(words.clone());
                self.last_failure = words;
            }
            Said::Differs { number, words } => self.differs.push(format!("{number}: {words}")),
        }
    }
}

/// Who registers datasets and asks for them; slow, because it proves.
pub const REQUESTS: &str = "requests";

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
    /// Starts a worker for each organisation, and one that proves where that is wanted.
    ///
    /// **Errors**: nothing is acknowledged within a limit.
    pub fn start(network: &Network, with_proofs: bool) -> Result<Self> {
        let policy = network.path("policy.yaml");
        std::fs::write(&policy, crate::POLICY)?;
        let mut load = Load {
            job: Job {
                org: None,
                home: network.home(REQUESTS).root().to_owned(),
                passphrase: network.path("passphrase"),
                policy,
                sources: network.path(REQUESTS),
                from: 0,
            },
            workers: Vec::new(),
        };
        for org in ORGS.into_iter().chain(with_proofs.then_some(REQUESTS)) {
            let heard = Arc::new(Mutex::new(Heard {
                acknowledged: Vec::new(),
                total: 0,
                failures: BTreeMap::new(),
                last_failure: String::new(),
                told: BTreeSet::new(),
                differs: Vec::new(),
                next: 0,
                last: Instant::now(),
                stall: Duration::ZERO,
            }));
            let (child, out) = spawn(&load.job(network, org, 0))?;
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

    fn job(&self, network: &Network, org: &str, from: u64) -> Job {
        Job {
            org: (org != REQUESTS).then(|| org.to_owned()),
            home: network.home(org).root().to_owned(),
            from,
            ..self.job.clone()
        }
    }

    /// Kills an organisation's worker and starts the next one, from the same home.
    pub fn kill(&mut self, network: &Network, org: &str) -> Result<()> {
        let at = self.workers.iter().position(|w| w.org == org);
        let at = at.with_context(|| format!("no worker of {org}"))?;
        let worker = &mut self.workers[at];
        worker.child.kill()?;
        worker.child.wait()?;
        // What it said before it died was said.
        if let Some(reader) = worker.reader.take() {
            let _ = reader.join();
        }
        let from = lock(&worker.heard).next;
        let (child, out) = spawn(&self.job(network, org, from))?;
        let worker = &mut self.workers[at];
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

    /// Those that prove take their time, and are waited for at the end.
    fn all_go_on(&mut self, spared: Option<&str>) -> Result<Duration> {
        let begun = Instant::now();
        // The first may have been on its way before.
        let before: Vec<u64> = self.each(|heard| heard.total);
        loop {
            let through = self.workers.iter().zip(&before).all(|(worker, before)| {
                let is_spared = worker.org == REQUESTS || Some(worker.org) == spared;
                is_spared || lock(&worker.heard).total >= before + 2
            });
            if through {
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
        self.all_go_on(Some(org))
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

    /// Waits until the one that proves got one more through, where there is one.
    ///
    /// **Errors**: it does not within a limit.
    pub fn proves(&mut self) -> Result<()> {
        if !self.workers.iter().any(|w| w.org == REQUESTS) {
            return Ok(());
        }
        let (begun, before) = (Instant::now(), self.total(REQUESTS));
        while self.total(REQUESTS) == before {
            if begun.elapsed() > LIMIT {
                let last = self.each(|heard| heard.last_failure.clone());
                bail!("stuck: no request gets through; last failures: {last:#?}");
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }

    /// Names of all workers.
    pub fn names(&self) -> Vec<&'static str> {
        self.workers.iter().map(|w| w.org).collect()
    }

    /// Forgets how long anybody waited until now.
    pub fn begin(&self) {
        self.each(|heard| heard.stall = Duration::ZERO);
    }

    /// The longest that any organisation waited between two acknowledged writes since then.
    pub fn stall(&self) -> Duration {
        let quick = self.workers.iter().filter(|w| w.org != REQUESTS);
        let stall = |worker: &Worker| {
            let heard = lock(&worker.heard);
            heard.stall.max(heard.last.elapsed())
        };
        quick.map(stall).max().unwrap_or_default()
    }

    /// Does something with what each organisation's workers said.
    pub fn each<T>(&self, mut with: impl FnMut(&mut Heard) -> T) -> Vec<T> {
        self.workers
            .iter()
            .map(|worker| with(&mut lock(&worker.heard)))
            .collect()
    }
}

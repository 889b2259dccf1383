//! A client in a process of its own, which writes one thing after the other and prints what was
//! acknowledged. It is killed at any moment; the next one goes on from the same number, with the same
//! home.

use crate::network::open;
use crate::{org, requests, wait};
use anyhow::{Context, Result};
use medveil_collections_config::MspId;
use medveil_custody::sealing::SealingKey;
use medveil_gateway::classify::Classify;
use medveil_gateway::home::Home;
use medveil_gateway::journey::policy::PutOptions;
use medveil_gateway::journey::{day, keys, policy};
use medveil_gateway::{Kind, Session};
use serde::{Deserialize, Serialize};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long it waits after a failure.
const PAUSE: Duration = Duration::from_millis(200);
/// Every so many writes, the same write is asked for again, and the day is moved.
const AGAIN: u64 = 8;

/// What a worker is started with.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Job {
    /// The organisation for which it writes; none where it registers datasets and asks for them.
    pub org: Option<String>,
    pub home: PathBuf,
    pub passphrase: PathBuf,
    pub policy: PathBuf,
    /// What is registered, where something is.
    pub sources: PathBuf,
    /// The number to go on from.
    pub from: u64,
}

/// A line that it prints.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Said {
    /// The write of this number counts, by this transaction; without one, by several said before.
    Acknowledged { number: u64, tx_id: Option<String> },
    /// A part of what has the next number counts.
    Part { tx_id: String },
    /// It was not acknowledged: the kind of error, and its words.
    Failed { kind: String, words: String },
    /// Asking again gave another answer.
    Differs { number: u64, words: String },
}

impl Said {
    /// Something that is no matter of the network.
    pub fn broken(error: &anyhow::Error) -> Self {
        Said::Failed {
            kind: format!("{:?}", Kind::Internal),
            words: format!("{error:#}"),
        }
    }
}

/// Works until it is killed.
pub fn run(job: &Job) -> Result<()> {
    let session = open(Home::new(&job.home), &job.passphrase)?;
    let me = job.org.as_deref().map(org).transpose()?;
    for number in job.from.. {
        loop {
            let done = match &me {
                Some(me) => write(&session, me, &job.policy, number).map(Some),
                None => requests::one(&session, &job.sources, &job.policy, number).map(|()| None),
            };
            match done {
                Ok(tx_id) => {
                    say(&Said::Acknowledged { number, tx_id })?;
                    break;
                }
                Err(failed) => say(&failed)?,
            }
            std::thread::sleep(PAUSE);
        }
        if let Some(me) = me.as_ref().filter(|_| number.is_multiple_of(AGAIN)) {
            ask_again(&session, me, &job.policy, number)?;
        }
    }
    Ok(())
}

pub fn say(said: &Said) -> Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", serde_json::to_string(said)?)?;
    Ok(out.flush()?)
}

pub fn failed(error: &(impl Classify + ?Sized)) -> Said {
    Said::Failed {
        kind: format!("{:?}", error.kind()),
        words: chain(error),
    }
}

/// An error with its sources.
fn chain(error: &(impl std::error::Error + ?Sized)) -> String {
    let mut words = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        words = format!("{words}: {error}");
        source = error.source();
    }
    words
}

/// Hospitals put policies, each for a dataset of its own; others publish keys.
fn write(session: &Session, me: &MspId, file: &Path, number: u64) -> Result<String, Said> {
    let tx_id = if me.as_str().starts_with("Hospital") {
        let dataset = &format!("load-{number}");
        let options = PutOptions {
            dataset,
            future: true,
        };
        let put = wait(policy::put(session, me, file, options)).map_err(|e| failed(&e))?;
        put.transaction.tx_id
    } else {
        let publish = |which| wait(keys::publish(session, me, which)).map_err(|e| failed(&e));
        let first = publish(keys::Publication::Any)?;
        let key = hex::decode(&first.key).ok();
        let key = key.and_then(|key| SealingKey::from_bytes(&key).ok());
        let key = key.context("an answer with a key");
        let key = key.map_err(|e| Said::broken(&e))?;
        let published = publish(keys::Publication::Replacing(key))?;
        // The vault holds a key more each time: some a second are enough.
        std::thread::sleep(PAUSE);
        published.transaction.and_then(|t| t.tx_id)
    };
    let tx_id = tx_id.context("an answer without a transaction");
    tx_id.map_err(|e| Said::broken(&e))
}

/// I5: asking for the same again answers as the first time.
fn ask_again(session: &Session, me: &MspId, file: &Path, number: u64) -> Result<()> {
    // Moving the day is nobody's own write: who is first does it.
    if let Err(e) = wait(day::tick(session, me)) {
        say(&failed(&e))?;
    }
    if !me.as_str().starts_with("Hospital") {
        return Ok(());
    }
    let ask = || write(session, me, file, number);
    if let (Ok(first), Ok(second)) = (ask(), ask())
        && first != second
    {
        let words = format!("first {first}, then {second}");
        say(&Said::Differs { number, words })?;
    }
    Ok(())
}

/// The job that the environment holds, where this process is a worker.
pub fn job() -> Result<Option<Job>> {
    let Some(text) = std::env::var_os(JOB) else {
        return Ok(None);
    };
    let text = text.to_str().context("a job as text")?;
    Ok(Some(serde_json::from_str(text)?))
}

/// Variable of a worker's environment that holds its [`Job`].
pub const JOB: &str = "MEDVEIL_FAULTS_JOB";

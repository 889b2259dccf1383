//! Proving for the journeys: the active key of a circuit, progress, and many proofs at once. Proofs
//! are made on the session's pool; the thread that waits for them is free for other tasks.

use super::drafts::Draft;
use super::{ProvingRates, Session, SessionError};
use crate::classify::{Classify, Kind};
use crate::progress::Proofs;
use medveil_circuits::field::Digest;
use medveil_circuits::proof::RawProof;
use medveil_circuits::statement::Synthesize;
use medveil_collections_config::MspId;
use medveil_contract::Code;
use medveil_contract::call::request::GetActiveCircuit;
use medveil_ledger::LedgerError;
use medveil_prover::{KeyStoreError, ProveError, Prover};
use std::time::Instant;

/// Why something could not be proven.
#[derive(Debug, thiserror::Error)]
pub enum ProvingError {
    /// No key of the circuit is active.
    #[error(
        "no key of the circuit {circuit} is active: an administrator runs `medveil circuit propose {name}`, others `circuit approve {name}`, then one `circuit activate {name}`"
    )]
    NotActive { circuit: String, name: &'static str },
    /// The active proving key is not in this home.
    #[error(
        "the proving key of {circuit} is not in this home's key store: `medveil circuit approve {name}` makes development keys, `medveil keys import` takes others"
    )]
    NoKey {
        circuit: String,
        name: &'static str,
        source: KeyStoreError,
    },
    /// The active proving key is there and cannot be used.
    #[error(
        "the proving key of {circuit} cannot be read: remove its file, and `medveil circuit approve {name}` makes a development key again, `medveil keys import` takes others"
    )]
    DamagedKey {
        circuit: String,
        name: &'static str,
        source: KeyStoreError,
    },
    /// The statement is not true, or the engine failed.
    #[error(transparent)]
    Prove(#[from] ProveError),
    /// The thread that proved ended early.
    #[error("proving was stopped")]
    Stopped(#[source] tokio::task::JoinError),
    /// One statement went in and no proof came out.
    #[error("no proof came back")]
    NoProof,
    /// The ledger or the home.
    #[error(transparent)]
    Session(#[from] SessionError),
}

impl Classify for ProvingError {
    fn kind(&self) -> Kind {
        match self {
            ProvingError::NotActive { .. } | ProvingError::NoKey { .. } => Kind::NotFound,
            ProvingError::DamagedKey { source, .. } => source.kind(),
            ProvingError::Prove(ProveError::Statement { .. }) => Kind::Refused,
            ProvingError::Prove(_) | ProvingError::Stopped(_) => Kind::Internal,
            ProvingError::NoProof => Kind::Internal,
            ProvingError::Session(e) => e.kind(),
        }
    }

    fn ledger(&self) -> Option<&LedgerError> {
        match self {
            ProvingError::Session(e) => e.ledger(),
            ProvingError::NotActive { .. }
            | ProvingError::NoKey { .. }
            | ProvingError::DamagedKey { .. }
            | ProvingError::Prove(_)
            | ProvingError::Stopped(_)
            | ProvingError::NoProof => None,
        }
    }
}

/// Statements with their proofs, in the order they came in.
pub struct Proven<S: Synthesize> {
    pub items: Vec<(S::Public, S::Private)>,
    pub proofs: Vec<RawProof>,
}

/// Statements of which some are proven.
struct Made<S: Synthesize> {
    key: Digest,
    draft: Option<Draft>,
    items: Vec<(Option<(S::Public, S::Private)>, Option<RawProof>)>,
}

impl<S: Synthesize> Made<S> {
    /// All statements, with the proofs that the draft has of them.
    fn new(prover: &Prover<S>, draft: Option<Draft>, items: Vec<(S::Public, S::Private)>) -> Self {
        let key = prover.key_digest();
        let with_proof = |item: (S::Public, S::Private)| {
            let kept = draft.as_ref().and_then(|d| d.find::<S>(key, &item.0));
            (Some(item), kept)
        };
        let items = items.into_iter().map(with_proof).collect();
        Made { key, draft, items }
    }

    /// The proofs that are there.
    fn finished_proofs(&self) -> impl Iterator<Item = &RawProof> {
        self.items.iter().filter_map(|(_, proof)| proof.as_ref())
    }

    /// The places of statements without a proof.
    fn missing(&self) -> Vec<usize> {
        let is_missing = |i: &usize| self.items[*i].1.is_none();
        (0..self.items.len()).filter(is_missing).collect()
    }

    /// Takes statements out to be proven.
    fn take(&mut self, places: &[usize]) -> Vec<(S::Public, S::Private)> {
        let items = places.iter().filter_map(|i| self.items[*i].0.take());
        items.collect()
    }

    /// Puts them back with their proofs, which the draft keeps.
    ///
    /// **Errors**: the file system refused.
    fn put(
        &mut self,
        places: &[usize],
        items: Vec<(S::Public, S::Private)>,
        proofs: Vec<RawProof>,
    ) -> Result<(), SessionError> {
        for (place, (item, proof)) in places.iter().zip(items.into_iter().zip(proofs)) {
            if let Some(draft) = &self.draft {
                draft.keep::<S>(self.key, &item.0, &proof)?;
            }
            self.items[*place] = (Some(item), Some(proof));
        }
        Ok(())
    }

    fn finish(self) -> Proven<S> {
        let (items, proofs): (Vec<_>, Vec<_>) = self.items.into_iter().unzip();
        Proven {
            items: items.into_iter().flatten().collect(),
            proofs: proofs.into_iter().flatten().collect(),
        }
    }
}

impl Session {
    /// A prover with the key that the ledger says the circuit uses now.
    ///
    /// **Errors**: the circuit is not active, or its proving key is not in the key store.
    pub async fn prover<S: Synthesize>(&self, org: &MspId) -> Result<Prover<S>, ProvingError> {
        let circuit = S::CIRCUIT.to_string();
        let request = GetActiveCircuit {
            circuit: circuit.clone(),
        };
        let active = match self.ask(org, request).await {
            Err(e) if e.code() == Some(Code::NotFound) => {
                let name = S::CIRCUIT.name;
                return Err(ProvingError::NotActive { circuit, name });
            }
            other => other?,
        };
        self.ledger().release();
        let task = self
            .progress
            .begin(&format!("loading the proving key of {circuit}"), None);
        let keys = self.keys.clone();
        let load = move || Prover::from_store(&keys, active.key);
        let loaded = tokio::task::spawn_blocking(load).await;
        drop(task);
        let loaded = loaded.map_err(ProvingError::Stopped)?;
        let name = S::CIRCUIT.name;
        loaded.map_err(|source| match source {
            KeyStoreError::Missing { .. } | KeyStoreError::Earlier { .. } => ProvingError::NoKey {
                circuit,
                name,
                source,
            },
            source => ProvingError::DamagedKey {
                circuit,
                name,
                source,
            },
        })
    }

    /// Proves all items on the session's pool. Proofs of the draft are used again, and new ones go
    /// into it as they are made. The ledger is free for other processes in the meantime.
    ///
    /// **Errors**: the clause that does not hold, or the file system refused.
    pub async fn prove<S>(
        &self,
        prover: &Prover<S>,
        items: Vec<(S::Public, S::Private)>,
        draft: Option<&Draft>,
        what: &str,
    ) -> Result<Proven<S>, ProvingError>
    where
        S: Synthesize,
        S::Public: 'static,
        S::Private: 'static,
    {
        self.ledger().release();
        let task = self.progress.begin(what, Some(items.len() as u64));
        let (prover, pool, draft) = (prover.clone(), self.pool.clone(), draft.cloned());
        let (mut rng, home) = (self.rng(), self.home.clone());
        let work = move || {
            let mut made = Made::new(&prover, draft, items);
            made.finished_proofs().for_each(|_| task.advance());
            let (missing, begun) = (made.missing(), Instant::now());
            let proven = Proofs(task.as_ref());
            for group in missing.chunks(pool.current_num_threads().max(1)) {
                let items = made.take(group);
                let proofs = prover.prove_many(&items, &pool, &mut rng, &proven)?;
                let proofs = proofs.iter().map(|proof| proof.raw().clone());
                made.put(group, items, proofs.collect())?;
            }
            ProvingRates::note(&home, S::CIRCUIT, missing.len(), begun.elapsed());
            Ok(made.finish())
        };
        let done = tokio::task::spawn_blocking(work).await;
        done.map_err(ProvingError::Stopped)?
    }

    /// Proves one statement.
    ///
    /// **Errors**: as [`Session::prove`].
    pub async fn prove_one<S>(
        &self,
        org: &MspId,
        item: (S::Public, S::Private),
        what: &str,
    ) -> Result<RawProof, ProvingError>
    where
        S: Synthesize,
        S::Public: 'static,
        S::Private: 'static,
    {
        let prover = self.prover::<S>(org).await?;
        let proven = self.prove(&prover, vec![item], None, what).await?;
        let mut proofs = proven.proofs.into_iter();
        proofs.next().ok_or(ProvingError::NoProof)
    }
}

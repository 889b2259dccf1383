//! Proofs of statements that come one after the other: none is kept once it is proven.
//!
//! **Memory**: the statements of one portion and of one group, a group being as many as the pool has
//! threads; and all proofs.

use super::Session;
use super::drafts::Draft;
use super::proving::ProvingError;
use super::rates::ProvingRates;
use crate::progress::{Proofs, Task};
use medveil_circuits::field::Digest;
use medveil_circuits::proof::RawProof;
use medveil_circuits::statement::{Statement, Synthesize};
use medveil_prover::Prover;
use rand::{CryptoRng, RngCore};
use rayon::ThreadPool;
use std::time::{Duration, Instant};

/// An instance and its witness.
pub type Item<S> = (<S as Statement>::Public, <S as Statement>::Private);

/// Gives statements in portions, in the order of their proofs.
pub trait Portions<S: Synthesize> {
    type Error: From<ProvingError>;

    /// The next statements; none where there are no more.
    ///
    /// **Errors**: they cannot be made.
    fn next_portion(&mut self) -> Result<Option<Vec<Item<S>>>, Self::Error>;
}

/// Proofs so far, and the statements that wait for their group.
struct Stream<'a, S: Synthesize> {
    prover: &'a Prover<S>,
    pool: &'a ThreadPool,
    draft: &'a Draft,
    key: Digest,
    task: &'a dyn Task,
    proofs: Vec<Option<RawProof>>,
    places: Vec<usize>,
    waiting: Vec<Item<S>>,
    /// How many proofs were made, and how long that took.
    made: (usize, Duration),
}

impl<S: Synthesize> Stream<'_, S> {
    /// Takes a statement; proves it with others, unless the draft has its proof.
    fn take(
        &mut self,
        item: Item<S>,
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Result<(), ProvingError> {
        let kept = self.draft.find::<S>(self.key, &item.0);
        let place = self.proofs.len();
        let is_kept = kept.is_some();
        self.proofs.push(kept);
        if is_kept {
            self.task.advance();
            return Ok(());
        }
        self.places.push(place);
        self.waiting.push(item);
        match self.waiting.len() >= self.pool.current_num_threads() {
            true => self.prove(rng),
            false => Ok(()),
        }
    }

    /// Proves what waits, and keeps the proofs in the draft.
    fn prove(&mut self, rng: &mut (impl RngCore + CryptoRng)) -> Result<(), ProvingError> {
        let (places, items) = (
            std::mem::take(&mut self.places),
            std::mem::take(&mut self.waiting),
        );
        let (proven, begun) = (Proofs(self.task), Instant::now());
        let proofs = self.prover.prove_many(&items, self.pool, rng, &proven)?;
        self.made.0 += proofs.len();
        self.made.1 += begun.elapsed();
        for (place, (item, proof)) in places.into_iter().zip(items.iter().zip(&proofs)) {
            let proof = proof.raw();
            self.draft.keep::<S>(self.key, &item.0, proof)?;
            if let Some(slot) = self.proofs.get_mut(place) {
                *slot = Some(proof.clone());
            }
        }
        Ok(())
    }
}

impl Session {
    /// Proves `total` statements as they are made. Proofs of the draft are used again, and new ones
    /// go into it as they are made. The ledger is free for other processes in the meantime.
    ///
    /// **Errors**: what the portions say; the clause that does not hold; the file system refused.
    pub async fn prove_portions<S, P>(
        &self,
        prover: &Prover<S>,
        mut portions: P,
        (draft, total, what): (&Draft, u64, &str),
    ) -> Result<(P, Vec<RawProof>), P::Error>
    where
        S: Synthesize,
        S::Public: 'static,
        S::Private: 'static,
        P: Portions<S> + Send + 'static,
        P::Error: Send + 'static,
    {
        self.ledger().release();
        let task = self.progress.begin(what, Some(total));
        let (prover, pool, draft) = (prover.clone(), self.pool.clone(), draft.clone());
        let (mut rng, home) = (self.rng(), self.home.clone());
        let work = move || {
            let mut stream = Stream {
                prover: &prover,
                pool: &pool,
                draft: &draft,
                key: prover.key_digest(),
                task: task.as_ref(),
                proofs: Vec::new(),
                places: Vec::new(),
                waiting: Vec::new(),
                made: (0, Duration::ZERO),
            };
            while let Some(items) = portions.next_portion()? {
                for item in items {
                    stream.take(item, &mut rng)?;
                }
            }
            stream.prove(&mut rng)?;
            ProvingRates::note(&home, S::CIRCUIT, stream.made.0, stream.made.1);
            let proofs = stream.proofs.into_iter().flatten().collect();
            Ok((portions, proofs))
        };
        let done = tokio::task::spawn_blocking(work).await;
        done.map_err(ProvingError::Stopped)?
    }
}

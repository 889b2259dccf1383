//! `RegisterDataset`, `StorePages`: what a holder commits to, and the ciphertext of exactly that.

use crate::call::reply::{DatasetRegistered, PagesStored};
use crate::call::transient::{PAGES, PagesPart};
use crate::call::{RegisterDataset, StorePages};
use crate::contract::Contract;
use crate::contract::effects::Effects;
use crate::contract::view::View;
use crate::error::{Code, ContractError, Refuse, require};
use crate::judge;
use crate::judge::registration::{self, Rebuilt, Registered};
use crate::ledger::Ledger;
use crate::model::{
    CHUNK_BATCH, ChunkRootBatch, DatasetEntry, DatasetSchema, Entry, Known, LineageEntry,
    NamedDataset,
};
use crate::state_key::StateKey;
use borsh::BorshDeserialize;
use medveil_circuits::dataset::layout;
use medveil_circuits::field::{Digest, Felt};
use medveil_circuits::schema::Schema;
use medveil_collections_config::CollectionName;
use std::ops::RangeInclusive;

/// A criterion says something of everybody in the dataset, whose number is public: so many are no
/// fewer than the floor.
fn check_criteria<L: Ledger>(
    view: &View<'_, L>,
    rebuilt: &Rebuilt,
    n_subjects: u64,
) -> Result<(), ContractError> {
    let floor = u64::from(view.consortium().subject_floor());
    let message = format_args!(
        "expected at least {floor} subjects, the consortium's floor, where the schema has inclusion criteria, got {n_subjects}"
    );
    let enough = !rebuilt.has_criteria || n_subjects >= floor;
    require(enough, Code::Refused, "criteria", message)
}

impl Contract {
    pub(super) async fn register_dataset<L: Ledger>(
        &self,
        view: &mut View<'_, L>,
        args: RegisterDataset,
    ) -> Result<Effects, ContractError> {
        let holder = view.caller();
        let collections = &self.config().collections;
        let shared = collections.get(&args.collection).is_some()
            && args.collection != CollectionName::requests()
            && collections.is_member(&args.collection, &holder);
        let message = format_args!(
            "expected a sharing group of {holder}, got {}",
            args.collection
        );
        require(shared, Code::Refused, "collection", message)?;
        let rebuilt = registration::rebuild(view.consortium_id(), &holder, &args)
            .refuse(Code::BadInput, "registration")?;
        check_criteria(view, &rebuilt, args.n_subjects)?;
        let circuit = registration::circuit_of(args.tier).refuse(Code::BadInput, "tier")?;
        let lineage = StateKey::lineage(rebuilt.lineage);
        let segment = StateKey::segment_known(args.segment);
        let keys = StateKey::key_commitment_known(args.key_commitment);
        let circuits = [circuit];
        view.expect_keys(&circuits);
        view.require_free(&lineage, "lineage", "this lineage has a version already")
            .await?;
        view.require_free(&segment, "segment", "this segment id was used already")
            .await?;
        view.require_free(&keys, "segment", "these slot keys were used already")
            .await?;
        let keys = self.active_keys(view, &circuits).await?;
        let circuit =
            registration::verify(&rebuilt, &args, &keys).refuse(Code::Refused, "proof")?;

        let tx_id = view.tx().tx_id.clone();
        let tx = Registered {
            holder: &holder,
            circuit,
            day: view.tx_day(),
            tx_id: &tx_id,
        };
        record(&rebuilt, args, tx)
    }

    pub(super) async fn store_pages<L: Ledger>(
        &self,
        view: &mut View<'_, L>,
        args: StorePages,
    ) -> Result<Effects, ContractError> {
        let dataset: DatasetEntry = view.need(&StateKey::dataset(args.dataset)).await?;
        view.require_holder(&dataset.holder)?;
        view.expect_roots(&dataset, args.first_chunk, args.n_chunks);
        let collection = match args.grant {
            None => dataset.collection.clone(),
            Some(grant) => {
                let request = view.request_and_base(grant).await?;
                view.require_grant(&request).await?;
                require(
                    request.dataset == args.dataset,
                    Code::Refused,
                    "grant",
                    "the grant is for another dataset",
                )?;
                CollectionName::implicit(&request.submitter)
            }
        };
        view.require_peer_is_member(&collection)?;
        let bytes = view.tx().transient.get(PAGES).cloned().unwrap_or_default();
        let part = PagesPart::try_from_slice(&bytes)
            .map_err(|_| ContractError::new(Code::BadInput, "pages", "expected pages"))?;
        self.check_pages(view, &args, &dataset, &part).await?;
        let mut effects = Effects::answering::<StorePages>(&PagesStored {
            dataset: args.dataset,
            chunks: args.n_chunks,
        })?;
        for chunk in &part.chunks {
            effects.put_private(
                collection.clone(),
                StateKey::pages(args.dataset, chunk.chunk),
                chunk.to_entry_bytes(),
            );
        }
        Ok(effects)
    }

    /// That the part holds exactly the named chunks, and each the registered ciphertext.
    async fn check_pages<L: Ledger>(
        &self,
        view: &mut View<'_, L>,
        args: &StorePages,
        dataset: &DatasetEntry,
        part: &PagesPart,
    ) -> Result<(), ContractError> {
        let named: Vec<u32> =
            (args.first_chunk..args.first_chunk.saturating_add(args.n_chunks)).collect();
        let got: Vec<u32> = part.chunks.iter().map(|c| c.chunk).collect();
        let known = named.last().is_some_and(|last| *last < dataset.n_chunks);
        require(
            known && named == got,
            Code::BadInput,
            "pages",
            "expected exactly the chunks that the arguments name",
        )?;
        let schema: DatasetSchema = view.need(&StateKey::dataset_schema(args.dataset)).await?;
        let schema =
            Schema::from_canonical(schema.schema.as_bytes()).refuse(Code::Internal, "schema")?;
        let layout = layout(&schema);
        let roots = self
            .chunk_roots(view, dataset, args.first_chunk, args.n_chunks)
            .await?;
        let reading = dataset.segments.first().map(|segment| segment.reading);
        let reading = reading
            .ok_or_else(|| ContractError::new(Code::Internal, "dataset", "expected a segment"))?;
        for (chunk, root) in part.chunks.iter().zip(roots) {
            judge::reading::check(chunk.chunk, chunk.reading.as_ref(), &schema, reading)
                .refuse(Code::Refused, "pages")?;
            judge::pages::check_chunk(chunk, &layout, usize::from(dataset.tier), root)
                .refuse(Code::Refused, "pages")?;
        }
        Ok(())
    }

    /// Registered chunk roots, by point reads of their batches.
    pub(super) async fn chunk_roots<L: Ledger>(
        &self,
        view: &mut View<'_, L>,
        dataset: &DatasetEntry,
        first: u32,
        n: u32,
    ) -> Result<Vec<Felt>, ContractError> {
        let mut roots = Vec::with_capacity(n as usize);
        view.expect_roots(dataset, first, n);
        for batch in batches(first, n) {
            let key = StateKey::chunk_roots(dataset.root, batch);
            let entry: ChunkRootBatch = view.need(&key).await?;
            roots.extend(entry.roots);
        }
        let start = first as usize % CHUNK_BATCH;
        let range = start..start + n as usize;
        let named = roots.get(range).ok_or_else(|| {
            ContractError::new(Code::Internal, "chunk roots", "expected a complete list")
        })?;
        Ok(named.to_vec())
    }
}

/// The batches that the roots of `n` chunks stand in.
fn batches(first: u32, n: u32) -> RangeInclusive<u32> {
    let (size, end) = (CHUNK_BATCH as u32, first.saturating_add(n));
    first / size..=end.saturating_sub(1) / size
}

impl<L: Ledger> View<'_, L> {
    /// Asks for the roots of chunks that a dataset has with the next question.
    pub(super) fn expect_roots(&mut self, dataset: &DatasetEntry, first: u32, n: u32) {
        if first.saturating_add(n) <= dataset.n_chunks {
            let root = dataset.root;
            self.expect(batches(first, n).map(|batch| StateKey::chunk_roots(root, batch)));
        }
    }
}

/// Everything that a registration writes.
fn record(
    rebuilt: &Rebuilt,
    args: RegisterDataset,
    tx: Registered<'_>,
) -> Result<Effects, ContractError> {
    let lineage = LineageEntry {
        lineage: rebuilt.lineage,
        holder: tx.holder.clone(),
        name: args.lineage.name.clone(),
        nonce: args.lineage.nonce,
        versions: vec![rebuilt.root],
    };
    let mut effects = Effects::answering::<RegisterDataset>(&DatasetRegistered {
        lineage: rebuilt.lineage,
        dataset: rebuilt.root,
    })?;
    effects.put(StateKey::lineage(rebuilt.lineage), &lineage);
    let name = Digest::of(lineage.name.as_bytes());
    let named = NamedDataset {
        lineage: rebuilt.lineage,
    };
    effects.put(StateKey::dataset_name(tx.holder, name), &named);
    effects.put(StateKey::dataset(rebuilt.root), &rebuilt.entry(&args, tx));
    effects.put(
        StateKey::dataset_schema(rebuilt.root),
        &DatasetSchema {
            schema: args.schema,
        },
    );
    for (batch, roots) in (0..).zip(rebuilt.chunk_roots.chunks(CHUNK_BATCH)) {
        effects.put(
            StateKey::chunk_roots(rebuilt.root, batch),
            &ChunkRootBatch {
                roots: roots.to_vec(),
            },
        );
    }
    effects.put(
        StateKey::segment_known(args.segment),
        &Known {
            tx_id: tx.tx_id.to_owned(),
        },
    );
    effects.put(
        StateKey::key_commitment_known(args.key_commitment),
        &Known {
            tx_id: tx.tx_id.to_owned(),
        },
    );
    effects.event("dataset.registered");
    Ok(effects)
}

//! The public state of one organisation: values, private hashes, transaction ids and the head it
//! signed.

use super::database::{Base, StoreError, guarded, guarded_raw, pack, unpack};
use super::reader::Versioned;
use super::updates::{TxRecord, Updates};
use medveil_collections_config::CollectionName;
use medveil_embedded_wire::format::{FormatError, Hash, Head, ValidationCode, decode, encode};
use redb::{ReadOnlyTable, ReadableDatabase, ReadableTable, TableDefinition};
use std::path::{Path, PathBuf};

type Bytes = &'static [u8];
const META: TableDefinition<&str, Bytes> = TableDefinition::new("meta");
const PUBLIC: TableDefinition<&str, Bytes> = TableDefinition::new("public");
const HASHED: TableDefinition<(&str, Bytes), Bytes> = TableDefinition::new("hashed");
const TXS: TableDefinition<&str, Bytes> = TableDefinition::new("transactions");
const CODES: TableDefinition<u64, Bytes> = TableDefinition::new("codes");

/// One organisation's public state on disk.
pub struct StateStore(Base);

impl StateStore {
    /// Opens the file, or makes it. Call [`StateStore::look`] before: this checks no page.
    ///
    /// **Errors**: the database refused.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let base = Base::open(path, |db| {
            let txn = db.begin_write()?;
            txn.open_table(META)?;
            txn.open_table(PUBLIC)?;
            txn.open_table(HASHED)?;
            txn.open_table(TXS)?;
            txn.open_table(CODES)?;
            Ok(txn.commit()?)
        })?;
        Ok(StateStore(base))
    }

    /// Looks at a file that must be there, after every page of it was checked. The file is never
    /// written.
    ///
    /// **Errors**: none there, or damaged.
    pub fn look(path: &Path) -> Result<Self, StoreError> {
        Ok(StateStore(Base::look(path)?))
    }

    /// One committed state, as it is now.
    ///
    /// **Errors**: the database refused.
    pub fn snapshot(&self) -> Result<StateSnapshot, StoreError> {
        let path = self.path().to_owned();
        self.0.run(|db| {
            let txn = db.begin_read()?;
            Ok(StateSnapshot {
                path,
                meta: txn.open_table(META)?,
                public: txn.open_table(PUBLIC)?,
                hashed: txn.open_table(HASHED)?,
                txs: txn.open_table(TXS)?,
                codes: txn.open_table(CODES)?,
            })
        })
    }

    /// Applies the updates of one block and keeps the head, at once or not at all.
    ///
    /// **Errors**: the database refused.
    pub fn apply(&self, updates: &Updates, head: &Head) -> Result<(), StoreError> {
        self.0.run(|db| {
            let txn = db.begin_write()?;
            {
                let mut public = txn.open_table(PUBLIC)?;
                for (key, (version, value)) in &updates.public {
                    public.insert(key.as_str(), pack(*version, value).as_slice())?;
                }
                let mut hashed = txn.open_table(HASHED)?;
                for ((collection, key), (version, value)) in &updates.hashed {
                    hashed.insert(
                        (collection.to_string().as_str(), key.as_slice()),
                        pack(*version, value).as_slice(),
                    )?;
                }
                let mut txs = txn.open_table(TXS)?;
                for (tx_id, record) in &updates.txs {
                    txs.insert(tx_id.as_str(), encode(record).as_slice())?;
                }
                txn.open_table(CODES)?
                    .insert(head.number, encode(&updates.codes).as_slice())?;
                txn.open_table(META)?
                    .insert("head", encode(head).as_slice())?;
            }
            Ok(txn.commit()?)
        })
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }
}

/// One committed state.
pub struct StateSnapshot {
    path: PathBuf,
    meta: ReadOnlyTable<&'static str, Bytes>,
    public: ReadOnlyTable<&'static str, Bytes>,
    hashed: ReadOnlyTable<(&'static str, Bytes), Bytes>,
    txs: ReadOnlyTable<&'static str, Bytes>,
    codes: ReadOnlyTable<u64, Bytes>,
}

impl StateSnapshot {
    /// The head that was kept last; none before the first block.
    ///
    /// **Errors**: the database refused, or the entry is damaged.
    pub fn head(&self) -> Result<Option<Head>, StoreError> {
        guarded(&self.path, || {
            let found = self.meta.get("head").map_err(StoreError::at(&self.path))?;
            found
                .map(|bytes| decode(bytes.value(), "a head").map_err(damage_of("head")))
                .transpose()
        })
    }

    /// Number of blocks applied.
    ///
    /// **Errors**: as `head`.
    pub fn height(&self) -> Result<u64, StoreError> {
        Ok(self.head()?.map_or(0, |head| head.number.saturating_add(1)))
    }

    /// A public value.
    ///
    /// **Errors**: the database refused, or the entry is damaged.
    pub fn public(&self, key: &str) -> Result<Versioned<Vec<u8>>, StoreError> {
        guarded(&self.path, || {
            let found = self.public.get(key).map_err(StoreError::at(&self.path))?;
            let Some(bytes) = found else { return Ok(None) };
            let (version, value) =
                unpack(bytes.value()).ok_or_else(|| StoreError::Damaged(key.to_string()))?;
            Ok(Some((version, value.to_vec())))
        })
    }

    /// The hash of a private value.
    ///
    /// **Errors**: the database refused, or the entry is damaged.
    pub fn private_hash(
        &self,
        collection: &CollectionName,
        key: &Hash,
    ) -> Result<Versioned<Hash>, StoreError> {
        let name = collection.to_string();
        guarded(&self.path, || {
            let found = self
                .hashed
                .get((name.as_str(), key.as_slice()))
                .map_err(StoreError::at(&self.path))?;
            let Some(bytes) = found else { return Ok(None) };
            let entry = unpack(bytes.value())
                .and_then(|(version, hash)| Some((version, Hash::try_from(hash).ok()?)));
            entry
                .map(Some)
                .ok_or_else(|| StoreError::Damaged(format!("{name}/{}", hex::encode(key))))
        })
    }

    /// The hash of every private value: collection, hash of the key, hash of the value.
    ///
    /// **Errors**: the database refused, or an entry is damaged.
    pub fn private_hashes(&self) -> Result<Vec<(String, Hash, Hash)>, StoreError> {
        guarded(&self.path, || {
            let mut hashes = Vec::new();
            for entry in self.hashed.iter().map_err(StoreError::at(&self.path))? {
                let (key, bytes) = entry.map_err(StoreError::at(&self.path))?;
                let (collection, name) = key.value();
                let damaged = || StoreError::Damaged(hashed_name(collection, name));
                let value = unpack(bytes.value()).and_then(|(_, hash)| Hash::try_from(hash).ok());
                let name = Hash::try_from(name).map_err(|_| damaged())?;
                hashes.push((collection.to_owned(), name, value.ok_or_else(damaged)?));
            }
            Ok(hashes)
        })
    }

    /// Up to `limit` public entries from `from` on whose keys start with `prefix`.
    ///
    /// **Errors**: the database refused, or an entry is damaged.
    pub fn range(
        &self,
        prefix: &str,
        from: &str,
        limit: usize,
    ) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        let start = if from > prefix { from } else { prefix };
        guarded(&self.path, || {
            let range = self.public.range(start..);
            let mut entries = Vec::new();
            for entry in range.map_err(StoreError::at(&self.path))?.take(limit) {
                let (key, bytes) = entry.map_err(StoreError::at(&self.path))?;
                if !key.value().starts_with(prefix) {
                    break;
                }
                let (_, value) = unpack(bytes.value())
                    .ok_or_else(|| StoreError::Damaged(key.value().to_string()))?;
                entries.push((key.value().to_string(), value.to_vec()));
            }
            Ok(entries)
        })
    }

    /// Where a transaction stands.
    ///
    /// **Errors**: the database refused, or the entry is damaged.
    pub fn tx(&self, tx_id: &str) -> Result<Option<TxRecord>, StoreError> {
        guarded(&self.path, || {
            let found = self.txs.get(tx_id).map_err(StoreError::at(&self.path))?;
            found
                .map(|bytes| decode(bytes.value(), "a record").map_err(damage_of(tx_id)))
                .transpose()
        })
    }

    /// The verdicts on the transactions of a block; none when it was not applied yet.
    ///
    /// **Errors**: the database refused, or the entry is damaged.
    pub fn codes(&self, block: u64) -> Result<Option<Vec<ValidationCode>>, StoreError> {
        guarded(&self.path, || {
            let found = self.codes.get(block).map_err(StoreError::at(&self.path))?;
            found
                .map(|bytes| decode(bytes.value(), "verdicts").map_err(damage_of("verdicts")))
                .transpose()
        })
    }

    /// Everything, for the auditor.
    ///
    /// **Errors**: the database refused. A damaged entry comes out as it is.
    pub fn dump(&self) -> Result<StateDump, StoreError> {
        guarded_raw(&self.path, || {
            let mut dump = StateDump::default();
            for entry in self.public.iter()? {
                let (key, bytes) = entry?;
                dump.entries
                    .push((public_name(key.value()), bytes.value().to_vec()));
            }
            for entry in self.hashed.iter()? {
                let (key, bytes) = entry?;
                let (collection, hash) = key.value();
                dump.entries
                    .push((hashed_name(collection, hash), bytes.value().to_vec()));
            }
            for entry in self.txs.iter()? {
                let (key, bytes) = entry?;
                dump.entries
                    .push((tx_name(key.value()), bytes.value().to_vec()));
            }
            for entry in self.codes.iter()? {
                let (key, bytes) = entry?;
                dump.entries
                    .push((codes_name(key.value()), bytes.value().to_vec()));
            }
            Ok(dump)
        })
    }
}

/// What the auditor calls a public value.
pub(super) fn public_name(key: &str) -> String {
    format!("state {key}")
}
/// What the auditor calls a private hash.
pub(super) fn hashed_name(collection: &str, key: &[u8]) -> String {
    format!("private hash {collection} {}", hex::encode(key))
}
/// What the auditor calls a transaction id.
pub(super) fn tx_name(tx_id: &str) -> String {
    format!("transaction {tx_id}")
}
/// What the auditor calls the verdicts of a block.
pub(super) fn codes_name(block: u64) -> String {
    format!("verdicts of block {block}")
}

/// Every entry of a state, named.
#[derive(Default)]
pub struct StateDump {
    /// Names and raw bytes.
    pub entries: Vec<(String, Vec<u8>)>,
}

fn damage_of(name: &str) -> impl Fn(FormatError) -> StoreError + '_ {
    move |_| StoreError::Damaged(name.to_string())
}

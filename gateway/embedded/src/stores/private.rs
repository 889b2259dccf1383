//! The private values of one organisation, and those staged for a block that is about to be
//! ordered.

use super::database::{Base, StoreError, guarded_raw};
use medveil_collections_config::CollectionName;
use medveil_embedded_wire::format::{Hash, PrivateWrite, decode, encode, sha256};
use redb::{ReadOnlyTable, ReadableDatabase, ReadableTable, Table, TableDefinition};
use std::path::{Path, PathBuf};

type Bytes = &'static [u8];
const META: TableDefinition<&str, u64> = TableDefinition::new("meta");
pub(super) const VALUES: TableDefinition<(&str, &str), Bytes> = TableDefinition::new("values");
pub(super) const STAGED: TableDefinition<&str, Bytes> = TableDefinition::new("staged");
pub(super) const MISSING: TableDefinition<(&str, Bytes), Bytes> = TableDefinition::new("missing");

/// A private write that a block made valid: collection, hash of the key, hash of the value.
pub type Expected = (CollectionName, Hash, Hash);

/// What becomes of private values that a block made valid and the store was never given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Losses {
    Refused,
    /// They are recorded as missing, as an operator decided.
    Recorded,
}

/// One organisation's private values on disk.
pub struct PrivateStore(pub(super) Base);

impl PrivateStore {
    /// Opens the file, or makes it. Call [`PrivateStore::look`] before: this checks no page.
    ///
    /// **Errors**: the database refused.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let base = Base::open(path, |db| {
            let txn = db.begin_write()?;
            txn.open_table(META)?;
            txn.open_table(VALUES)?;
            txn.open_table(STAGED)?;
            txn.open_table(MISSING)?;
            Ok(txn.commit()?)
        })?;
        Ok(PrivateStore(base))
    }

    /// Looks at a file that must be there, after every page of it was checked. The file is never
    /// written.
    ///
    /// **Errors**: none there, or damaged.
    pub fn look(path: &Path) -> Result<Self, StoreError> {
        Ok(PrivateStore(Base::look(path)?))
    }

    /// Number of blocks applied.
    ///
    /// **Errors**: the database refused.
    pub fn height(&self) -> Result<u64, StoreError> {
        self.0.run(|db| {
            let found = db.begin_read()?.open_table(META)?.get("height")?;
            Ok(found.map_or(0, |v| v.value()))
        })
    }

    /// Keeps values durably, by the digest of their envelope, until the block with it is applied.
    ///
    /// **Errors**: the database refused.
    pub fn stage(&self, staged: &[(String, Vec<PrivateWrite>)]) -> Result<(), StoreError> {
        self.0.run(|db| {
            let txn = db.begin_write()?;
            {
                let mut table = txn.open_table(STAGED)?;
                for (envelope, writes) in staged {
                    table.insert(envelope.as_str(), encode(writes).as_slice())?;
                }
            }
            Ok(txn.commit()?)
        })
    }

    /// Applies one block: moves staged values that the block made valid into the collections, and
    /// forgets the others. Gives how many were not staged; where losses are refused and there are
    /// any, nothing is applied.
    ///
    /// **Shape**: for each transaction of the block the digest of its envelope and the writes that
    /// this organisation must hold, empty when the transaction is not valid. **Errors**: the
    /// database refused.
    pub fn apply(
        &self,
        block: u64,
        txs: &[(String, Vec<Expected>)],
        losses: Losses,
    ) -> Result<usize, StoreError> {
        self.0.run(|db| {
            let txn = db.begin_write()?;
            let mut lost = 0;
            {
                let mut staged = txn.open_table(STAGED)?;
                let mut kept = KeptTables {
                    values: txn.open_table(VALUES)?,
                    missing: txn.open_table(MISSING)?,
                };
                for (envelope, expected) in txs {
                    let bytes = staged
                        .remove(envelope.as_str())?
                        .map(|b| b.value().to_vec())
                        .unwrap_or_default();
                    // What does not decode is missing.
                    let writes: Vec<PrivateWrite> =
                        decode(&bytes, "staged values").unwrap_or_default();
                    for wanted in expected {
                        lost += usize::from(!kept.keep(wanted, &writes)?);
                    }
                }
                txn.open_table(META)?
                    .insert("height", block.saturating_add(1))?;
            }
            match losses == Losses::Refused && lost > 0 {
                true => txn.abort()?,
                false => txn.commit()?,
            }
            Ok(lost)
        })
    }

    /// Forgets whatever is still staged: its transaction never reached the chain.
    ///
    /// **Errors**: the database refused.
    pub fn forget_staged(&self) -> Result<usize, StoreError> {
        self.0.run(|db| {
            let txn = db.begin_write()?;
            let mut n = 0;
            txn.open_table(STAGED)?.retain(|_, _| {
                n += 1;
                false
            })?;
            match n {
                0 => txn.abort()?,
                _ => txn.commit()?,
            }
            Ok(n)
        })
    }

    /// The committed values, as they are now.
    ///
    /// **Errors**: the database refused.
    pub fn snapshot(&self) -> Result<PrivateSnapshot, StoreError> {
        let path = self.0.path().to_owned();
        self.0.run(|db| {
            let txn = db.begin_read()?;
            Ok(PrivateSnapshot {
                path,
                values: txn.open_table(VALUES)?,
                missing: txn.open_table(MISSING)?,
            })
        })
    }
}

/// The tables that a block changes.
struct KeptTables<'txn> {
    values: Table<'txn, (&'static str, &'static str), Bytes>,
    missing: Table<'txn, (&'static str, Bytes), Bytes>,
}

impl KeptTables<'_> {
    /// Keeps a value that a block made valid, or records that it is missing; whether it was there.
    fn keep(&mut self, expected: &Expected, writes: &[PrivateWrite]) -> Result<bool, redb::Error> {
        let (collection, key, value) = expected;
        let name = collection.to_string();
        let hashed = (name.as_str(), key.as_slice());
        let fits = |w: &&PrivateWrite| {
            w.collection == *collection
                && sha256(w.key.as_bytes()) == *key
                && sha256(&w.value) == *value
        };
        match writes.iter().find(fits) {
            Some(found) => {
                let plain = (name.as_str(), found.key.as_str());
                self.values.insert(plain, found.value.as_slice())?;
                self.missing.remove(hashed)?;
                Ok(true)
            }
            None => {
                self.missing.insert(hashed, value.as_slice())?;
                Ok(false)
            }
        }
    }
}

/// Committed private values.
pub struct PrivateSnapshot {
    path: PathBuf,
    values: ReadOnlyTable<(&'static str, &'static str), Bytes>,
    missing: ReadOnlyTable<(&'static str, Bytes), Bytes>,
}

impl PrivateSnapshot {
    /// A private value.
    ///
    /// **Errors**: the database refused.
    pub fn value(
        &self,
        collection: &CollectionName,
        key: &str,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        guarded_raw(&self.path, || {
            let found = self.values.get((collection.to_string().as_str(), key))?;
            Ok(found.map(|bytes| bytes.value().to_vec()))
        })
    }

    /// Every value: collection, key, hash of the value. For the auditor.
    ///
    /// **Errors**: the database refused.
    pub fn entries(&self) -> Result<Vec<(String, String, Hash)>, StoreError> {
        guarded_raw(&self.path, || {
            let mut out = Vec::new();
            for entry in self.values.iter()? {
                let (key, value) = entry?;
                let (collection, name) = key.value();
                out.push((
                    collection.to_string(),
                    name.to_string(),
                    sha256(value.value()),
                ));
            }
            Ok(out)
        })
    }

    /// Collection and key hash of every value that should be here and never arrived.
    ///
    /// **Errors**: the database refused.
    pub fn missing(&self) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        guarded_raw(&self.path, || {
            let mut out = Vec::new();
            for entry in self.missing.iter()? {
                let (key, _) = entry?;
                let (collection, hash) = key.value();
                out.push((collection.to_string(), hash.to_vec()));
            }
            Ok(out)
        })
    }
}

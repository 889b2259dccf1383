//! Private values that are wanted by their hashes, from a store in order or from what is left of
//! one.

use super::database::{Base, StoreError};
use super::private::{MISSING, PrivateStore, STAGED, VALUES};
use medveil_embedded_wire::format::{Hash, PrivateWrite, decode, sha256};
use redb::{Database, ReadableDatabase, ReadableTable};
use std::collections::BTreeMap;
use std::path::Path;

/// Collection and hash of the key, with the hash of the value.
pub type Wanted = BTreeMap<(String, Hash), Hash>;

/// Collection, key and value.
pub type Value = (String, String, Vec<u8>);

/// Strikes off a value that is wanted; gives its collection.
fn strike(wanted: &mut Wanted, collection: &str, key: &str, value: &[u8]) -> Option<String> {
    let hashed = (collection.to_owned(), sha256(key.as_bytes()));
    let is_wanted = wanted
        .get(&hashed)
        .is_some_and(|hash| *hash == sha256(value));
    is_wanted.then(|| {
        wanted.remove(&hashed);
        hashed.0
    })
}

/// Takes a value that is wanted.
fn take(wanted: &mut Wanted, found: &mut Vec<Value>, collection: &str, key: &str, value: &[u8]) {
    if let Some(collection) = strike(wanted, collection, key, value) {
        found.push((collection, key.to_owned(), value.to_vec()));
    }
}

impl PrivateStore {
    /// Values that are wanted and held here; strikes them off.
    ///
    /// **Errors**: the database refused.
    pub fn find(&self, wanted: &mut Wanted) -> Result<Vec<Value>, StoreError> {
        let mut found = Vec::new();
        self.0.run(|db| read(db, true, wanted, &mut found))?;
        Ok(found)
    }

    /// Strikes off what is held here as it is wanted.
    ///
    /// **Errors**: the database refused.
    pub fn strike_held(&self, wanted: &mut Wanted) -> Result<(), StoreError> {
        self.0.run(|db| {
            let table = db.begin_read()?.open_table(VALUES)?;
            each(&table, true, |(collection, key), value| {
                strike(wanted, collection, key, value);
            })
        })
    }

    /// Keeps values that were found elsewhere.
    ///
    /// **Errors**: the database refused.
    pub fn fill(&self, values: &[Value]) -> Result<(), StoreError> {
        if values.is_empty() {
            return Ok(());
        }
        self.0.run(|db| {
            let txn = db.begin_write()?;
            {
                let mut kept = txn.open_table(VALUES)?;
                let mut missing = txn.open_table(MISSING)?;
                for (collection, key, value) in values {
                    kept.insert((collection.as_str(), key.as_str()), value.as_slice())?;
                    let hash = sha256(key.as_bytes());
                    missing.remove((collection.as_str(), hash.as_slice()))?;
                }
            }
            Ok(txn.commit()?)
        })
    }
}

/// Values that are wanted, from a file whose pages may be damaged: from its beginning on, and from
/// its end, as far as they can be read. The file is never written.
pub fn rescue(path: &Path, wanted: &mut Wanted) -> Vec<Value> {
    let mut found = Vec::new();
    for forwards in [true, false] {
        if let Ok(base) = Base::leftovers(path) {
            // What was read before it stopped was taken.
            let _ = base.run(|db| read(db, forwards, wanted, &mut found));
            let _ = base.run(|db| read_staged(db, forwards, wanted, &mut found));
        }
    }
    found
}

fn read(
    db: &Database,
    forwards: bool,
    wanted: &mut Wanted,
    found: &mut Vec<Value>,
) -> Result<(), redb::Error> {
    let table = db.begin_read()?.open_table(VALUES)?;
    each(&table, forwards, |(collection, key), value| {
        take(wanted, found, collection, key, value);
    })
}

fn read_staged(
    db: &Database,
    forwards: bool,
    wanted: &mut Wanted,
    found: &mut Vec<Value>,
) -> Result<(), redb::Error> {
    let table = db.begin_read()?.open_table(STAGED)?;
    each(&table, forwards, |_, bytes| {
        let writes: Vec<PrivateWrite> = decode(bytes, "staged values").unwrap_or_default();
        for write in writes {
            let collection = write.collection.to_string();
            take(wanted, found, &collection, &write.key, &write.value);
        }
    })
}

/// Every entry of a table from its beginning, or from its end, up to one that cannot be read.
fn each<K: redb::Key + 'static, V: redb::Value + 'static>(
    table: &impl ReadableTable<K, V>,
    forwards: bool,
    mut take: impl FnMut(K::SelfType<'_>, V::SelfType<'_>),
) -> Result<(), redb::Error> {
    let mut entries = table.iter()?;
    while let Some(entry) = match forwards {
        true => entries.next(),
        false => entries.next_back(),
    } {
        let (key, value) = entry?;
        take(key.value(), value.value());
    }
    Ok(())
}

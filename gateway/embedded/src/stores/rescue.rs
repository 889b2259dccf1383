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

/// Takes a value that is wanted.
fn take(wanted: &mut Wanted, found: &mut Vec<Value>, collection: &str, key: &str, value: &[u8]) {
    let hashed = (collection.to_owned(), sha256(key.as_bytes()));
    if wanted
        .get(&hashed)
        .is_some_and(|hash| *hash == sha256(value))
    {
        wanted.remove(&hashed);
        found.push((hashed.0, key.to_owned(), value.to_vec()));
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
            for entry in table.iter()? {
                let (key, value) = entry?;
                let (collection, name) = key.value();
                let hashed = (collection.to_owned(), sha256(name.as_bytes()));
                if wanted
                    .get(&hashed)
                    .is_some_and(|hash| *hash == sha256(value.value()))
                {
                    wanted.remove(&hashed);
                }
            }
            Ok(())
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
    let mut entries = table.iter()?;
    while let Some(entry) = match forwards {
        true => entries.next(),
        false => entries.next_back(),
    } {
        let (key, value) = entry?;
        let (collection, name) = key.value();
        take(wanted, found, collection, name, value.value());
    }
    Ok(())
}

fn read_staged(
    db: &Database,
    forwards: bool,
    wanted: &mut Wanted,
    found: &mut Vec<Value>,
) -> Result<(), redb::Error> {
    let table = db.begin_read()?.open_table(STAGED)?;
    let mut entries = table.iter()?;
    while let Some(entry) = match forwards {
        true => entries.next(),
        false => entries.next_back(),
    } {
        let (_, bytes) = entry?;
        let writes: Vec<PrivateWrite> = decode(bytes.value(), "staged values").unwrap_or_default();
        for write in writes {
            let collection = write.collection.to_string();
            take(wanted, found, &collection, &write.key, &write.value);
        }
    }
    Ok(())
}

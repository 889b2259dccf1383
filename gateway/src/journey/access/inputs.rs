//! What a request is made from: everything that is fixed before its witness is built.

use super::{AccessError, AccessOptions, context};
use crate::actor::Actor;
use crate::journey::visa::Wallet;
use crate::session::{CHAINCODE, Session};
use medveil_circuits::dataset::FIRST_COLUMN_SLOT;
use medveil_circuits::eligibility::{nullifier, period, scope};
use medveil_circuits::field::{Digest, Felt};
use medveil_circuits::ids::{DatasetRoot, Nullifier};
use medveil_circuits::policy::Program;
use medveil_circuits::schema::Schema;
use medveil_contract::call::reply::AccessContext;
use medveil_contract::call::request::GetDataset;
use medveil_contract::call::transient::MAX_LETTER;
use std::path::Path;

/// Longest letter before sealing.
///
/// **Units**: bytes.
pub(super) const LONGEST_LETTER: usize = MAX_LETTER - 2048;

/// Everything about a request that is fixed before its witness is built.
pub(super) struct RequestInputs<'a> {
    pub person: &'a Actor,
    pub options: &'a AccessOptions,
    pub wallet: Wallet,
    pub context: AccessContext,
    pub program: Program,
    /// The version asked for.
    pub dataset: DatasetRoot,
    /// The circuit's active key.
    pub key: Digest,
    /// Key slots asked for.
    pub columns: u16,
    /// The letter's text.
    pub letter: Vec<u8>,
    pub scope: Felt,
    pub nullifier: Nullifier,
}

impl<'a> RequestInputs<'a> {
    /// Reads them from the ledger and the researcher's files.
    ///
    /// **Errors**: what is missing, and who has to bring it.
    pub async fn read(
        session: &Session,
        person: &'a Actor,
        options: &'a AccessOptions,
        wallet: Wallet,
    ) -> Result<Self, AccessError> {
        let org = &person.org;
        let lineage = context::find_lineage(session, org, &options.dataset).await?;
        let context = context::read(session, org, lineage, &options.dataset).await?;
        let dataset = context::version(&context)?;
        let program = context::program(&context)?;
        let key = context::circuit_key(&context, &program)?;
        let canonical = session.ask(org, GetDataset { dataset }).await?.schema;
        let schema = Schema::from_canonical(canonical.as_bytes()).map_err(AccessError::Schema)?;
        let columns = key_slots(&schema, &options.columns)?;
        let letter = match &options.letter {
            Some(path) => read_letter(path)?,
            None => Vec::new(),
        };
        let period = period(context.day.current, context.policy.period_days);
        let scope = scope(session.consortium_id(), CHAINCODE, lineage, period);
        Ok(RequestInputs {
            person,
            options,
            nullifier: nullifier(&wallet.secret, scope),
            wallet,
            context,
            program,
            dataset,
            key,
            columns,
            letter,
            scope,
        })
    }
}

/// The key slots of columns or groups, as a bitmap; all of them where no column is named. Slots 0
/// and 1 (flags and pseudonyms) go with every request.
fn key_slots(schema: &Schema, columns: &[String]) -> Result<u16, AccessError> {
    let slots = schema.slots();
    if columns.is_empty() {
        let all = (1u32 << (slots.len() + FIRST_COLUMN_SLOT)) - 1;
        return Ok(all as u16);
    }
    let mut mask = 0b11u16;
    for name in columns {
        let column = schema.column(name);
        let group = column.map_or(name, |(_, c)| c.group.as_ref().unwrap_or(&c.name));
        let slot = slots.iter().position(|slot| slot == group);
        let slot = slot.ok_or_else(|| AccessError::Column {
            got: name.clone(),
            known: slots.iter().map(ToString::to_string).collect(),
        })?;
        mask |= 1 << (slot + FIRST_COLUMN_SLOT);
    }
    Ok(mask)
}

fn read_letter(path: &Path) -> Result<Vec<u8>, AccessError> {
    let text = std::fs::read(path).map_err(|source| AccessError::LetterFile {
        path: path.to_owned(),
        source,
    })?;
    match text.len() {
        0..=LONGEST_LETTER => Ok(text),
        bytes => Err(AccessError::LetterTooLong(bytes)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classify::{Classify, Kind};

    const SCHEMA: &str = r#"{"format": "medveil-schema-1", "rows": "per_record",
        "subject": {"header": "patient"}, "columns": [
        {"name": "age", "type": "int", "min": 0, "max": 120, "source": {"header": "age"}},
        {"name": "smoker", "type": "code", "codes": ["no", "yes"], "source": {"header": "s"}}]}"#;

    #[test]
    fn columns_become_key_slots_and_an_unknown_one_is_named() {
        let schema = Schema::from_json(SCHEMA).unwrap();
        let slots = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(ToString::to_string).collect();
            key_slots(&schema, &names)
        };
        assert_eq!(slots(&[]).unwrap(), 0b1111);
        assert_eq!(slots(&["smoker"]).unwrap(), 0b1011);
        let error = slots(&["age", "female"]).unwrap_err();
        let expected = "expected columns or groups of age, smoker, got \"female\"";
        assert_eq!(error.to_string(), expected);
        assert_eq!(error.kind(), Kind::Input);
    }

    #[test]
    fn letters_are_read_up_to_their_limit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("letter.txt");
        std::fs::write(&path, vec![b'x'; LONGEST_LETTER]).unwrap();
        assert_eq!(read_letter(&path).unwrap().len(), LONGEST_LETTER);
        std::fs::write(&path, vec![b'x'; LONGEST_LETTER + 1]).unwrap();
        assert_eq!(read_letter(&path).unwrap_err().kind(), Kind::Input);
        let absent = read_letter(&folder.path().join("none"));
        assert_eq!(absent.unwrap_err().kind(), Kind::NotFound);
    }
}

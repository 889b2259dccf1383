//! Columns of a request by name, and as the key slots that are asked for.

use super::AccessError;
use crate::journey::dataset::{PSEUDONYM, PSEUDONYM_SLOT};
use medveil_circuits::dataset::FIRST_COLUMN_SLOT;
use medveil_circuits::schema::{Rows, Schema};

/// Key slot that goes with every request: flags.
pub(super) const FLAGS: u16 = 1;
pub(super) const PSEUDONYMS: u16 = 1 << PSEUDONYM_SLOT;

/// Names of the columns or groups of a bitmap of key slots.
pub(super) fn column_names(schema: &Schema, columns: u16) -> Vec<String> {
    let slots = schema.slots();
    let named = slots.iter().enumerate();
    let named = named.filter(|(i, _)| columns >> (i + FIRST_COLUMN_SLOT) & 1 == 1);
    let pseudonym = (columns & PSEUDONYMS != 0).then_some(PSEUDONYM);
    let named = pseudonym.into_iter().chain(named.map(|(_, name)| *name));
    named.map(str::to_owned).collect()
}

/// The key slots of columns or groups, as a bitmap; all of them where no column is named. Flags go
/// with every request; pseudonyms where they are named, or where several rows may be one subject's.
pub(super) fn key_slots(schema: &Schema, columns: &[String]) -> Result<u16, AccessError> {
    let slots = schema.slots();
    let mut mask = match schema.rows() {
        Rows::PerSubject => FLAGS,
        Rows::PerRecord => FLAGS | PSEUDONYMS,
    };
    if columns.is_empty() {
        let all = (1u32 << (slots.len() + FIRST_COLUMN_SLOT)) - 1;
        return Ok(mask | (all as u16 & !(FLAGS | PSEUDONYMS)));
    }
    for name in columns {
        if name == PSEUDONYM {
            mask |= PSEUDONYMS;
            continue;
        }
        let column = schema.column(name);
        let group = column.map_or(name, |(_, c)| c.group.as_ref().unwrap_or(&c.name));
        let slot = slots.iter().position(|slot| slot == group);
        let slot = slot.ok_or_else(|| AccessError::Column {
            got: name.clone(),
            known: slots
                .iter()
                .chain([&PSEUDONYM])
                .map(ToString::to_string)
                .collect(),
        })?;
        mask |= 1 << (slot + FIRST_COLUMN_SLOT);
    }
    Ok(mask)
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
        assert_eq!(column_names(&schema, 0b1001), ["smoker"]);
        assert_eq!(
            column_names(&schema, 0b1111),
            ["_pseudonym", "age", "smoker"]
        );
        let error = slots(&["age", "female"]).unwrap_err();
        let expected = "expected columns or groups of age, smoker, _pseudonym, got \"female\"";
        assert_eq!(error.to_string(), expected);
        assert_eq!(error.kind(), Kind::Input);
    }

    #[test]
    fn p4_the_key_of_pseudonyms_is_asked_for_where_it_is_needed_or_named() {
        let schema = Schema::from_json(&SCHEMA.replace("per_record", "per_subject")).unwrap();
        let slots = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(ToString::to_string).collect();
            key_slots(&schema, &names).unwrap()
        };
        assert_eq!(slots(&[]), 0b1101);
        assert_eq!(slots(&["smoker"]), 0b1001);
        assert_eq!(slots(&["_pseudonym", "smoker"]), 0b1011);
    }
}

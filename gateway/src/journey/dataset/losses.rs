//! What a reading lost: a commit stops there, unless the loss is named.

use medveil_circuits::schema::Schema;
use medveil_source::{Cohort, Fate};

/// The losses of a reading, by the words that accept them: `skipped` files, `subjects` that are not
/// known, `column:NAME` of which no value is left.
pub fn losses(schema: &Schema, cohort: &Cohort) -> Vec<String> {
    let mut losses = Vec::new();
    if !cohort.files.skipped.is_empty() {
        losses.push("skipped".to_owned());
    }
    if cohort.counts.iter().any(|c| c.fate == Fate::Unresolved) {
        losses.push("subjects".to_owned());
    }
    for (i, column) in schema.columns().iter().enumerate() {
        let is_of = |name: &Option<String>| name.as_deref() == Some(column.name.as_str());
        let was_left_out =
            |c: &medveil_source::DropCount| c.fate == Fate::LeftOut && is_of(&c.column);
        let is_lost = cohort.counts.iter().any(was_left_out) && cohort.rows.present(i) == 0;
        if is_lost {
            losses.push(format!("column:{}", column.name));
        }
    }
    losses
}

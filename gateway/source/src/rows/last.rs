//! From what is known of a cell to its value.

use super::held::{self, Held};
use crate::column::SourceColumn;
use crate::error::SourceError;
use crate::reduce::Drops;
use medveil_circuits::schema::RowRule;

/// What becomes of cells when nothing more comes.
pub(super) struct Last<'a> {
    pub columns: &'a [SourceColumn],
    /// Whether the order of the source's rows means nothing.
    pub unordered: bool,
    /// Whether what a column refuses is gathered.
    pub gather: bool,
    /// Of each column, whether its `missing` may stand.
    pub missing: &'a [bool],
    pub drops: Drops,
}

impl Last<'_> {
    /// The value of a column's cell; what is not taken is counted.
    ///
    /// **Errors**: a count that the column cannot hold.
    pub fn value(&mut self, index: usize, held: Held) -> Result<Option<i64>, SourceError> {
        let column = &self.columns[index];
        let at = index as u16;
        if held.hides_value(column.rule, self.unordered) {
            let reason = "one of several could not be used, and may have decided";
            self.drops.add(Some(at), reason, 1, || None);
            return Ok(None);
        }
        if column.rule == RowRule::Count {
            let place = || "count".to_owned();
            return match column.in_range(i64::try_from(held.n()).unwrap_or(i64::MAX)) {
                Ok(count) => Ok(Some(count)),
                Err(bad) if self.gather => {
                    self.drops
                        .add_refused((at, column), bad.expected(), None, place);
                    Ok(None)
                }
                Err(bad) => Err(SourceError::Value {
                    place: place(),
                    column: column.name.clone(),
                    expected: bad.expected(),
                }),
            };
        }
        if held.n() == 0 {
            if !held.is_absent() {
                return Ok(None);
            }
            let may_stand = self.missing.get(index).copied().unwrap_or(true);
            return Ok(column.missing.filter(|_| may_stand));
        }
        let others = held.n() - 1;
        self.drops
            .add(Some(at), held::others(column.rule), others, || None);
        if held.is_tied() && (self.unordered || held.is_mixed()) {
            let reason = "values of one time differ";
            self.drops.add(Some(at), reason, 1, || None);
            return Ok(None);
        }
        if held.is_unplaced() {
            let reason =
                "one of several has no time that can be read, and may be the first or the last";
            self.drops.add(Some(at), reason, 1, || None);
            return Ok(None);
        }
        let value = held.value();
        if value.is_none() {
            let reason = "the chosen one of several could not be used";
            self.drops.add(Some(at), reason, 1, || None);
        }
        Ok(value)
    }
}

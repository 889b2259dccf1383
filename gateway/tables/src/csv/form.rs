//! Whether a record is of its table's form.

use super::records::Row;
use super::sample::Mending;

/// How many fields a row has.
#[derive(Clone, Copy)]
pub(super) struct Form {
    pub width: usize,
    /// Whether a delimiter stands behind the last of them.
    pub trailing: bool,
}

impl Form {
    pub(super) fn fits(self, fields: usize, ends_empty: bool) -> bool {
        fields == self.width + usize::from(self.trailing) && (ends_empty || !self.trailing)
    }

    /// What is wrong with a record's number of fields, or with a blank line before it, and in which
    /// row.
    pub(super) fn fault(
        self,
        at: Row,
        (fields, ends_empty): (usize, bool),
        mending: &Mending,
    ) -> Option<(u64, String)> {
        let Form { width, trailing } = self;
        if !self.fits(fields, ends_empty) {
            let s = if width == 1 { "" } else { "s" };
            let what = match trailing {
                true => format!(
                    "expected {width} field{s} and a delimiter with nothing behind it, as \
                     trailing_delimiter says, got {fields}"
                ),
                false if fields > width => {
                    let advice = mending.advice();
                    format!("expected {width} field{s}, got {fields}{advice}")
                }
                false => format!("expected {width} field{s}, got {fields}"),
            };
            return Some((at.row, what));
        }
        let blank = at.blank.filter(|_| width == 1 && !trailing)?;
        let what = "expected no blank line in a table of one column: write \"\" for an empty value, or \
                    take the line out";
        Some((blank, what.to_owned()))
    }
}

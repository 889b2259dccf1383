//! The formulas of an old sheet, and which of them have no result.
//!
//! Source: MS-XLS 2.4.127 (formulas), 2.5.133 (their results), 2.4.268 (results that are texts),
//! 2.4.331 (a sheet that was not calculated before it was saved).

use super::number;

/// Row and column, from 0.
type At = (u32, u32);

#[derive(Default)]
pub(super) struct Formulas {
    all: Vec<At>,
    /// With a blank text as their result.
    blank: Vec<At>,
    /// Without a result for certain.
    without: Vec<At>,
    n_results: u64,
    /// A formula whose result may stand in the next record, and whether it has a blank one.
    open: Option<(At, bool)>,
    /// The sheet was saved without calculating it.
    is_stale: bool,
}

impl Formulas {
    /// Takes the next record of the sheet.
    pub(super) fn take(&mut self, kind: u16, content: &[u8]) {
        match kind {
            // Between a formula and its text: a shared formula, an array, a table of data.
            0x04bc | 0x0221 | 0x0236 => return,
            0x0207 if self.open.take().is_some() => self.n_results += 1,
            _ => self.close(),
        }
        match kind {
            0x005e => self.is_stale = true,
            0x0006 => self.formula(content),
            _ => {}
        }
    }

    fn close(&mut self) {
        match self.open.take() {
            Some((at, true)) => self.blank.push(at),
            Some((at, false)) => self.without.push(at),
            None => {}
        }
    }

    fn formula(&mut self, content: &[u8]) {
        let half = |at| number(content, at, 2) as u32;
        let at = (half(0), half(2));
        self.all.push(at);
        let is_number = half(12) != 0xffff;
        // To be calculated when the file is opened, and blank: what wrote it did not calculate.
        let is_left = half(14) & 2 != 0;
        match number(content, 6, 1) {
            _ if is_number => self.n_results += 1,
            3 if is_left => self.without.push(at),
            3 => self.open = Some((at, true)),
            0 => self.open = Some((at, false)),
            _ => self.n_results += 1,
        }
    }

    pub(super) fn have_results(&self) -> bool {
        self.n_results > 0
    }

    /// The cells whose formulas have no result. `calculates`: some formula of the workbook has one.
    pub(super) fn without_results(mut self, calculates: bool) -> Vec<At> {
        self.close();
        if self.is_stale {
            return self.all;
        }
        if !calculates {
            self.without.append(&mut self.blank);
        }
        self.without
    }
}

//! Which of two states is the later: by what they say of themselves, and by their exports.

use crate::exports::When;
use crate::index::{Entry, NO_TIME};
use std::cmp::Ordering;

/// A state and when its file was exported.
pub(crate) type Stands<'e> = (&'e Entry, Option<When>);

/// Whether a state is later than another. None where nothing tells.
pub(crate) fn compare((x, of_x): Stands<'_>, (y, of_y): Stands<'_>) -> Option<Ordering> {
    let decided = |order: Ordering| (order != Ordering::Equal).then_some(order);
    let both = |a: Option<i64>, b: Option<i64>| decided(a?.cmp(&b?));
    let version = (x.version != 0 && y.version != 0)
        .then(|| decided(x.version.cmp(&y.version)))
        .flatten();
    let own = |e: &Entry| Some(e.time).filter(|t| *t != NO_TIME);
    let updated = both(own(x), own(y));
    match (version, updated) {
        (Some(version), Some(updated)) if version != updated => return None,
        (Some(order), _) | (None, Some(order)) => return Some(order),
        (None, None) => {}
    }
    by_export((x, of_x), (y, of_y))
        .or_else(|| by_word(x, y))
        .or_else(|| {
            let ranked = x.rank() != 0 && y.rank() != 0;
            ranked.then(|| decided(x.rank().cmp(&y.rank()))).flatten()
        })
}

/// By when the exports were made.
fn by_export((x, of_x): Stands<'_>, (y, of_y): Stands<'_>) -> Option<Ordering> {
    let (of_a, of_b) = (of_x?, of_y?);
    // Of two states in one export, neither is the later for being in it.
    if of_a.folder == of_b.folder && of_a.time == of_b.time {
        return None;
    }
    let own = |e: &Entry| Some(e.time).filter(|t| *t != NO_TIME);
    match (own(x), own(y)) {
        (Some(_), Some(_)) => return None,
        // What an export holds is as of its time, so it is later than a change before that.
        (Some(time), None) => return before(time, &of_b).map(Ordering::reverse),
        (None, Some(time)) => return before(time, &of_a),
        (None, None) => {}
    }
    if let (Some(a), Some(b)) = (of_a.time, of_b.time) {
        return (a != b).then(|| a.cmp(&b));
    }
    let ((a_first, a_last), (b_first, b_last)) = (of_a.range?, of_b.range?);
    if a_last < b_first {
        Some(Ordering::Less)
    } else if b_last < a_first {
        Some(Ordering::Greater)
    } else {
        None
    }
}

/// How an undated state of an export stands to a change at a time.
fn before(time: i64, export: &When) -> Option<Ordering> {
    match export.time {
        Some(made) if made >= time => Some(Ordering::Greater),
        Some(_) => Some(Ordering::Less),
        // The export was made after everything in it, and nobody knows how long after.
        None if export.range.is_some() && export.at_least() > time => Some(Ordering::Greater),
        None => None,
    }
}

/// What says that the resource never was, against what says nothing of its time.
fn by_word(x: &Entry, y: &Entry) -> Option<Ordering> {
    if x.is(Entry::PAST) || y.is(Entry::PAST) {
        return None;
    }
    match (x.retracts(), y.retracts()) {
        (true, false) => Some(Ordering::Greater),
        (false, true) => Some(Ordering::Less),
        _ => None,
    }
}

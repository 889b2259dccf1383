//! What does not fit in FHIR files, as problems that are listed.

use crate::problems::{Problem, Problems};
use medveil_fhir::{Fault, Faults};
use medveil_sql_on_fhir::RowError;

/// Lists the faults of a reading that gathered them.
pub(super) fn list(faults: &Faults, problems: &mut Problems) {
    for fault in &faults.listed {
        problems.add(|| problem(fault));
    }
    problems.add_unlisted(faults.count - faults.listed.len() as u64);
}

fn problem(fault: &Fault) -> Problem {
    let (place, mut expected) = fault.error.place_and_words();
    if fault.ends_file {
        expected += " (nothing behind it was read)";
    }
    Problem {
        place,
        column: None,
        found: None,
        expected,
    }
}

/// A resource for which a view has no answer.
pub(super) fn of_view(place: String, view: &str, error: &RowError) -> Problem {
    Problem {
        place,
        column: None,
        found: None,
        expected: format!("view {view}: {error}"),
    }
}

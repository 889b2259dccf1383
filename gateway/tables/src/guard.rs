//! Libraries in front of damaged bytes.

use crate::error::TableError;
use crate::quiet;

/// Runs a step of a library that reads bytes from outside. A bug of it in front of a damaged file
/// is an error of that file, not the end of the program.
pub(crate) fn guarded<T>(place: &str, step: impl FnOnce() -> T) -> Result<T, TableError> {
    quiet::catch(step).map_err(|_| damaged(place))
}

/// What libraries say of damaged bytes may quote them, so it is not passed on.
pub(crate) fn damaged(place: &str) -> TableError {
    TableError::Malformed {
        place: place.to_owned(),
        what: "cannot be decoded: the file is damaged or cut short; write it again".to_owned(),
    }
}

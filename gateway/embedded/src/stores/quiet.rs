//! The door of the database library: its panics in front of changed bytes are an error here, and say
//! nothing by themselves.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

thread_local! {
    /// Whether this thread is behind the door.
    static BEHIND: Cell<bool> = const { Cell::new(false) };
}

static SET: Once = Once::new();

/// Runs work of the library; none where it panicked.
pub(super) fn behind_the_door<T>(work: impl FnOnce() -> T) -> Option<T> {
    SET.call_once(|| {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |what| match BEHIND.get() {
            true => {}
            false => usual(what),
        }));
    });
    let outer = BEHIND.replace(true);
    let done = panic::catch_unwind(AssertUnwindSafe(work));
    BEHIND.set(outer);
    done.ok()
}

#[cfg(test)]
mod tests {
    use super::behind_the_door;

    #[test]
    fn a_panic_behind_the_door_is_none_and_one_inside_another_too() {
        assert_eq!(behind_the_door(|| 7), Some(7));
        let inner = || behind_the_door(|| panic!("inside")).is_none();
        assert_eq!(behind_the_door(inner), Some(true));
        assert!(behind_the_door(|| panic!("outside")).is_none());
    }
}

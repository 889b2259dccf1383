//! Panics of libraries in front of damaged bytes: caught, and without their message, which may quote
//! the bytes.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;

thread_local! {
    /// Whether this thread is inside a step whose panic is an answer.
    static IS_INSIDE: Cell<bool> = const { Cell::new(false) };
}

static HOOK: Once = Once::new();

/// A step ended by a panic.
pub(crate) struct Panicked;

/// Runs a step of a library. Its panic prints nothing; any other is printed as before.
pub(crate) fn catch<T>(step: impl FnOnce() -> T) -> Result<T, Panicked> {
    HOOK.call_once(|| {
        let before = take_hook();
        set_hook(Box::new(move |panic| {
            if !IS_INSIDE.get() {
                before(panic);
            }
        }));
    });
    let outer = IS_INSIDE.replace(true);
    let done = catch_unwind(AssertUnwindSafe(step));
    IS_INSIDE.set(outer);
    done.map_err(|_| Panicked)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    const CHILD: &str = "MEDVEIL_TEST_OF_PANICS";

    #[test]
    fn only_panics_inside_are_silent() {
        if std::env::var_os(CHILD).is_some() {
            assert!(catch(|| panic!("inner words")).is_err());
            let nested = catch(|| catch(|| panic!("inner words")).is_err());
            assert!(matches!(nested, Ok(true)));
            let other = std::thread::spawn(|| panic!("words of another thread"));
            assert!(other.join().is_err());
            panic!("outer words");
        }
        let name = "quiet::tests::only_panics_inside_are_silent";
        let mut child = Command::new(std::env::current_exe().unwrap());
        let child = child.args(["--exact", name, "--nocapture"]).env(CHILD, "1");
        let said = child.output().unwrap();
        let said = String::from_utf8_lossy(&said.stderr);
        assert!(said.contains("outer words") && said.contains("words of another thread"));
        assert!(!said.contains("inner words"), "{said}");
    }
}

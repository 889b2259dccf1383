//! Proofs under way: how far they are, and whether they go on.

/// Whoever waits for proofs. What it is asked and told, it is on threads of the pool, some hundred
/// times a proof.
pub trait Watch: Sync {
    /// Whether the work goes on. Where it does not, no proof is made, and what was computed of it is
    /// overwritten as it is after a proof.
    fn goes_on(&self) -> bool {
        true
    }

    /// Another share of one proof's work is done, of all its work one.
    fn advanced(&self, _share: f64) {}

    /// A proof was made and verified.
    fn proven(&self) {}
}

/// Nobody waits, or only for the end.
impl Watch for () {}

/// A piece of a proof's work, in steps.
#[derive(Clone, Copy)]
pub(crate) struct Part<'w> {
    watch: &'w dyn Watch,
    /// Of the work of one proof.
    share: f64,
}

impl<'w> Part<'w> {
    pub fn new(watch: &'w dyn Watch, share: f64) -> Self {
        Part { watch, share }
    }

    /// Does one step of so many; nothing where the work does not go on.
    pub fn step<T>(self, of: u32, work: impl FnOnce() -> T) -> Option<T> {
        if !self.watch.goes_on() {
            return None;
        }
        let done = work();
        self.watch.advanced(self.share / f64::from(of));
        Some(done)
    }
}

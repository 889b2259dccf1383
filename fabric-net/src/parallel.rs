//! One step for every organisation at once.

use crate::error::NetError;
use medveil_collections_config::MspId;

/// Takes a step for all organisations at once, and waits for all of them.
///
/// **Errors**: the first organisation's, in their order.
pub(crate) fn for_each(
    msps: &[MspId],
    step: impl Fn(&MspId) -> Result<(), NetError> + Sync,
) -> Result<(), NetError> {
    std::thread::scope(|scope| {
        let asked: Vec<_> = msps.iter().map(|msp| scope.spawn(|| step(msp))).collect();
        asked.into_iter().try_for_each(|a| {
            a.join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })
    })
}

//! What one organisation may do to the registry, over all its issuers: nobody fills it, and nobody
//! kills requests under way by updates without end.

use crate::contract::effects::Effects;
use crate::contract::view::View;
use crate::error::{Code, ContractError, require};
use crate::ledger::Ledger;
use crate::model::RegistryBudget;
use crate::state_key::StateKey;
use medveil_collections_config::MspId;

pub(in crate::contract) const HOUR_MS: u64 = 60 * 60 * 1000;
const DAY_MS: u64 = 24 * HOUR_MS;

impl RegistryBudget {
    pub(super) async fn of<L: Ledger>(
        view: &mut View<'_, L>,
        msp: &MspId,
    ) -> Result<Self, ContractError> {
        let found = view.find(&StateKey::registry_budget(msp)).await?;
        Ok(found.unwrap_or(RegistryBudget {
            n_issuers: 0,
            recent_ms: vec![],
            recent_urgent_ms: vec![],
        }))
    }

    pub(super) fn put(&self, msp: &MspId, effects: &mut Effects) {
        effects.put(StateKey::registry_budget(msp), self);
    }

    /// Counts one more issuer.
    pub(super) fn add_issuer<L: Ledger>(
        &mut self,
        view: &View<'_, L>,
    ) -> Result<(), ContractError> {
        let most = view.consortium().issuers_per_member();
        let message =
            format_args!("expected at most {most} issuers of one organisation: retire one");
        require(self.n_issuers < most, Code::Refused, "registry", message)?;
        self.n_issuers += 1;
        Ok(())
    }

    /// Counts an update against its limit.
    pub(super) fn spend<L: Ledger>(
        &mut self,
        view: &View<'_, L>,
        urgent: bool,
    ) -> Result<(), ContractError> {
        let (now, consortium) = (view.tx().timestamp_ms, view.consortium());
        let (recent, window, most, what) = if urgent {
            let most = consortium.urgent_updates_per_day();
            (
                &mut self.recent_urgent_ms,
                DAY_MS,
                most,
                "urgent updates a day",
            )
        } else {
            let most = consortium.registry_updates_per_hour();
            (&mut self.recent_ms, HOUR_MS, most, "updates an hour")
        };
        recent.retain(|at| now < at.saturating_add(window));
        let message = format_args!(
            "expected at most {most} {what} by one organisation, over all its issuers"
        );
        require(
            recent.len() < most as usize,
            Code::Refused,
            "rate limit",
            message,
        )?;
        recent.push(now);
        Ok(())
    }
}

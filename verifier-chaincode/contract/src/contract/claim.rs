//! `PublishClaim`: a statement about a registered version, recorded once it is proven. The ledger
//! keeps digests, not proofs.

use crate::call::PublishClaim;
use crate::call::reply::ClaimPublished;
use crate::contract::Contract;
use crate::contract::effects::Effects;
use crate::contract::view::View;
use crate::error::{Code, ContractError, Refuse, require};
use crate::judge::claim::{self, ClaimFacts, Published};
use crate::ledger::Ledger;
use crate::model::{ClaimsPublished, DatasetEntry, DatasetSchema};
use crate::state_key::StateKey;
use medveil_circuits::eligibility;
use medveil_collections_config::MspId;

/// How many claims a holder published in this period.
struct ClaimBudget {
    key: StateKey,
    spent: ClaimsPublished,
}

impl ClaimBudget {
    fn key<L: Ledger>(view: &View<'_, L>, holder: &MspId) -> StateKey {
        let length = view.consortium().period_days();
        let period = eligibility::period(view.tx_day(), length);
        StateKey::claim_budget(holder, period)
    }

    /// **Errors**: none is left.
    async fn of<L: Ledger>(view: &mut View<'_, L>, holder: &MspId) -> Result<Self, ContractError> {
        let (most, length) = {
            let consortium = view.consortium();
            (consortium.claims_per_period(), consortium.period_days())
        };
        let key = Self::key(view, holder);
        let spent: Option<ClaimsPublished> = view.find(&key).await?;
        let spent = spent.unwrap_or(ClaimsPublished { n: 0 });
        let message = format_args!(
            "expected at most {most} claims of one holder in a period of {length} days"
        );
        require(spent.n < most, Code::Refused, "claims", message)?;
        Ok(ClaimBudget { key, spent })
    }

    fn spend(self, effects: &mut Effects) {
        let n = self.spent.n + 1;
        effects.put(self.key, &ClaimsPublished { n });
    }
}

impl Contract {
    pub(super) async fn publish_claim<L: Ledger>(
        &self,
        view: &mut View<'_, L>,
        args: PublishClaim,
    ) -> Result<Effects, ContractError> {
        let dataset: DatasetEntry = view.need(&StateKey::dataset(args.terms.dataset)).await?;
        view.require_holder(&dataset.holder)?;
        let schema: DatasetSchema = view.need(&StateKey::dataset_schema(dataset.root)).await?;
        let facts = ClaimFacts {
            consortium: view.consortium_id(),
            chaincode: &self.config().chaincode_name,
            dataset: &dataset,
            schema: &schema.schema,
            floor: view.consortium().subject_floor(),
        };
        let circuits = claim::circuits_of(dataset.tier).refuse(Code::Internal, "tier")?;
        view.expect_keys(&circuits);
        view.expect([ClaimBudget::key(view, &dataset.holder)]);
        let roots = self
            .chunk_roots(view, &dataset, 0, dataset.n_chunks)
            .await?;
        let rebuilt = claim::rebuild(&facts, &args, &roots).refuse(Code::Refused, "claim")?;
        let id = rebuilt.stated.context;
        view.expect_keys(&circuits);
        view.require_free(
            &StateKey::claim(id),
            "claim",
            "this claim was published already",
        )
        .await?;
        let budget = ClaimBudget::of(view, &dataset.holder).await?;
        let keys = self.active_keys(view, &circuits).await?;
        let circuits =
            claim::verify(&rebuilt, dataset.tier, &args, &keys).refuse(Code::Refused, "proof")?;

        let tx = Published {
            circuits,
            day: view.tx_day(),
            tx_id: &view.tx().tx_id,
        };
        let entry = rebuilt
            .entry(&dataset, &args, tx)
            .refuse(Code::Internal, "claim")?;
        let mut effects = Effects::answering::<PublishClaim>(&ClaimPublished {
            claim: id,
            dataset: dataset.root,
            query_hash: entry.query_hash,
        })?;
        effects.put(StateKey::claim(id), &entry);
        budget.spend(&mut effects);
        effects.event("claim.published");
        Ok(effects)
    }
}

//! What a request follows from: nothing, or a grant that it asks further columns for.

use crate::call::AccessTerms;
use crate::contract::effects::Effects;
use crate::contract::grant::{require_running, step};
use crate::contract::view::View;
use crate::error::{Code, ContractError, require};
use crate::judge::eligibility;
use crate::ledger::Ledger;
use crate::model::RequestEntry;
use crate::state_key::StateKey;
use medveil_circuits::field::Felt;
use medveil_circuits::ids::LineageId;

/// Key slots: flags, which every grant has, and pseudonyms, which every grant may have.
const FLAGS: u16 = 0b01;
const PSEUDONYMS: u16 = 0b10;

pub(super) enum Origin {
    /// A request of its own, under a nullifier of this scope.
    First { scope: Felt },
    /// An extension of this request.
    Extends(Box<RequestEntry>),
}

impl Origin {
    /// **Errors**: the nullifier, or this extension, was used already; or what is extended is no
    /// running grant of the caller's for this dataset, without these columns.
    pub async fn of<L: Ledger>(
        view: &mut View<'_, L>,
        terms: &AccessTerms,
        (chaincode, lineage, period_days): (&str, LineageId, u32),
    ) -> Result<Self, ContractError> {
        let known: Option<RequestEntry> = view.find(&StateKey::nullifier(terms.nullifier)).await?;
        match (terms.extension, known) {
            (0, Some(known)) => Err(ContractError::already_recorded(known.request)),
            (0, None) => {
                let period = (terms.day, period_days);
                let consortium = view.consortium_id();
                let scope = eligibility::scope(consortium, chaincode, lineage, period);
                Ok(Origin::First { scope })
            }
            (_, None) => {
                let message = "expected the nullifier of a request";
                Err(ContractError::new(Code::NotFound, "extension", message))
            }
            (_, Some(first)) => extends(view, terms, first).await,
        }
    }

    pub fn scope(&self) -> Felt {
        match self {
            Origin::First { scope } => *scope,
            Origin::Extends(first) => first.scope,
        }
    }

    /// Counts the extension in what it extends.
    pub fn record(self, effects: &mut Effects, tx_id: &str) {
        if let Origin::Extends(mut first) = self {
            first.n_extensions += 1;
            step(&mut first, tx_id);
            effects.put(StateKey::nullifier(first.nullifier), &*first);
        }
    }
}

async fn extends<L: Ledger>(
    view: &mut View<'_, L>,
    terms: &AccessTerms,
    first: RequestEntry,
) -> Result<Origin, ContractError> {
    let caller = view.caller();
    let message = format_args!("expected the submitter, got {caller}");
    require(
        first.submitter == caller,
        Code::Forbidden,
        "caller",
        message,
    )?;
    let mut taken = first.columns;
    let extension = |n| StateKey::extension(first.nullifier, n);
    view.expect((1..=first.n_extensions).map(extension));
    for n in 1..=first.n_extensions {
        let before: RequestEntry = view.need(&extension(n)).await?;
        if n == terms.extension {
            return Err(ContractError::already_recorded(before.request));
        }
        taken |= before.columns;
    }
    let next = first.n_extensions + 1;
    let message = format_args!("expected the number {next}, got {}", terms.extension);
    require(terms.extension == next, Code::Stale, "extension", message)?;
    let message = "expected the version that was granted";
    require(
        terms.dataset == first.dataset,
        Code::Refused,
        "extension",
        message,
    )?;
    let asked = terms.columns & !FLAGS;
    let message = "expected further columns, and none that was asked for under this nullifier";
    let is_further = asked & !taken != 0 && asked & taken & !PSEUDONYMS == 0;
    require(is_further, Code::BadInput, "columns", message)?;
    require_running(&first, view.day().await?.day)?;
    Ok(Origin::Extends(Box::new(first)))
}

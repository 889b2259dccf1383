//! `access confirm`: the holder proves that the keys that it handed over are the committed ones, or
//! writes the witness of that for other provers.

use super::AccessError;
use super::delivery::{Delivery, HandoverScalar, explain_refusal, holders_grant};
use crate::journey::witness::{WitnessExported, export};
use crate::session::Session;
use crate::step::{Step, Transaction};
use medveil_circuits::babyjubjub::Scalar;
use medveil_circuits::field::Felt;
use medveil_circuits::handover::{Handover, HandoverPrivate, HandoverPublic};
use medveil_circuits::ids::RequestId;
use medveil_collections_config::MspId;
use medveil_contract::Code;
use medveil_contract::call::{Call, ConfirmDelivery};
use medveil_contract::model::Delivery as Delivered;
use schemars::JsonSchema;
use serde::Serialize;
use std::path::Path;

/// Delivered keys are proven to be the committed ones.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DeliveryConfirmed {
    #[schemars(with = "String")]
    pub request: RequestId,
    #[schemars(with = "String")]
    pub holder: MspId,
    #[serde(flatten)]
    pub transaction: Transaction,
}

impl Step for DeliveryConfirmed {
    const NAME: &'static str = "access.confirm";
    const VERSION: u32 = 2;

    fn transaction(&self) -> Option<&Transaction> {
        Some(&self.transaction)
    }
}

/// Proves on the ledger that the delivered keys are the committed ones; what is proven is not proven
/// again.
///
/// **Errors**: a request that is not approved; nothing was handed over; the contract refuses.
pub async fn confirm(
    session: &Session,
    holder: &MspId,
    request: RequestId,
) -> Result<DeliveryConfirmed, AccessError> {
    let handed = HandedOver::read(session, holder, request).await?;
    let (segment, digest) = (handed.delivery.segment, handed.digest);
    let is_it = |d: &&Delivered| (d.segment, d.digest) == (segment, digest);
    if let Some(before) = handed.delivered.iter().find(is_it) {
        let transaction = Transaction::earlier(Some(before.tx_id.clone()));
        return Ok(answer(holder, request, transaction));
    }
    let what = "proving the handover";
    let item = handed.statement();
    let call = Call::ConfirmDelivery(ConfirmDelivery {
        grant: request,
        segment,
        digest,
        proof: session.prove_one::<Handover>(holder, item, what).await?,
    });
    match session.submit_public(holder, &call).await {
        Ok(committed) => Ok(answer(holder, request, Transaction::from(&committed))),
        // The contract checks that the recipient has the package that the proof is for.
        Err(e) if e.code() == Some(Code::NotFound) => Err(AccessError::NotHandedOver {
            request,
            holder: holder.clone(),
            refusal: Some(Box::new(e)),
        }),
        Err(refusal) => Err(explain_refusal(session, holder, request, refusal).await),
    }
}

fn answer(holder: &MspId, request: RequestId, transaction: Transaction) -> DeliveryConfirmed {
    DeliveryConfirmed {
        request,
        holder: holder.clone(),
        transaction,
    }
}

/// Writes the witness of the statement that the handed over keys are the committed ones, whether it
/// was proven or not. No proof is made or sent.
///
/// **Errors**: as [`confirm`]; the file cannot be written.
pub async fn handover_witness(
    session: &Session,
    holder: &MspId,
    request: RequestId,
    out: &Path,
) -> Result<WitnessExported, AccessError> {
    let handed = HandedOver::read(session, holder, request).await?;
    Ok(export::<Handover>(session, handed.statement(), out).await?)
}

/// A package that was made for a recipient.
struct HandedOver {
    delivery: Delivery,
    ephemeral: Scalar,
    digest: Felt,
    /// What is proven already.
    delivered: Vec<Delivered>,
}

impl HandedOver {
    /// **Errors**: a request that is not approved; nothing was handed over.
    async fn read(
        session: &Session,
        holder: &MspId,
        request: RequestId,
    ) -> Result<Self, AccessError> {
        let status = holders_grant(session, holder, request).await?;
        let scalar = HandoverScalar::new(holder, request).get(session)?;
        // Without a scalar there is no package, and nothing to prove.
        let ephemeral = scalar.ok_or_else(|| AccessError::NotHandedOver {
            request,
            holder: holder.clone(),
            refusal: None,
        })?;
        let delivery = Delivery::new(session, holder, status.request).await?;
        Ok(HandedOver {
            digest: delivery.package(&ephemeral)?.digest(),
            delivered: status.deliveries,
            delivery,
            ephemeral,
        })
    }

    fn statement(self) -> (HandoverPublic, HandoverPrivate) {
        let Delivery {
            request,
            segment,
            keys,
        } = self.delivery;
        let public = HandoverPublic {
            digest: self.digest,
            key_commitment: keys.commitment(),
            recipient: request.recipient,
            mask: request.columns,
            grant: request.request,
            segment,
        };
        let ephemeral = self.ephemeral;
        (public, HandoverPrivate { keys, ephemeral })
    }
}

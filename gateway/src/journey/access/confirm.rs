//! `access confirm`: the holder proves that the keys that it handed over are the committed ones.

use super::AccessError;
use super::delivery::{Delivery, HandoverScalar, explain_refusal, holders_grant};
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
    let status = holders_grant(session, holder, request).await?;
    let scalar = HandoverScalar::new(holder, request).get(session)?;
    // Without a scalar there is no package, and nothing to prove.
    let ephemeral = scalar.ok_or_else(|| AccessError::NotHandedOver {
        request,
        holder: holder.clone(),
        refusal: None,
    })?;
    let delivered = status.deliveries;
    let delivery = Delivery::new(session, holder, status.request).await?;
    let digest = delivery.package(&ephemeral)?.digest();
    let is_it = |d: &&Delivered| (d.segment, d.digest) == (delivery.segment, digest);
    if let Some(before) = delivered.iter().find(is_it) {
        return Ok(DeliveryConfirmed {
            request,
            holder: holder.clone(),
            transaction: Transaction::earlier(Some(before.tx_id.clone())),
        });
    }
    let call = proven(session, holder, (delivery, digest), ephemeral).await?;
    match session.submit_public(holder, &call).await {
        Ok(committed) => Ok(DeliveryConfirmed {
            request,
            holder: holder.clone(),
            transaction: Transaction::from(&committed),
        }),
        // The contract checks that the recipient has the package that the proof is for.
        Err(e) if e.code() == Some(Code::NotFound) => Err(AccessError::NotHandedOver {
            request,
            holder: holder.clone(),
            refusal: Some(Box::new(e)),
        }),
        Err(refusal) => Err(explain_refusal(session, holder, request, refusal).await),
    }
}

/// The call with its proof.
async fn proven(
    session: &Session,
    holder: &MspId,
    (delivery, digest): (Delivery, Felt),
    ephemeral: Scalar,
) -> Result<Call, AccessError> {
    let Delivery {
        request,
        segment,
        keys,
    } = delivery;
    let grant = request.request;
    let public = HandoverPublic {
        digest,
        key_commitment: keys.commitment(),
        recipient: request.recipient,
        mask: request.columns,
        grant,
        segment,
    };
    let item = (public, HandoverPrivate { keys, ephemeral });
    let what = "proving the handover";
    let proof = session.prove_one::<Handover>(holder, item, what).await?;
    Ok(Call::ConfirmDelivery(ConfirmDelivery {
        grant,
        segment,
        digest,
        proof,
    }))
}

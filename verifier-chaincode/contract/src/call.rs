//! What clients send: transactions as `[name, borsh]`, queries as `[name, text, ..]` answered in
//! JSON.
//!
//! One byte format, strict: unknown names, trailing bytes and oversize parts are refused before
//! anything is read. Each call also says who may make it and which organisations must endorse it,
//! so that clients hold no second copy of these rules. Private arguments travel in `transient`.

mod args;
mod argument;
mod endorsement;
mod query;
pub mod reply;
pub mod transient;

pub use args::{
    AccessTerms, ActivateCircuit, AffirmAccess, ApproveCircuit, BlockOpening, BlockRegistration,
    Bootstrap, ChunkRegistration, ClaimChunk, ClaimTerms, CloseGrant, ConfirmDelivery, CountUnit,
    DecideAccess, Decision, HandOverKey, LanePoint, LineageName, MAX_WORD, ProposeCircuit,
    PublishClaim, PublishKey, PutPolicy, RegisterDataset, RegisterIssuer, RequestAccess,
    RetireIssuer, StorePages, UpdateRevocations,
};
pub use endorsement::{Endorsement, MissingParty, Parties};
pub use query::{Paged, Query, Request, request};
pub use reply::Page;

use crate::error::{Code, ContractError, Refuse, require};
use crate::identity::Role;
use serde::{Serialize, de::DeserializeOwned};

/// Most bytes of a call: arguments, transient map and write set together.
///
/// **Units**: bytes.
pub const MAX_CALL_BYTES: usize = 8 * 1024 * 1024;

/// The arguments of a transaction, which know the type of its reply.
pub trait Transaction: Sized {
    type Reply: Serialize + DeserializeOwned;

    /// The transaction as it goes into a proposal.
    fn call(self) -> Call;
}

/// `Tick` takes no arguments.
pub type Tick = ();

macro_rules! calls {
    ($($(#[$doc:meta])* $name:ident($args:ty), $role:ident -> $reply:ident;)*) => {
        // One exists per call; its size does not count.
        #[allow(clippy::large_enum_variant)]
        #[derive(Clone, PartialEq)]
        pub enum Call { $($(#[$doc])* $name($args),)* }

        impl Call {
            /// The names of all transactions.
            pub const NAMES: &'static [&'static str] = &[$(stringify!($name)),*];

            /// The name that stands in the first argument and in every proof's context.
            pub fn function_name(&self) -> &'static str {
                match self { $(Call::$name(_) => stringify!($name),)* }
            }

            /// The role that the caller needs.
            pub fn role(&self) -> Role {
                match self { $(Call::$name(_) => Role::$role,)* }
            }

            /// The arguments as they go into a proposal: name and borsh bytes.
            pub fn to_args(&self) -> Vec<Vec<u8>> {
                // Writing to memory cannot fail.
                let body = match self { $(Call::$name(args) => borsh::to_vec(args).unwrap_or_default(),)* };
                vec![self.function_name().as_bytes().to_vec(), body]
            }

            fn decode(name: &str, body: &[u8]) -> Option<std::io::Result<Call>> {
                match name {
                    $(stringify!($name) => Some(borsh::from_slice::<$args>(body).map(Call::$name)),)*
                    _ => None,
                }
            }
        }

        $(impl Transaction for $args {
            type Reply = reply::$reply;

            fn call(self) -> Call {
                Call::$name(self)
            }
        })*
    };
}

calls! {
    /// Once: writes the consortium file and sets the day from the transaction's timestamp.
    Bootstrap(Bootstrap), Admin -> Bootstrapped;
    /// Brings a verifying key; counts as the proposer's approval.
    ProposeCircuit(ProposeCircuit), Admin -> CircuitProposed;
    /// Approves a proposed key after recomputing what it names.
    ApproveCircuit(ApproveCircuit), Admin -> CircuitApproved;
    /// Makes an approved key the one its circuit uses.
    ActivateCircuit(ActivateCircuit), Admin -> CircuitActivated;
    /// Enters an issuer of the caller's organisation into the registry.
    RegisterIssuer(RegisterIssuer), Admin -> IssuerRegistered;
    /// Adds revoked indices to one issuer's tree.
    UpdateRevocations(UpdateRevocations), Client -> RevocationsUpdated;
    /// Retires an issuer: one of the caller's own, or any by the votes of a majority.
    RetireIssuer(RetireIssuer), Admin -> IssuerRetired;
    /// Sets or replaces the policy of one of the caller's lineages.
    PutPolicy(PutPolicy), Admin -> PolicyPut;
    /// Publishes the organisation's key for sealed requests, or another one in its place.
    PublishKey(PublishKey), Client -> KeyPublished;
    /// Moves the day forward to the transaction's.
    Tick(Tick), Client -> Ticked;
    /// Registers the first version of a dataset with its proofs.
    RegisterDataset(RegisterDataset), Client -> DatasetRegistered;
    /// Stores encrypted pages in a private collection. Transient `pages`.
    StorePages(StorePages), Client -> PagesStored;
    /// Proves eligibility and asks for access. Transient `request`.
    RequestAccess(RequestAccess), Client -> AccessRequested;
    /// Votes on a request.
    DecideAccess(DecideAccess), Client -> AccessDecided;
    /// Proves eligibility anew for a request, against today's registry.
    AffirmAccess(AffirmAccess), Client -> AccessAffirmed;
    /// Puts wrapped slot keys into the recipient's implicit collection. Transient `package`.
    HandOverKey(HandOverKey), Client -> KeyHandedOver;
    /// Proves that the handed-over keys were the right ones.
    ConfirmDelivery(ConfirmDelivery), Client -> DeliveryConfirmed;
    /// Ends a grant.
    CloseGrant(CloseGrant), Client -> GrantClosed;
    /// Publishes a claim over a registered version with its proofs.
    PublishClaim(PublishClaim), Client -> ClaimPublished;
}

impl Call {
    /// The one entry of the transient map that the call takes, if any.
    pub fn transient_name(&self) -> Option<&'static str> {
        match self {
            Call::StorePages(_) => Some(transient::PAGES),
            Call::RequestAccess(_) => Some(transient::REQUEST),
            Call::HandOverKey(_) => Some(transient::PACKAGE),
            Call::Bootstrap(_)
            | Call::ProposeCircuit(_)
            | Call::ApproveCircuit(_)
            | Call::ActivateCircuit(_)
            | Call::RegisterIssuer(_)
            | Call::UpdateRevocations(_)
            | Call::RetireIssuer(_)
            | Call::PutPolicy(_)
            | Call::PublishKey(_)
            | Call::Tick(())
            | Call::RegisterDataset(_)
            | Call::DecideAccess(_)
            | Call::AffirmAccess(_)
            | Call::ConfirmDelivery(_)
            | Call::CloseGrant(_)
            | Call::PublishClaim(_) => None,
        }
    }

    /// Whether a first argument names a transaction (and not a query).
    pub fn is_transaction(name: &[u8]) -> bool {
        Call::NAMES.iter().any(|known| known.as_bytes() == name)
    }

    /// Decodes the arguments of a transaction and checks their sizes.
    ///
    /// **Errors**: not exactly two arguments, an unknown name, anything but the canonical bytes, a
    /// part over its cap.
    pub fn from_args(args: &[Vec<u8>]) -> Result<Call, ContractError> {
        let [name, body] = args else {
            let message = format!(
                "expected a name and one argument, got {} arguments",
                args.len()
            );
            return Err(ContractError::new(Code::BadInput, "arguments", message));
        };
        let size = name.len().saturating_add(body.len());
        require(
            size <= MAX_CALL_BYTES,
            Code::TooLarge,
            "arguments",
            format_args!("expected at most {MAX_CALL_BYTES} bytes, got {size}"),
        )?;
        let name = std::str::from_utf8(name).map_err(|_| {
            ContractError::new(Code::BadInput, "arguments", "expected a name in utf-8")
        })?;
        let call = Call::decode(name, body)
            .ok_or_else(|| {
                ContractError::new(
                    Code::BadInput,
                    "arguments",
                    "expected the name of a transaction",
                )
            })?
            .refuse(Code::BadInput, "arguments")?;
        call.check_caps()?;
        Ok(call)
    }
}

//! The contract: decode, caps, caller's role, then reads, then pairings, then writes.
//!
//! A handler reads through a `View` and returns `Effects`; nothing is written before the handler
//! has returned, so nothing is written before the last check. Verification is synchronous and
//! single-threaded: whoever serves the contract calls `invoke` off its async threads.

mod access;
mod circuits;
mod claim;
mod config;
mod dataset;
mod effects;
mod first;
mod grant;
mod keys;
mod members;
mod policy;
mod query;
mod registry;
mod view;

pub use config::{ConfigError, ContractConfig};

use crate::call::{Call, MAX_CALL_BYTES, Query};
use crate::error::{Code, ContractError, Refuse, require};
use crate::judge::KeyCache;
use crate::ledger::Ledger;
use crate::state_key::StateKey;
use effects::Effects;
use medveil_circuits::domain::Label;
use medveil_circuits::field::Digest;
use medveil_circuits::ids::ConsortiumId;
use medveil_collections_config::Consortium;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use view::View;

/// Most transactions that run at the same time, whether they verify or not; more are refused as
/// `busy`.
pub const MAX_CONCURRENT: usize = 16;

/// The contract of one organisation.
pub struct Contract {
    config: ContractConfig,
    keys: KeyCache,
    /// Bootstrap bytes never change, so one parse serves every call.
    consortium: Mutex<Option<(ConsortiumId, std::sync::Arc<Consortium>)>>,
    running: AtomicUsize,
}

/// Counts a call while it runs.
struct Admission<'a>(&'a AtomicUsize);

impl Drop for Admission<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Contract {
    /// A contract with nothing cached.
    ///
    /// **Errors**: a chaincode name that is not one.
    pub fn new(config: ContractConfig) -> Result<Self, ConfigError> {
        config.check()?;
        Ok(Contract {
            config,
            keys: KeyCache::default(),
            consortium: Mutex::default(),
            running: AtomicUsize::new(0),
        })
    }

    /// What it was started with.
    pub fn config(&self) -> &ContractConfig {
        &self.config
    }

    /// Runs one call: a transaction `[name, borsh]` or a query `[name, text, ..]`. The answer is
    /// JSON.
    ///
    /// **Errors**: a refusal; then nothing was written.
    ///
    /// **Cost**: up to seconds of one core for calls with many proofs.
    pub async fn invoke<L: Ledger>(
        &self,
        ledger: &mut L,
        args: &[Vec<u8>],
    ) -> Result<Vec<u8>, ContractError> {
        self.check_process(ledger)?;
        let Some(name) = args.first() else {
            return Err(ContractError::new(
                Code::BadInput,
                "arguments",
                "expected the name of a call",
            ));
        };
        if Call::is_transaction(name) {
            let call = Call::from_args(args)?;
            let size = input_size(ledger, args, &call)?;
            let _admitted = self.admit()?;
            let effects = self.execute(ledger, call).await?;
            effects.apply(ledger, size).await
        } else {
            let query = Query::from_args(args)?;
            require(
                ledger.tx().transient.is_empty(),
                Code::BadInput,
                "transient",
                "expected no private arguments",
            )?;
            self.answer(ledger, query).await
        }
    }

    /// The process and the ledger must agree on who and where they are.
    fn check_process<L: Ledger>(&self, ledger: &L) -> Result<(), ContractError> {
        let tx = ledger.tx();
        let own = tx.peer_msp == self.config.msp_id;
        require(
            own,
            Code::Internal,
            "process",
            "expected the peer of this contract's own organisation",
        )?;
        require(
            tx.chaincode == self.config.chaincode_name,
            Code::Internal,
            "process",
            "expected the chaincode name of this contract's configuration",
        )
    }

    fn admit(&self) -> Result<Admission<'_>, ContractError> {
        let before = self.running.fetch_add(1, Ordering::AcqRel);
        let admission = Admission(&self.running);
        require(
            before < MAX_CONCURRENT,
            Code::Busy,
            "admission",
            format_args!("{MAX_CONCURRENT} calls are running"),
        )?;
        Ok(admission)
    }

    async fn execute<L: Ledger>(
        &self,
        ledger: &mut L,
        call: Call,
    ) -> Result<Effects, ContractError> {
        let (role, needed) = (ledger.tx().caller.role, call.role());
        require(
            role == needed,
            Code::Forbidden,
            "caller",
            format_args!("expected the role {needed}, got {role}"),
        )?;
        let first = first::reads(&call, &ledger.tx().caller.msp_id);
        macro_rules! on_view {
            ($call:ident($($args:ident)?)) => {
                self.$call(&mut self.open(ledger, first).await? $(, $args)?).await
            };
        }
        match call {
            Call::Bootstrap(args) => self.bootstrap(ledger, args).await,
            Call::ProposeCircuit(args) => on_view!(propose_circuit(args)),
            Call::ApproveCircuit(args) => on_view!(approve_circuit(args)),
            Call::ActivateCircuit(args) => on_view!(activate_circuit(args)),
            Call::PublishKey(args) => on_view!(publish_key(args)),
            Call::Tick(()) => on_view!(tick()),
            Call::RegisterIssuer(args) => on_view!(register_issuer(args)),
            Call::UpdateRevocations(args) => on_view!(update_revocations(args)),
            Call::RetireIssuer(args) => on_view!(retire_issuer(args)),
            Call::RegisterDataset(args) => on_view!(register_dataset(args)),
            Call::StorePages(args) => on_view!(store_pages(args)),
            Call::PutPolicy(args) => on_view!(put_policy(args)),
            Call::RequestAccess(args) => on_view!(request_access(args)),
            Call::DecideAccess(args) => on_view!(decide_access(args)),
            Call::AffirmAccess(args) => on_view!(affirm_access(args)),
            Call::HandOverKey(args) => on_view!(hand_over_key(args)),
            Call::ConfirmDelivery(args) => on_view!(confirm_delivery(args)),
            Call::CloseGrant(args) => on_view!(close_grant(args)),
            Call::PublishClaim(args) => on_view!(publish_claim(args)),
        }
    }

    /// Opens a view for a member of the consortium, in which these keys are read.
    async fn open<'a, L: Ledger>(
        &'a self,
        ledger: &'a mut L,
        first: Vec<StateKey>,
    ) -> Result<View<'a, L>, ContractError> {
        let keys: BTreeSet<StateKey> = [StateKey::consortium()].into_iter().chain(first).collect();
        let keys: Vec<StateKey> = keys.into_iter().collect();
        let found = ledger.get_all(&keys).await?;
        let known: BTreeMap<_, _> = keys.into_iter().zip(found).collect();
        let bytes = known.get(&StateKey::consortium()).cloned().flatten();
        let bytes = bytes.ok_or_else(|| {
            ContractError::new(
                Code::NotFound,
                "consortium",
                "expected Bootstrap to come first",
            )
        })?;
        let (id, consortium) = self.consortium(&bytes)?;
        let caller = &ledger.tx().caller.msp_id;
        let message = format_args!("expected a member of the consortium, got {caller}");
        require(
            consortium.is_member(caller),
            Code::Forbidden,
            "caller",
            message,
        )?;
        Ok(View::new(ledger, &self.config, (id, consortium), known))
    }

    /// The consortium of these bytes, which must be the configured one.
    fn consortium(
        &self,
        bytes: &[u8],
    ) -> Result<(ConsortiumId, std::sync::Arc<Consortium>), ContractError> {
        let digest = Digest::of(bytes);
        require(
            digest == self.config.consortium_digest,
            Code::Refused,
            "consortium",
            format_args!(
                "expected the consortium {}, got {digest}",
                self.config.consortium_digest
            ),
        )?;
        let mut cached = self
            .consortium
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(known) = cached.as_ref() {
            return Ok(known.clone());
        }
        let consortium = Consortium::from_canonical(bytes).refuse(Code::BadInput, "consortium")?;
        let id = ConsortiumId::new(medveil_circuits::field::bytes_to_field(
            Label::Consortium,
            bytes,
        ));
        Ok(cached.insert((id, std::sync::Arc::new(consortium))).clone())
    }
}

/// Arguments and transient map, and that the transient map holds what the call takes and nothing
/// else.
fn input_size<L: Ledger>(
    ledger: &L,
    args: &[Vec<u8>],
    call: &Call,
) -> Result<usize, ContractError> {
    let transient = &ledger.tx().transient;
    let expected = call.transient_name();
    let exact = transient.len() == usize::from(expected.is_some())
        && expected.is_none_or(|name| transient.contains_key(name));
    let message = format_args!(
        "expected {}",
        expected.map_or(
            "no private argument",
            |_| "exactly the private argument of this call"
        )
    );
    require(exact, Code::BadInput, "transient", message)?;
    let size = args
        .iter()
        .map(Vec::len)
        .chain(transient.values().map(Vec::len))
        .fold(0usize, usize::saturating_add);
    require(
        size <= MAX_CALL_BYTES,
        Code::TooLarge,
        "arguments",
        format_args!("expected at most {MAX_CALL_BYTES} bytes, got {size}"),
    )?;
    Ok(size)
}

//! One call, from its message to its answer.

use super::context::{self, Asked};
use super::handler::{Shared, ending};
use super::ledger::PeerLedger;
use super::stream::Run;
use super::{Invoke, TIME_WINDOW_MS};
use crate::error::{Code, ContractError, Refuse, require};
use fabric_shim_protos::peer::chaincode_message::Type;
use fabric_shim_protos::peer::{ChaincodeEvent, ChaincodeMessage, Response};
use prost::Message;
use std::sync::Arc;
use tokio::runtime::Handle;
use tokio::sync::OwnedSemaphorePermit;
use tokio::task::spawn_blocking;

const METADATA: &[u8] = b"org.hyperledger.fabric:GetMetadata";

/// What a call that may begin holds.
pub(super) struct Admitted {
    /// Its place among the calls of its peer, until it is answered.
    pub(super) place: OwnedSemaphorePermit,
    /// Its bytes among those that wait, until its turn.
    pub(super) bytes: OwnedSemaphorePermit,
}

/// The answer and the event.
type Done = Result<(Vec<u8>, Option<ChaincodeEvent>), ContractError>;

/// A call that ended.
struct Ran {
    /// Its name, where the contract knows it.
    call: &'static str,
    done: Done,
}

fn stopped() -> ContractError {
    ContractError::new(Code::Internal, "contract", "it stopped unexpectedly")
}

impl<I: Invoke> Shared<I> {
    /// Runs a call and answers it.
    pub(super) async fn carry_out(
        self: Arc<Self>,
        run: Arc<Run>,
        admitted: Admitted,
        message: ChaincodeMessage,
    ) {
        self.metrics.began();
        let began = (self.micros)();
        let Ran { call, done } = self.run(&run, admitted.bytes, message).await;
        let refusal = done.as_ref().err().map(ContractError::code);
        self.metrics
            .ended(call, refusal, (self.micros)().saturating_sub(began));
        tracing::debug!(
            call,
            tx_id = run.tx_id(),
            outcome = refusal.map_or("ok", Code::as_str),
            "call ended"
        );
        match done {
            Ok((payload, event)) => {
                let response = Response {
                    status: 200,
                    message: String::new(),
                    payload,
                };
                run.answer(Type::Completed, response.encode_to_vec(), event)
                    .await;
            }
            Err(error) => {
                run.answer(Type::Error, error.to_string().into_bytes(), None)
                    .await
            }
        }
        drop(admitted.place);
    }

    async fn run(
        self: &Arc<Self>,
        run: &Arc<Run>,
        bytes: OwnedSemaphorePermit,
        message: ChaincodeMessage,
    ) -> Ran {
        let msp_id = self.msp_id.clone();
        // Off the threads that serve streams: megabytes are copied here.
        let read = spawn_blocking(move || {
            context::read(message, &msp_id).refuse(Code::BadInput, "proposal")
        })
        .await;
        let asked = match read.unwrap_or_else(|_| Err(stopped())) {
            Ok(asked) => asked,
            Err(error) => {
                return Ran {
                    call: "other",
                    done: Err(error),
                };
            }
        };
        let first = asked.args.first().map(Vec::as_slice).unwrap_or_default();
        if first == METADATA {
            return Ran {
                call: "GetMetadata",
                done: Ok((self.contract.metadata(), None)),
            };
        }
        let call = self
            .contract
            .names()
            .iter()
            .copied()
            .flatten()
            .find(|n| n.as_bytes() == first)
            .copied()
            .unwrap_or("other");
        Ran {
            call,
            done: self.invoke(run.clone(), bytes, asked).await,
        }
    }

    async fn invoke(
        self: &Arc<Self>,
        run: Arc<Run>,
        bytes: OwnedSemaphorePermit,
        asked: Asked,
    ) -> Done {
        let Asked {
            context,
            creator,
            args,
        } = asked;
        self.check_time(context.timestamp_ms)?;
        let turn = if self
            .contract
            .verifies(args.first().map(Vec::as_slice).unwrap_or_default())
        {
            Some(self.turn().await?)
        } else {
            None
        };
        // Whoever has a turn is one of few: its bytes make room for others.
        let _bytes = turn.is_none().then_some(bytes);
        require(
            run.is_wanted(),
            Code::Busy,
            "process",
            "the peer has given this transaction up",
        )?;
        let (shared, handle) = (self.clone(), Handle::current());
        // Off the threads that serve streams: proofs take whole cores.
        let worked = spawn_blocking(move || {
            let _turn = turn;
            let mut ledger = PeerLedger::new(run, context, creator);
            let payload = handle.block_on(shared.contract.invoke(&mut ledger, &args))?;
            Ok((payload, ledger.into_event()))
        });
        worked.await.unwrap_or_else(|_| Err(stopped()))
    }

    /// Waits for a turn to verify: here and not on a thread of its own, because hundreds may wait
    /// and what only reads needs threads too.
    async fn turn(&self) -> Result<OwnedSemaphorePermit, ContractError> {
        let mut asked_to_end = self.ending.clone();
        tokio::select! {
            biased;
            _ = asked_to_end.wait_for(|ending| *ending) => Err(ending()),
            // The semaphore is never closed.
            turn = self.turns.clone().acquire_owned() => turn.map_err(|_| ending()),
        }
    }

    /// The contract takes its day from the transaction, whose client chose it. Fabric 3 peers can
    /// refuse one that is far off, if they are set up to; Fabric 2.5 peers cannot.
    fn check_time(&self, timestamp_ms: u64) -> Result<(), ContractError> {
        let away = self.now_ms.map_or(0, |now| now().abs_diff(timestamp_ms));
        let (minutes, most) = (away / 60_000, TIME_WINDOW_MS / 60_000);
        let message = format_args!(
            "expected a time within {most} minutes of this organisation's clock, got one {minutes} minutes away"
        );
        require(away <= TIME_WINDOW_MS, Code::BadInput, "proposal", message)
    }
}

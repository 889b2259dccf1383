//! One call, from its message to its answer.

use crate::invoke::Invoke;
use crate::ledger::PeerLedger;
use crate::limits::TIME_WINDOW_MS;
use crate::places::{Caller, Permit};
use crate::refusal::Refusal;
use crate::shared::{Admitted, Shared, ending};
use crate::stream::Run;
use crate::transaction::{self, Call};
use fabric_shim_protos::peer::chaincode_message::Type;
use fabric_shim_protos::peer::{ChaincodeEvent, ChaincodeMessage, Response};
use prost::Message;
use std::sync::Arc;
use tokio::runtime::Handle;
use tokio::sync::OwnedSemaphorePermit;
use tokio::task::spawn_blocking;

const METADATA: &[u8] = b"org.hyperledger.fabric:GetMetadata";

/// The answer and the event.
type Done = Result<(Vec<u8>, Option<ChaincodeEvent>), Refusal>;

/// A call that ended.
struct Ran {
    /// Its name, where the chaincode knows it.
    call: &'static str,
    done: Done,
}

fn stop_refusal() -> Refusal {
    Refusal::internal("call: it stopped unexpectedly")
}

impl<I: Invoke> Shared<I> {
    /// Runs a call and answers it.
    pub(crate) async fn carry_out(
        self: Arc<Self>,
        run: Arc<Run>,
        admitted: Admitted,
        message: ChaincodeMessage,
    ) {
        self.metrics.began();
        let began = (self.micros)();
        let Ran { call, done } = self.run(&run, admitted.bytes, message).await;
        let refusal = done.as_ref().err().map(Refusal::code);
        self.metrics
            .end_call(call, refusal, (self.micros)().saturating_sub(began));
        tracing::debug!(
            call,
            tx_id = run.tx_id(),
            outcome = refusal.unwrap_or("ok"),
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
        let shared = self.clone();
        // Off the threads that serve streams: megabytes are copied here.
        let read = spawn_blocking(move || shared.read(message)).await;
        let asked = match read.unwrap_or_else(|_| Err(stop_refusal())) {
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
                done: Ok((self.chaincode.metadata(), None)),
            };
        }
        Ran {
            call: self.counted_as(first),
            done: self.invoke(run.clone(), bytes, asked).await,
        }
    }

    /// What a call of this name is counted as.
    fn counted_as(&self, name: &[u8]) -> &'static str {
        let mut known = self.chaincode.names().iter().copied().flatten();
        let found = known.find(|known| known.as_bytes() == name);
        found.copied().unwrap_or("other")
    }

    fn read(&self, message: ChaincodeMessage) -> Result<Call, Refusal> {
        let call = transaction::read(message)
            .map_err(|e| Refusal::bad_input(format_args!("proposal: {e}")))?;
        self.chaincode.check(&call.transaction)?;
        Ok(call)
    }

    async fn invoke(
        self: &Arc<Self>,
        run: Arc<Run>,
        bytes: OwnedSemaphorePermit,
        call: Call,
    ) -> Done {
        let Call { transaction, args } = call;
        self.check_time(transaction.timestamp_ms)?;
        let name = args.first().map(Vec::as_slice).unwrap_or_default();
        let needs_turn = self.chaincode.needs_turn(name);
        let (turn, share) = self.turn(run.caller(), needs_turn).await?;
        // Whoever has a turn is one of few: its bytes make room for others.
        let _bytes = turn.is_none().then_some(bytes);
        if !run.is_wanted() {
            return Err(Refusal::busy(
                "process: the peer has given this transaction up",
            ));
        }
        let thread = run.caller().thread().await;
        let (shared, handle) = (self.clone(), Handle::current());
        // Off the threads that serve streams: a call may take a whole core.
        let worked = spawn_blocking(move || {
            let _held = (turn, share, thread);
            let mut ledger = PeerLedger::new(run, transaction);
            let payload = handle.block_on(shared.chaincode.invoke(&mut ledger, &args))?;
            Ok((payload, handle.block_on(ledger.finish())?))
        });
        worked.await.unwrap_or_else(|_| Err(stop_refusal()))
    }

    /// Waits for a turn, where a call needs one, and before it for its kind's share of them: here and
    /// not on a thread of its own, because hundreds may wait and what only reads needs threads too.
    async fn turn(&self, caller: &Caller, needs_turn: bool) -> Result<(Permit, Permit), Refusal> {
        if !needs_turn {
            return Ok((None, None));
        }
        let mut asked_to_end = self.ending.clone();
        let turn = async {
            let share = caller.share_of_turns().await;
            // The semaphore is never closed.
            let turn = self.turns.clone().acquire_owned().await;
            Ok((Some(turn.map_err(|_| ending())?), share))
        };
        tokio::select! {
            biased;
            _ = asked_to_end.wait_for(|ending| *ending) => Err(ending()),
            turn = turn => turn,
        }
    }

    /// A transaction's time is its client's choice, and a chaincode may take its day from it.
    /// Fabric 3 peers can refuse one that is far off, if they are set up to; Fabric 2.5 peers
    /// cannot.
    fn check_time(&self, timestamp_ms: u64) -> Result<(), Refusal> {
        let away = self.now_ms.map_or(0, |now| now().abs_diff(timestamp_ms));
        let (minutes, most) = (away / 60_000, TIME_WINDOW_MS / 60_000);
        if away <= TIME_WINDOW_MS {
            return Ok(());
        }
        Err(Refusal::bad_input(format_args!(
            "proposal: expected a time within {most} minutes of this organisation's clock, got one {minutes} minutes away"
        )))
    }
}

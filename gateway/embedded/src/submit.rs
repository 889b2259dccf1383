//! What a client does with the ledger: submit, confirm, evaluate.

use super::client::EmbeddedClient;
use super::order::{OrderError, Ordered};
use super::peer::ProposalResponse;
use super::simulator::Mode;
use super::verdict::verdict;
use medveil_embedded_wire::ValidationCode;
use medveil_ledger::{Committed, LedgerError, Transaction};

/// How often a conflict is endorsed again.
const MAX_ATTEMPTS: usize = 3;

impl EmbeddedClient {
    /// Endorses, orders and waits for the verdict. A conflict with another transaction is endorsed
    /// again, with the same arguments.
    ///
    /// **Errors**: the stage that failed.
    pub fn submit(&self, transaction: &Transaction) -> Result<Committed, LedgerError> {
        let mut attempt = 1;
        loop {
            let prepared = self.prepare(transaction)?;
            let (tx_id, payload) = (prepared.tx_id(), prepared.payload().to_vec());
            let ordered = self.inner.order(vec![prepared]);
            let ordered = ordered.map_err(|e| not_ordered(&tx_id, e))?;
            let Some(Ordered {
                block, tx, code, ..
            }) = ordered.into_iter().next()
            else {
                return Err(LedgerError::read("no verdict"));
            };
            match code {
                ValidationCode::Valid => {
                    return Ok(Committed {
                        tx_id,
                        block,
                        tx: Some(tx),
                        payload,
                    });
                }
                // Definitive: the transaction can never become valid, so the same arguments may be
                // endorsed again.
                ValidationCode::MvccConflict if attempt < MAX_ATTEMPTS => attempt += 1,
                code => {
                    let verdict = verdict(code);
                    return Err(LedgerError::Invalid {
                        tx_id,
                        block,
                        verdict,
                    });
                }
            }
        }
    }

    /// Asks the peers of several organisations, checks their signatures and that they answer alike
    /// and write nothing; nothing is ordered.
    ///
    /// **Errors**: a peer refused, signed wrongly, would write, or answered something else.
    pub fn confirm(&self, transaction: &Transaction) -> Result<Vec<u8>, LedgerError> {
        self.check_endorsers(&transaction.endorsers)?;
        let proposed = self.propose(transaction)?;
        let _height = self.inner.ordering.read();
        let mut first: Option<ProposalResponse> = None;
        for peer in &transaction.endorsers {
            let response = self.endorse_at(&proposed, peer, Mode::Query)?;
            self.compare(&proposed, peer, &response, first.as_ref())?;
            if !response.action.set.writes_nothing() {
                return Err(LedgerError::Mismatch {
                    tx_id: proposed.tx_id,
                    peer: peer.clone(),
                    what: "a query would write",
                });
            }
            first.get_or_insert(response);
        }
        Ok(first.map(|a| a.action.payload).unwrap_or_default())
    }

    /// Asks this identity's own organisation's peer, or the first named endorser's; nothing is
    /// ordered.
    ///
    /// **Errors**: the contract's refusal, or the ledger could not be read.
    pub fn evaluate(&self, transaction: &Transaction) -> Result<Vec<u8>, LedgerError> {
        let proposed = self.propose(transaction)?;
        let _height = self.inner.ordering.read();
        let own = self.identity().msp_id();
        let at = transaction.endorsers.first().unwrap_or(own);
        Ok(self.endorse_at(&proposed, at, Mode::Query)?.action.payload)
    }
}

/// What was refused before anything was written will never be ordered. Of the rest it is not known:
/// the ledger has to be opened anew.
fn not_ordered(tx_id: &str, error: OrderError) -> LedgerError {
    let tx_id = tx_id.to_owned();
    match error {
        OrderError::TooLarge(_) | OrderError::PrivateValues => LedgerError::NotOrdered {
            tx_id,
            source: error.into(),
        },
        OrderError::Stopped
        | OrderError::Chain(_)
        | OrderError::Stage { .. }
        | OrderError::Apply { .. }
        | OrderError::Diverged(_)
        | OrderError::Interrupted(_) => LedgerError::Lost {
            tx_id,
            source: error.into(),
        },
    }
}

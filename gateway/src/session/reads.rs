//! Reads of the ledger: queries that know the type of their reply, and lists page by page.

use super::{Session, SessionError};
use medveil_collections_config::{MspId, Role};
use medveil_contract::call::{Paged, Query, Request, Transaction};
use medveil_ledger::Committed;
use medveil_msp::Identity;
use std::sync::Arc;

impl Session {
    /// Evaluates a query about public state at the organisation's own peer.
    ///
    /// **Errors**: refused by the contract, not reachable, or a reply of another form.
    pub async fn ask<R: Request>(&self, org: &MspId, request: R) -> Result<R::Reply, SessionError> {
        self.ask_as(&self.reader(org)?, request).await
    }

    /// Evaluates a query as this identity.
    ///
    /// **Errors**: as [`Session::ask`].
    pub(super) async fn ask_as<R: Request>(
        &self,
        identity: &Arc<Identity>,
        request: R,
    ) -> Result<R::Reply, SessionError> {
        let query = request.query();
        let answer = self.ledger.evaluate(identity, query.to_args()).await;
        read::<R>(&query, &answer.map_err(|e| self.ledger_error(e))?)
    }

    /// Every entry of a list, over all its pages.
    ///
    /// **Errors**: as [`Session::ask`].
    pub async fn ask_all<R: Paged>(
        &self,
        org: &MspId,
        list: &R,
    ) -> Result<Vec<R::Item>, SessionError> {
        let (mut all, mut bookmark) = (Vec::new(), String::new());
        loop {
            let page = R::page(self.ask(org, list.at(bookmark)).await?);
            all.extend(page.entries);
            bookmark = page.bookmark;
            if bookmark.is_empty() {
                return Ok(all);
            }
        }
    }

    /// Evaluates a query about private values, as the acting person, where enrolled, or the
    /// organisation's client.
    ///
    /// **Errors**: as [`Session::ask`].
    pub async fn ask_private<R: Request>(
        &self,
        org: &MspId,
        request: R,
    ) -> Result<R::Reply, SessionError> {
        self.ask_as(&self.private_reader(org)?, request).await
    }

    /// Asks the peers of two organisations, which must sign the same reply: no single one can tell
    /// something else than the ledger says.
    ///
    /// **Errors**: as [`Session::ask`]; or peers disagree.
    pub async fn ask_two<R: Request>(
        &self,
        org: &MspId,
        request: R,
    ) -> Result<R::Reply, SessionError> {
        let (identity, query) = (self.identity(org, Role::Client)?, request.query());
        let answer = self
            .ledger
            .confirm(&identity, query.to_args(), self.pairs(org));
        read::<R>(&query, &answer.await.map_err(|e| self.ledger_error(e))?)
    }

    /// Every two organisations other than this one; in a small consortium this one is among them.
    fn pairs(&self, org: &MspId) -> Vec<Vec<MspId>> {
        let members = self.consortium.members().iter();
        let mut others: Vec<MspId> = members.map(|m| m.msp_id.clone()).collect();
        others.retain(|m| m != org);
        if others.len() < 2 {
            others.push(org.clone());
        }
        let mut pairs = Vec::new();
        for (i, first) in others.iter().enumerate() {
            let seconds = others[i + 1..].iter();
            pairs.extend(seconds.map(|second| vec![first.clone(), second.clone()]));
        }
        pairs
    }
}

/// What the contract answered to a committed transaction of this type.
///
/// **Errors**: a reply of another form.
pub fn reply_to<T: Transaction>(
    name: &'static str,
    committed: &Committed,
) -> Result<T::Reply, SessionError> {
    serde_json::from_slice(&committed.payload).map_err(|source| SessionError::Reply {
        query: name,
        source,
    })
}

fn read<R: Request>(query: &Query, bytes: &[u8]) -> Result<R::Reply, SessionError> {
    serde_json::from_slice(bytes).map_err(|source| SessionError::Reply {
        query: query.function_name(),
        source,
    })
}

//! What a request is made from: everything that is fixed before its witness is built.

use super::body::{LONGEST_STUDY, Letter};
use super::columns::{FLAGS, PSEUDONYMS, column_names, key_slots};
use super::context::{self, Word};
use super::stored::{RequestTerms, StoredRequest};
use super::{AccessError, AccessOptions, ExtensionOptions, period};
use crate::actor::Actor;
use crate::journey::visa::Wallet;
use crate::session::{CHAINCODE, Session, SessionError};
use medveil_circuits::eligibility::nullifier;
use medveil_circuits::field::{Digest, Felt};
use medveil_circuits::ids::{ConsortiumId, DatasetRoot, Day, LineageId, Nullifier};
use medveil_circuits::policy::Program;
use medveil_circuits::schema::Schema;
use medveil_circuits::visa::codes;
use medveil_contract::call::reply::AccessContext;
use medveil_contract::call::request::{GetDataset, GetRequest, ListRequests};
use medveil_contract::call::{MAX_WORD, Request};
use medveil_contract::judge::eligibility;
use medveil_contract::model::{PublishedKey, RequestEntry, RequestState};
use medveil_text::is_plain;
use std::path::Path;

/// Who asks, and on whose word.
#[derive(Clone, Copy)]
pub(super) struct Asker<'a> {
    pub session: &'a Session,
    pub person: &'a Actor,
    pub word: Word,
    /// Whether nothing is sent: then everything is tried as of today.
    is_trial: bool,
}

impl<'a> Asker<'a> {
    /// A person whose institution's client asks the others.
    pub fn through_institution(session: &'a Session, person: &'a Actor) -> Self {
        Asker {
            session,
            person,
            word: Word::TwoOrganisations,
            is_trial: false,
        }
    }

    /// A person who sends nothing, and asks the others only where the own peer does not know them.
    pub fn to_try(session: &'a Session, person: &'a Actor) -> Self {
        let asker = match session.is_enrolled(person) {
            true => Asker::alone(session, person),
            false => Asker::through_institution(session, person),
        };
        Asker {
            is_trial: true,
            ..asker
        }
    }

    /// A person who asks the own peer alone.
    pub fn alone(session: &'a Session, person: &'a Actor) -> Self {
        Asker {
            session,
            person,
            word: Word::OwnPeer,
            is_trial: false,
        }
    }

    async fn ask<R: Request>(self, request: R) -> Result<R::Reply, SessionError> {
        self.word.ask(self.session, &self.person.org, request).await
    }

    /// Columns that were asked for under a grant's nullifier, but for those of this very ask.
    ///
    /// **Errors**: some of these were asked for by an extension that is over.
    async fn taken(
        self,
        grant: &RequestEntry,
        before: &StoredRequest,
        asked: u16,
    ) -> Result<u16, AccessError> {
        let first = ListRequests {
            bookmark: String::new(),
        };
        let all = self.session.ask_all(&self.person.org, &first).await?;
        let same: Vec<_> = all
            .iter()
            .filter(|e| e.nullifier == grant.nullifier)
            .collect();
        let overlaps = |e: &RequestEntry| e.columns & asked & !(FLAGS | PSEUDONYMS) != 0;
        let over = |e: &&&RequestEntry| e.extension != 0 && e.state.is_over() && overlaps(e);
        if let Some(entry) = same.iter().find(over) {
            return Err(period::over(self.session, &self.person.org, entry).await?);
        }
        // The same words again get the answer of the first time.
        let others = same
            .iter()
            .filter(|e| e.extension == 0 || e.columns != asked);
        Ok(others.fold(before.terms.columns, |taken, e| taken | e.columns))
    }

    /// What a request is proven against.
    ///
    /// **Errors**: as [`context::read`]; the peer's day is ahead of the clock here.
    pub async fn context(
        self,
        lineage: LineageId,
        named: &str,
    ) -> Result<AccessContext, AccessError> {
        let (session, org) = (self.session, &self.person.org);
        let mut context = context::read(session, org, self.word, (lineage, named)).await?;
        if self.is_trial || self.word == Word::OwnPeer {
            let today = session.today();
            // The day is moved before anything is sent. A peer that is ahead wants a proof that it
            // can use later.
            let (current, latest) = (context.day.current, Day(today.0.saturating_add(1)));
            if current > latest {
                return Err(AccessError::FutureDay { current, today });
            }
            context.day.current = current.max(today);
        }
        Ok(context)
    }
}

/// What a person asks for.
#[derive(Clone, Copy)]
pub(super) enum Ask<'a> {
    First(&'a AccessOptions),
    /// Further columns of a grant.
    Further(&'a ExtensionOptions),
}

/// Everything about a request that is fixed before its witness is built.
pub(super) struct RequestInputs<'a> {
    pub person: &'a Actor,
    /// The dataset, as the options named it.
    pub named: String,
    pub wallet: Wallet,
    pub context: AccessContext,
    pub program: Program,
    pub schema: Schema,
    /// The version asked for.
    pub dataset: DatasetRoot,
    /// The circuit's active key.
    pub key: Digest,
    /// Who opens the request.
    pub readers: Vec<PublishedKey>,
    pub terms: RequestTerms,
    /// Number of the disease; 0 is absent.
    pub disease: u32,
    pub letter: Letter,
    /// 0, or which extension it is.
    pub extension: u32,
    pub scope: Felt,
    pub nullifier: Nullifier,
    lineage: LineageId,
    consortium: ConsortiumId,
}

impl<'a> RequestInputs<'a> {
    /// Reads them from the ledger and from the researcher's files.
    ///
    /// **Errors**: what is missing, and who has to bring it.
    pub async fn read(asker: Asker<'a>, ask: Ask<'_>, wallet: Wallet) -> Result<Self, AccessError> {
        match ask {
            Ask::First(options) => Self::first(asker, options, wallet).await,
            Ask::Further(options) => Self::further(asker, options, wallet).await,
        }
    }

    async fn first(
        asker: Asker<'a>,
        options: &AccessOptions,
        wallet: Wallet,
    ) -> Result<Self, AccessError> {
        let (session, org) = (asker.session, &asker.person.org);
        for (what, text) in [("purpose", &options.purpose), ("region", &options.region)] {
            check_word(what, text.as_deref())?;
        }
        let lineage = context::find_lineage(session, org, asker.word, &options.dataset).await?;
        let context = asker.context(lineage, &options.dataset).await?;
        let dataset = context::version(&context)?;
        let schema = schema_of(asker, dataset).await?;
        let letter = letter_of(options.letter.as_deref(), options.letter_type.as_deref())?;
        let terms = RequestTerms {
            extends: None,
            study: study_of(&options.study)?,
            purpose: options.purpose.clone(),
            disease: options.disease.clone(),
            region: options.region.clone(),
            columns: key_slots(&schema, &options.columns)?,
            letter: letter.digest(),
        };
        let period = (context.day.current, context.policy.period_days);
        let scope = eligibility::scope(session.consortium_id(), CHAINCODE, lineage, period);
        let (version, asked) = ((dataset, schema), (terms, letter));
        let named = options.dataset.clone();
        let place = (lineage, scope, 0);
        Self::of(asker, (context, named), version, asked, place, wallet).await
    }

    async fn further(
        asker: Asker<'a>,
        options: &ExtensionOptions,
        wallet: Wallet,
    ) -> Result<Self, AccessError> {
        let request = options.grant;
        let before = StoredRequest::of(asker.session, asker.person, request)?;
        let status = asker.ask(GetRequest { request }).await?;
        let entry = &status.request;
        if entry.state.is_over() {
            return Err(period::over(asker.session, &asker.person.org, entry).await?);
        }
        if entry.state != RequestState::Approved {
            return Err(AccessError::not_approved(&status, None));
        }
        let lineage = entry.lineage;
        let named = options.grant.to_string();
        let context = asker.context(lineage, &named).await?;
        let schema = schema_of(asker, entry.dataset).await?;
        let letter = letter_of(options.letter.as_deref(), options.letter_type.as_deref())?;
        if !entry.runs(status.today) {
            return Err(AccessError::affirm_first(&status));
        }
        let asked = key_slots(&schema, &options.columns)?;
        let taken = asker.taken(entry, &before, asked).await?;
        let is_further = asked & !FLAGS & !taken != 0;
        if !is_further || asked & taken & !(FLAGS | PSEUDONYMS) != 0 {
            return Err(AccessError::GrantedColumns { grant: request });
        }
        let terms = RequestTerms {
            extends: Some(request),
            columns: asked,
            letter: letter.digest(),
            ..before.terms
        };
        let (version, asked) = ((entry.dataset, schema), (terms, letter));
        let place = (lineage, entry.scope, entry.n_extensions + 1);
        Self::of(asker, (context, named), version, asked, place, wallet).await
    }

    async fn of(
        asker: Asker<'a>,
        (context, named): (AccessContext, String),
        (dataset, schema): (DatasetRoot, Schema),
        (terms, letter): (RequestTerms, Letter),
        (lineage, scope, extension): (LineageId, Felt, u32),
        wallet: Wallet,
    ) -> Result<Self, AccessError> {
        let program = context::program(&context)?;
        let disease = match &terms.disease {
            Some(code) => codes::disease(code).ok_or_else(|| AccessError::Disease(code.clone()))?,
            None => 0,
        };
        let (session, person) = (asker.session, asker.person);
        let basis = (&context, &program);
        Ok(RequestInputs {
            person,
            named,
            key: context::circuit_key(session, &person.org, asker.word, basis).await?,
            readers: context::readers(&context, &program)?,
            nullifier: nullifier(&wallet.secret, scope),
            wallet,
            context,
            program,
            schema,
            dataset,
            terms,
            disease,
            letter,
            extension,
            scope,
            lineage,
            consortium: session.consortium_id(),
        })
    }

    /// The first day on which the person may ask again: of the next period, or, for further columns
    /// of an earlier period's grant, today.
    pub fn next_period(&self) -> Day {
        let (today, length) = (self.context.day.current, self.context.policy.period_days);
        let lineage = self.lineage;
        let consortium = self.consortium;
        let now = eligibility::scope(consortium, CHAINCODE, lineage, (today, length));
        if now != self.scope {
            return today;
        }
        period::after(today, length)
    }

    /// Names of the columns or groups that are asked for.
    pub fn columns(&self) -> Vec<String> {
        column_names(&self.schema, self.terms.columns)
    }
}

async fn schema_of(asker: Asker<'_>, dataset: DatasetRoot) -> Result<Schema, AccessError> {
    let version = asker.ask(GetDataset { dataset }).await?;
    Schema::from_canonical(version.schema.as_bytes()).map_err(AccessError::Schema)
}

/// What the contract will ask of a word: before anything is proven.
fn check_word(what: &'static str, text: Option<&str>) -> Result<(), AccessError> {
    let fits = |text: &str| (1..=MAX_WORD).contains(&text.len()) && is_plain(text);
    match text {
        Some(text) if !fits(text) => Err(AccessError::Word { what }),
        _ => Ok(()),
    }
}

/// A study that a body holds.
fn study_of(study: &str) -> Result<String, AccessError> {
    match (1..=LONGEST_STUDY).contains(&study.len()) {
        true => Ok(study.to_owned()),
        false => Err(AccessError::Study { got: study.len() }),
    }
}

fn letter_of(path: Option<&Path>, media_type: Option<&str>) -> Result<Letter, AccessError> {
    path.map_or(Ok(Letter::default()), |path| Letter::read(path, media_type))
}

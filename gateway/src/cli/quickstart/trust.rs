//! Quickstart, before the journeys: circuits, issuers, visas. What an earlier run made is used
//! again.

use super::{Run, arg, file, home_flag};
use crate::actor::Actor;
use crate::cli::failed::CommandError;
use crate::journey::issuer::{Assertion, Issuer};
use crate::journey::visa::RequestFile;
use crate::journey::{circuit, day, registry, visa};
use crate::keyring::Keyring;
use medveil_circuits::visa::{Visa, VisaTexts};
use medveil_collections_config::MspId;
use rand::{CryptoRng, RngCore};
use std::fmt::Display;

/// A visa of the quickstart: who issues it and what it says.
struct WantedVisa<'a> {
    issuer: &'a MspId,
    schema: &'static str,
    group: &'static str,
    words: &'static str,
    assertion: Assertion,
}

impl Run<'_> {
    /// A command as somebody runs it by hand.
    pub fn command(&self, actor: &impl Display, words: &str) -> String {
        format!("{}--as {actor} {words}", home_flag(&self.session.home))
    }

    /// Circuits, issuers, visas.
    ///
    /// **Errors**: the first step that fails.
    pub async fn trust(&self) -> Result<(), CommandError> {
        let (session, people) = (self.session, &self.people);
        let heading = "The ledger's day, issuers and a researcher with two visas";
        self.output.heading(heading);
        let command = self.command(&people.hospital, "ledger tick");
        self.step(&command, day::tick(session, &people.hospital))
            .await?;
        for wanted in self.wanted_visas() {
            self.issuer(&wanted).await?;
            self.visa(&wanted).await?;
        }
        let command = self.command(&people.researcher, "visa list");
        self.step(&command, visa::list(session, &people.researcher))
            .await?;
        Ok(())
    }

    /// Proposes, approves and activates a circuit that is not active yet.
    ///
    /// **Errors**: the contract refuses.
    pub async fn circuit(&self, name: &str) -> Result<(), CommandError> {
        let (session, people) = (self.session, &self.people);
        let first = &people.hospital;
        if circuit::is_active(session, first, name).await? {
            return Ok(());
        }
        let command = self.command(first, &format!("circuit propose {name}"));
        self.step(&command, circuit::propose(session, first, name))
            .await?;
        for org in [&people.second_hospital, &people.university] {
            let command = self.command(org, &format!("circuit approve {name}"));
            self.step(&command, circuit::approve(session, org, name))
                .await?;
        }
        let command = self.command(first, &format!("circuit activate {name}"));
        self.step(&command, circuit::activate(session, first, name))
            .await?;
        Ok(())
    }

    fn wanted_visas(&self) -> Vec<WantedVisa<'_>> {
        let role = VisaTexts {
            role: Some("researcher".to_owned()),
            ..VisaTexts::default()
        };
        let study = VisaTexts {
            study: Some(self.study.clone()),
            ..VisaTexts::default()
        };
        vec![
            WantedVisa {
                issuer: &self.people.university,
                schema: "affiliation",
                group: "universities",
                words: "--role researcher",
                assertion: Assertion {
                    days: 365,
                    texts: role,
                    ..Assertion::default()
                },
            },
            WantedVisa {
                issuer: &self.people.board,
                schema: "ethics",
                group: "boards",
                words: "--study STUDY-7 --permissions GRU",
                assertion: Assertion {
                    days: 365,
                    texts: study,
                    permissions: vec!["GRU".to_owned()],
                    disease: None,
                },
            },
        ]
    }

    async fn issuer(&self, wanted: &WantedVisa<'_>) -> Result<(), CommandError> {
        let (session, org) = (self.session, wanted.issuer);
        let registry = registry::registry(session, org).await?;
        let is_it = |i: &medveil_contract::model::IssuerEntry| {
            i.registrant == *org && i.schema == wanted.schema && i.group == wanted.group
        };
        if registry.issuers.iter().any(is_it) {
            return Ok(());
        }
        let issuer = Issuer::new(session, org, wanted.schema, wanted.group)?;
        let place = format!("--schema {} --group {}", wanted.schema, wanted.group);
        if !issuer.has_key()? {
            let command = self.command(org, &format!("issuer init {place}"));
            self.step(&command, async { issuer.init(None) }).await?;
        }
        let command = self.command(org, &format!("issuer register {place}"));
        self.step(&command, issuer.register(None)).await?;
        Ok(())
    }

    async fn visa(&self, wanted: &WantedVisa<'_>) -> Result<(), CommandError> {
        let (session, person) = (self.session, &self.people.researcher);
        let today = session.today();
        if let Ok(wallet) = visa::wallet(session, person) {
            let fits = |v: &Visa| {
                v.schema.name() == wanted.schema && v.asserted <= today && today < v.expiry
            };
            if wallet.visas.iter().any(|(signed, _)| fits(signed.visa())) {
                return Ok(());
            }
        }
        let schema = wanted.schema;
        let request = self.folder.join(format!("{schema}.request.json"));
        let signed = self.folder.join(format!("{schema}.visa.json"));
        let words = format!("visa request --schema {schema} --out {}", arg(&request));
        let work = async { visa::request(session, person, schema, &request) };
        self.step(&self.command(person, &words), work).await?;
        let words = format!(
            "issuer issue --request {} --group {} {} --out {}",
            arg(&request),
            wanted.group,
            wanted.words,
            arg(&signed)
        );
        let work = async {
            let issuer = Issuer::new(session, wanted.issuer, schema, wanted.group)?;
            let request = RequestFile::read(&request)?;
            let issued = issuer.issue(&request, &wanted.assertion, &signed).await?;
            Ok::<_, CommandError>(issued)
        };
        self.step(&self.command(wanted.issuer, &words), work)
            .await?;
        let words = format!("visa import {}", arg(&signed));
        let import = visa::import(session, person, &signed);
        self.step(&self.command(person, &words), import).await?;
        std::fs::remove_file(&signed).map_err(file(&signed))
    }
}

/// Writes a random passphrase for everybody who has none.
///
/// **Errors**: the file system refused.
pub fn passphrases(
    keyring: &Keyring,
    everybody: &[Actor],
    rng: &mut (impl RngCore + CryptoRng),
) -> Result<(), CommandError> {
    let has_none = |a: &&Actor| !keyring.exists(a) && !keyring.has_passphrase(a);
    for actor in everybody.iter().filter(has_none) {
        let written = keyring.write_random_passphrase(actor, rng);
        written.map_err(crate::SessionError::from)?;
    }
    Ok(())
}

//! Quickstart, before the journeys: circuits, issuers, visas. What an earlier run made is used
//! again.

use super::{Run, arg};
use crate::error::{Context, GatewayError};
use crate::home::Actor;
use crate::service::issuer::{Assertion, Issuer};
use crate::service::visa::RequestFile;
use crate::service::{circuit, day, visa};
use circuits::visa::VisaTexts;
use collections_config::MspId;

/// A visa of the quickstart: who issues it and what it says.
struct Wanted<'a> {
    issuer: &'a MspId,
    schema: &'static str,
    group: &'static str,
    words: &'static str,
    assertion: Assertion,
}

impl Run<'_> {
    /// Circuits, issuers, visas.
    ///
    /// **Errors**: the first step that fails.
    pub fn trust(&self) -> Result<(), GatewayError> {
        let (desk, cast) = (self.desk, &self.cast);
        desk.output
            .heading("The ledger's day, issuers and a researcher with two visas");
        self.step(&format!("--as {} ledger tick", cast.hospital), || {
            day::tick(desk, &cast.hospital)
        })?;
        for wanted in self.wanted() {
            self.issuer(&wanted)?;
            self.visa(&wanted)?;
        }
        self.step(&format!("--as {} visa list", cast.researcher), || {
            visa::list(desk, &cast.researcher)
        })
        .map(drop)
    }

    /// Proposes, approves and activates a circuit that is not active yet.
    ///
    /// **Errors**: the contract refuses.
    pub fn circuit(&self, name: &str) -> Result<(), GatewayError> {
        let (desk, cast) = (self.desk, &self.cast);
        if circuit::is_active(desk, &cast.hospital, name)? {
            return Ok(());
        }
        self.step(
            &format!("--as {} circuit propose {name}", cast.hospital),
            || circuit::propose(desk, &cast.hospital, name),
        )?;
        for org in [&cast.second_hospital, &cast.university] {
            self.step(&format!("--as {org} circuit approve {name}"), || {
                circuit::approve(desk, org, name)
            })?;
        }
        self.step(
            &format!("--as {} circuit activate {name}", cast.hospital),
            || circuit::activate(desk, &cast.hospital, name),
        )
        .map(drop)
    }

    fn wanted(&self) -> Vec<Wanted<'_>> {
        let role = VisaTexts {
            role: Some("researcher".to_owned()),
            ..VisaTexts::default()
        };
        let study = VisaTexts {
            study: Some(self.study.clone()),
            ..VisaTexts::default()
        };
        vec![
            Wanted {
                issuer: &self.cast.university,
                schema: "affiliation",
                group: "universities",
                words: "--role researcher",
                assertion: Assertion {
                    days: 365,
                    texts: role,
                    ..Assertion::default()
                },
            },
            Wanted {
                issuer: &self.cast.board,
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

    fn issuer(&self, wanted: &Wanted<'_>) -> Result<(), GatewayError> {
        let (desk, org) = (self.desk, wanted.issuer);
        let issuers = desk.registry(org)?.issuers;
        if issuers
            .iter()
            .any(|i| i.registrant == *org && i.schema == wanted.schema && i.group == wanted.group)
        {
            return Ok(());
        }
        let issuer = Issuer::new(desk, org, wanted.schema, wanted.group)?;
        let place = format!("--schema {} --group {}", wanted.schema, wanted.group);
        if !issuer.has_key()? {
            self.step(&format!("--as {org} issuer init {place}"), || {
                issuer.init(None)
            })?;
        }
        self.step(&format!("--as {org} issuer register {place}"), || {
            issuer.register(None)
        })
        .map(drop)
    }

    fn visa(&self, wanted: &Wanted<'_>) -> Result<(), GatewayError> {
        let (desk, person) = (self.desk, &self.cast.researcher);
        let today = desk.today();
        if let Ok(wallet) = visa::wallet(desk, person) {
            let fits = |v: &circuits::visa::Visa| {
                v.schema.name() == wanted.schema && v.asserted <= today && today < v.expiry
            };
            if wallet.visas.iter().any(|(signed, _)| fits(signed.visa())) {
                return Ok(());
            }
        }
        let request = self.folder.join(format!("{}.request.json", wanted.schema));
        let signed = self.folder.join(format!("{}.visa.json", wanted.schema));
        self.step(
            &format!(
                "--as {person} visa request --schema {} --out {}",
                wanted.schema,
                arg(&request)
            ),
            || visa::request(desk, person, wanted.schema, &request),
        )?;
        let command = format!(
            "--as {} issuer issue --request {} --group {} {} --out {}",
            wanted.issuer,
            arg(&request),
            wanted.group,
            wanted.words,
            arg(&signed)
        );
        self.step(&command, || {
            Issuer::new(desk, wanted.issuer, wanted.schema, wanted.group)?.issue(
                &RequestFile::read(&request)?,
                &wanted.assertion,
                &signed,
            )
        })?;
        self.step(
            &format!("--as {person} visa import {}", arg(&signed)),
            || visa::import(desk, person, &signed),
        )?;
        std::fs::remove_file(&signed).internal("quickstart")
    }
}

/// Writes a random passphrase for everybody who has none.
///
/// **Errors**: the file system refused.
pub fn passphrases(
    offices: &crate::office::Offices,
    everybody: &[Actor],
    rng: &mut (impl rand::RngCore + rand::CryptoRng),
) -> Result<(), GatewayError> {
    for actor in everybody
        .iter()
        .filter(|a| !offices.exists(a) && !offices.has_passphrase_file(a))
    {
        offices.write_random_passphrase(actor, rng)?;
    }
    Ok(())
}

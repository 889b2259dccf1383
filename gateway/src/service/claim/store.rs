//! A proven claim on the holder's disk, durable before anything is submitted, so that a retry sends
//! the same bytes.

use crate::custody::{read_secret_file, secret_dir, write_secret_file};
use crate::desk::Desk;
use crate::error::{Context, GatewayError};
use crate::home::Actor;
use borsh::BorshDeserialize;
use circuits::field::Felt;
use collections_config::MspId;
use std::path::PathBuf;
use verifier_chaincode::call::PublishClaim;

/// Longest claim that is read: a call's own bound.
const MAX_BYTES: u64 = 8 << 20;

/// One claim of a holder.
pub struct LocalClaim {
    dir: PathBuf,
    id: Felt,
}

impl LocalClaim {
    /// The claim of this id, whether it is there or not.
    pub fn new(desk: &Desk, holder: &MspId, id: Felt) -> Self {
        LocalClaim {
            dir: desk
                .home
                .private(&Actor::organisation(holder.clone()))
                .join("claims"),
            id,
        }
    }

    /// Writes the arguments of the publishing call.
    ///
    /// **Errors**: the file system refused.
    pub fn save(&self, args: &PublishClaim) -> Result<(), GatewayError> {
        secret_dir(&self.dir)?;
        Ok(write_secret_file(
            &self.path(),
            &borsh::to_vec(args).internal("claim")?,
        )?)
    }

    /// Reads them back.
    ///
    /// **Errors**: no such claim here, or not of its form.
    pub fn load(&self) -> Result<PublishClaim, GatewayError> {
        let path = self.path();
        if !path.is_file() {
            return Err(GatewayError::not_found(
                "claim",
                format!(
                    "no claim {} was proven here: run `claim prove` first",
                    self.id
                ),
            ));
        }
        let bytes = read_secret_file(&path, MAX_BYTES)?;
        PublishClaim::try_from_slice(&bytes).map_err(|_| {
            GatewayError::input("claim", format!("{}: not a proven claim", path.display()))
        })
    }

    fn path(&self) -> PathBuf {
        self.dir.join(self.id.to_string())
    }
}

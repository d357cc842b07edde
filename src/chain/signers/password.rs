//! Where passwords come from: a file named by the environment (CI), else a prompt on a terminal.

use std::io::IsTerminal;

use camino::Utf8Path;

use crate::env_vars::DGOV_PASSWORD_FILE;
use crate::{Error, Result};

/// Gives the password of a keystore or key file.
pub trait PasswordSource {
    /// The password of the keystore or key file of this name; `new` asks for it twice.
    ///
    /// # Errors
    /// `signer.no_password` where nobody can be asked, file errors.
    fn password(&self, name: &str, new: bool) -> Result<String>;
}

/// The usual source: [`DGOV_PASSWORD_FILE`], else a prompt.
pub struct Password {
    file: Option<String>,
}

impl Password {
    /// Looks at the environment.
    pub fn from_environment(environment: &dyn Fn(&str) -> Option<String>) -> Self {
        Self { file: environment(DGOV_PASSWORD_FILE) }
    }

    /// From a file that was named, else as [`Self::from_environment`] says.
    pub fn of(file: Option<&Utf8Path>, environment: &dyn Fn(&str) -> Option<String>) -> Self {
        file.map_or_else(|| Self::from_environment(environment), |path| Self { file: Some(path.to_string()) })
    }
}

impl PasswordSource for Password {
    fn password(&self, name: &str, new: bool) -> Result<String> {
        if let Some(path) = &self.file {
            let text = fs_err::read_to_string(path)?;
            return Ok(text.lines().next().unwrap_or_default().to_owned());
        }
        if !std::io::stdin().is_terminal() {
            return Err(Error::unauthorized("signer.no_password", format!("the key `{name}` needs a password"))
                .hint(format!("run in a terminal, or name a file that holds it with {DGOV_PASSWORD_FILE}")));
        }
        let failed = |error: std::io::Error| {
            Error::unauthorized("signer.no_password", "the password could not be read")
                .caused_by(&error)
                .hint(format!("name a file that holds it with {DGOV_PASSWORD_FILE}"))
        };
        let password = rpassword::prompt_password(format!("Password of `{name}`: ")).map_err(failed)?;
        if new && rpassword::prompt_password("Again: ").map_err(failed)? != password {
            return Err(Error::unauthorized("signer.no_password", "the two passwords differ")
                .hint("nothing was written; run the command again"));
        }
        Ok(password)
    }
}

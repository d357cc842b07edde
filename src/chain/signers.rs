//! Accounts: development accounts, encrypted keystores, and a raw key from the environment.

mod keystore;
mod password;

pub use keystore::{Keystore, KeystoreEntry};
pub use password::{Password, PasswordSource};

use std::fmt;

use alloy::{
    primitives::{Address, B256},
    signers::local::{MnemonicBuilder, PrivateKeySigner, coins_bip39::English},
};

use crate::{
    Error, Result,
    chain::{
        embedded::DEV_MNEMONIC,
        networks::{LOCAL_CHAIN_ID, Network},
    },
    env_vars::DGOV_PRIVATE_KEY,
};

/// How many development accounts have names, `dev0` to `dev9`.
pub const DEV_ACCOUNTS: u32 = 10;

/// An account that may sign, or only be named in unsigned transactions.
#[derive(Clone)]
pub struct Account {
    /// What the user called it.
    pub name: String,
    /// Its address.
    pub address: Address,
    /// What the user should be told about how it was found.
    pub warning: Option<String>,
    signer: Option<PrivateKeySigner>,
}

/// Without the key, so that it can't end up in a log.
impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Account({}, {}, {})", self.name, self.address, if self.signer.is_some() { "key" } else { "no key" })
    }
}

impl Account {
    /// An account with its key.
    pub fn with_signer(name: impl Into<String>, signer: PrivateKeySigner) -> Self {
        Self { name: name.into(), address: signer.address(), warning: None, signer: Some(signer) }
    }

    /// An account that can't sign: for `--unsigned`, and for reading.
    pub fn watched(address: Address) -> Self {
        Self { name: address.to_string(), address, warning: None, signer: None }
    }

    /// The key.
    ///
    /// # Errors
    /// `signer.missing` for a watched account.
    pub fn signer(&self) -> Result<&PrivateKeySigner> {
        self.signer.as_ref().ok_or_else(|| no_key(self.address))
    }
}

/// The development account with this number.
///
/// # Errors
/// `signer.unknown` from number 10 on.
pub fn dev_account(number: u32) -> Result<Account> {
    let unknown = || {
        let message = format!("there is no development account dev{number}");
        Error::input("signer.unknown", message)
            .hint(format!("development accounts are dev0 to dev{}", DEV_ACCOUNTS - 1))
    };
    if number >= DEV_ACCOUNTS {
        return Err(unknown());
    }
    let signer = MnemonicBuilder::<English>::default()
        .phrase(DEV_MNEMONIC)
        .index(number)
        .and_then(|builder| builder.build())
        .map_err(|error| Error::bug("a development account can't be derived").caused_by(&error))?;
    Ok(Account::with_signer(format!("dev{number}"), signer))
}

/// The number in `dev0`, `dev1`, ...; also of numbers that are too high, so that they are not taken for keystore names.
fn dev_number(name: &str) -> Option<u32> {
    name.strip_prefix("dev").filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()))?.parse().ok()
}

/// Finds the address that a name stands for, without unlocking anything.
///
/// # Errors
/// `signer.unknown`.
pub fn address_of(name: &str, keystore: &Keystore) -> Result<Address> {
    if let Ok(address) = name.parse() {
        return Ok(address);
    }
    if let Some(number) = dev_number(name) {
        return dev_account(number).map(|account| account.address);
    }
    let entry = keystore.find(name)?;
    entry.address.ok_or_else(|| {
        Error::input("signer.unknown", format!("keystore `{name}` does not say which address it holds"))
            .hint("give the address itself")
    })
}

/// Finds the account that signs: the one named by `--from`; else the key in [`DGOV_PRIVATE_KEY`]; else `dev0` on a
/// local chain.
///
/// # Errors
/// `signer.dev_refused` for a development key off loopback, `signer.missing` if nothing was chosen, `signer.unknown`,
/// `signer.wrong_password`, `signer.bad_key`.
pub fn resolve(
    from: Option<&str>,
    network: &Network,
    chain_id: u64,
    keystore: &Keystore,
    passwords: &dyn PasswordSource,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<Account> {
    let account = match (from, environment(DGOV_PRIVATE_KEY)) {
        (Some(name), _) => match dev_number(name) {
            Some(number) => dev_account(number)?,
            None => named(name, keystore, passwords)?,
        },
        (None, Some(key)) => {
            let mut account = Account::with_signer(DGOV_PRIVATE_KEY, parse_key(&key)?);
            account.warning = Some(format!(
                "the key comes from {DGOV_PRIVATE_KEY}, readable by every process of this user; an encrypted keystore \
                 is safer: `dgov keys import`"
            ));
            account
        }
        (None, None) if network.is_local() && chain_id == LOCAL_CHAIN_ID => dev_account(0)?,
        (None, None) => {
            return Err(Error::usage("signer.missing", "no account was chosen to sign with")
                .hint("choose a keystore with --from NAME; `dgov keys list` shows them, `dgov keys new` makes one"));
        }
    };
    if !network.is_local() && is_dev_address(account.address)? {
        let message = format!("{} is a development account, whose key is public", account.address);
        return Err(Error::unauthorized("signer.dev_refused", message)
            .hint(format!("network `{}` is no development chain: use an account of your own", network.name)));
    }
    Ok(account)
}

/// The account of a keystore's name, or of an address: that of a keystore, or of a development account.
fn named(name: &str, keystore: &Keystore, passwords: &dyn PasswordSource) -> Result<Account> {
    let (address, found) = (name.parse::<Address>().ok(), keystore.find(name));
    let (Some(address), Err(_)) = (address, &found) else { return keystore.unlock(name, passwords) };
    for number in 0..DEV_ACCOUNTS {
        let account = dev_account(number)?;
        if account.address == address {
            return Ok(account);
        }
    }
    Err(no_key(address))
}

fn no_key(address: Address) -> Error {
    Error::unauthorized("signer.missing", format!("there is no key for {address}")).hint(
        "choose an account of `dgov keys list` with --from, or write the transactions to a file with --unsigned FILE, \
         which needs no key",
    )
}

/// Development keys are refused however they were given.
fn is_dev_address(address: Address) -> Result<bool> {
    for number in 0..DEV_ACCOUNTS {
        if dev_account(number)?.address == address {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A raw private key in hex, with or without 0x. The text never appears in an error.
///
/// # Errors
/// `signer.bad_key`.
pub fn parse_key(text: &str) -> Result<PrivateKeySigner> {
    let key = text.trim().parse::<B256>().ok().and_then(|bytes| PrivateKeySigner::from_bytes(&bytes).ok());
    key.ok_or_else(|| {
        Error::input("signer.bad_key", "this is not a private key: 64 hex digits are expected")
            .hint("give the key itself, with or without 0x; a seed phrase or a keystore file is not one")
    })
}

#[cfg(test)]
mod tests;

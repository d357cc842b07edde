//! The list of payees of a round: the form of a contributor list, the tree of rewards.

use alloy::primitives::{Address, B256};
use dgov_contracts::rounds::RoundClaim;
use dgov_data::contributors::{Contributors, account_key};
use dgov_data::tree::{Kind, Leaf, SumTree};
use dgov_data::unixfs::{Options as UnixfsOptions, Package};

use super::rounds::Record;
use crate::error::{Error, ErrorKind, Result};
use crate::lockfile::write_atomically;
use crate::ops::data::package;
use crate::ops::names::folder_cid;
use crate::session::Session;
use crate::storage::dag;

/// The file in a round's folder: the columns of a contributor list, the shares being units of the round.
const FILE: &str = "payees.csv";

/// Most bytes of a list: a million payees are about 60 MB.
const LIMIT: u64 = 1 << 30;

/// Who is paid how many units.
pub struct Payees {
    list: Contributors,
    tree: SumTree,
}

impl Payees {
    /// From accounts and units. Accounts that come twice are added.
    ///
    /// # Errors
    /// What is wrong with the list, as text: nobody in it, no units, 2^64 or more of them.
    pub fn of(rows: impl Iterator<Item = (Address, u64)>) -> std::result::Result<Self, String> {
        let mut csv = String::from("account,shares\n");
        for (account, units) in rows {
            csv.push_str(&format!("{account},{units}\n"));
        }
        Self::parse(csv.as_bytes())
    }

    fn parse(csv: &[u8]) -> std::result::Result<Self, String> {
        let list = Contributors::parse(csv).map_err(|error| error.to_string())?;
        if list.is_empty() {
            return Err("nobody is in it".into());
        }
        let leaves = list.list().iter().map(|row| Leaf::new(account_key(row.account), row.shares)).collect();
        let tree = SumTree::build(Kind::Rewards, leaves).map_err(|error| error.to_string())?;
        Ok(Self { list, tree })
    }

    /// Accounts and units, ascending by account.
    pub fn rows(&self) -> impl Iterator<Item = (Address, u64)> {
        self.list.list().iter().map(|row| (row.account, row.shares))
    }

    /// Units of an account; none for others.
    pub fn units(&self, account: Address) -> Option<u64> {
        self.list.get(account).map(|row| row.shares)
    }

    /// Root of the tree.
    pub fn root(&self) -> B256 {
        self.tree.root()
    }

    /// Hash of the tree's top node.
    pub fn top_hash(&self) -> B256 {
        self.tree.top_hash()
    }

    /// All units.
    pub fn total(&self) -> u64 {
        self.tree.total()
    }

    /// The account's claim on a round with this list; `None` for others.
    pub fn claim(&self, record: &Record, account: Address) -> Option<RoundClaim> {
        let units = self.units(account)?;
        let proof = self.tree.prove(&account_key(account));
        Some(RoundClaim { roundId: record.id, units, bitmap: proof.bitmap, siblings: proof.siblings.into() })
    }

    /// Writes the list into the project's state, where people can look at it, and packages its folder.
    pub fn package(&self, session: &Session<'_>) -> Result<Package> {
        let dir = session.loaded.state_dir().join("rewards").join(self.root().to_string());
        fs_err::create_dir_all(&dir)?;
        write_atomically(&dir.join(FILE), self.list.to_csv().as_bytes())?;
        package::package(&session.context.ui, &dir, &UnixfsOptions::default())
    }
}

/// The list of a round, proven to be what the chain committed to.
///
/// # Errors
/// `reward.list_missing` (exit 6), `reward.list_differs` (exit 7), and those of the sources.
pub async fn read(session: &Session<'_>, record: &Record) -> Result<Payees> {
    let sources = session.sources()?;
    let missing = |what: &str| {
        Error::new(ErrorKind::Storage, "reward.list_missing", format!("the payees of round {} {what}", record.id))
            .hint("name the publisher's store or gateway in [storage] sources")
    };
    let files = match dag::read_files(&sources, &folder_cid(record.list)?, &[FILE], LIMIT).await {
        Ok(files) => files,
        Err(error) if error.kind() == ErrorKind::Storage => {
            return Err(missing("are in none of the sources").caused_by(&error));
        }
        Err(error) => return Err(error),
    };
    let csv = files.get(FILE).ok_or_else(|| missing("are not in its folder"))?;
    let differs = |reason: &str| {
        let message = format!("the payees of round {} are not what the chain committed to: {reason}", record.id);
        Error::integrity("reward.list_differs", message).hint("do not rely on this round; its publisher can explain")
    };
    let payees = Payees::parse(csv).map_err(|reason| differs(&reason))?;
    if payees.root() != record.round.root {
        return Err(differs("another root"));
    }
    Ok(payees)
}

/// Whether an error of [`read`] is about what a publisher stored, or where, and not about this machine or the chain.
pub fn is_of_the_list(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Storage | ErrorKind::Integrity)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_list_has_one_tree_in_any_order() {
        let [one, two] = [1, 2].map(Address::repeat_byte);
        let list = Payees::of([(two, 3), (one, 4), (two, 1)].into_iter()).unwrap();
        let same = Payees::of([(one, 4), (two, 4)].into_iter()).unwrap();
        assert_eq!((list.root(), list.total()), (same.root(), 8));
        assert_eq!((list.units(two), list.units(Address::ZERO)), (Some(4), None));
        let contributors = Contributors::parse(format!("account,shares\n{one},4\n{two},4\n").as_bytes()).unwrap();
        assert_ne!(contributors.tree().unwrap().root(), list.root(), "another kind of tree");
        assert!(Payees::of(std::iter::empty()).is_err());
        assert!(Payees::of([(one, 0)].into_iter()).is_err());
        assert!(Payees::of([(one, u64::MAX), (two, 1)].into_iter()).is_err());
    }
}

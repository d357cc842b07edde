//! The file that `dgov reward plan` writes and `dgov reward publish` reads.

use alloy::primitives::{Address, B256, U256};
use camino::Utf8Path;
use serde::{Deserialize, Serialize};

use super::payees::Payees;
use crate::error::{Error, Result};
use crate::ops::apply;
use crate::session::Session;

/// Names the form of the file.
pub const FORMAT: &str = "dgov.reward-plan.v1";

/// A round before it is published. Amounts are decimal strings in the smallest unit of their currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanFile {
    /// [`FORMAT`].
    pub format: String,
    /// The chain it is for.
    pub chain_id: u64,
    /// The contract it is for.
    #[serde(serialize_with = "checksummed")]
    pub rounds: Address,
    /// Begin of the period, RFC 3339.
    pub from: String,
    /// End of the period, which does not belong to it, RFC 3339.
    pub to: String,
    /// What the income was counted in; the zero address is the chain's own coin.
    #[serde(serialize_with = "checksummed")]
    pub income_currency: Address,
    /// What the weights come from.
    pub income: Vec<IncomeRow>,
    /// What is paid; the zero address is the chain's own coin.
    #[serde(serialize_with = "checksummed")]
    pub currency: Address,
    /// What was to be paid at most.
    #[serde(serialize_with = "apply::decimal", deserialize_with = "amount")]
    pub budget: U256,
    /// What one unit of weight is worth.
    #[serde(serialize_with = "apply::decimal", deserialize_with = "amount")]
    pub unit: U256,
    /// All units.
    #[serde(serialize_with = "apply::decimal", deserialize_with = "amount")]
    pub units: U256,
    /// What is paid: units times unit.
    #[serde(serialize_with = "apply::decimal", deserialize_with = "amount")]
    pub total: U256,
    /// Hash of the tree's top node.
    pub top_hash: B256,
    /// Root of the tree.
    pub root: B256,
    /// The leaves, ascending by account.
    pub payees: Vec<PayeeRow>,
}

/// Income of a pool in the period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IncomeRow {
    /// The dataset.
    pub dataset: String,
    /// Its id.
    pub dataset_id: B256,
    /// The pool.
    pub pool_id: B256,
    /// The versions that share the pool.
    pub versions: Vec<u32>,
    /// What came in.
    #[serde(serialize_with = "apply::decimal", deserialize_with = "amount")]
    pub income: U256,
}

/// A leaf.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PayeeRow {
    /// Who is paid.
    #[serde(serialize_with = "checksummed")]
    pub account: Address,
    /// Units.
    #[serde(serialize_with = "apply::decimal", deserialize_with = "amount")]
    pub units: U256,
}

fn checksummed<S: serde::Serializer>(address: &Address, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    serializer.serialize_str(&address.to_checksum(None))
}

/// Decimal strings only: a JSON number may have lost digits on its way.
fn amount<'de, D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<U256, D::Error> {
    let text = String::deserialize(deserializer)?;
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let parsed = digits.then(|| U256::from_str_radix(&text, 10).ok()).flatten();
    parsed.ok_or_else(|| serde::de::Error::custom(format!("`{text}` is not a whole number in decimal digits")))
}

impl PlanFile {
    /// The bytes of the file.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let mut bytes = serde_json::to_vec_pretty(self)
            .map_err(|error| Error::bug("a plan did not serialize").caused_by(&error))?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// Reads a plan and builds its tree anew: what is published is what the payees' rows say.
    ///
    /// # Errors
    /// `reward.plan_malformed`, `reward.plan_elsewhere`, `reward.plan_differs` (exit 7).
    pub fn read(session: &Session<'_>, path: &Utf8Path) -> Result<(Self, Payees)> {
        let malformed = |reason: String| {
            Error::input("reward.plan_malformed", format!("{path} is not a plan: {reason}"))
                .hint("make it with `dgov reward plan`")
        };
        let plan: Self = serde_json::from_slice(&fs_err::read(path)?).map_err(|error| malformed(error.to_string()))?;
        if plan.format != FORMAT {
            return Err(malformed(format!("its format is `{}`, not `{FORMAT}`", plan.format)));
        }
        let here = (session.connection.chain_id, session.suite()?.rounds);
        if (plan.chain_id, plan.rounds) != here {
            let message = format!("{path} is for the rounds {} on chain {}", plan.rounds, plan.chain_id);
            return Err(Error::input("reward.plan_elsewhere", message).hint("choose its network with --network"));
        }
        let payees = plan.check().map_err(|reason| {
            Error::integrity("reward.plan_differs", format!("{path} contradicts itself: {reason}"))
                .hint("make it again with `dgov reward plan`")
        })?;
        Ok((plan, payees))
    }

    fn check(&self) -> std::result::Result<Payees, String> {
        let mut rows = Vec::new();
        for (index, row) in self.payees.iter().enumerate() {
            if index > 0 && self.payees.get(index - 1).is_some_and(|before| before.account >= row.account) {
                return Err(format!("payees are not ascending at {}", row.account));
            }
            let units = u64::try_from(row.units).map_err(|_| format!("{} has too many units", row.account))?;
            rows.push((row.account, units));
        }
        let payees = Payees::of(rows.into_iter())?;
        if payees.root() != self.root || payees.top_hash() != self.top_hash {
            return Err("its payees give another tree".into());
        }
        if U256::from(payees.total()) != self.units {
            return Err("its payees have other units in all".into());
        }
        let whole = self.units.checked_mul(self.unit).filter(|total| *total <= U256::from(u128::MAX));
        if whole != Some(self.total) || self.total > self.budget {
            return Err("its total is not its units, or above the budget".into());
        }
        Ok(payees)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn plan() -> PlanFile {
        let rows = [(Address::repeat_byte(1), 3), (Address::repeat_byte(2), 4)];
        let payees = Payees::of(rows.into_iter()).unwrap();
        PlanFile {
            format: FORMAT.into(),
            chain_id: 1,
            rounds: Address::repeat_byte(9),
            from: "2026-01-01T00:00:00Z".into(),
            to: "2026-02-01T00:00:00Z".into(),
            income_currency: Address::ZERO,
            income: vec![],
            currency: Address::ZERO,
            budget: U256::from(80),
            unit: U256::from(10),
            units: U256::from(7),
            total: U256::from(70),
            top_hash: payees.top_hash(),
            root: payees.root(),
            payees: rows
                .iter()
                .map(|(account, units)| PayeeRow { account: *account, units: U256::from(*units) })
                .collect(),
        }
    }

    #[test]
    fn a_plan_reads_back() {
        let bytes = plan().to_bytes().unwrap();
        let read: PlanFile = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(read, plan());
        assert!(read.check().is_ok());
        assert!(String::from_utf8(bytes).unwrap().contains("\"total\": \"70\""));
    }

    #[test]
    fn a_changed_plan_contradicts_itself() {
        let changes: [fn(&mut PlanFile); 9] = [
            |plan| plan.payees[0].units = U256::from(4),
            |plan| plan.payees[0].account = Address::repeat_byte(3),
            |plan| plan.payees.swap(0, 1),
            |plan| plan.payees.clear(),
            |plan| plan.root = B256::ZERO,
            |plan| plan.top_hash = B256::ZERO,
            |plan| plan.units = U256::from(8),
            |plan| plan.total = U256::from(71),
            |plan| plan.budget = U256::from(69),
        ];
        for (index, change) in changes.into_iter().enumerate() {
            let mut changed = plan();
            change(&mut changed);
            assert!(changed.check().is_err(), "change {index}");
        }
    }
}

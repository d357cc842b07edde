//! The gate: may these datasets be used for this purpose, today? Rules, facts, the decision and its forms.

mod rule;

pub use rule::{RULES, Rule, RuleInfo, reference};

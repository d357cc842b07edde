//! The gate: may these datasets be used for this purpose, today? Rules, what each makes of the facts, the decision, and
//! the forms of the report. Nothing here reads a file or asks a chain: `ops::check` does.

mod decide;
pub mod facts;
mod forms;
mod human;
mod judge;
mod report;
mod rule;
pub mod waiver;

pub use decide::{Waivers, decide};
pub use forms::{junit, markdown, sarif};
pub use report::{
    ChainView, CheckReport, Counts, DISCLAIMER, Decision, Finding, NotApplicable, Place, REPORT_VERSION, State,
    Subject, WaivedBy,
};
pub use rule::{RULES, Rule, RuleInfo, reference};

//! What people and programs see: the one result on standard output, everything else on standard error.

pub mod output;
pub mod progress;
pub mod prompt;
pub mod table;
pub mod text;

pub use output::{Outcome, Report, Warning};
pub use progress::Ui;

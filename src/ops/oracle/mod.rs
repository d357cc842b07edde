//! Oracles: what a training run used, said by m of n signers. `usage` reads what was used, `report_file` carries
//! signatures from one oracle to the next.

pub mod attest;
mod report_file;
mod usage;

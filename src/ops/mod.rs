//! What the commands call: the only place where chain, storage, dataset and manifest meet.

pub mod apply;
pub mod chain;
pub mod config;
pub mod data;
pub mod deploy;
pub mod desired;
pub mod documents;
pub mod gov;
pub mod init;
pub mod join;
pub mod keys;
pub mod ledger_sync;
pub mod license;
pub mod license_text;
pub mod lock_view;
pub mod lookup;
pub mod money;
pub mod names;
pub mod plan;
pub mod quickstart;
pub mod royalties;
pub mod settings;
pub mod suites;
pub mod sync;
pub mod times;
pub mod view;

//! What the commands call: the only place where chain, storage, dataset and manifest meet.

pub mod apply;
pub mod chain;
pub mod config;
pub mod contracts;
pub mod data;
pub mod deploy;
pub mod desired;
pub mod documents;
pub mod init;
pub mod keys;
pub mod license_text;
pub mod lock_view;
pub mod names;
pub mod quickstart;
pub mod times;
pub mod view;

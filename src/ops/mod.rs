//! What the commands call: the only place where chain, storage, dataset and manifest meet.

pub mod apply;
pub mod deploy;
pub mod desired;
pub mod documents;
pub mod gov;
pub mod init;
pub mod license_text;
pub mod names;
pub mod plan;
pub mod settings;
pub mod view;

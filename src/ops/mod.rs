//! What the commands call: the only place where chain, storage, dataset and manifest meet.

pub mod apply;
pub mod deploy;
pub mod desired;
pub mod documents;
pub mod init;
pub mod license;
pub mod license_text;
pub mod lookup;
pub mod money;
pub mod names;
pub mod royalties;
pub mod view;

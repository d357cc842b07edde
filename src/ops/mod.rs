//! What the commands call: the only place where chain, storage, dataset and manifest meet.

pub mod documents;
pub mod license_text;
//! What commands call: the only place where chain, storage, datasets and manifest meet.

pub mod init;

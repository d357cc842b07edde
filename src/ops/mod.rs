//! What commands call: the only place where chain, storage, datasets and manifest meet.

pub mod init;

//! What the commands call: the only place where chain, storage, dataset and manifest meet.

pub mod init;

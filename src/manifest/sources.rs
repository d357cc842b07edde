//! Where each value of a loaded manifest comes from.

use std::fmt;

use serde::{Serialize, Serializer};

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Written in the file, at that line (from 1).
    File {
        /// The file.
        file: String,
        /// The line.
        line: usize,
    },
    /// Nobody said anything.
    Default,
    /// An environment variable.
    Env(&'static str),
    /// A flag of the command line.
    Flag(&'static str),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { file, line } => write!(f, "{file}:{line}"),
            Self::Default => f.write_str("default"),
            Self::Env(name) => write!(f, "env {name}"),
            Self::Flag(name) => f.write_str(name),
        }
    }
}

impl Serialize for Source {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A value with its source, for `dgov config show --sources`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SourcedValue {
    /// Path of the key, e.g. `licenses.research.price`.
    pub key: String,
    /// The value in its canonical text.
    pub value: String,
    /// Where it comes from.
    pub source: Source,
}

//! One error type for the whole binary: a kind (which is the exit code), a message, causes and hints.

use std::fmt;

use serde::Serialize;

/// What went wrong, as far as a script needs to know. The discriminant is the process exit code (`docs/exit-codes.md`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum ErrorKind {
    /// The gate says no.
    Gate = 1,
    /// Flags and arguments.
    Usage = 2,
    /// Manifest or input: malformed, unknown name, empty.
    Input = 3,
    /// Chain unreachable or wrong chain.
    Chain = 4,
    /// Transaction reverted or would revert.
    Reverted = 5,
    /// Storage unreachable or refused.
    Storage = 6,
    /// Bytes, CID, root or proof do not match.
    Integrity = 7,
    /// Not confirmed or not authorized.
    Unauthorized = 8,
    /// Cannot decide: a needed source was unreachable.
    Undecided = 9,
    /// Local I/O, disk full, lock held.
    LocalIo = 10,
    /// There are differences.
    Differences = 11,
    /// A bug in dgov.
    Bug = 70,
    /// Interrupted, everything recorded.
    Interrupted = 130,
}

impl ErrorKind {
    /// The process exit code.
    pub fn exit_code(self) -> u8 {
        self as u8
    }
}

/// An error on its way to the user.
#[derive(Debug, Clone)]
pub struct Error {
    kind: ErrorKind,
    /// Stable, dotted name for programs, e.g. `manifest.unknown_dataset`.
    code: &'static str,
    message: String,
    causes: Vec<String>,
    hints: Vec<String>,
    details: Option<Box<serde_json::Value>>,
}

/// Code of a file that this user may not read or write.
pub const PERMISSION: &str = "io.permission";
/// Code of a file on a file system that takes no changes.
pub const READ_ONLY: &str = "io.read_only";

/// Result with [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// A new error; `code` is stable and dotted (`chain.unreachable`), `message` one sentence without a full stop.
    pub fn new(kind: ErrorKind, code: &'static str, message: impl Into<String>) -> Self {
        Self { kind, code, message: message.into(), causes: Vec::new(), hints: Vec::new(), details: None }
    }

    /// Whether the place can't be written at all, as opposed to a failure on the way.
    pub fn is_unwritable(&self) -> bool {
        matches!(self.code, PERMISSION | READ_ONLY)
    }

    /// Adds what the user can do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Adds the chain of causes, outermost first.
    #[must_use]
    pub fn caused_by(mut self, cause: &dyn std::error::Error) -> Self {
        let mut next = Some(cause);
        while let Some(error) = next {
            let text = error.to_string();
            if self.causes.last() != Some(&text) {
                self.causes.push(text);
            }
            next = error.source();
        }
        self
    }

    /// Adds structured findings for programs (`errors[].details` of the envelope).
    #[must_use]
    pub fn with_details(mut self, details: serde_json::Value) -> Self {
        self.details = Some(Box::new(details));
        self
    }

    /// Structured findings, if any.
    pub fn details(&self) -> Option<&serde_json::Value> {
        self.details.as_deref()
    }

    /// Kind, which is the exit code.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Stable name for programs.
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// The message without causes and hints.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Causes, outermost first.
    pub fn causes(&self) -> &[String] {
        &self.causes
    }

    /// Hints, most useful first.
    pub fn hints(&self) -> &[String] {
        &self.hints
    }

    /// [`ErrorKind::Input`].
    pub fn input(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Input, code, message)
    }

    /// [`ErrorKind::Usage`].
    pub fn usage(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Usage, code, message)
    }

    /// [`ErrorKind::Chain`].
    pub fn chain(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Chain, code, message)
    }

    /// [`ErrorKind::Integrity`].
    pub fn integrity(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Integrity, code, message)
    }

    /// [`ErrorKind::Unauthorized`].
    pub fn unauthorized(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Unauthorized, code, message)
    }

    /// [`ErrorKind::LocalIo`].
    pub fn local_io(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(ErrorKind::LocalIo, code, message)
    }

    /// [`ErrorKind::Bug`].
    pub fn bug(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Bug, "bug", message)
            .hint("this is a bug in dgov; please report it with the command you ran")
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        for cause in &self.causes {
            write!(f, ": {cause}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

/// File errors: `fs-err` has put the path into the text.
impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        use std::io::ErrorKind as Io;
        let base = match error.kind() {
            Io::StorageFull | Io::QuotaExceeded => {
                Self::local_io("io.disk_full", "the disk is full").hint("free some space and run the command again")
            }
            Io::NotFound => Self::local_io("io.not_found", "a file is missing")
                .hint("check the path; if dgov made the file, run the command again"),
            Io::PermissionDenied => Self::local_io(PERMISSION, "a file may not be read or written")
                .hint("check the owner and the permissions of the path"),
            Io::ReadOnlyFilesystem => Self::local_io(READ_ONLY, "the file system is read-only")
                .hint("run the command where the project's folder can be written; reading commands work here"),
            _ => Self::local_io("io", "reading or writing a file failed")
                .hint("check the path and its disk, then run the command again"),
        };
        base.caused_by(&error)
    }
}

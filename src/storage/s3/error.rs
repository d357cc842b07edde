//! What a bucket's refusal means for the user.

use object_store::client::HttpError;

use crate::env_vars::{AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY};
use crate::error::{Error, ErrorKind};

/// What shows in the text of an error that credentials were refused; a failed listing has no kind of its own.
const DENIALS: [&str; 5] =
    ["status code: 401", "status code: 403", "ExpiredToken", "InvalidToken", "InvalidAccessKeyId"];

/// Names a failure: unreachable, no such bucket, credentials, or whatever the service said.
pub(super) fn explain(place: &str, signs: bool, error: &object_store::Error) -> Error {
    let text = error.to_string();
    let storage = |code, message: String| Error::new(ErrorKind::Storage, code, message).caused_by(error);
    if text.contains("NoSuchBucket") {
        return storage("storage.no_bucket", format!("{place}: there is no such bucket"))
            .hint("create it, or check bucket, region and endpoint in [storage.s3]");
    }
    if is_denied(error) || DENIALS.iter().any(|sign| text.contains(sign)) {
        let error = storage("storage.refused", format!("{place} refuses these credentials"));
        return if signs {
            error.hint(format!(
                "check {AWS_ACCESS_KEY_ID} and its secret: they must be allowed to list, read and write the bucket"
            ))
        } else {
            error.hint(format!("set {AWS_ACCESS_KEY_ID} and {AWS_SECRET_ACCESS_KEY}"))
        };
    }
    if is_silent(error) {
        return storage("storage.unreachable", format!("{place} does not answer"))
            .hint("is the service running, and is its address right?");
    }
    let error = storage("storage.refused", format!("{place} refused a request"));
    if text.contains("redirect") {
        error.hint("`region` in [storage.s3] has to be the bucket's")
    } else {
        error.hint("run the command again; what was stored is not sent twice")
    }
}

fn is_denied(error: &object_store::Error) -> bool {
    matches!(error, object_store::Error::PermissionDenied { .. } | object_store::Error::Unauthenticated { .. })
}

/// Whether no answer came, as opposed to one that says no.
fn is_silent(error: &object_store::Error) -> bool {
    let mut next = Some(error as &dyn std::error::Error);
    while let Some(error) = next {
        if error.is::<HttpError>() {
            return true;
        }
        next = error.source();
    }
    false
}

//! A folder of a bucket as the files of a dataset: listed once, read by ranges, never copied to this machine.

use std::collections::{HashMap, HashSet};
use std::future::Future;
use std::io;
use std::sync::Arc;

use dgov_data::unixfs::{self, Options, Plan, RemoteTree, Stamp, UnixfsError};
use futures_util::TryStreamExt;
use object_store::aws::AmazonS3;
use object_store::path::Path;
use object_store::{GetOptions, ObjectMeta, ObjectStore, ObjectStoreExt};
use sha2::{Digest, Sha256};
use tokio::runtime::Handle;

use super::{connect, error};
use crate::error::{Error, Result};
use crate::manifest::S3Bucket;
use crate::storage::http;

/// How the path of a dataset begins that lies in a bucket.
pub const SCHEME: &str = "s3://";

/// Plans what lies below `location`, a bucket and a prefix with `/` between them, or the one object of that name.
/// `service` says where the bucket is and is otherwise not used. To be called inside a runtime.
///
/// # Errors
/// `dataset.path_missing` when nothing is there, `dataset.unsupported` for keys that are no file names, those of
/// requests.
pub fn plan(
    location: &str,
    service: &S3Bucket,
    environment: &dyn Fn(&str) -> Option<String>,
    options: &Options,
) -> Result<Plan> {
    let (bucket, prefix) = location.split_once('/').unwrap_or((location, ""));
    let prefix = Path::parse(prefix.trim_end_matches('/')).map_err(|error| {
        Error::input("dataset.path", format!("{SCHEME}{location} is not a place in a bucket")).caused_by(&error)
    })?;
    let bucket = S3Bucket { bucket: bucket.to_owned(), ..service.clone() };
    let (store, _, signs) = connect(&bucket, environment, http::client)?;
    let place = format!("{SCHEME}{}", location.trim_end_matches('/'));
    let runtime = Handle::current();
    let failed = |error| Error::bug("a request was given up").caused_by(&error);
    let listed = wait(&runtime, list(store.clone(), prefix.clone())).map_err(failed)?;
    let (objects, single) = listed.map_err(|error| error::explain(&place, signs, &error))?;
    if objects.is_empty() {
        return Err(Error::input("dataset.path_missing", format!("there is nothing at {place}"))
            .hint("check `path` of the dataset in dgov.toml, and the service in [storage.s3]"));
    }
    let folders: HashSet<&str> = objects.iter().flat_map(|(path, _)| folders(path)).collect();
    // Consoles make empty objects to show folders.
    let files = objects.iter().filter(|(path, object)| object.size > 0 || !folders.contains(&**path));
    let stamps: Vec<(String, Stamp)> = files.map(|(path, object)| (path.clone(), stamp(object))).collect();
    let tags = objects.into_iter().filter_map(|(path, object)| Some((path, object.e_tag?))).collect();
    let tree = Arc::new(Tree { store, prefix, single, place, tags, signs, runtime });
    match (single, stamps.as_slice()) {
        (true, [(name, stamp)]) => Ok(unixfs::plan_remote_file(tree, name, *stamp, options)),
        _ => unixfs::plan_remote(tree, stamps, options).map_err(|error| match error {
            UnixfsError::BadName { .. } => Error::input("dataset.unsupported", error.to_string())
                .hint("rename or remove the object, then run the command again"),
            other => Error::bug("a listing without a plan").caused_by(&other),
        }),
    }
}

/// Objects by their path below the prefix; or the object that has the prefix as its name.
async fn list(store: AmazonS3, prefix: Path) -> object_store::Result<(Vec<(String, ObjectMeta)>, bool)> {
    let found: Vec<ObjectMeta> = store.list(Some(&prefix)).try_collect().await?;
    let below = |object: ObjectMeta| {
        let parts = object.location.prefix_match(&prefix)?;
        let path = parts.map(|part| part.as_ref().to_owned()).collect::<Vec<_>>().join("/");
        (!path.is_empty()).then_some((path, object))
    };
    let found: Vec<_> = found.into_iter().filter_map(below).collect();
    let Some(name) = prefix.filename().filter(|_| found.is_empty()) else { return Ok((found, false)) };
    match store.head(&prefix).await {
        Ok(object) => Ok((vec![(name.to_owned(), object)], true)),
        Err(object_store::Error::NotFound { .. }) => Ok((Vec::new(), false)),
        Err(error) => Err(error),
    }
}

/// All folders that a path lies in.
fn folders(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').map(|(at, _)| &path[..at])
}

/// Size, time and entity tag: another upload, even of the same length in the same second, has another tag.
fn stamp(object: &ObjectMeta) -> Stamp {
    let time = object.last_modified;
    let tag = Sha256::digest(object.e_tag.as_deref().unwrap_or_default());
    let half = |at: usize| tag[at..at + 8].iter().fold(0u64, |value, byte| value << 8 | u64::from(*byte));
    Stamp {
        size: object.size,
        mtime: (time.timestamp(), time.timestamp_subsec_nanos()),
        ctime: (0, 0),
        inode: (half(0), half(8)),
    }
}

#[derive(Debug)]
struct Tree {
    store: AmazonS3,
    prefix: Path,
    /// Whether the prefix names the one file.
    single: bool,
    place: String,
    /// Entity tags of the objects listed; a read is of exactly these, or fails.
    tags: HashMap<String, String>,
    signs: bool,
    runtime: Handle,
}

impl RemoteTree for Tree {
    fn place(&self) -> &str {
        &self.place
    }

    fn read_at(&self, path: &str, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        if buffer.is_empty() {
            return Ok(());
        }
        let location = if self.single {
            self.prefix.clone()
        } else {
            Path::from_iter(self.prefix.parts().chain(path.split('/').map(Into::into)))
        };
        let options = GetOptions {
            range: Some((offset..offset + buffer.len() as u64).into()),
            if_match: self.tags.get(path).cloned(),
            ..GetOptions::default()
        };
        let store = self.store.clone();
        let read = wait(&self.runtime, async move { store.get_opts(&location, options).await?.bytes().await })?;
        let changed = || io::Error::from(io::ErrorKind::UnexpectedEof);
        match read {
            Ok(bytes) if bytes.len() == buffer.len() => {
                buffer.copy_from_slice(&bytes);
                Ok(())
            }
            Ok(_) => Err(changed()),
            Err(object_store::Error::NotFound { .. } | object_store::Error::Precondition { .. }) => Err(changed()),
            Err(error) => Err(io::Error::other(error::explain(&self.place, self.signs, &error))),
        }
    }
}

/// Waits for a request on a thread that hashes: the runtime does the work on its own.
fn wait<T: Send + 'static>(runtime: &Handle, work: impl Future<Output = T> + Send + 'static) -> io::Result<T> {
    let (sender, receiver) = std::sync::mpsc::sync_channel(1);
    runtime.spawn(async move {
        // The other side waits, or its thread is gone.
        let _ = sender.send(work.await);
    });
    receiver.recv().map_err(io::Error::other)
}

//! `dgov data export`: a package as one CAR file.

use std::fs::File;
use std::io::{BufWriter, Write};

use camino::{Utf8Path, Utf8PathBuf};
use dgov_data::car;
use dgov_data::unixfs::{Options, Package, Plan};
use serde::Serialize;

use super::package;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::manifest::Loaded;
use crate::ui::Report;

/// What is to be exported.
pub struct Place {
    path: Utf8PathBuf,
    options: Options,
}

impl Place {
    /// A file or folder.
    ///
    /// # Errors
    /// `usage.profile`.
    pub fn of_path(path: &Utf8Path, profile: &str, hidden: bool) -> Result<Self> {
        let profile = profile.parse().map_err(package::unixfs_error)?;
        Ok(Self { path: path.to_owned(), options: Options { profile, hidden, follow_links: false } })
    }

    /// A dataset of the manifest; the only one without a name.
    ///
    /// # Errors
    /// As [`package::find`].
    pub fn of_dataset(loaded: &Loaded, name: Option<&str>) -> Result<Self> {
        let (_, dataset) = package::find_in(loaded, name)?;
        Ok(Self { path: loaded.resolve(&dataset.path), options: package::options(dataset) })
    }
}

/// A CAR file that was written.
#[derive(Serialize)]
pub struct ExportReport {
    /// The file.
    pub car: Utf8PathBuf,
    /// Root CID, the only root of the file.
    pub cid: String,
    /// Number of files inside.
    pub files: u64,
    /// Bytes of their content.
    pub bytes: u64,
    /// Bytes of the file.
    pub car_bytes: u64,
}

impl Report for ExportReport {
    fn human(&self) -> String {
        format!("{}: {} ({} files, {} bytes of CAR)\n", self.car, self.cid, self.files, self.car_bytes)
    }
}

/// Bytes of a file from which on a second read costs more than what small files that are alike save.
const LARGE: u64 = 256 << 10;

/// Writes while hashing.
fn read_once(context: &Context, plan: Plan, out: &File) -> Result<(Package, u64)> {
    let bar = context.ui.bytes("writing", plan.content_size());
    let written = car::write_in_place(plan, out, &|bytes| bar.inc(bytes)).map_err(package::unixfs_error)?;
    bar.finish_and_clear();
    Ok(written)
}

/// Hashes, then writes.
fn read_twice(context: &Context, plan: Plan, out: &File) -> Result<(Package, u64)> {
    let package = package::hash_plan(&context.ui, plan)?;
    let bar = context.ui.bytes("writing", car::size(&package).map_err(package::unixfs_error)?);
    let mut writer = BufWriter::with_capacity(1 << 20, bar.wrap_write(out));
    let bytes = car::write(&package, &mut writer).map_err(package::unixfs_error)?;
    writer.flush()?;
    drop(writer);
    bar.finish_and_clear();
    Ok((package, bytes))
}

/// Writes the CAR file; what is there is replaced only by `force`, and only by a complete one.
///
/// # Errors
/// `usage.file_exists`, those of files and of packaging.
pub fn export(context: &Context, place: &Place, file: &Utf8Path, force: bool) -> Result<ExportReport> {
    if !force && file.exists() {
        return Err(Error::usage("usage.file_exists", format!("{file} exists")).hint("add --force to replace it"));
    }
    let folder = file.parent().filter(|parent| !parent.as_str().is_empty()).unwrap_or(Utf8Path::new("."));
    let out = tempfile::Builder::new().prefix(".dgov-").suffix(".car").tempfile_in(folder)?;
    let plan = package::plan(&place.path, &place.options)?;
    let large = plan.content_size() / plan.file_count() as u64 >= LARGE;
    let (package, car_bytes) =
        if large { read_once(context, plan, out.as_file()) } else { read_twice(context, plan, out.as_file()) }?;
    // Not synced: it can be made again at any time, and waiting for the disk would take longer than all the rest.
    out.persist(file).map_err(|error| Error::from(error.error))?;
    Ok(ExportReport {
        car: file.to_owned(),
        cid: package.cid().to_string(),
        files: package.plan().file_count() as u64,
        bytes: package.plan().content_size(),
        car_bytes,
    })
}

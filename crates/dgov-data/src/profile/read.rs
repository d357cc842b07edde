//! Reading a dataset, or a part of it, into a profiler.

use super::{ProfileError, Profiler, Scope, Shard};
use crate::records::{self, RecordError, RecordFormat, Row};
use crate::unixfs::Plan;

/// Files whose records are found at a time: enough for all cores, few enough that their keys take little memory.
const BATCH_FILES: usize = 512;
/// Bytes of files that are read at a time, if there are several.
const BATCH_BYTES: u64 = 64 << 20;

/// Reads the files of a plan, or of one shard of it, into `profiler`. `progress` is called with the bytes read; a file is
/// read once for the keys of its records and once for what is in them.
///
/// Memory: 48 bytes for each record of a batch of files; a batch is one file when that has 64 MiB or more.
///
/// # Errors
/// Those of [`records::read`] and [`records::rows`], but no error when a part has no records; those of the profiler.
pub fn read(
    plan: &Plan,
    format: &RecordFormat,
    scope: &Scope,
    shard: Option<Shard>,
    profiler: &mut Profiler<'_>,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<(), ProfileError> {
    let mine = |file: &usize| shard.is_none_or(|shard| shard.has(*file));
    if let RecordFormat::ImageAnnotations { .. } = format {
        // An annotation may lie anywhere, so that the images can't be taken apart by where they are.
        let all: Vec<usize> = (0..plan.file_count()).collect();
        return batch(plan, &all, format, scope, &mine, profiler, progress);
    }
    let mut files = Vec::new();
    let mut bytes = 0;
    for (file, (_, stamp)) in plan.files().enumerate().filter(|(file, _)| mine(file)) {
        if !files.is_empty() && (files.len() == BATCH_FILES || bytes + stamp.size > BATCH_BYTES) {
            batch(plan, &files, format, scope, &mine, profiler, progress)?;
            files.clear();
            bytes = 0;
        }
        files.push(file);
        bytes += stamp.size;
    }
    if files.is_empty() { Ok(()) } else { batch(plan, &files, format, scope, &mine, profiler, progress) }
}

fn batch(
    plan: &Plan,
    files: &[usize],
    format: &RecordFormat,
    scope: &Scope,
    mine: &dyn Fn(&usize) -> bool,
    profiler: &mut Profiler<'_>,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<(), ProfileError> {
    let (package, set) = match records::read(plan.part(files), format, &(), progress) {
        Ok(found) => found,
        // Some files of a package have no records; that all have none is found out at the end.
        Err(RecordError::NoRecords { .. }) => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    for (index, file) in files.iter().enumerate().filter(|(_, file)| mine(file)) {
        records::rows(&package, &set, format, index, &mut |row| profiler.take(scope, &Row { file: *file, ..row }))?;
    }
    Ok(())
}

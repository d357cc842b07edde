//! Reports for people outside the project, from what is locked, stored and written down; nobody is asked.

pub mod ab2013;
pub mod aibom;
mod aibom_run;
pub mod answers;
pub mod eu_ai_act;
mod fill;
pub mod form;
pub mod graph;
pub mod impact;
pub mod lineage;
mod model;
mod svg;
pub mod used;

use camino::{Utf8Path, Utf8PathBuf};
use serde::Serialize;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::lockfile::write_atomically;
use crate::ui::Report;

/// How a form is reported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Markdown,
    /// For programs, without the envelope of `--json`.
    Json,
}

/// What to do with a form.
pub struct FormOptions<'a> {
    /// File with the answers; that of the form beside the manifest without.
    pub answers: Option<&'a Utf8Path>,
    /// How it is written.
    pub format: Format,
    /// Where it goes besides standard output.
    pub out: Option<&'a Utf8Path>,
}

/// A filled form in the format asked for.
#[derive(Serialize)]
#[serde(transparent)]
pub struct FormReport {
    filled: form::Filled,
    #[serde(skip)]
    text: String,
}

impl Report for FormReport {
    fn human(&self) -> String {
        self.text.clone()
    }
}

/// The answers file that was written.
#[derive(Serialize)]
pub struct InitReport {
    /// Its path.
    pub written: Utf8PathBuf,
}

impl Report for InitReport {
    fn human(&self) -> String {
        format!("{} has all questions; an empty answer is reported as not answered\n", self.written)
    }
}

/// Fills a form.
///
/// # Errors
/// Those of [`used::of_training`], of [`answers::Answers::read`], and of writing.
pub async fn form(context: &Context, form: &'static form::Form, options: &FormOptions<'_>) -> Result<FormReport> {
    let loaded = context.manifest()?;
    let beside = Utf8PathBuf::from(file_name(form));
    let (file, shown) = match options.answers {
        Some(given) => (given.to_owned(), given.to_owned()),
        None => (loaded.dir.join(&beside), beside),
    };
    let answers = answers::Answers::read(form, &file, &shown, options.answers.is_some())?;
    let used = used::of_training(context, &loaded).await?;
    let filled = fill::fill(form, &answers, &used);
    let text = match options.format {
        Format::Markdown => filled.markdown(),
        Format::Json => pretty(&filled)?,
    };
    write(options.out, &text)?;
    Ok(FormReport { filled, text })
}

/// Writes the answers file of a form: the one given, else that of the form beside the manifest.
///
/// # Errors
/// Those of the manifest and of [`answers::init`].
pub fn init(context: &Context, form: &form::Form, file: Option<&Utf8Path>) -> Result<InitReport> {
    let written = match file {
        Some(file) => file.to_owned(),
        None => context.manifest()?.dir.join(file_name(form)),
    };
    answers::init(form, &written)?;
    Ok(InitReport { written })
}

fn file_name(form: &form::Form) -> String {
    format!("{}.toml", form.id)
}

/// Writes a report for other programs, if asked to.
///
/// # Errors
/// Those of files.
pub(super) fn write(out: Option<&Utf8Path>, text: &str) -> Result<()> {
    out.map_or(Ok(()), |path| write_atomically(path, text.as_bytes()))
}

/// Indented JSON with a line feed at the end.
pub(super) fn pretty<T: Serialize>(value: &T) -> Result<String> {
    let text = serde_json::to_string_pretty(value)
        .map_err(|error| Error::bug("a report did not serialize").caused_by(&error))?;
    Ok(text + "\n")
}

//! Files with people's answers: a TOML table a section, a key a question. What is empty or not there is not answered.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use toml_edit::{Document, Item};

use super::form::{AnswersSource, Form, Kind, Question};
use super::used::sha256_text;
use crate::error::{Error, Result};
use crate::lockfile::write_atomically;
use crate::manifest::values::did_you_mean;
use crate::ops::documents::digest;

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Yes or no.
    YesNo(bool),
    /// Text.
    Text(String),
}

/// The answers to a form.
#[derive(Debug, Default)]
pub struct Answers {
    file: Option<(Utf8PathBuf, String)>,
    given: BTreeMap<(String, String), Answer>,
}

impl Answers {
    /// The answer to a question.
    pub fn get(&self, section: &str, key: &str) -> Option<&Answer> {
        self.given.get(&(section.to_owned(), key.to_owned()))
    }

    /// The file.
    pub fn source(&self) -> Option<AnswersSource> {
        let (file, digest) = self.file.as_ref()?;
        Some(AnswersSource { file: file.to_string(), digest: digest.clone() })
    }

    /// Reads a file; one that is not there has no answers, unless `required`.
    ///
    /// # Errors
    /// `answers.not_found`, `answers.malformed`, `answers.unknown` for a section or key that the form does not have,
    /// `answers.kind` for a yes-or-no question with anything else than `"yes"`, `"no"` or nothing, `answers.contradiction`
    /// for an answer to a question that an answered no has ruled out.
    pub fn read(form: &Form, file: &Utf8Path, shown: &Utf8Path, required: bool) -> Result<Self> {
        let bytes = match std::fs::read(file) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && !required => return Ok(Self::default()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(Error::input("answers.not_found", format!("there is no file {shown}"))
                    .hint(format!("`dgov report {} --init --answers {shown}` writes it", form.id)));
            }
            Err(error) => return Err(Error::from(error)),
        };
        let text = std::str::from_utf8(&bytes).map_err(|error| {
            Error::input("answers.malformed", format!("{shown} is no text")).caused_by(&error).hint("save it as UTF-8")
        })?;
        let document = Document::parse(text).map_err(|error| {
            Error::input("answers.malformed", format!("{shown} is not valid TOML"))
                .caused_by(&error)
                .hint("texts stand in quotes; see the file that --init writes")
        })?;
        let mut given = BTreeMap::new();
        for (number, table) in document.as_table().iter() {
            let section = form.sections.iter().find(|section| section.number == number);
            let (Some(section), Some(table)) = (section, table.as_table_like()) else {
                return Err(unknown(shown, number, form.sections.iter().map(|section| section.number)));
            };
            for (key, item) in table.iter() {
                let Some(question) = section.questions.iter().find(|question| question.key == key) else {
                    let name = format!("{number}.{key}");
                    return Err(unknown(shown, &name, section.questions.iter().map(|question| question.key)));
                };
                if let Some(answer) = answer(shown, number, question, item)? {
                    given.insert((number.to_owned(), key.to_owned()), answer);
                }
            }
        }
        let answers = Self { file: Some((shown.to_owned(), sha256_text(digest(&bytes)))), given };
        answers.consistent(form, shown)?;
        Ok(answers)
    }

    fn consistent(&self, form: &Form, shown: &Utf8Path) -> Result<()> {
        for section in form.sections {
            for question in section.questions.iter().filter(|question| !question.needs.is_empty()) {
                let no = |key: &&str| self.get(section.number, key) == Some(&Answer::YesNo(false));
                if self.get(section.number, question.key).is_some() && question.needs.iter().all(no) {
                    let (number, needs) = (section.number, question.needs.join(" and "));
                    return Err(Error::input(
                        "answers.contradiction",
                        format!("{shown}: section {number} answers {needs} with no, and {} all the same", question.key),
                    )
                    .hint("a question that does not arise has no answer: empty one of the two"));
                }
            }
        }
        Ok(())
    }
}

fn answer(shown: &Utf8Path, number: &str, question: &Question, item: &Item) -> Result<Option<Answer>> {
    let wrong = |wanted: &str| {
        Error::input("answers.kind", format!("{shown}: {number}.{} is not {wanted}", question.key))
            .hint("leave it empty as long as nobody has decided; nothing is inferred from the data")
    };
    if question.kind == Kind::YesNo {
        return match item.as_str().map(str::trim) {
            Some("yes") => Ok(Some(Answer::YesNo(true))),
            Some("no") => Ok(Some(Answer::YesNo(false))),
            Some("") => Ok(None),
            _ => Err(wrong("\"yes\", \"no\" or \"\"")),
        };
    }
    let text = item.as_str().ok_or_else(|| wrong("a text in quotes"))?.trim();
    Ok((!text.is_empty()).then(|| Answer::Text(text.to_owned())))
}

fn unknown<'a>(shown: &Utf8Path, name: &str, known: impl Iterator<Item = &'a str> + Clone) -> Error {
    let last = name.rsplit('.').next().unwrap_or(name);
    let error = Error::input("answers.unknown", format!("{shown}: the form has no `{name}`"));
    match did_you_mean(last, known.clone()) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => error.hint(format!("there are: {}", known.collect::<Vec<_>>().join(", "))),
    }
}

/// The file with all questions and no answers.
pub fn template(form: &Form) -> String {
    let mut text = format!(
        "# {}\n# {}\n#\n# Yes-or-no questions take \"yes\" or \"no\". What is empty is reported as not answered.\n",
        form.title, form.basis
    );
    for section in form.sections.iter().filter(|section| !section.questions.is_empty()) {
        text.push_str(&format!("\n# {} {}\n[\"{0}\"]\n", section.number, section.heading));
        for question in section.questions {
            let kind = match question.kind {
                Kind::YesNo => " (yes or no)".to_owned(),
                Kind::Text => String::new(),
                Kind::Optional => " (optional)".to_owned(),
                Kind::Range(ranges) => format!(" ({}, or a size of your own)", ranges.join(" / ")),
            };
            text.push_str(&format!("# {}{kind}\n{} = \"\"\n", question.text, question.key));
        }
    }
    text
}

/// Writes [`template`]; a file that is there stays.
///
/// # Errors
/// `answers.exists`, and those of files.
pub fn init(form: &Form, file: &Utf8Path) -> Result<()> {
    if file.exists() {
        return Err(Error::input("answers.exists", format!("{file} is there already"))
            .hint("it stays as it is; give another name with --answers"));
    }
    write_atomically(file, template(form).as_bytes())
}

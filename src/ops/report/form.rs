//! Forms of authorities: sections with questions, answered by people, beside what the data says.

use serde::Serialize;

use crate::ui::text::markdown;

/// A form.
pub struct Form {
    /// Name of the verb, and of the answers file.
    pub id: &'static str,
    /// Official title.
    pub title: &'static str,
    /// Where the form comes from.
    pub basis: &'static str,
    /// Sections in official order.
    pub sections: &'static [Section],
}

/// A section.
pub struct Section {
    /// Official number.
    pub number: &'static str,
    /// Official heading.
    pub heading: &'static str,
    /// Questions in official order; none where only parts below have some.
    pub questions: &'static [Question],
}

/// A question.
pub struct Question {
    /// Key in the answers file.
    pub key: &'static str,
    /// Kind of the answer.
    pub kind: Kind,
    /// The question.
    pub text: &'static str,
    /// Key of the yes-or-no question of the same section without whose yes it does not arise; several are alternatives.
    pub needs: &'static [&'static str],
    /// What the data says about it.
    pub topics: &'static [Topic],
}

/// Kind of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Yes or no, and nothing until somebody says which.
    YesNo,
    /// Text.
    Text,
    /// Text that may be left out.
    Optional,
    /// One of the given texts, or a text of one's own.
    Range(&'static [&'static str]),
}

/// What data can say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// Which datasets there are, with their roots.
    Datasets,
    /// Files, bytes, records.
    Sizes,
    /// What records are, and the kinds of values in them.
    Types,
    /// Licenses.
    Licenses,
    /// Publishers, and what cards and manifests say about origins.
    Sources,
    /// When the data was collected, as cards say.
    Times,
    /// Hints at personal data.
    Personal,
    /// Whether cards speak of synthetic data.
    Synthetic,
    /// Duplicates, and what cards say about processing.
    Processing,
    /// Languages, as cards say.
    Languages,
}

/// State of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Somebody says yes.
    Yes,
    /// Somebody says no.
    No,
    /// Somebody has written something.
    Answered,
    /// Nobody has.
    NotAnswered,
    /// The question it depends on is answered with no.
    DoesNotArise,
}

/// A form with answers.
#[derive(Serialize)]
pub struct Filled {
    /// Name of the form.
    pub form: &'static str,
    /// Official title.
    pub title: &'static str,
    /// Where the form comes from.
    pub basis: &'static str,
    /// The answers file with its sha256; none where there is no such file.
    pub answers: Option<AnswersSource>,
    /// Questions that arise and are not optional.
    pub questions: usize,
    /// Of these, those that nobody has answered.
    pub unanswered: usize,
    /// Sections.
    pub sections: Vec<FilledSection>,
    /// What was not looked at, one sentence each.
    pub not_looked_at: Vec<String>,
    /// What the report is not.
    pub disclaimer: &'static str,
}

/// The answers file.
#[derive(Serialize)]
pub struct AnswersSource {
    /// Path as given.
    pub file: String,
    /// `sha256:` and digits.
    pub digest: String,
}

/// A section with answers.
#[derive(Serialize)]
pub struct FilledSection {
    /// Official number.
    pub number: &'static str,
    /// Official heading.
    pub heading: &'static str,
    /// Lines.
    pub lines: Vec<Line>,
}

/// A question with its answer.
#[derive(Serialize)]
pub struct Line {
    /// Key in the answers file.
    pub key: &'static str,
    /// The question.
    pub question: &'static str,
    /// Whether it may be left out.
    pub optional: bool,
    /// State.
    pub state: State,
    /// What was written, where it is text.
    pub text: Option<String>,
    /// Digest of the file that the answer is in.
    pub from: Option<String>,
    /// What the data says. It answers no question.
    pub facts: Vec<Fact>,
}

/// Something that the data says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fact {
    /// The dataset.
    pub dataset: String,
    /// One sentence without a full stop.
    pub says: String,
    /// What says it: a document, the package, the lock.
    pub source: &'static str,
    /// Its digest: `sha256:...`, a CID, or `0x...` for the root of a record tree or a version key.
    pub digest: String,
}

/// What the report is not.
pub const DISCLAIMER: &str = "dgov puts declarations and digests together; this is no legal advice, and no digest proves \
     that a model was trained on the data, or on nothing else.";

impl Filled {
    /// The report as Markdown.
    pub fn markdown(&self) -> String {
        let mut text = format!("# {}\n\n{}\n\n", self.title, self.basis);
        text.push_str(&match &self.answers {
            Some(answers) => format!("Answers: {} ({})\n", markdown(&answers.file), answers.digest),
            None => format!("Answers: none; `dgov report {} --init` writes the file for them\n", self.form),
        });
        text.push_str(&format!("\nNot answered: {} of {} questions\n", self.unanswered, self.questions));
        for section in &self.sections {
            let level = if section.number.contains('.') { "###" } else { "##" };
            text.push_str(&format!("\n{level} {} {}\n", section.number, section.heading));
            for line in &section.lines {
                text.push_str(&line.markdown());
            }
        }
        if !self.not_looked_at.is_empty() {
            text.push_str("\n## Not looked at\n\n");
            for sentence in &self.not_looked_at {
                text.push_str(&format!("- {}\n", markdown(sentence)));
            }
        }
        text + &format!("\n---\n\n{}\n", self.disclaimer)
    }
}

impl Line {
    fn markdown(&self) -> String {
        let answer = match (self.state, &self.text) {
            (State::Yes, _) => "Yes".to_owned(),
            (State::No, _) => "No".to_owned(),
            (State::DoesNotArise, _) => "*does not arise*".to_owned(),
            (State::NotAnswered, _) if self.optional => "*left out*".to_owned(),
            (_, Some(text)) => markdown(text),
            _ => "*not answered*".to_owned(),
        };
        let from = self.from.as_ref().map_or_else(String::new, |from| format!(" [{from}]"));
        let mut text = format!("\n**{}**\n{answer}{from}\n", self.question);
        for fact in &self.facts {
            let (dataset, says) = (markdown(&fact.dataset), markdown(&fact.says));
            text.push_str(&format!("- {dataset}: {says} [{}, {}]\n", fact.source, fact.digest));
        }
        text
    }
}

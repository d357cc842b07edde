//! From forms, answers and datasets to reports. Facts stand beside answers and never become one.

use std::collections::BTreeMap;

use dgov_data::profile::PiiKind;

use super::answers::{Answer, Answers};
use super::form::{DISCLAIMER, Fact, Filled, FilledSection, Form, Kind, Line, Question, State, Topic};
use super::used::{Used, sha256_text};
use crate::manifest::Role;

/// Longest text of a card that is quoted, in characters.
const QUOTE: usize = 400;
/// Most columns of a dataset that are listed.
const COLUMNS: usize = 50;

/// Fills a form. Data that is not trained on is left out, and said to be.
pub fn fill(form: &'static Form, answers: &Answers, used: &[Used]) -> Filled {
    let trained: Vec<_> = used.iter().filter(|used| used.role == Role::Train).collect();
    let mut not_looked_at: Vec<_> = used
        .iter()
        .filter(|used| used.role != Role::Train)
        .map(|used| format!("{} is used for `{}` and not trained on", used.name, used.role.name()))
        .collect();
    not_looked_at.extend(trained.iter().flat_map(|used| used.missing.iter().cloned()));
    let sections: Vec<_> = form
        .sections
        .iter()
        .map(|section| FilledSection {
            number: section.number,
            heading: section.heading,
            lines: section.questions.iter().map(|question| line(section.number, question, answers, &trained)).collect(),
        })
        .collect();
    let asked = || {
        let lines = sections.iter().flat_map(|section| &section.lines);
        lines.filter(|line| !line.optional && line.state != State::DoesNotArise)
    };
    Filled {
        form: form.id,
        title: form.title,
        basis: form.basis,
        answers: answers.source(),
        questions: asked().count(),
        unanswered: asked().filter(|line| line.state == State::NotAnswered).count(),
        sections,
        not_looked_at,
        disclaimer: DISCLAIMER,
    }
}

fn line(section: &str, question: &'static Question, answers: &Answers, used: &[&Used]) -> Line {
    let answer = answers.get(section, question.key);
    let denied = |key: &&str| answers.get(section, key) == Some(&Answer::YesNo(false));
    let arises = question.needs.is_empty() || !question.needs.iter().all(denied);
    let (state, text) = match answer {
        _ if !arises => (State::DoesNotArise, None),
        Some(Answer::YesNo(true)) => (State::Yes, None),
        Some(Answer::YesNo(false)) => (State::No, None),
        Some(Answer::Text(text)) => (State::Answered, Some(text.clone())),
        None => (State::NotAnswered, None),
    };
    let written = matches!(state, State::Yes | State::No | State::Answered);
    Line {
        key: question.key,
        question: question.text,
        optional: question.kind == Kind::Optional,
        state,
        text,
        from: answers.source().filter(|_| written).map(|source| source.digest),
        facts: if arises { question.topics.iter().flat_map(|topic| facts(*topic, used)).collect() } else { Vec::new() },
    }
}

fn facts(topic: Topic, used: &[&Used]) -> Vec<Fact> {
    used.iter().flat_map(|used| of_topic(topic, used)).collect()
}

fn of_topic(topic: Topic, used: &Used) -> Vec<Fact> {
    let fact =
        |says: String, source: &'static str, digest: String| Fact { dataset: used.name.clone(), says, source, digest };
    match topic {
        Topic::Datasets => datasets(used, &fact),
        Topic::Sizes => sizes(used, &fact),
        Topic::Types => types(used, &fact),
        Topic::Licenses => {
            let text = used.license_digest.map(|digest| fact("license text".into(), "LICENSE", sha256_text(digest)));
            let spdx =
                used.spdx.iter().map(|(spdx, from)| fact(format!("license {spdx}"), "declaration", from.clone()));
            spdx.chain(text).collect()
        }
        Topic::Sources => {
            let words = [
                "creator",
                "publisher",
                "prov:wasDerivedFrom",
                "isBasedOn",
                "prov:wasGeneratedBy",
                "prov:hadPrimarySource",
                "rai:dataCollection",
            ];
            let parents = used.parents.iter();
            let parents = parents.map(|(parent, from)| fact(format!("made from {parent}"), "manifest", from.clone()));
            parents.chain(quotes(used, &words, &fact)).collect()
        }
        Topic::Times => {
            quotes(used, &["temporalCoverage", "rai:dataCollectionTimeframe", "dateCreated", "dateModified"], &fact)
        }
        Topic::Personal => {
            let mut all = personal(used, &fact);
            all.extend(quotes(used, &["rai:personalSensitiveInformation"], &fact));
            all
        }
        Topic::Synthetic => quotes(used, &["rai:hasSyntheticData"], &fact),
        Topic::Processing => {
            let mut all = duplicates(used, &fact);
            let words = [
                "rai:dataPreprocessingProtocol",
                "rai:dataManipulationProtocol",
                "rai:dataImputationProtocol",
                "rai:dataAnnotationProtocol",
            ];
            all.extend(quotes(used, &words, &fact));
            all
        }
        Topic::Languages => quotes(used, &["inLanguage"], &fact),
    }
}

type Make<'a> = dyn Fn(String, &'static str, String) -> Fact + 'a;

fn datasets(used: &Used, fact: &Make<'_>) -> Vec<Fact> {
    let package = used.cid.iter().map(|cid| fact("package".into(), "CID", cid.clone()));
    let key = used.version.iter().map(|version| {
        fact(format!("version {} in dgov.lock", version.number), "version key", version.version_key.to_string())
    });
    let description = quotes(used, &["description"], fact);
    package.chain(key).chain(description).collect()
}

fn sizes(used: &Used, fact: &Make<'_>) -> Vec<Fact> {
    let files = used
        .size
        .iter()
        .map(|(files, bytes, from)| fact(format!("{files} files, {bytes} bytes"), "package", from.clone()));
    let records =
        used.records.iter().map(|(root, records)| fact(format!("{records} records"), "record root", root.to_string()));
    files.chain(records).collect()
}

fn types(used: &Used, fact: &Make<'_>) -> Vec<Fact> {
    let mut all: Vec<_> = used
        .format
        .iter()
        .map(|(format, from)| fact(format!("records are of the format `{format}`"), "package", from.clone()))
        .collect();
    if let Some((profile, digest)) = &used.profile {
        for column in profile.columns.iter().take(COLUMNS) {
            let kinds = &column.kinds;
            let counted = [
                ("texts", kinds.text),
                ("integers", kinds.integer),
                ("other numbers", kinds.float),
                ("truth values", kinds.r#true + kinds.r#false),
                ("byte strings", kinds.bytes),
                ("nested values", kinds.nested),
                ("nulls", kinds.null),
            ];
            let counted: Vec<_> =
                counted.iter().filter(|(_, n)| *n > 0).map(|(kind, n)| format!("{n} {kind}")).collect();
            let says = format!("column `{}`: {}", column.name, counted.join(", "));
            all.push(fact(says, "profile.json", sha256_text(*digest)));
        }
        let more = profile.columns.len().saturating_sub(COLUMNS);
        if more > 0 {
            all.push(fact(format!("{more} columns more"), "profile.json", sha256_text(*digest)));
        }
    }
    let encodings = used.card.iter().flat_map(|(card, digest)| {
        let mut found: BTreeMap<String, usize> = BTreeMap::new();
        for format in card.distribution().into_iter().flat_map(|resource| resource.encoding_format) {
            *found.entry(format).or_default() += 1;
        }
        found.into_keys().map(|format| fact(format!("encoding format {}", cut(&format)), "card", sha256_text(*digest)))
    });
    all.extend(encodings);
    all
}

/// What a profile found, or that it found nothing: both are hints and no more.
fn personal(used: &Used, fact: &Make<'_>) -> Vec<Fact> {
    let Some((profile, digest)) = &used.profile else { return Vec::new() };
    let name = |kind: PiiKind| match kind {
        PiiKind::Email => "e-mail addresses",
        PiiKind::Phone => "telephone numbers",
        PiiKind::Iban => "bank account numbers",
        PiiKind::Card => "payment card numbers",
        PiiKind::Ipv4 | PiiKind::Ipv6 => "public IP addresses",
        PiiKind::UsSsn => "social security numbers",
    };
    let found = profile.pii.iter().map(|found| {
        format!("patterns of {} in {} places of {} records", name(found.kind), found.matches, found.records)
    });
    let mut says: Vec<_> = found.collect();
    if says.is_empty() {
        says.push("no pattern of personal data was found in its texts, which does not mean that there is none".into());
    }
    says.extend(profile.not_measured.iter().map(|sentence| format!("not measured: {}", cut(sentence))));
    says.into_iter().map(|says| fact(says, "profile.json", sha256_text(*digest))).collect()
}

fn duplicates(used: &Used, fact: &Make<'_>) -> Vec<Fact> {
    let Some((profile, digest)) = &used.profile else { return Vec::new() };
    let says = format!("{} of {} records are exact copies of another", profile.duplicates.exact, profile.records);
    vec![fact(says, "profile.json", sha256_text(*digest))]
}

fn quotes(used: &Used, words: &[&str], fact: &Make<'_>) -> Vec<Fact> {
    let Some((card, digest)) = &used.card else { return Vec::new() };
    let said = words.iter().filter_map(|word| card.text(word).map(|text| format!("{word}: {}", cut(&text))));
    said.map(|says| fact(says, "card", sha256_text(*digest))).collect()
}

fn cut(text: &str) -> String {
    let short: String = text.chars().take(QUOTE).collect();
    if short.len() < text.len() { short + "…" } else { short }
}

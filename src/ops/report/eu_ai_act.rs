//! The template of the European Commission for the public summary of training content: annex of the communication
//! C(2025) 8311 final of 5 December 2025, for Article 53(1)(d) of Regulation (EU) 2024/1689.

use super::form::Kind::{Optional, Range, Text, YesNo};
use super::form::{Form, Kind, Question, Section, Topic};

const fn ask(key: &'static str, kind: Kind, text: &'static str, topics: &'static [Topic]) -> Question {
    Question { key, kind, text, needs: &[], topics }
}

const fn then(key: &'static str, kind: Kind, text: &'static str, needs: &'static [&'static str]) -> Question {
    Question { key, kind, text, needs, topics: &[] }
}

/// The template.
pub static FORM: Form = Form {
    id: "eu-ai-act",
    title: "Public Summary of Training Content for general-purpose AI models",
    basis: "Template required by Article 53(1)(d) of Regulation (EU) 2024/1689 (AI Act), C(2025) 8311",
    sections: &[
        Section {
            number: "0",
            heading: "Version of the Summary",
            questions: &[
                ask("version", Text, "Version of the Summary", &[]),
                ask("last-update", Text, "Last update", &[]),
            ],
        },
        Section { number: "1", heading: "General information", questions: &[] },
        Section {
            number: "1.1",
            heading: "Provider identification",
            questions: &[
                ask("provider", Text, "Provider name and contact details", &[]),
                ask("representative", Optional, "Authorised representative name and contact details", &[]),
            ],
        },
        Section {
            number: "1.2",
            heading: "Model identification",
            questions: &[
                ask("model-names", Text, "Versioned model name(s)", &[]),
                ask("model-dependencies", Text, "Model dependencies", &[]),
                ask("placed-on-market", Text, "Date of placement of the model on the Union market", &[]),
            ],
        },
        Section {
            number: "1.3",
            heading: "Modalities, overall training data size and other characteristics",
            questions: &[
                ask(
                    "modalities",
                    Text,
                    "Modalities present in the training data: text, image, audio, video, other",
                    &[Topic::Types],
                ),
                ask(
                    "text-size",
                    Range(&[
                        "Less than 1 billion tokens",
                        "1 billion to 10 trillion tokens",
                        "More than 10 trillion tokens",
                    ]),
                    "Text: training data size, where the modality is present",
                    &[Topic::Sizes],
                ),
                ask("text-content", Optional, "Text: types of content", &[]),
                ask(
                    "image-size",
                    Range(&[
                        "Less than 1 million images",
                        "1 million to 1 billion images",
                        "More than 1 billion images",
                    ]),
                    "Image: training data size, where the modality is present",
                    &[],
                ),
                ask("image-content", Optional, "Image: types of content", &[]),
                ask(
                    "audio-size",
                    Range(&["Less than 10,000 hours", "10,000 to 1 million hours", "More than 1 million hours"]),
                    "Audio: training data size, where the modality is present",
                    &[],
                ),
                ask("audio-content", Optional, "Audio: types of content", &[]),
                ask(
                    "video-size",
                    Range(&["Less than 10,000 hours", "10,000 to 1 million hours", "More than 1 million hours"]),
                    "Video: training data size, where the modality is present",
                    &[],
                ),
                ask("video-content", Optional, "Video: types of content", &[]),
                ask("other-size", Optional, "Other modality: training data size and types of content", &[]),
                ask(
                    "latest-collection",
                    Text,
                    "Latest date of data acquisition/collection for model training",
                    &[Topic::Times],
                ),
                ask(
                    "languages",
                    Text,
                    "Description of the linguistic characteristics of the overall training data",
                    &[Topic::Languages],
                ),
                ask(
                    "other-characteristics",
                    Optional,
                    "Other relevant characteristics of the overall training data",
                    &[Topic::Processing],
                ),
                ask("comments", Optional, "Additional comments (optional)", &[]),
            ],
        },
        Section { number: "2", heading: "List of data sources", questions: &[] },
        Section {
            number: "2.1",
            heading: "Publicly available datasets",
            questions: &[
                ask(
                    "used",
                    YesNo,
                    "Have you used publicly available datasets to train the model?",
                    &[Topic::Datasets, Topic::Sources, Topic::Licenses],
                ),
                then(
                    "modalities",
                    Text,
                    "If yes, specify the modality(ies) of the content covered by the datasets concerned",
                    &["used"],
                ),
                then("large-datasets", Text, "List of large publicly available datasets", &["used"]),
                then(
                    "other-datasets",
                    Text,
                    "General description of other publicly available datasets not listed above",
                    &["used"],
                ),
                ask("comments", Optional, "Additional comments (optional)", &[]),
            ],
        },
        Section {
            number: "2.2",
            heading: "Private non-publicly available datasets obtained from third parties",
            questions: &[],
        },
        Section {
            number: "2.2.1",
            heading: "Datasets commercially licensed by rightsholders or their representatives",
            questions: &[
                ask(
                    "licensed",
                    YesNo,
                    "Have you concluded transactional commercial licensing agreement(s) with rightsholder(s) or with their representatives?",
                    &[Topic::Licenses],
                ),
                then(
                    "modalities",
                    Text,
                    "If yes, specify the modality(ies) of the content covered by the datasets concerned",
                    &["licensed"],
                ),
            ],
        },
        Section {
            number: "2.2.2",
            heading: "Private datasets obtained from other third parties",
            questions: &[
                ask(
                    "obtained",
                    YesNo,
                    "Have you obtained private datasets from third parties that are not licensed as described in Section 2.2.1, such as data obtained from providers of private databases, or data intermediaries?",
                    &[Topic::Sources],
                ),
                then(
                    "modalities",
                    Text,
                    "If yes, specify the modality(ies) of the content covered by the datasets concerned",
                    &["obtained"],
                ),
                then(
                    "known-datasets",
                    Text,
                    "List of publicly known private datasets obtained from third parties",
                    &["obtained"],
                ),
                then(
                    "other-datasets",
                    Text,
                    "General description of non-publicly known private datasets obtained from third parties",
                    &["obtained"],
                ),
                ask("comments", Optional, "Additional comments (optional)", &[]),
            ],
        },
        Section {
            number: "2.3",
            heading: "Data crawled and scraped from online sources",
            questions: &[
                ask(
                    "crawled",
                    YesNo,
                    "Were crawlers used by the provider or on behalf of the provider?",
                    &[Topic::Sources],
                ),
                then("crawler-names", Text, "Crawler name(s)/identifier(s)", &["crawled"]),
                then("crawler-purposes", Text, "Purposes of the crawler(s)", &["crawled"]),
                then("crawler-behaviour", Text, "General description of crawler behaviour", &["crawled"]),
                then("period", Text, "Period of data collection", &["crawled"]),
                then(
                    "content",
                    Text,
                    "Comprehensive description of the type of content and online sources crawled",
                    &["crawled"],
                ),
                then("modalities", Text, "Type of modality covered", &["crawled"]),
                then("domains", Text, "Summary of the most relevant domain names crawled", &["crawled"]),
                ask("comments", Optional, "Additional comments (optional)", &[]),
            ],
        },
        Section {
            number: "2.4",
            heading: "User data",
            questions: &[
                ask(
                    "model-interactions",
                    YesNo,
                    "Was data from user interactions with the AI model (e.g. user input and prompts) used to train the model?",
                    &[Topic::Personal],
                ),
                ask(
                    "other-interactions",
                    YesNo,
                    "Was data collected from user interactions with the provider's other services or products used to train the model?",
                    &[],
                ),
                then(
                    "services",
                    Text,
                    "General description of the provider's services or products that were used to collect the user data",
                    &["model-interactions", "other-interactions"],
                ),
                then("modalities", Text, "Type of modality covered", &["model-interactions", "other-interactions"]),
                ask("comments", Optional, "Additional comments (optional)", &[]),
            ],
        },
        Section {
            number: "2.5",
            heading: "Synthetic data",
            questions: &[
                ask(
                    "synthetic",
                    YesNo,
                    "Was synthetic AI-generated data created by the provider or on their behalf to train the model?",
                    &[Topic::Synthetic],
                ),
                then("modalities", Text, "Modality of the synthetic data", &["synthetic"]),
                then(
                    "market-models",
                    Text,
                    "General-purpose AI model(s) used to generate the synthetic data if available on the market",
                    &["synthetic"],
                ),
                then(
                    "other-models",
                    Text,
                    "Information about other AI models, including the provider's own not available on the market, used to generate synthetic data to train the model",
                    &["synthetic"],
                ),
                ask("comments", Optional, "Additional comments (optional)", &[]),
            ],
        },
        Section {
            number: "2.6",
            heading: "Other sources of data",
            questions: &[
                ask(
                    "other-sources",
                    YesNo,
                    "Have data sources other than those described in Sections 2.1 to 2.5 been used to train the model?",
                    &[],
                ),
                then(
                    "description",
                    Text,
                    "Narrative description of these data sources and the data",
                    &["other-sources"],
                ),
                ask("comments", Optional, "Additional comments (optional)", &[]),
            ],
        },
        Section { number: "3", heading: "Data processing aspects", questions: &[] },
        Section {
            number: "3.1",
            heading: "Respect of reservation of rights from text and data mining exception or limitation",
            questions: &[
                ask(
                    "signatory",
                    YesNo,
                    "Are you a Signatory to the Code of Practice for general-purpose AI models that includes commitments to respect reservations of rights from the TDM exception or limitation?",
                    &[],
                ),
                ask(
                    "measures",
                    Text,
                    "Measures implemented before model training to respect reservations of rights from the TDM exception or limitation before and during data collection, including the opt-out protocols and solutions honoured by the provider or, as applicable, by third parties from which datasets have been obtained",
                    &[],
                ),
                ask("comments", Optional, "Additional comments (optional)", &[]),
            ],
        },
        Section {
            number: "3.2",
            heading: "Removal of illegal content",
            questions: &[ask("measures", Text, "General description of measures taken", &[])],
        },
        Section {
            number: "3.3",
            heading: "Other information (optional)",
            questions: &[ask(
                "other",
                Optional,
                "Other relevant information about data processing (optional)",
                &[Topic::Processing],
            )],
        },
    ],
};

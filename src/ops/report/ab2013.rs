//! Title 15.2 of part 4 of division 3 of the Civil Code of California (AB 2013, chapter 817 of 2024), section 3111.

use super::form::{Form, Kind, Question, Section, Topic};

const fn item(key: &'static str, kind: Kind, text: &'static str, topics: &'static [Topic]) -> Question {
    Question { key, kind, text, needs: &[], topics }
}

/// The twelve items of section 3111(a).
pub static FORM: Form = Form {
    id: "ab2013",
    title: "Documentation regarding the data used to train the generative artificial intelligence system or service",
    basis: "California Civil Code section 3111, subdivision (a) (AB 2013)",
    sections: &[
        Section {
            number: "(1)",
            heading: "The sources or owners of the datasets",
            questions: &[item(
                "sources-or-owners",
                Kind::Text,
                "The sources or owners of the datasets.",
                &[Topic::Datasets, Topic::Sources],
            )],
        },
        Section {
            number: "(2)",
            heading: "Intended purpose",
            questions: &[item(
                "purpose",
                Kind::Text,
                "A description of how the datasets further the intended purpose of the artificial intelligence system or \
                 service.",
                &[],
            )],
        },
        Section {
            number: "(3)",
            heading: "Number of data points",
            questions: &[item(
                "data-points",
                Kind::Text,
                "The number of data points included in the datasets, which may be in general ranges, and with estimated \
                 figures for dynamic datasets.",
                &[Topic::Sizes],
            )],
        },
        Section {
            number: "(4)",
            heading: "Types of data points",
            questions: &[item(
                "types",
                Kind::Text,
                "A description of the types of data points within the datasets: the types of labels used, or, without \
                 labeling, the general characteristics.",
                &[Topic::Types],
            )],
        },
        Section {
            number: "(5)",
            heading: "Copyright, trademark, patent, public domain",
            questions: &[
                item(
                    "protected",
                    Kind::YesNo,
                    "Whether the datasets include any data protected by copyright, trademark, or patent.",
                    &[Topic::Licenses],
                ),
                item("public-domain", Kind::YesNo, "Whether the datasets are entirely in the public domain.", &[]),
            ],
        },
        Section {
            number: "(6)",
            heading: "Purchased or licensed",
            questions: &[item(
                "purchased-or-licensed",
                Kind::YesNo,
                "Whether the datasets were purchased or licensed by the developer.",
                &[Topic::Licenses],
            )],
        },
        Section {
            number: "(7)",
            heading: "Personal information",
            questions: &[item(
                "personal-information",
                Kind::YesNo,
                "Whether the datasets include personal information, as defined in subdivision (v) of Section 1798.140.",
                &[Topic::Personal],
            )],
        },
        Section {
            number: "(8)",
            heading: "Aggregate consumer information",
            questions: &[item(
                "aggregate-consumer-information",
                Kind::YesNo,
                "Whether the datasets include aggregate consumer information, as defined in subdivision (b) of Section \
                 1798.140.",
                &[],
            )],
        },
        Section {
            number: "(9)",
            heading: "Cleaning, processing, or other modification",
            questions: &[
                item(
                    "modified",
                    Kind::YesNo,
                    "Whether there was any cleaning, processing, or other modification to the datasets by the developer.",
                    &[Topic::Processing],
                ),
                Question {
                    key: "modification-purpose",
                    kind: Kind::Text,
                    text: "The intended purpose of those efforts in relation to the artificial intelligence system or \
                           service.",
                    needs: &["modified"],
                    topics: &[],
                },
            ],
        },
        Section {
            number: "(10)",
            heading: "Time of collection",
            questions: &[
                item(
                    "collected",
                    Kind::Text,
                    "The time period during which the data in the datasets were collected.",
                    &[Topic::Times],
                ),
                item("collection-ongoing", Kind::YesNo, "Whether the data collection is ongoing.", &[]),
            ],
        },
        Section {
            number: "(11)",
            heading: "First use",
            questions: &[item(
                "first-used",
                Kind::Text,
                "The dates the datasets were first used during the development of the artificial intelligence system or \
                 service.",
                &[],
            )],
        },
        Section {
            number: "(12)",
            heading: "Synthetic data generation",
            questions: &[
                item(
                    "synthetic",
                    Kind::YesNo,
                    "Whether the generative artificial intelligence system or service used or continuously uses synthetic \
                     data generation in its development.",
                    &[Topic::Synthetic],
                ),
                Question {
                    key: "synthetic-need",
                    kind: Kind::Optional,
                    text: "The functional need or desired purpose of the synthetic data in relation to the intended \
                           purpose of the system or service.",
                    needs: &["synthetic"],
                    topics: &[],
                },
            ],
        },
    ],
};

//! Rules for RAI (responsible AI) and PROV: the vocabulary, placeholders, what NeurIPS asks for, and whether the origin
//! of the data is declared.

use serde_json::Value;

use super::{CardProfile, Cx, Severity, near};
use crate::cards::NEURIPS_FIELDS;
use crate::cards::card::{Origin, escape};
use crate::cards::names::texts;
use crate::cards::placeholder::is_placeholder;

/// The RAI vocabulary, 1.0 and the additions of Croissant 1.1.
const RAI: [&str; 25] = [
    "annotationsPerItem",
    "annotatorDemographics",
    "dataAnnotationAnalysis",
    "dataAnnotationPlatform",
    "dataAnnotationProtocol",
    "dataBiases",
    "dataCollection",
    "dataCollectionMissingData",
    "dataCollectionRawData",
    "dataCollectionTimeframe",
    "dataCollectionType",
    "dataImputationProtocol",
    "dataLimitations",
    "dataManipulationProtocol",
    "dataPreprocessingProtocol",
    "dataReleaseMaintenancePlan",
    "dataSocialImpact",
    "dataUseCases",
    "hasSyntheticData",
    "machineAnnotationTools",
    "personalSensitiveInformation",
    "samplingStrategy",
    "dataAnnotationTools",
    "dataQuality",
    "intendedUse",
];

pub(super) fn check(cx: &mut Cx<'_>, profile: CardProfile) {
    let root = cx.card.value();
    vocabulary(cx, root);
    if profile == CardProfile::Neurips {
        neurips(cx, root);
    }
    if let Origin::Undeclared { placeholders } = cx.card.origin() {
        let pointer = placeholders.first().map_or_else(String::new, |word| cx.at(root, "", word));
        let hint = "say it in rai:dataCollection, prov:wasDerivedFrom or isBasedOn";
        cx.warn("card.origin", &pointer, "nothing says where the data comes from", hint);
    }
}

fn vocabulary(cx: &mut Cx<'_>, root: &Value) {
    for (key, value) in root.as_object().into_iter().flatten() {
        let word = cx.names.word(key);
        let pointer = format!("/{}", escape(key));
        if let Some(name) = word.strip_prefix("rai:")
            && !RAI.contains(&name)
        {
            let hint = near(name, RAI).map_or_else(String::new, |near| format!("did you mean `rai:{near}`?"));
            cx.warn("card.unknown-property", &pointer, format!("`{key}` is not in the RAI vocabulary"), &hint);
        }
        // Those of the NeurIPS profile are errors there; said once is enough.
        let asked = NEURIPS_FIELDS.contains(&word.as_str());
        if (word.starts_with("rai:") || word.starts_with("prov:")) && blank(value) && !asked {
            cx.warn("card.placeholder", &pointer, format!("`{key}` is a placeholder"), "write it, or leave it out");
        }
    }
}

fn blank(value: &Value) -> bool {
    texts(value).iter().all(|text| is_placeholder(text))
}

fn neurips(cx: &mut Cx<'_>, root: &Value) {
    for word in NEURIPS_FIELDS {
        let pointer = cx.at(root, "", word);
        let found = cx.names.value(root, word);
        let message = match found {
            None => format!("`{word}` is missing"),
            Some(value) if blank(value) => format!("`{word}` is empty or a placeholder"),
            Some(_) if word == "rai:hasSyntheticData" && cx.card.has_synthetic_data().is_none() => {
                format!("`{word}` is neither true nor false")
            }
            Some(_) => continue,
        };
        cx.report(Severity::Error, "card.neurips", &pointer, message, "NeurIPS asks for it");
    }
}

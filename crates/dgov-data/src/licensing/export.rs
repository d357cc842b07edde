//! Rights in the vocabularies of others: ERC-7517 (tokens), RSL 1.0 and AIPREF (web), TDMRep (text and data mining in the
//! EU). Each can say less than [`Rights`]; what it cannot say is said as no.

use serde_json::{Map, Value, json};

use super::purpose::Purpose;
use super::rights::Rights;
use super::ruling::{Ruling, Use};
use super::terms::Terms;

/// How a purpose stands, over all alternatives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Standing {
    /// Forbidden by every alternative.
    Denied,
    /// Not said.
    Unset,
    /// Permitted, with conditions.
    Conditional,
    /// Permitted with attribution as the only condition.
    Credited,
    /// Permitted without a condition.
    Free,
}

fn standing(rights: &Rights, purpose: Purpose) -> Standing {
    let of = |terms: &Terms| match terms.says(purpose) {
        Some(false) => Standing::Denied,
        None => Standing::Unset,
        Some(true) => {
            let modifiers = &terms.modifiers;
            let mut credited = modifiers.clone();
            credited.attribution = Some(false);
            let free = super::terms::Modifiers::free();
            if *modifiers == free {
                Standing::Free
            } else if credited == free {
                Standing::Credited
            } else {
                Standing::Conditional
            }
        }
    };
    rights.alternatives().iter().map(|alternative| of(&alternative.terms)).max().unwrap_or(Standing::Denied)
}

/// `dataMiningPreference` of ERC-7517 (https://eips.ethereum.org/EIPS/eip-7517). What is not said is `notAllowed`, which
/// is the default that the ERC gives to conditions without more information.
pub fn erc7517(rights: &Rights) -> Value {
    let word = |standing: Standing| match standing {
        Standing::Denied | Standing::Unset => "notAllowed",
        Standing::Conditional | Standing::Credited => "constrained",
        Standing::Free => "allowed",
    };
    let generative = standing(rights, Purpose::TrainGenerative);
    // Training of any kind: as far as both kinds go.
    let training = generative.min(standing(rights, Purpose::TrainOther));
    let mut map = Map::new();
    map.insert("dataMining".into(), json!(word(standing(rights, Purpose::Mine))));
    map.insert("aiInference".into(), json!(word(standing(rights, Purpose::Inference))));
    for (standing, plain, credited) in [
        (training, "aiTraining", "aiTrainingWithAuthorship"),
        (generative, "aiGenerativeTraining", "aiGenerativeTrainingWithAuthorship"),
    ] {
        map.insert(plain.into(), json!(word(standing)));
        // With the authorship disclosed, attribution is no condition that is left.
        if standing == Standing::Credited {
            map.insert(credited.into(), json!("allowed"));
        }
    }
    Value::Object(map)
}

/// An RSL 1.0 document (https://rslstandard.org/rsl) for the content at a URL; one `license` for each alternative.
pub fn rsl(rights: &Rights, url: &str, terms_url: Option<&str>) -> String {
    let mut text = format!("<rsl xmlns=\"https://rslstandard.org/rsl\">\n  <content url=\"{}\">\n", escaped(url));
    for alternative in rights.alternatives() {
        text += &rsl_license(&alternative.terms, terms_url);
    }
    if rights.alternatives().is_empty() {
        text += "    <license>\n      <prohibits type=\"usage\">all</prohibits>\n    </license>\n";
    }
    text + "  </content>\n</rsl>\n"
}

/// RSL's words for uses, and the purposes that have to be permitted for each. `ai-train` is training of every kind.
const RSL_USES: [(&str, &[Purpose]); 4] = [
    ("ai-train", &[Purpose::TrainGenerative, Purpose::TrainOther]),
    ("ai-input", &[Purpose::Inference]),
    ("ai-index", &[Purpose::Search, Purpose::Mine]),
    ("search", &[Purpose::Search]),
];

fn rsl_license(terms: &Terms, terms_url: Option<&str>) -> String {
    let permitted = |needed: &&[Purpose]| needed.iter().all(|purpose| terms.says(*purpose) == Some(true));
    let words = |yes: bool| -> Vec<&str> {
        RSL_USES.iter().filter(|(_, needed)| permitted(needed) == yes).map(|(word, _)| *word).collect()
    };
    let mut lines = Vec::new();
    let mut element = |name: &str, kind: &str, words: &[&str]| {
        if !words.is_empty() {
            lines.push(format!("<{name} type=\"{kind}\">{}</{name}>", escaped(&words.join(","))));
        }
    };
    let modifiers = &terms.modifiers;
    element("permits", "usage", &words(true));
    if modifiers.commercial != Some(true) {
        element("permits", "user", &["non-commercial"]);
    }
    if let super::terms::Geography::Only(places) = &modifiers.geography {
        let places: Vec<_> = places.iter().map(String::as_str).collect();
        element("permits", "geo", &places);
    }
    element("prohibits", "usage", &words(false));
    if modifiers.commercial != Some(true) {
        element("prohibits", "user", &["commercial"]);
    }
    let kind = match (modifiers.prices.is_empty(), modifiers.attribution) {
        (false, _) => "purchase",
        (true, Some(false)) => "free",
        (true, _) => "attribution",
    };
    let standard = terms_url.map(|url| format!("<standard>{}</standard>", escaped(url)));
    // A price is an amount with an ISO 4217 currency only there; others are in the terms.
    let amount = modifiers.prices.iter().find_map(|price| {
        let (amount, unit) = price.split_once(' ')?;
        let iso = ["USD", "EUR", "GBP", "JPY", "CHF", "CAD", "AUD"].contains(&unit);
        iso.then(|| format!("<amount currency=\"{unit}\">{}</amount>", escaped(amount)))
    });
    let inner: String = standard.into_iter().chain(amount).map(|line| format!("        {line}\n")).collect();
    let payment = if inner.is_empty() {
        format!("      <payment type=\"{kind}\"/>\n")
    } else {
        format!("      <payment type=\"{kind}\">\n{inner}      </payment>\n")
    };
    let lines: String = lines.iter().map(|line| format!("      {line}\n")).collect();
    format!("    <license>\n{lines}{payment}    </license>\n")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// `/.well-known/tdmrep.json` of TDMRep (https://www.w3.org/community/reports/tdmrep/CG-FINAL-tdmrep-20240510/): rights are
/// reserved unless mining and training are permitted to everybody, commercially, without a condition but attribution.
pub fn tdmrep(rights: &Rights, location: &str, policy_url: Option<&str>) -> Value {
    let purposes = [Purpose::Mine, Purpose::TrainGenerative, Purpose::TrainOther];
    let open = rights.alternatives().iter().any(|alternative| {
        purposes.iter().all(|purpose| alternative.terms.says(*purpose) == Some(true))
            && alternative.terms.modifiers.commercial == Some(true)
            && alternative.terms.modifiers.prices.is_empty()
            && alternative.terms.modifiers.geography == super::terms::Geography::Anywhere
            && alternative.terms.modifiers.expiry.is_none()
            && alternative.terms.modifiers.use_restrictions != Some(true)
    });
    let mut rule = Map::new();
    rule.insert("location".into(), json!(location));
    rule.insert("tdm-reservation".into(), json!(u8::from(!open)));
    if let (false, Some(url)) = (open, policy_url) {
        rule.insert("tdm-policy".into(), json!(url));
    }
    Value::Array(vec![Value::Object(rule)])
}

/// The policy that a TDMRep rule points to: an ODRL offer of the TDMRep profile, with what mining asks for.
pub fn tdm_policy(rights: &Rights, uid: &str, target: &str) -> Value {
    let offers = rights.alternatives().iter().filter(|alternative| alternative.terms.says(Purpose::Mine) == Some(true));
    let permission: Vec<_> = offers
        .map(|alternative| {
            let modifiers = &alternative.terms.modifiers;
            let mut rule = json!({ "target": target, "action": "tdm:mine" });
            if modifiers.commercial != Some(true) {
                let research = json!({ "leftOperand": "purpose", "operator": "eq", "rightOperand": "tdm:research" });
                rule["constraint"] = json!([research]);
            }
            if !modifiers.prices.is_empty() {
                rule["duty"] = json!([{ "action": "compensate" }]);
            }
            rule
        })
        .collect();
    // Without a permission the only way is to ask.
    let permission = if permission.is_empty() {
        vec![json!({ "target": target, "action": "tdm:mine", "duty": [{ "action": "obtainConsent" }] })]
    } else {
        permission
    };
    json!({
        "@context": ["http://www.w3.org/ns/odrl.jsonld", { "tdm": "http://www.w3.org/ns/tdmrep#" }],
        "@type": "Offer",
        "profile": "http://www.w3.org/ns/tdmrep",
        "uid": uid,
        "permission": permission,
    })
}

/// A value of `Content-Usage` with the vocabulary of draft-ietf-aipref-vocab: a dictionary of structured fields (RFC
/// 9651). What is not said is left out: the draft calls it unknown.
pub fn aipref(rights: &Rights, at: i64) -> String {
    let answers = [("train-ai", Purpose::TrainGenerative), ("ai-use", Purpose::Inference), ("search", Purpose::Search)];
    let parts = answers.into_iter().filter_map(|(label, purpose)| {
        // A preference has no conditions: `y` is said to everybody, companies too.
        let ruling = rights.ruling(&Use { purpose, commercial: true, at, place: None });
        match ruling {
            Ruling::Permitted { .. } if rights_are_free_of_charge(rights, purpose) => Some(format!("{label}=y")),
            Ruling::Permitted { .. } | Ruling::Denied { .. } => Some(format!("{label}=n")),
            Ruling::Unset { .. } => None,
        }
    });
    parts.collect::<Vec<_>>().join(", ")
}

/// Whether one alternative permits it commercially with no condition but attribution.
fn rights_are_free_of_charge(rights: &Rights, purpose: Purpose) -> bool {
    standing(rights, purpose) >= Standing::Credited
        || rights.alternatives().iter().any(|alternative| {
            let modifiers = &alternative.terms.modifiers;
            alternative.terms.says(purpose) == Some(true)
                && modifiers.commercial == Some(true)
                && modifiers.prices.is_empty()
                && modifiers.geography == super::terms::Geography::Anywhere
                && modifiers.expiry.is_none()
                && modifiers.use_restrictions != Some(true)
        })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;
    use crate::licensing::Stated;

    fn rights(expression: &str) -> Rights {
        Rights::of_expression(expression).unwrap()
    }

    #[test]
    fn preferences_of_tokens() {
        assert_eq!(
            erc7517(&rights("CC0-1.0")),
            json!({
                "dataMining": "allowed", "aiInference": "allowed", "aiTraining": "allowed",
                "aiGenerativeTraining": "allowed",
            })
        );
        assert_eq!(
            erc7517(&rights("CC-BY-4.0")),
            json!({
                "dataMining": "constrained", "aiInference": "constrained",
                "aiTraining": "constrained", "aiTrainingWithAuthorship": "allowed",
                "aiGenerativeTraining": "constrained", "aiGenerativeTrainingWithAuthorship": "allowed",
            })
        );
        assert_eq!(erc7517(&rights("CC-BY-NC-4.0"))["aiTraining"], "constrained");
        assert_eq!(erc7517(&rights("CC-BY-ND-4.0"))["aiGenerativeTraining"], "notAllowed");
        assert_eq!(erc7517(&rights("LicenseRef-lab"))["dataMining"], "notAllowed");
    }

    /// The shape of the example of RSL's site-wide file.
    #[test]
    fn rsl_documents() {
        assert_eq!(
            rsl(&rights("CC-BY-NC-4.0"), "/data/a&b/", None),
            "<rsl xmlns=\"https://rslstandard.org/rsl\">\n  <content url=\"/data/a&amp;b/\">\n    <license>\n      \
             <permits type=\"usage\">ai-train,ai-input,ai-index,search</permits>\n      \
             <permits type=\"user\">non-commercial</permits>\n      <prohibits type=\"user\">commercial</prohibits>\n      \
             <payment type=\"attribution\"/>\n    </license>\n  </content>\n</rsl>\n"
        );
        let ask = rsl(&rights("LicenseRef-lab"), "/", None);
        assert!(ask.contains("<prohibits type=\"usage\">ai-train,ai-input,ai-index,search</prohibits>"), "{ask}");
        let priced = Stated { spdx: Some("CC0-1.0".into()), price: Some("5 USD".into()), ..Stated::default() };
        let priced = rsl(&priced.rights("k").unwrap(), "/", Some("https://example.org/terms"));
        assert!(
            priced.contains(
                "<payment type=\"purchase\">\n        <standard>https://example.org/terms</standard>\n        \
             <amount currency=\"USD\">5</amount>"
            ),
            "{priced}"
        );
    }

    #[test]
    fn mining_is_reserved_unless_everybody_may() {
        assert_eq!(tdmrep(&rights("MIT"), "/data/", None), json!([{ "location": "/data/", "tdm-reservation": 0 }]));
        assert_eq!(
            tdmrep(&rights("CC-BY-NC-4.0"), "/", Some("https://example.org/policy.json")),
            json!([{ "location": "/", "tdm-reservation": 1, "tdm-policy": "https://example.org/policy.json" }])
        );
        let policy = tdm_policy(&rights("CC-BY-NC-4.0"), "u", "t");
        assert_eq!(policy["permission"][0]["constraint"][0]["rightOperand"], "tdm:research");
        let ask = tdm_policy(&rights("LicenseRef-lab"), "u", "t");
        assert_eq!(ask["permission"][0]["duty"][0]["action"], "obtainConsent");
    }

    #[test]
    fn preferences_of_the_web() {
        assert_eq!(aipref(&rights("MIT"), 0), "train-ai=y, ai-use=y, search=y");
        assert_eq!(aipref(&rights("CC-BY-NC-4.0"), 0), "train-ai=n, ai-use=n, search=n");
        assert_eq!(aipref(&rights("LicenseRef-lab"), 0), "");
        assert_eq!(aipref(&rights("CC-BY-ND-4.0"), 0), "search=y");
    }
}

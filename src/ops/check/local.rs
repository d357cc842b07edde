//! What lies on this machine: bytes, records, cards, license texts, declarations, profiles. As facts.

use alloy::primitives::B256;
use camino::{Utf8Path, Utf8PathBuf};
use dgov_data::licensing::{Purpose, Rights, Source, Terms};
use dgov_data::profile::Profile;

use super::chain::{ChainOf, base, spdx_of};
use super::documents::{self as cards, Places};
use super::select::{Chosen, What, table_of};
use super::{Gathering, Rehash, declarations, foreign, lineage, sample, shown};
use crate::error::{ErrorKind, Result};
use crate::gate::facts::{Bytes, Detected, Fact, Facts, Hashed, License, Pin, Profiled, Records, Reservation};
use crate::manifest::{Dataset, Loaded};
use crate::ops::data::package::{self, Local};
use crate::ops::{documents, license_text};
use crate::storage::s3::tree::SCHEME;

/// A profile larger than this is not read.
const MAX_PROFILE: u64 = 64 << 20;

/// Everything that is known of one dataset.
pub(super) fn facts(gathering: &Gathering<'_>, subject: &Chosen, chain: &ChainOf) -> Result<Facts> {
    match &subject.what {
        What::Own(table) => own(gathering, subject, table, chain),
        What::Path(path, digest) => path_facts(gathering, subject, path, digest.as_deref(), chain),
        What::OnChain(_) => Ok(remote(gathering, subject, chain)),
    }
}

fn base_facts(subject: &Chosen, chain: &ChainOf) -> Facts {
    let nothing = || "its files are not here".to_owned();
    Facts {
        name: subject.name.clone(),
        role: subject.role,
        place: subject.place.clone(),
        version: chain.version,
        version_key: chain.version_key,
        pin: chain.pin.clone(),
        chain: chain.facts.clone(),
        card: Fact::NotApplicable("there is no card".into()),
        license: License {
            named: None,
            text: None,
            detected: Detected::NothingToCompare("there is no license text here".into()),
            with_data: false,
            rights: Fact::NotApplicable(nothing()),
        },
        bytes: Fact::NotApplicable(nothing()),
        records: Fact::NotApplicable(nothing()),
        reservations: Fact::NotApplicable(nothing()),
        consents: chain.consents.clone(),
        profile: Fact::NotApplicable("there is no profile".into()),
    }
}

fn own(gathering: &Gathering<'_>, subject: &Chosen, table: &Dataset, chain: &ChainOf) -> Result<Facts> {
    let mut facts = base_facts(subject, chain);
    let Some(loaded) = gathering.loaded else { return Ok(facts) };
    let name = base(&subject.name);
    facts.card = cards::own_card(gathering, name, table.card.as_deref())?;
    let remote = table.path.as_str().starts_with(SCHEME);
    let data = loaded.resolve(&table.path);
    let here = !remote && data.exists();
    facts.license = own_license(gathering, loaded, name, table, here.then_some(data.as_path()), chain)?;
    if here {
        facts.reservations = declarations(&data, gathering.question.usage.purpose)?;
    } else if !remote {
        let why = format!("there is nothing at {}", shown(Some(loaded), &data));
        (facts.bytes, facts.records) = (Fact::NotApplicable(why.clone()), Fact::NotApplicable(why));
    }
    if remote && gathering.options.offline {
        let why = "its files are in a bucket, and --offline reads none".to_owned();
        (facts.bytes, facts.records) = (Fact::NotApplicable(why.clone()), Fact::NotApplicable(why));
    } else if here || remote {
        let read = || package::read_in(loaded, &gathering.context.ui, table, true);
        (facts.bytes, facts.records) = hashed(gathering, name, &data, table, chain.bytes, &read)?;
    }
    let kept = loaded.state_dir().join("profiles").join(format!("{name}.json"));
    let pushed = loaded.state_dir().join("documents").join(name).join("profile.json");
    if let Some(path) = [kept, pushed].into_iter().find(|path| path.is_file()) {
        facts.profile = profile(&fs_err::read(&path)?, shown(Some(loaded), &path));
    }
    Ok(facts)
}

fn own_license(
    gathering: &Gathering<'_>,
    loaded: &Loaded,
    name: &str,
    table: &Dataset,
    data: Option<&Utf8Path>,
    chain: &ChainOf,
) -> Result<License> {
    let key = table.license.as_str();
    let Some(license) = loaded.manifest.licenses.get(key) else {
        return Err(crate::error::Error::bug("a dataset's license was not validated"));
    };
    let places = match (&license.text, data) {
        (Some(path), _) => {
            let path = loaded.resolve(path);
            if !path.is_file() {
                return Err(crate::error::Error::input(
                    "license.text_missing",
                    format!("there is no license text at {path}"),
                )
                .hint(format!("`text` of licenses.{key} in dgov.toml names it")));
            }
            Some(Places::of_file(gathering, &path)?)
        }
        (None, Some(data)) => Some(Places::around(data)?),
        (None, None) => None,
    };
    let beside = places.as_ref().and_then(|places| places.digest(gathering));
    // Without `text` the version has SPDX's own text, whatever lies with the data.
    let text = match (&license.text, &license.spdx) {
        (Some(_), _) => beside.clone(),
        (None, Some(spdx)) => {
            let text = license_text::of_expression(spdx.as_str())?;
            Some((format!("SPDX's text of {spdx}"), documents::digest(text.as_bytes())))
        }
        (None, None) => None,
    };
    let known = |key: &B256| chain.upstreams.get(key).cloned();
    Ok(License {
        named: license.spdx.as_ref().map(|spdx| (spdx.to_string(), format!("licenses.{key}"))),
        text,
        detected: match (&places, &license.spdx) {
            (Some(places), Some(_)) => places.detected(),
            _ => Detected::NothingToCompare("the license has no SPDX id, or no text lies here".into()),
        },
        with_data: beside.is_some(),
        rights: Fact::Known(lineage::rights(loaded, name, &known)?),
    })
}

fn path_facts(
    gathering: &Gathering<'_>,
    subject: &Chosen,
    path: &Utf8Path,
    digest: Option<&str>,
    chain: &ChainOf,
) -> Result<Facts> {
    let mut facts = base_facts(subject, chain);
    if !path.exists() {
        return Err(crate::error::Error::input("check.path", format!("there is nothing at {path}"))
            .hint("`path` in [[training.datasets]] is relative to the manifest"));
    }
    facts.card = cards::card_beside(gathering, path)?;
    let places = Places::around(path)?;
    let named = places.named();
    let detected = places.detected();
    // What a text alone says counts where no card speaks.
    let expression = named.clone().or_else(|| match &detected {
        Detected::Is(id) => Some((id.clone(), "the license text".to_owned())),
        _ => None,
    });
    let text = places.digest(gathering);
    facts.license = License {
        rights: Fact::Known(match &expression {
            Some((expression, _)) => Rights::of_expression(expression).unwrap_or_else(|_| unstated()),
            None => unstated(),
        }),
        named: expression,
        with_data: text.is_some(),
        text,
        detected,
    };
    facts.reservations = declarations(path, gathering.question.usage.purpose)?;
    let table = table_of(path);
    let cache = gathering.loaded.map(|loaded| loaded.state_dir().join("cache/hashes.db"));
    let read = || package::read_path(&gathering.context.ui, path, &table, cache.as_deref());
    let expected = digest.and_then(|cid| cid.parse::<cid::Cid>().ok());
    let expected = expected.and_then(|cid| B256::try_from(cid.hash().digest()).ok());
    (facts.bytes, facts.records) =
        hashed(gathering, &subject.name, path, &table, expected.map(|digest| (digest, B256::ZERO)), &read)?;
    let computed = match facts.bytes.known() {
        Some(Bytes { found: Hashed::Unpinned(cid) }) => Some(cid.clone()),
        _ => None,
    };
    if gathering.options.path.is_some() {
        let bytes = computed.map_or_else(String::new, |cid| format!(", whose bytes are {cid}"));
        facts.pin = Fact::NotApplicable(format!("the folder itself was named{bytes}"));
    } else if digest.is_none() {
        let hint = match computed {
            Some(cid) => format!("write digest = \"{cid}\" into [[training.datasets]]"),
            None => format!("write the digest that `dgov data cid {path}` prints into [[training.datasets]]"),
        };
        facts.pin = Fact::Known(Pin::Nothing { hint });
    }
    let own = if path.is_dir() { path.join("profile.json") } else { Utf8PathBuf::from(format!("{path}.profile.json")) };
    if own.is_file() {
        facts.profile = profile(&fs_err::read(&own)?, shown(gathering.loaded, &own));
    }
    Ok(facts)
}

/// Nobody says anything of rights.
fn unstated() -> Rights {
    Rights::stated(Source::Document { place: "no card and no license text that is known".into() }, Terms::unset())
}

/// A dataset whose files are not here: what chain and stores say.
fn remote(gathering: &Gathering<'_>, subject: &Chosen, chain: &ChainOf) -> Facts {
    let mut facts = base_facts(subject, chain);
    let document = |name: &str| chain.documents.get(name);
    let unreachable = || match &chain.facts {
        Fact::Unreachable(why) => why.clone(),
        _ => foreign::NO_DOCUMENTS.to_owned(),
    };
    facts.card = match document(documents::names::CARD) {
        Some(bytes) => {
            Fact::Known(cards::of_bytes(bytes, format!("{} of {}", documents::names::CARD, subject.name), None))
        }
        None => Fact::Unreachable(unreachable()),
    };
    let text = document(documents::names::LICENSE);
    let spdx = document(documents::names::TOKEN).and_then(|token| spdx_of(token));
    facts.license = License {
        named: spdx.map(|spdx| (spdx, documents::names::TOKEN.to_owned())),
        detected: match text.map(|text| crate::ops::license::detect::of_text(&String::from_utf8_lossy(text))) {
            Some(Ok((Some(id), _))) => Detected::Is(id),
            Some(Ok((None, _))) => Detected::Unrecognized,
            _ => Detected::Unreachable(unreachable()),
        },
        text: text.map(|text| (documents::names::LICENSE.to_owned(), documents::digest(text))),
        with_data: text.is_some(),
        rights: chain.rights.clone().unwrap_or_else(|| Fact::Known(unstated())),
    };
    gathering.leave_out(format!("the bytes of {}, which are not here", subject.name));
    facts
}

type HashedFacts = (Fact<Bytes>, Fact<Records>);

/// Hashes what is here, as far as it was asked for. `expected` is the digest of the package and the root of its records
/// (zero when nobody fixed that).
fn hashed(
    gathering: &Gathering<'_>,
    name: &str,
    data: &Utf8Path,
    table: &Dataset,
    expected: Option<(B256, B256)>,
    read: &dyn Fn() -> Result<Local>,
) -> Result<HashedFacts> {
    match gathering.options.rehash {
        Rehash::Nothing => {
            gathering.leave_out("bytes: --no-rehash");
            let why = "--no-rehash".to_owned();
            return Ok((Fact::NotApplicable(why.clone()), Fact::NotApplicable(why)));
        }
        Rehash::Sample(count) => {
            if let (Some((digest, _)), Some(loaded)) = (expected, gathering.loaded)
                && let Some((found, looked, all)) = sample::sample(loaded, data, table, digest, count)?
            {
                gathering.leave_out(format!("{} of {all} files of {name}: --sample", all - looked));
                let why = "--sample reads some files only".to_owned();
                return Ok((Fact::Known(Bytes { found }), Fact::NotApplicable(why)));
            }
            gathering.leave_out(format!(
                "nothing of {name}: --sample needs its package in the local store, so all was read"
            ));
        }
        Rehash::All => {}
    }
    let local = match read() {
        Ok(local) => local,
        // Data that is not as it should be is an answer; a disk that fails is not.
        Err(error) if error.kind() == ErrorKind::Storage => {
            let why = error.to_string();
            return Ok((Fact::Unreachable(why.clone()), Fact::Unreachable(why)));
        }
        Err(error) => return Err(error),
    };
    let cid = local.package.cid().to_string();
    let root = local.tree.root();
    let found = match expected {
        None => Hashed::Unpinned(cid),
        Some((digest, _)) if digest != local.package.digest() => Hashed::Differs(format!("they are {cid}")),
        Some((_, records)) if !records.is_zero() && records != root => {
            Hashed::Differs("its records were cut in another way".into())
        }
        Some(_) => Hashed::Same,
    };
    let mut rows: Vec<(B256, String)> =
        local.records.records().iter().map(|record| (record.key, local.records.locator(record))).collect();
    rows.sort_unstable();
    let (keys, locators) = rows.into_iter().unzip();
    Ok((Fact::Known(Bytes { found }), Fact::Known(Records { keys, locators, root })))
}

/// What a profile says, in sentences. One that can't be read is as good as none, and the finding says so.
fn profile(bytes: &[u8], path: String) -> Fact<Profiled> {
    if bytes.len() as u64 > MAX_PROFILE {
        return Fact::NotApplicable(format!("{path} is too large for a profile"));
    }
    let Ok(profile) = serde_json::from_slice::<Profile>(bytes) else {
        return Fact::NotApplicable(format!("{path} is not a profile of this version"));
    };
    let personal = profile.pii.iter().map(|hint| {
        let kind = crate::ops::data::profile::human::kind(hint.kind);
        let columns: Vec<_> = hint.columns.iter().map(|column| column.column.as_str()).collect();
        let at = hint.examples.first().map_or_else(String::new, |example| format!(", first {}", example.record));
        format!(
            "{} of {} records look as if they had {kind} in {}{at}",
            hint.records,
            profile.records,
            columns.join(", ")
        )
    });
    let mut duplicates = Vec::new();
    if let Some(near) = profile.duplicates.near.filter(|near| near.records > 0) {
        duplicates
            .push(format!("about {} of {} texts are nearly the same as another one", near.records, near.compared));
    }
    for overlap in &profile.split_overlap {
        if overlap.exact.a_in_b + overlap.exact.b_in_a > 0 {
            let shared = overlap.exact.a_in_b;
            duplicates.push(format!("{shared} records of split {} are also in split {}", overlap.a, overlap.b));
        }
        if let Some(near) = overlap.near.filter(|near| near.a_in_b + near.b_in_a > 0) {
            duplicates.push(format!(
                "about {} texts of split {} are nearly the same as some of split {}",
                near.a_in_b, overlap.a, overlap.b
            ));
        }
    }
    Fact::Known(Profiled { path, record_root: profile.record_root, personal: personal.collect(), duplicates })
}

fn declarations(data: &Utf8Path, purpose: Purpose) -> Result<Fact<Vec<Reservation>>> {
    declarations::read(data, purpose)
}

//! From the tables of a file to the types: one function for each table.

use alloy::primitives::Address;
use camino::Utf8PathBuf;

use super::decode_modules::{disputes, rewards, validators};
use super::decode_network::{networks, tokens};
use super::decode_storage;
use super::decode_training::training;
use super::reader::Reader;
use super::types::{
    Allocation, AllocationSize, CardApproval, CurationShare, Dataset, Governance, GovernanceToken, License, Manifest,
    Named, Profile, Project, RecordFormat, Royalties, Token,
};
use super::values::{AccountRef, Amount, LicenseDuration, Purposes, Share, Slug, Sunset, ValueError, parse_purpose};

/// Reads the whole file. What could not be read has a finding of severity error and a value that stands in for it, so
/// that the rest can be looked at; the loader lets no such manifest out.
pub(super) fn manifest(root: &Reader<'_>, selected: Option<&str>) -> Manifest {
    let project = project(&root.table("project"));
    let networks = networks(root.table("networks"), selected);
    let tokens = tokens(root.table("tokens"));
    let storage = decode_storage::storage(root.table("storage"));
    let governance = governance(root.table("governance"), project.name.as_str());
    let licenses = named(&root.table("licenses"), |table| license(table, &tokens));
    let royalties = royalties(root.table("royalties"));
    let disputes = disputes(root.table("disputes"), &governance);
    let validators = validators(root.table("validators"), &disputes);
    let rewards = rewards(root.table("rewards"));
    let datasets = named(&root.table("datasets"), dataset);
    let training = training(root.table("training"));
    Manifest {
        project,
        networks,
        tokens,
        storage,
        governance,
        licenses,
        royalties,
        validators,
        disputes,
        rewards,
        datasets,
        training,
    }
}

fn project(table: &Reader<'_>) -> Project {
    let name = table.value::<Slug>("name");
    let name = table.required("name", name, "every project has a name: [project] name = \"raccoon-commons\"");
    let registry = table.value("registry");
    table.finish();
    Project { name: name.unwrap_or_else(Slug::placeholder), registry }
}

/// Reads tables whose names are slugs.
pub(super) fn named<T>(table: &Reader<'_>, decode: impl Fn(&Reader<'_>) -> T) -> Named<T> {
    let decoded = table.entries().into_iter().map(|(name, reader)| {
        if let Err(error) = name.parse::<Slug>() {
            reader.cx.error("manifest.invalid_name", reader.path(), error);
        }
        let decoded = decode(&reader);
        reader.finish();
        (name.to_owned(), decoded)
    });
    decoded.collect()
}

fn governance(table: Reader<'_>, project: &str) -> Governance {
    let default = Governance::default();
    let voting_delay = table.value_or("voting-delay", default.voting_delay);
    let voting_period = table.value_or("voting-period", default.voting_period);
    let decoded = Governance {
        voting_delay,
        voting_period,
        timelock_delay: table.value_or("timelock-delay", default.timelock_delay),
        quorum: table.value_or("quorum", default.quorum),
        proposal_threshold: table.value_or("proposal-threshold", default.proposal_threshold),
        late_quorum_extension: table.value_or("late-quorum-extension", Governance::default_extension(voting_period)),
        guardian: table.value("guardian"),
        guardian_sunset: table.value("guardian-sunset"),
        card_approval: table
            .choice("card-approval", &[("publisher", CardApproval::Publisher), ("dao", CardApproval::Dao)])
            .unwrap_or_else(|| {
                table.defaulted("card-approval", "publisher");
                CardApproval::Publisher
            }),
        token: governance_token(table.table("token"), project),
    };
    table.finish();
    decoded
}

fn governance_token(table: Reader<'_>, project: &str) -> GovernanceToken {
    let default = GovernanceToken::for_project(project);
    let token = GovernanceToken {
        name: table.plain("name").unwrap_or_else(|| table.defaulted("name", default.name)),
        symbol: table.parsed("symbol", symbol).unwrap_or_else(|| table.defaulted("symbol", default.symbol)),
        supply: table.value_or("supply", default.supply),
        allocations: table.tables("allocation").into_iter().filter_map(allocation).collect(),
    };
    table.finish();
    token
}

/// A token symbol: 1 to 11 ASCII letters and digits, a letter first, so that it can stand in an amount.
pub(super) fn symbol(text: &str) -> Result<String, ValueError> {
    let letter_first = text.starts_with(|c: char| c.is_ascii_alphabetic());
    if letter_first && text.len() <= 11 && text.chars().all(|c| c.is_ascii_alphanumeric()) {
        return Ok(text.to_owned());
    }
    Err(ValueError::new(format!("`{text}` is not a token symbol")).hint("write 1 to 11 letters and digits: `RCN`"))
}

fn allocation(table: Reader<'_>) -> Option<Allocation> {
    let account = table.value::<AccountRef>("account");
    let account = table.required("account", account, "say who gets the tokens");
    let amount = table.value("amount").map(AllocationSize::Amount);
    let share = table.value("share").map(AllocationSize::Share);
    let size = match (amount, share, table.has("amount"), table.has("share")) {
        (_, _, true, true) | (_, _, false, false) => {
            let error = ValueError::new("an allocation has either an `amount` or a `share`")
                .hint("`amount = \"1000\"` counts tokens, `share = \"10%\"` is a part of the supply");
            table.cx.error("manifest.allocation_size", table.path(), error);
            None
        }
        (size, None, ..) | (None, size, ..) => size,
        (Some(_), Some(_), ..) => None,
    };
    table.finish();
    Some(Allocation { account: account?, size: size? })
}

fn license(table: &Reader<'_>, tokens: &Named<Token>) -> License {
    let decimals_of = |symbol: &str| tokens.get(symbol).map(|token| token.decimals);
    let free = Amount::native(alloy::primitives::U256::ZERO);
    let purposes = |key| -> Purposes {
        let list = table.list(key, parse_purpose);
        list.map_or_else(
            || {
                table.defaulted(key, "[]");
                Purposes::default()
            },
            |list| list.into_iter().collect(),
        )
    };
    let license = License {
        spdx: table.value("spdx"),
        text: path(table, "text"),
        allow: purposes("allow"),
        deny: purposes("deny"),
        price: table
            .parsed("price", |text| Amount::parse(text, &decimals_of))
            .unwrap_or_else(|| table.defaulted("price", free)),
        price_step: table.parsed("price-step", |text| Amount::parse(text, &decimals_of)),
        duration: table.value_or("duration", LicenseDuration::Forever),
        revocable: table.flag_or("revocable", false),
        royalty: table.value_or("royalty", Share::default()),
        commercial: table.flag("commercial"),
        attribution: table.flag("attribution"),
        share_alike: table.flag("share-alike"),
        geography: geography(table),
        expires: table.parsed("expires", |text| moment(text, "rights end on a date")),
    };
    if !table.has("spdx") && !table.has("text") {
        let error = ValueError::new("a license has an `spdx` expression, a `text` file, or both")
            .hint("spdx = \"CC-BY-4.0\", or text = \"LICENSE.txt\"");
        table.cx.error("manifest.license_without_text", table.path(), error);
    }
    license
}

/// Places, at least one: an empty list would be nowhere.
fn geography(table: &Reader<'_>) -> Option<Vec<String>> {
    let looked_at = std::cell::Cell::new(false);
    let places = table.list("geography", |text| {
        looked_at.set(true);
        place(text)
    })?;
    if places.is_empty() && !looked_at.get() {
        let error = ValueError::new("an empty list permits the use nowhere").hint("leave `geography` out for anywhere");
        table.error("manifest.geography", "geography", error);
    }
    Some(places)
}

/// A date or a time, no span.
pub(super) fn moment(text: &str, what: &str) -> Result<Sunset, ValueError> {
    match text.parse()? {
        at @ Sunset::At(_) => Ok(at),
        Sunset::After(_) => {
            Err(ValueError::new(format!("`{text}` is a span")).hint(format!("{what}: expires = \"2027-06-30\"")))
        }
    }
}

/// A place of use.
pub(super) fn place(text: &str) -> Result<String, ValueError> {
    if text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Ok(text.to_owned());
    }
    Err(ValueError::new(format!("`{text}` is not a place")).hint("write an ISO 3166-1 code (`DE`, `US`), or `EU`"))
}

fn royalties(table: Reader<'_>) -> Royalties {
    // Half a table is not mixed with the default of having none: it could add up to 100% by accident.
    let default = if table.is_present() {
        Royalties { contributors: Share::default(), ..Royalties::default() }
    } else {
        Royalties::default()
    };
    let royalties = Royalties {
        contributors: table.value_or("contributors", default.contributors),
        curators: table.value_or("curators", default.curators),
        validators: table.value_or("validators", default.validators),
        treasury: table.value_or("treasury", default.treasury),
    };
    table.finish();
    royalties
}

const FORMATS: [(&str, RecordFormat); 9] = [
    ("auto", RecordFormat::Auto),
    ("file", RecordFormat::File),
    ("jsonl", RecordFormat::Jsonl),
    ("csv", RecordFormat::Csv),
    ("tfrecord", RecordFormat::Tfrecord),
    ("parquet", RecordFormat::Parquet),
    ("arrow", RecordFormat::Arrow),
    ("webdataset", RecordFormat::Webdataset),
    ("image-annotations", RecordFormat::ImageAnnotations),
];

const PROFILES: [(&str, Profile); 2] =
    [("unixfs-v1-2025", Profile::UnixfsV1_2025), ("unixfs-v0-2015", Profile::UnixfsV0_2015)];

fn dataset(table: &Reader<'_>) -> Dataset {
    let data_path = table.required("path", path(table, "path"), "say where the data lies: path = \"data/raccoon\"");
    let license = table.value::<Slug>("license");
    let license = table.required("license", license, "name one of [licenses]: license = \"research\"");
    let contributors = path(table, "contributors");
    let contributors_public = table.flag_or("contributors-public", true);
    let format = table.choice("format", &FORMATS).unwrap_or_else(|| {
        table.defaulted("format", "auto");
        RecordFormat::Auto
    });
    let annotations = table.plain("annotations");
    let profile = table.choice("profile", &PROFILES).unwrap_or_else(|| {
        table.defaulted("profile", "unixfs-v1-2025");
        Profile::UnixfsV1_2025
    });
    let hidden = table.flag_or("hidden", false);
    let parents = table.list("parents", str::parse).unwrap_or_default();
    let card = path(table, "card");
    let description = table.plain("description");
    let curators = table.tables("curators").into_iter().filter_map(curator).collect();
    Dataset {
        path: data_path.unwrap_or_default(),
        license: license.unwrap_or_else(Slug::placeholder),
        contributors,
        contributors_public,
        format,
        annotations,
        profile,
        hidden,
        parents,
        card,
        description,
        curators,
    }
}

fn curator(table: Reader<'_>) -> Option<CurationShare> {
    let account = table.value::<AccountRef>("account");
    let account = table.required("account", account, "say who the curator is");
    let share = table.value::<Share>("share");
    let share = table.required("share", share, "say which part: share = \"50%\"");
    table.finish();
    Some(CurationShare { account: account?, share: share? })
}

/// A path, not empty. Whether it exists is for the verb that reads it to find out.
fn path(table: &Reader<'_>, key: &'static str) -> Option<Utf8PathBuf> {
    table.plain(key).map(Utf8PathBuf::from)
}

/// An address and nothing else: contracts have no keystore names.
pub(super) fn address(text: &str) -> Result<Address, ValueError> {
    match text.parse()? {
        AccountRef::Address(address) => Ok(address),
        AccountRef::Name(_) => {
            Err(ValueError::new(format!("`{text}` is not an address")).hint("an address is 0x and 40 hex digits"))
        }
    }
}

//! Rules between keys.

use alloy::primitives::U256;

use super::context::Context;
use super::types::{License, Manifest, Named, Preset, StorageTarget};
use super::values::{Currency, Duration, Share, TokenAmount, ValueError, did_you_mean, format_units};

/// Names as written in the file, whether or not what they name could be read.
pub(super) struct WrittenNames<'a> {
    pub(super) networks: Vec<&'a str>,
    pub(super) licenses: Vec<&'a str>,
    pub(super) datasets: Vec<&'a str>,
}

/// Reports everything that is wrong between keys.
pub(super) fn across_keys(cx: &Context<'_>, manifest: &Manifest, names: &WrittenNames<'_>) {
    storage(cx, manifest);
    governance(cx, manifest);
    allocations(cx, manifest);
    licenses(cx, manifest);
    tokens(cx, manifest, names);
    royalties(cx, manifest);
    super::validate_modules::modules(cx, manifest);
    super::validate_datasets::datasets(cx, manifest, names);
    super::validate_training::training(cx, manifest, names);
}

fn storage(cx: &Context<'_>, manifest: &Manifest) {
    let storage = &manifest.storage;
    if cx.is_faulty("storage") {
        return;
    }
    if storage.targets.is_empty() {
        let error = ValueError::new("no target is left to store anything in").hint("targets = [\"local\"]");
        cx.error("manifest.no_storage", "storage.targets", error);
    } else if storage.required_copies() > storage.targets.len() {
        let message = format!("{} copies in {} targets", storage.required_copies(), storage.targets.len());
        let error = ValueError::new(message).hint("a target holds one copy");
        cx.error("manifest.too_many_copies", "storage.copies", error);
    }
    if storage.targets.contains(&StorageTarget::S3) && storage.s3.bucket.is_empty() {
        let error = ValueError::new("the target `s3` needs a bucket").hint("[storage.s3]\nbucket = \"NAME\"");
        cx.error("manifest.no_bucket", "storage.targets", error);
    }
    let filecoin = &storage.filecoin;
    if storage.targets.contains(&StorageTarget::Filecoin)
        && (filecoin.service.is_empty() || filecoin.data_set.is_none())
    {
        let error = ValueError::new("the target `filecoin` needs a service and a data set");
        let hint = "[storage.filecoin]\nservice = \"https://...\"\ndata-set = 1";
        cx.error("manifest.no_data_set", "storage.targets", error.hint(hint));
    }
    if let Some(at) = storage.targets.iter().position(|target| *target == StorageTarget::Pinning) {
        let key = format!("storage.targets[{at}]");
        if storage.pinning.endpoint.is_empty() {
            let error = ValueError::new("the target `pinning` needs the address of a service");
            cx.error("manifest.no_pinning", &key, error.hint("[storage.pinning]\nendpoint = \"https://...\""));
        }
        if !storage.targets[..at].contains(&StorageTarget::Ipfs) {
            let error =
                ValueError::new("a pinning service fetches from an IPFS node").hint("list `ipfs` before `pinning`");
            cx.error("manifest.pinning_without_ipfs", &key, error);
        }
    }
    for (index, target) in storage.targets.iter().enumerate() {
        if storage.targets[..index].contains(target) {
            let error = ValueError::new("a target is listed twice");
            cx.error("manifest.duplicate", &format!("storage.targets[{index}]"), error);
        }
    }
}

fn governance(cx: &Context<'_>, manifest: &Manifest) {
    let governance = &manifest.governance;
    if governance.voting_period.as_secs() == 0 {
        let error = ValueError::new("a vote that lasts no time cannot be won");
        cx.error("manifest.invalid_value", "governance.voting-period", error);
    }
    // Widths of the contracts' fields: uint32 for the voting period, uint48 for the others.
    for (key, span, bits) in [
        ("voting-period", governance.voting_period, 32),
        ("voting-delay", governance.voting_delay, 48),
        ("timelock-delay", governance.timelock_delay, 48),
        ("late-quorum-extension", governance.late_quorum_extension, 48),
    ] {
        if span.as_secs() >> bits != 0 {
            let error = ValueError::new(format!("`{span}` is longer than the contracts can store"));
            cx.error("manifest.invalid_value", &format!("governance.{key}"), error);
        }
    }
    match (&governance.guardian, governance.guardian_sunset) {
        (Some(_), None) if !cx.is_faulty("governance.guardian-sunset") => {
            let error = ValueError::new("a guardian needs an end").hint("guardian-sunset = \"365d\", or a date");
            cx.error("manifest.guardian_without_sunset", "governance.guardian", error);
        }
        (None, Some(_)) if !cx.is_faulty("governance.guardian") => {
            let error = ValueError::new("there is no guardian whose power could end");
            cx.warning("manifest.sunset_without_guardian", "governance.guardian-sunset", error);
        }
        _ => {}
    }
    if governance.quorum == Share::default() {
        let error = ValueError::new("without a quorum a single vote decides").hint("quorum = \"4%\"");
        cx.warning("manifest.no_quorum", "governance.quorum", error);
    }
    main_networks(cx, manifest);
}

/// Times below which holders can hardly notice a proposal, let alone vote.
const SHORTEST_ON_MAIN: [(&str, Duration); 3] = [
    ("voting-delay", Duration::from_secs(3_600)),
    ("voting-period", Duration::from_days(1)),
    ("timelock-delay", Duration::from_days(1)),
];

fn main_networks(cx: &Context<'_>, manifest: &Manifest) {
    let governance = &manifest.governance;
    let Some((network, _)) = manifest.networks.iter().find(|(_, network)| network.is_main()) else { return };
    let spans = [governance.voting_delay, governance.voting_period, governance.timelock_delay];
    for ((key, shortest), span) in SHORTEST_ON_MAIN.into_iter().zip(spans) {
        if span < shortest {
            let error = ValueError::new(format!("`{span}` is short for `{network}`, where money is real"))
                .hint(format!("at least {shortest} gives holders time to react"));
            cx.warning("manifest.short_on_main_network", &format!("governance.{key}"), error);
        }
    }
}

fn allocations(cx: &Context<'_>, manifest: &Manifest) {
    let token = &manifest.governance.token;
    let key = "governance.token.supply";
    if token.supply.0.is_zero() {
        cx.error("manifest.invalid_value", key, ValueError::new("without tokens nobody can vote"));
    }
    if token.allocations.is_empty() || cx.is_faulty("governance.token") {
        return;
    }
    for (index, allocation) in token.allocations.iter().enumerate() {
        if token.allocations[..index].iter().any(|earlier| earlier.account == allocation.account) {
            let error = ValueError::new(format!("{} is listed twice", allocation.account)).hint("add the rows up");
            cx.error("manifest.duplicate", &format!("governance.token.allocation[{index}].account"), error);
        }
    }
    let total =
        token.holdings().try_fold(U256::ZERO, |total, (_, units)| total.checked_add(units)).unwrap_or(U256::MAX);
    if total != token.supply.0 {
        let total = TokenAmount(total);
        let error = ValueError::new(format!("allocations add up to {total}, the supply is {}", token.supply))
            .hint("every token needs a first holder, because none can be minted later");
        cx.error("manifest.allocations_do_not_add_up", "governance.token.allocation", error);
    }
}

fn licenses(cx: &Context<'_>, manifest: &Manifest) {
    for (name, license) in manifest.licenses.iter() {
        let key = format!("licenses.{name}");
        let both = license.allow.and(license.deny);
        if !both.is_empty() {
            let error = ValueError::new(format!("{both}: both allowed and denied")).hint("keep one of the two");
            cx.error("manifest.allowed_and_denied", &format!("{key}.deny"), error);
        }
        if license.text.is_none()
            && !cx.is_faulty(&format!("{key}.text"))
            && license.spdx.as_ref().is_some_and(|spdx| spdx.has_license_ref())
        {
            let error = ValueError::new("a `LicenseRef-` is a license of your own, whose text is not known")
                .hint("point to it: text = \"LICENSE.txt\"");
            cx.error("manifest.license_without_text", &format!("{key}.spdx"), error);
        }
        if license.allow.is_empty() && !license.price.is_zero() && !cx.is_faulty(&format!("{key}.allow")) {
            let error = ValueError::new("nothing is allowed, so nobody would pay for it")
                .hint("list purposes: allow = [\"train-generative\"]");
            cx.warning("manifest.nothing_allowed", &key, error);
        }
        if !cx.is_faulty(&format!("{key}.price")) {
            price_step(cx, license, &format!("{key}.price-step"));
        }
    }
}

/// A price that rises starts somewhere, and rises in its own currency by what the contracts can store (`uint96`).
fn price_step(cx: &Context<'_>, license: &License, key: &str) {
    let Some(step) = &license.price_step else { return };
    let price = &license.price;
    let (code, error) = if step.is_zero() {
        let error = ValueError::new("a step of nothing").hint("leave `price-step` out: then the price is fixed");
        ("manifest.price_step_zero", error)
    } else if price.is_zero() {
        let error = ValueError::new("a price that rises needs a `price` that it starts from")
            .hint(format!("price = \"{step}\""));
        ("manifest.price_step_without_price", error)
    } else if step.currency != price.currency {
        let error = ValueError::new(format!("the step is in {}, the price in {}", step.currency, price.currency))
            .hint("write both in one currency");
        ("manifest.price_step_currency", error)
    } else if step.value >> 96 != U256::ZERO {
        ("manifest.price_step_too_large", ValueError::new(format!("{step} is more than the contracts can store")))
    } else {
        return;
    };
    cx.error(code, key, error);
}

fn tokens(cx: &Context<'_>, manifest: &Manifest, names: &WrittenNames<'_>) {
    for (symbol, token) in manifest.tokens.iter() {
        for network in token.address.names() {
            let implied = names.networks.is_empty() && network == "local";
            if !names.networks.contains(&network) && !implied {
                let error = unknown("network", network, &names.networks);
                cx.error("manifest.unknown_network", &format!("tokens.{symbol}.address.{network}"), error);
            }
        }
    }
    let polygon = manifest.networks.iter().find(|(_, network)| network.preset == Some(Preset::Polygon));
    for (name, license) in manifest.licenses.iter() {
        let key = format!("licenses.{name}.price");
        match &license.price.currency {
            Currency::Native if license.price.is_zero() => {}
            Currency::Native => {
                if let Some((network, _)) = polygon {
                    let error =
                        ValueError::new(format!("on `{network}` this is an amount of POL, the chain's own coin"));
                    cx.warning("manifest.other_coin", &key, error);
                }
            }
            Currency::Token(symbol) => {
                let addresses = manifest.tokens.get(symbol).map(|token| &token.address);
                let missing = names.networks.iter().find(|network| !addresses.is_some_and(|known| has(known, network)));
                if let Some(network) = missing {
                    let error =
                        ValueError::new(format!("{symbol} has no address on `{network}`, so it cannot be used there"))
                            .hint(format!("[tokens.{symbol}] address = {{ {network} = \"0x...\" }}"));
                    cx.warning("manifest.token_without_address", &key, error);
                }
            }
        }
    }
}

fn has<T>(entries: &Named<T>, name: &str) -> bool {
    entries.get(name).is_some()
}

fn royalties(cx: &Context<'_>, manifest: &Manifest) {
    let total = manifest.royalties.total_bps();
    if total != 10_000 && !cx.is_faulty("royalties") {
        let error = ValueError::new(format!("the shares add up to {}, not to 100%", percent(total)))
            .hint("contributors, curators, validators and treasury divide the whole income");
        cx.error("manifest.royalties_do_not_add_up", "royalties", error);
    }
}

pub(super) fn unknown(what: &str, name: &str, known: &[&str]) -> ValueError {
    let error = ValueError::new(format!("there is no {what} `{name}`"));
    match did_you_mean(name, known.iter().copied()) {
        Some(close) => error.hint(format!("did you mean `{close}`?")),
        None if known.is_empty() => error.hint(format!("there are no {what}s in the manifest")),
        None => error.hint(format!("there are {}", known.join(", "))),
    }
}

/// Basis points as a percentage; unlike a `Share` it may exceed the whole.
pub(super) fn percent(bps: u32) -> String {
    format!("{}%", format_units(U256::from(bps), 2))
}

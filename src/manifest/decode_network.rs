//! Networks and tokens: where URLs with variables are filled in.

use alloy::primitives::Address;
use url::Url;

use super::decode::{address, named, symbol};
use super::reader::Reader;
use super::types::{Named, Network, NetworkKind, Preset, RpcUrl, Token};
use super::values::ValueError;

/// Reads `[networks]`. `selected` is the network in use, when somebody chose one; otherwise it is the first.
pub(super) fn networks(table: Reader<'_>, selected: Option<&str>) -> Named<Network> {
    let in_use = table.key(selected.or(table.names().next()).unwrap_or_default());
    named(&table, |table| network(table, table.path() == in_use))
}

fn network(table: &Reader<'_>, in_use: bool) -> Network {
    let kinds = [("embedded", NetworkKind::Embedded), ("rpc", NetworkKind::Rpc)];
    let kind = table.choice("kind", &kinds);
    let preset = table.choice("preset", &Preset::ALL.map(|preset| (preset.name(), preset)));
    let rpc_url = rpc_url(table, in_use);
    let chain_id = table.number("chain-id", 1..i64::MAX as u64);
    let confirmations = table.number("confirmations", 0..1_000_001);
    let explorer_url = table.parsed("explorer-url", web_url);
    let asks_for_node = table.has("rpc-url") || table.has("preset");
    let kind = match kind {
        Some(kind) => kind,
        None if asks_for_node => {
            table.defaulted("kind", "rpc");
            NetworkKind::Rpc
        }
        None => {
            table.required("kind", None::<NetworkKind>, "write `kind = \"embedded\"`, or give an `rpc-url`");
            NetworkKind::Embedded
        }
    };
    match kind {
        NetworkKind::Rpc => {
            table.required("rpc-url", rpc_url.as_ref(), "a network of kind `rpc` needs the URL of its node");
        }
        NetworkKind::Embedded => {
            for key in ["rpc-url", "preset", "chain-id", "confirmations", "explorer-url"] {
                if table.has(key) {
                    let error = ValueError::new(format!("the embedded chain has no `{key}`"))
                        .hint("leave the key out, or write `kind = \"rpc\"`");
                    table.error("manifest.embedded_network_key", key, error);
                }
            }
        }
    }
    if let (Some(preset), Some(id)) = (preset, chain_id)
        && preset.chain_id() != id
    {
        let error =
            ValueError::new(format!("{id} is not the chain id of {}, which is {}", preset.name(), preset.chain_id()))
                .hint("leave `chain-id` out: the preset knows it");
        table.error("manifest.chain_id_conflict", "chain-id", error);
    }
    Network { kind, preset, rpc_url, chain_id, confirmations, explorer_url }
}

/// Reads the URL of a node. An undefined variable is an error for the network in use and a warning for others, so that
/// a manifest with a main network works on a machine without the keys to it.
fn rpc_url(table: &Reader<'_>, in_use: bool) -> Option<RpcUrl> {
    let template = table.raw_text("rpc-url", "text")?;
    let key = table.key("rpc-url");
    let url = match fill_in(template, &|name| table.cx.env(name)) {
        Ok(filled) => match web_url(&filled) {
            Ok(url) => Some(url),
            // The text of the filled-in URL is left out of the message: it may hold a secret.
            Err(_) if filled != template => {
                let error = ValueError::new("is not an http or https URL once its variables are filled in");
                table.cx.error("manifest.invalid_value", &key, error);
                return None;
            }
            Err(error) => {
                table.cx.error("manifest.invalid_value", &key, error);
                return None;
            }
        },
        Err(Unfilled::Malformed) => {
            let error = ValueError::new("`${` is not followed by a variable's name and `}`").hint("write `${NAME}`");
            table.cx.error("manifest.invalid_value", &key, error);
            return None;
        }
        Err(Unfilled::Undefined(name)) => {
            let error = ValueError::new(format!("the environment variable {name} is not set"))
                .hint(format!("set {name}, or select another network"));
            if in_use {
                table.cx.error("manifest.undefined_variable", &key, error);
            } else {
                table.cx.warning("manifest.undefined_variable", &key, error);
            }
            None
        }
    };
    let url = RpcUrl::new(template.to_owned(), url);
    table.recorded("rpc-url", &url);
    Some(url)
}

/// Why a text with variables cannot be filled in.
#[derive(Debug, PartialEq, Eq)]
enum Unfilled {
    /// `${` without a name and `}`.
    Malformed,
    /// No such variable.
    Undefined(String),
}

fn fill_in(template: &str, env: &dyn Fn(&str) -> Option<String>) -> Result<String, Unfilled> {
    let mut filled = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("${") {
        let (name, tail) = after.split_once('}').ok_or(Unfilled::Malformed)?;
        let letters = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) || !name.chars().all(letters) {
            return Err(Unfilled::Malformed);
        }
        filled.push_str(before);
        // An empty variable is a CI secret that is not there.
        let value = env(name).filter(|value| !value.is_empty());
        filled.push_str(&value.ok_or_else(|| Unfilled::Undefined(name.to_owned()))?);
        rest = tail;
    }
    filled.push_str(rest);
    Ok(filled)
}

fn web_url(text: &str) -> Result<Url, ValueError> {
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    url.ok_or_else(|| {
        ValueError::new(format!("`{text}` is not an http or https URL")).hint("write `http://127.0.0.1:8545`")
    })
}

/// More than any token in use has; enough to keep amounts within 256 bits.
const MAX_DECIMALS: u8 = 36;

/// Reads `[tokens]`.
pub(super) fn tokens(table: Reader<'_>) -> Named<Token> {
    let mut tokens = Vec::new();
    for (name, reader) in table.entries() {
        if let Err(error) = symbol(name) {
            reader.cx.error("manifest.invalid_name", reader.path(), error);
        }
        if ["ETH", "gwei", "wei"].contains(&name) {
            let error = ValueError::new(format!("`{name}` is the chain's own coin, not a token"));
            reader.cx.error("manifest.invalid_name", reader.path(), error);
        }
        let decimals =
            reader.number("decimals", 0..u64::from(MAX_DECIMALS) + 1).and_then(|decimals| u8::try_from(decimals).ok());
        let decimals = reader.required("decimals", decimals, "ask the token's contract: USDC has 6");
        let addresses = token_addresses(&reader);
        reader.finish();
        tokens.push((name.to_owned(), Token { decimals: decimals.unwrap_or(MAX_DECIMALS), address: addresses }));
    }
    tokens.into_iter().collect()
}

fn token_addresses(token: &Reader<'_>) -> Named<Address> {
    let table = token.table("address");
    token.required("address", table.is_present().then_some(()), "address = { <network> = \"0x...\" }");
    let mut addresses = Vec::new();
    for (network, text) in table.texts() {
        match address(text) {
            Ok(address) => addresses.push((network.to_owned(), address)),
            Err(error) => table.cx.error("manifest.invalid_value", &table.key(network), error),
        }
    }
    addresses.into_iter().collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_filled_in_or_named() {
        let env = |name: &str| match name {
            "KEY" => Some("abc".to_owned()),
            "EMPTY" => Some(String::new()),
            _ => None,
        };
        assert_eq!(fill_in("https://h/${KEY}/x${KEY}", &env).unwrap(), "https://h/abc/xabc");
        assert_eq!(fill_in("https://h/$KEY", &env).unwrap(), "https://h/$KEY");
        assert_eq!(fill_in("${NOPE}", &env), Err(Unfilled::Undefined("NOPE".into())));
        assert_eq!(fill_in("${EMPTY}", &env), Err(Unfilled::Undefined("EMPTY".into())));
        for malformed in ["${KEY", "${}", "${1A}", "${A-B}"] {
            assert_eq!(fill_in(malformed, &env), Err(Unfilled::Malformed), "{malformed}");
        }
    }
}

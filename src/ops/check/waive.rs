//! `dgov check waive`: a waiver, signed, at the end of the manifest.

use alloy::signers::SignerSync;
use serde::Serialize;

use crate::chain::signers::{self, Keystore, Password};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::gate::{Rule, waiver};
use crate::lockfile::write_atomically;
use crate::manifest::{Loaded, Manifest, Overrides};
use crate::ops::times;
use crate::session::{environment, resolve_network};
use crate::ui::{Report, Warning};

/// What is waived.
pub struct WaiveOptions<'a> {
    /// The rule.
    pub rule: Rule,
    /// The dataset, as the report names it.
    pub dataset: &'a str,
    /// Why.
    pub reason: &'a str,
    /// End, unix seconds.
    pub expires: u64,
}

/// What was written.
#[derive(Debug, Serialize)]
pub struct WaiveReport {
    /// The rule's id.
    pub rule: Rule,
    /// The dataset.
    pub dataset: String,
    /// Why.
    pub reason: String,
    /// End, RFC 3339.
    pub expires: String,
    /// Who signed.
    pub signer: String,
    /// EIP-191 signature, 65 bytes.
    pub signature: String,
    /// What was signed.
    pub text: String,
}

impl Report for WaiveReport {
    fn human(&self) -> String {
        format!(
            "{} waived for {} until {}, signed by {}\nwritten to [[training.waivers]] of the manifest: have it reviewed\n",
            self.rule, self.dataset, self.expires, self.signer
        )
    }
}

/// Signs a waiver with the acting account and appends it to the manifest.
///
/// # Errors
/// `waiver.ended`, `waiver.empty` (usage), and those of the account. A signer that the manifest does not list is a warning.
pub fn waive(context: &Context, options: &WaiveOptions<'_>) -> Result<WaiveReport> {
    let loaded = context.manifest()?;
    let now = u64::try_from(jiff::Timestamp::now().as_second()).unwrap_or(0);
    if options.expires <= now {
        return Err(Error::usage("waiver.ended", "a waiver that has ended waives nothing")
            .hint("give a date in the future: --expires 2027-06-30"));
    }
    if options.reason.trim().is_empty() || options.dataset.trim().is_empty() {
        return Err(Error::usage("waiver.empty", "a waiver names a dataset and a reason")
            .hint("say what was looked at, by whom and when: --reason \"...\""));
    }
    let network = resolve_network(&loaded)?;
    let account = signers::resolve(
        context.global.from.as_deref(),
        &network,
        network.chain_id.unwrap_or_default(),
        &Keystore::of_user(&environment)?,
        &Password::from_environment(&environment),
        &environment,
    )?;
    let project = loaded.manifest.project.name.as_str();
    let text = waiver::text(project, options.rule, options.dataset, options.reason, options.expires);
    let signature = account.signer()?.sign_message_sync(text.as_bytes()).map_err(|error| {
        Error::unauthorized("signer.failed", "the waiver could not be signed")
            .caused_by(&error)
            .hint("choose another account with --from")
    })?;
    let report = WaiveReport {
        rule: options.rule,
        dataset: options.dataset.to_owned(),
        reason: options.reason.to_owned(),
        expires: times::rfc3339(options.expires),
        signer: account.address.to_checksum(None),
        signature: alloy::hex::encode_prefixed(signature.as_bytes()),
        text,
    };
    let signers = &loaded.manifest.training.waiver_signers;
    if !signers.is_empty() && !signers.contains(&account.address) {
        let message = format!("{} is not in `waiver-signers`: the waiver will not count", report.signer);
        context.ui.warn(Warning::new("waiver.not_listed", message));
    }
    append(&loaded, &report)?;
    Ok(report)
}

/// Appends the table; nothing else in the file changes. What would not load is not written.
fn append(loaded: &Loaded, report: &WaiveReport) -> Result<()> {
    let old = fs_err::read_to_string(&loaded.path)?;
    let quoted = |text: &str| toml_edit::Value::from(text).to_string().trim().to_owned();
    let rows = [
        ("rule", quoted(report.rule.id())),
        ("dataset", quoted(&report.dataset)),
        ("reason", quoted(&report.reason)),
        ("expires", quoted(&report.expires)),
        ("signer", quoted(&report.signer)),
        ("signature", quoted(&report.signature)),
    ];
    let table: String = rows.iter().map(|(key, value)| format!("{key} = {value}\n")).collect();
    let end = if old.ends_with('\n') { "" } else { "\n" };
    let new = format!("{old}{end}\n[[training.waivers]]\n{table}");
    let overrides = Overrides { network: Some(loaded.network.clone()), start: None };
    Manifest::parse(&new, &loaded.path, &environment, &overrides).map_err(|error| {
        Error::input("waiver.manifest", "the waiver can't be appended to this manifest")
            .caused_by(&error)
            .hint("write `waivers` as [[training.waivers]] tables, not as a list in one line")
    })?;
    write_atomically(&loaded.path, new.as_bytes())
}

//! `dgov license grant`: a pass without a sale, with the consent of the dataset's owner and of the holder.

use alloy::primitives::{Address, B256, Bytes, U256};
use alloy::providers::Provider;
use alloy::signers::SignerSync;
use alloy::sol_types::SolCall;
use camino::Utf8Path;
use dgov_contracts::eip712;
use dgov_contracts::suite::{IAccessPass, ILicenseRegistry, IssuePass};
use serde::Serialize;

use super::grant_file::{self, GrantFile};
use super::{
    ENDLESS, choose_terms, end_phrase, end_text, name_of_terms, pass_changes, pass_id, pass_of, purpose_names,
    require_owner,
};
use crate::chain::reverts::{contract_error, reason_of};
use crate::chain::signers::Account;
use crate::commands::TxArgs;
use crate::error::{Error, ErrorKind, Result};
use crate::manifest::values::LicenseDuration;
use crate::ops::apply::{self, Applied, Call, Operation, TxReport};
use crate::ops::desired;
use crate::ops::lookup::{self, Target};
use crate::ops::view::{TermsRecord, View, unreachable};
use crate::session::Session;
use crate::ui::Report;

/// How long the holder may take to send a signed grant, seconds.
const ACCEPT_WITHIN: u64 = 30 * 86_400;

/// What is to be granted.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// Slug or id, with `@number` for another version than the latest.
    pub dataset: &'a str,
    /// Who gets the pass.
    pub to: &'a str,
    /// License of the manifest, or id of terms; needed only where several are offered.
    pub license: Option<&'a str>,
    /// How long, e.g. `30d`; as long as one purchase lasts when left out.
    pub duration: Option<&'a str>,
    /// File for the grant, for a holder whose key is elsewhere.
    pub out: Option<&'a Utf8Path>,
}

/// The grant: signed, or sent.
#[derive(Debug, Serialize)]
pub struct GrantReport {
    /// The dataset.
    pub dataset: String,
    /// Its id.
    pub dataset_id: B256,
    /// Number of the version it is granted for.
    pub version: u32,
    /// Owner of the dataset.
    pub issuer: String,
    /// Who may use the data.
    pub holder: String,
    /// The terms.
    pub terms_id: B256,
    /// License of the manifest with these terms.
    pub license: Option<String>,
    /// Token id of the pass.
    #[serde(serialize_with = "apply::decimal")]
    pub pass_id: U256,
    /// Whether the holder has the pass now.
    pub granted: bool,
    /// End of the pass; null for a pass without end.
    pub expiry: Option<String>,
    /// What the data may be used for.
    pub purposes: Vec<&'static str>,
    /// File with the signed grant.
    pub file: Option<String>,
    /// Until when the holder may send it.
    pub accept_before: Option<String>,
    /// What was sent.
    #[serde(flatten)]
    pub sent: TxReport,
}

impl Report for GrantReport {
    fn human(&self) -> String {
        let end = end_phrase(self.expiry.as_deref());
        let pass = format!("a pass for {} to {}, valid {end}", self.dataset, self.holder);
        let head = match (&self.file, self.granted, self.sent.transactions.is_empty()) {
            (Some(file), ..) => {
                let before = self.accept_before.as_deref().unwrap_or_default();
                format!("signed {pass}\nthe holder sends it before {before}: dgov license grant --accept {file}\n")
            }
            (None, true, false) => format!("granted {pass}\n"),
            (None, true, true) => {
                format!("{} has a pass for {}, valid {end}; nothing to do\n", self.holder, self.dataset)
            }
            (None, false, _) => format!("would grant {pass}\n"),
        };
        format!("{head}  may: {}\n{}", self.purposes.join(", "), self.sent.human())
    }
}

/// Grants a pass as the dataset's owner: sends it when the holder's key is at hand and no file is asked for, else writes
/// the signed grant into the file. A pass under the same terms that lasts as long already, up to one hundredth of the
/// span, is not granted again.
///
/// # Errors
/// `license.not_owner`, `license.holder_absent`, those of choosing terms, of signing and of sending.
pub async fn grant(session: &Session<'_>, options: &Options<'_>, tx: &TxArgs) -> Result<GrantReport> {
    let view = session.view().await?;
    let target = lookup::target(session, &view, options.dataset)?;
    let issuer = session.account()?;
    require_owner(&view, &target, issuer, "a grant")?;
    let holder = session.resolve_text(options.to)?;
    let terms = choose_terms(session, &view, &target, options.license)?;
    let now = session.next_time().await?;
    let span = match options.duration {
        None => terms.terms.duration.to::<u64>(),
        Some(text) => duration(text)?,
    };
    let pass = pass_of(session, holder, target.id).await?;
    let (expiry, held) = (end(now, span), pass.expiry.to::<u64>());
    let enough = if span == 0 { ENDLESS } else { expiry - span / 100 };
    if pass.termsNumber.to::<u32>() == terms.number && held > now && held >= enough {
        let mut report = report(session, &target, terms, issuer, holder, held)?;
        report.granted = true;
        return Ok(report);
    }
    let holder_key = if holder == issuer { None } else { session.local_account(options.to) };
    if options.out.is_none() && holder != issuer && holder_key.is_none() {
        return Err(Error::usage(
            "license.holder_absent",
            format!("the key of {holder} is not at hand, and a pass needs its consent"),
        )
        .hint("write a signed grant for the holder with --out FILE"));
    }
    let request = request(session, &target, terms, [issuer, holder], expiry, now).await?;
    let mut report = report(session, &target, terms, issuer, holder, expiry)?;
    report.sent.dry_run = tx.dry_run;
    if let Some(out) = options.out {
        report.accept_before = end_text(request.deadline.saturating_to());
        if !tx.dry_run {
            let signature = sign(session, &request, &session.signing_account()?)?;
            let file = GrantFile::new(session, &target, &request, &signature)?;
            grant_file::write(out, &file)?;
            report.file = Some(out.to_string());
        }
        return Ok(report);
    }
    let signature = match &holder_key {
        Some(account) => sign(session, &request, account)?,
        None => Bytes::new(),
    };
    send(session, &target, request, [Bytes::new(), signature], report, tx).await
}

/// Sends a grant as its holder.
///
/// # Errors
/// Those of the file, `license.not_holder`, `license.grant_expired`, `license.grant_forged`, and those of sending.
pub async fn accept(session: &Session<'_>, path: &Utf8Path, tx: &TxArgs) -> Result<GrantReport> {
    let file = grant_file::read(path)?;
    let view = session.view().await?;
    let request = file.request(session)?;
    let target = lookup::target(session, &view, &format!("{}@{}", file.dataset_id, file.version))?;
    let terms = known_terms(&view, request.termsId)?;
    let sender = session.account()?;
    if request.holder != sender {
        return Err(Error::unauthorized(
            "license.not_holder",
            format!("this grant is for {}, not for {sender}", request.holder),
        )
        .hint("choose the holder's account with --from"));
    }
    let pass = pass_of(session, sender, target.id).await?;
    let now = session.next_time().await?;
    let held = pass.expiry.to::<u64>();
    let mut report = report(session, &target, terms, request.issuer, sender, request.expiry)?;
    report.sent.dry_run = tx.dry_run;
    if pass.termsNumber.to::<u32>() == terms.number && held > now && held >= request.expiry {
        report.granted = true;
        report.expiry = end_text(held);
        return Ok(report);
    }
    if request.deadline < U256::from(now) {
        let when = end_text(request.deadline.saturating_to()).unwrap_or_default();
        return Err(Error::input("license.grant_expired", format!("this grant could be accepted until {when}"))
            .hint("ask the dataset's owner for a new one"));
    }
    require_owner(&view, &target, request.issuer, "issuing a pass")?;
    check_signature(session, &request, &file.issuer_signature).await?;
    require_unused(session, &target, &request, &file.issuer_signature).await?;
    send(session, &target, request, [file.issuer_signature, Bytes::new()], report, tx).await
}

/// A grant works once, also when its pass was revoked since; asked by simulation, because the contract tells only so.
async fn require_unused(
    session: &Session<'_>,
    target: &Target<'_>,
    request: &IssuePass,
    signature: &Bytes,
) -> Result<()> {
    let pass = IAccessPass::new(session.suite()?.pass, &session.connection.provider);
    let call = pass.issueBySig(request.clone(), target.id, target.number(), signature.clone(), Bytes::new());
    let Err(alloy::contract::Error::TransportError(error)) = call.from(request.holder).call().await else {
        return Ok(());
    };
    if reason_of(&error).is_some_and(|reason| reason.name() == "InvalidAccountNonce") {
        return Err(Error::new(ErrorKind::Reverted, "license.grant_used", "this grant was used already, or withdrawn")
            .hint("ask the dataset's owner for a new one"));
    }
    Ok(())
}

/// Signatures of contract accounts are for the chain to judge.
async fn check_signature(session: &Session<'_>, request: &IssuePass, signature: &Bytes) -> Result<()> {
    let code = session.connection.provider.get_code_at(request.issuer).await.map_err(unreachable)?;
    if !code.is_empty() {
        return Ok(());
    }
    let domain = eip712::domain(session.connection.chain_id, session.suite()?.pass);
    eip712::verify(request, &domain, request.issuer, signature).map_err(|error| {
        Error::integrity("license.grant_forged", "the grant is not what the dataset's owner signed")
            .caused_by(&error)
            .hint("ask the dataset's owner for the file as it was written")
    })
}

async fn send(
    session: &Session<'_>,
    target: &Target<'_>,
    request: IssuePass,
    signatures: [Bytes; 2],
    mut report: GrantReport,
    tx: &TxArgs,
) -> Result<GrantReport> {
    let holder = request.holder;
    let changes = pass_changes(session, holder, target.id).await?;
    let key = format!("{}:{holder}:{}:{changes}", target.id, request.termsId);
    let [issuer_signature, holder_signature] = signatures;
    let data = IAccessPass::issueBySigCall {
        request,
        datasetId: target.id,
        number: target.number(),
        issuerSignature: issuer_signature,
        holderSignature: holder_signature,
    };
    let description = format!("issue a pass for {} to {holder}", target.name);
    let call = Call::new("issue", description, session.suite()?.pass, data.abi_encode());
    match apply::apply(session, Operation { verb: "license grant", key, calls: vec![call] }, tx).await? {
        Applied::Done(sent) => {
            let pass = pass_of(session, holder, target.id).await?;
            report.expiry = end_text(pass.expiry.to::<u64>());
            report.granted = true;
            report.sent = sent;
        }
        Applied::Planned(sent) => report.sent = sent,
    }
    Ok(report)
}

/// The request that issuer and holder sign. Its nonce has a key of its own, made from everything else in it: grants can
/// be sent in any order, and the same one only once.
async fn request(
    session: &Session<'_>,
    target: &Target<'_>,
    terms: &TermsRecord,
    [issuer, holder]: [Address; 2],
    expiry: u64,
    now: u64,
) -> Result<IssuePass> {
    let licenses = ILicenseRegistry::new(session.suite()?.licenses, &session.connection.provider);
    let quote = licenses.quote(target.id, terms.id).call().await.map_err(|error| {
        contract_error(&session.connection, &format!("asking for the terms of {}", target.name), error)
    })?;
    let mut request = IssuePass {
        issuer,
        holder,
        versionKey: target.version.key,
        termsId: terms.id,
        expiry,
        burnAuth: quote.burnAuth,
        nonce: U256::ZERO,
        deadline: U256::from(now + ACCEPT_WITHIN),
    };
    let content = eip712::digest(&request, &eip712::domain(session.connection.chain_id, session.suite()?.pass));
    request.nonce = U256::from_be_bytes(content.0) >> 64 << 64;
    Ok(request)
}

fn sign(session: &Session<'_>, request: &IssuePass, account: &Account) -> Result<Bytes> {
    let digest = eip712::digest(request, &eip712::domain(session.connection.chain_id, session.suite()?.pass));
    let signature = account.signer()?.sign_hash_sync(&digest).map_err(|error| {
        Error::unauthorized("signer.failed", format!("{} did not sign", account.address))
            .caused_by(&error)
            .hint("check the key of this account")
    })?;
    Ok(signature.as_bytes().to_vec().into())
}

fn known_terms(view: &View, id: B256) -> Result<&TermsRecord> {
    view.terms(id).ok_or_else(|| {
        Error::input("license.unknown", format!("the terms of this grant, {id}, are not of this project"))
            .hint("check --network, and that the file is for this project")
    })
}

fn duration(text: &str) -> Result<u64> {
    text.parse::<LicenseDuration>().map(LicenseDuration::as_secs).map_err(|error| {
        Error::usage("usage.duration", error.message).hint(error.hint.unwrap_or_else(|| "write e.g. 30d".into()))
    })
}

/// The end of a span that starts now; a span of 0 has none.
fn end(now: u64, span: u64) -> u64 {
    if span == 0 { ENDLESS } else { now.saturating_add(span).min(ENDLESS) }
}

fn report(
    session: &Session<'_>,
    target: &Target<'_>,
    terms: &TermsRecord,
    issuer: Address,
    holder: Address,
    expiry: u64,
) -> Result<GrantReport> {
    let licenses = desired::licenses(session)?;
    Ok(GrantReport {
        dataset: target.name.clone(),
        dataset_id: target.id,
        version: target.number(),
        issuer: issuer.to_checksum(None),
        holder: holder.to_checksum(None),
        terms_id: terms.id,
        license: name_of_terms(&licenses, terms.id).map(|license| license.name.clone()),
        pass_id: pass_id(holder, target.id),
        granted: false,
        expiry: end_text(expiry),
        purposes: purpose_names(terms.terms.allow),
        file: None,
        accept_before: None,
        sent: TxReport::default(),
    })
}

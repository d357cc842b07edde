//! `dgov dispute show`: all cases, or everything about one.

use alloy::primitives::{Address, B256, U256};
use alloy::sol_types::SolEvent;
use dgov_contracts::court::{CaseState, IDisputeCourt, Side};
use serde::Serialize;

use super::cases::{self, CaseStatus};
use super::next;
use crate::error::Result;
use crate::ops::apply::decimal;
use crate::ops::view::decode;
use crate::session::Session;
use crate::ui::{Report, table};

/// All cases.
#[derive(Debug, Serialize)]
pub struct ListReport {
    /// In the order in which they were opened.
    pub cases: Vec<CaseStatus>,
}

impl Report for ListReport {
    fn human(&self) -> String {
        if self.cases.is_empty() {
            return "no case was opened yet\n".to_owned();
        }
        let rows: Vec<_> = self
            .cases
            .iter()
            .map(|case| {
                vec![
                    case.case_id.to_string(),
                    case.what(),
                    case.state.to_owned(),
                    case.ruling.unwrap_or("-").to_owned(),
                    case.deadline.clone().unwrap_or_else(|| "-".to_owned()),
                    match case.overdue {
                        true => "close it".to_owned(),
                        false => case.default_outcome.clone().unwrap_or_else(|| "-".to_owned()),
                    },
                ]
            })
            .collect();
        table::render(&["case", "about", "state", "ruling", "waits until", "else"], &rows)
    }
}

/// A piece of evidence.
#[derive(Debug, Serialize)]
pub struct Exhibit {
    /// Who brought it.
    pub party: String,
    /// sha256 of the document.
    pub digest: B256,
    /// Where it is.
    pub uri: String,
}

/// Somebody with a bond in the case.
#[derive(Debug, Serialize)]
pub struct Party {
    /// The account.
    pub account: String,
    /// Its bond on the challengers' side; zero once it was paid.
    #[serde(serialize_with = "decimal")]
    pub challenger_wei: U256,
    /// Its bond on the respondents' side; zero once it was paid.
    #[serde(serialize_with = "decimal")]
    pub respondent_wei: U256,
    /// What the case owes it now.
    #[serde(serialize_with = "decimal")]
    pub owed_wei: U256,
    #[serde(skip)]
    texts: [String; 3],
}

/// One case.
#[derive(Debug, Serialize)]
pub struct ShowReport {
    /// Where it stands.
    #[serde(flatten)]
    pub case: CaseStatus,
    /// What was brought, in order.
    pub evidence: Vec<Exhibit>,
    /// Who has bonds in it.
    pub parties: Vec<Party>,
    #[serde(skip)]
    money: Vec<(&'static str, String)>,
}

impl Report for ShowReport {
    fn human(&self) -> String {
        let case = &self.case;
        let mut rows = vec![
            ("case", case.case_id.to_string()),
            ("about", case.what()),
            ("subject", case.subject.to_string()),
            ("state", case.state.to_owned()),
        ];
        rows.extend(case.ruling.map(|ruling| ("ruling", format!("for {ruling}"))));
        rows.extend(next::sentence(&case.standing).map(|line| ("waits", line)));
        rows.extend(case.next.clone().map(|next| ("next", next)));
        rows.push(("rules", if case.arbitrator == "dao" { "the DAO".to_owned() } else { case.arbitrator.clone() }));
        rows.extend(case.dispute_id.clone().map(|id| ("dispute", id)));
        rows.push(("challenger", case.challenger.clone()));
        rows.extend(case.appellant.clone().map(|account| ("appellant", account)));
        rows.extend(self.money.iter().cloned());
        let mut text = table::pairs(&rows);
        for exhibit in &self.evidence {
            text.push_str(&format!("evidence {} by {}\n  {}\n", exhibit.digest, exhibit.party, exhibit.uri));
        }
        let rows: Vec<_> = self
            .parties
            .iter()
            .map(|party| {
                let mut row = vec![party.account.clone()];
                row.extend(party.texts.iter().cloned());
                row
            })
            .collect();
        text + &table::render(&["account", "challenger", "respondent", "owed"], &rows)
    }
}

/// Lists the cases.
pub async fn list(session: &Session<'_>) -> Result<ListReport> {
    let view = session.view().await?;
    let mut report = ListReport { cases: Vec::new() };
    for id in 1..=cases::count(session).await? {
        report.cases.push(cases::load(session, &view, id).await?);
    }
    Ok(report)
}

/// Shows a case.
///
/// # Errors
/// `dispute.no_cases`, `dispute.unknown_case`, and those of reading the chain.
pub async fn show(session: &Session<'_>, case: &str) -> Result<ShowReport> {
    let view = session.view().await?;
    let case = cases::resolve(session, &view, case).await?;
    let number = case.number();
    let mut evidence = Vec::new();
    for log in cases::events(session, IDisputeCourt::EvidenceAdded::SIGNATURE_HASH, Some(number)).await? {
        let event = decode::<IDisputeCourt::EvidenceAdded>(&log)?;
        evidence.push(Exhibit { party: event.party.to_checksum(None), digest: event.digest, uri: event.uri });
    }
    let mut accounts = cases::parties(session, number).await?;
    let appellant = case.case.appellant;
    accounts.extend(Some(appellant).filter(|account| !account.is_zero() && !accounts.contains(account)));
    let coin = |amount| session.show_amount(amount, Address::ZERO);
    let mut parties = Vec::new();
    for account in accounts {
        let challenger = cases::bond_on(session, number, Side::Challenger, account).await?;
        let respondent = cases::bond_on(session, number, Side::Respondent, account).await?;
        let owed = cases::owed(session, number, account).await?;
        parties.push(Party {
            account: account.to_checksum(None),
            challenger_wei: challenger,
            respondent_wei: respondent,
            owed_wei: owed,
            texts: [coin(challenger), coin(respondent), coin(owed)],
        });
    }
    let mut money = vec![
        ("bond", coin(case.bond_wei)),
        ("challengers", coin(case.challenger_pot_wei)),
        ("respondents", coin(case.respondent_pot_wei)),
    ];
    let others = [
        ("fee", case.fee_wei, true),
        ("appeal bond", case.appeal_bond_wei, true),
        ("slashed", case.slashed_wei, case.is(CaseState::Closed)),
    ];
    money.extend(
        others
            .into_iter()
            .filter(|(_, amount, told)| *told && !amount.is_zero())
            .map(|(name, amount, _)| (name, coin(amount))),
    );
    Ok(ShowReport { case, evidence, parties, money })
}

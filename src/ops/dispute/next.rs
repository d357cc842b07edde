//! What a case waits for: until when, what happens if nothing does, what to do.

use alloy::primitives::{Address, U256};
use dgov_contracts::court::{Case, CaseState, Side};

use crate::ops::times::rfc3339;

/// How the project's court is set up.
#[derive(Clone, Debug)]
pub struct Rules {
    /// Seconds that a ruling may take.
    pub ruling_window: u64,
    /// An outside arbitrator; none where the DAO rules.
    pub arbitrator: Option<Address>,
    /// What the arbitrator is told.
    pub extra_data: alloy::primitives::Bytes,
}

/// Where a case stands for who has to do something about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Unix seconds; none once the case is over.
    pub deadline: Option<u64>,
    /// Whether the deadline is over.
    pub overdue: bool,
    /// What happens if nobody does anything until then.
    pub default: Option<String>,
    /// What can be done now.
    pub next: Option<String>,
}

/// Name of a side.
pub fn side_name(side: Side) -> &'static str {
    match side {
        Side::Challenger => "challenger",
        Side::Respondent => "respondent",
        _ => "nobody",
    }
}

/// Name of a state.
pub fn state_name(state: CaseState) -> &'static str {
    match state {
        CaseState::Open => "open",
        CaseState::Contested => "contested",
        CaseState::Ruled => "ruled",
        CaseState::Appealed => "appealed",
        CaseState::Closed => "closed",
        _ => "unknown",
    }
}

/// Until when an answered case can be taken to who rules: then anyone may close it as nobody's.
pub fn submit_until(case: &Case, rules: &Rules) -> u64 {
    case.deadline.to::<u64>().saturating_add(rules.ruling_window)
}

/// Whether somebody answered.
pub fn is_answered(case: &Case) -> bool {
    !case.respondentPot.is_zero()
}

/// Tells it; `show` writes amounts.
pub fn standing(id: u64, case: &Case, now: u64, rules: &Rules, show: &dyn Fn(U256) -> String) -> Standing {
    let answered = is_answered(case);
    let waits_for_submit = case.state == CaseState::Open && answered && now >= case.deadline.to::<u64>();
    let end = if waits_for_submit { submit_until(case, rules) } else { case.deadline.to() };
    let overdue = now >= end;
    let who = match rules.arbitrator {
        Some(arbitrator) => format!("the arbitrator {arbitrator}"),
        None => "the DAO".to_owned(),
    };
    let close = format!("end it: `dgov dispute close {id}`");
    let nobody = "nobody's: the subject stands, bonds return";
    let ruling = side_name(case.ruling);
    let rule = match rules.arbitrator {
        Some(arbitrator) => {
            format!("{arbitrator} rules on its dispute {}; an appeal: `dgov dispute appeal {id}`", case.disputeId)
        }
        None => format!("rule by proposal: `dgov dispute rule {id} challenger|respondent|nobody`"),
    };
    let (default, next) = match case.state {
        CaseState::Open if waits_for_submit => {
            (nobody.to_owned(), format!("take it to {who}: `dgov dispute submit {id}`"))
        }
        CaseState::Open if answered => (
            format!("it goes to {who}"),
            format!(
                "add evidence: `dgov dispute evidence {id} FILE`; join a side: `dgov dispute join {id} --side SIDE`"
            ),
        ),
        CaseState::Open => (
            "for the challenger, because nobody answered".to_owned(),
            format!("answer with {} at least: `dgov dispute join {id} --side respondent`", show(U256::from(case.bond))),
        ),
        CaseState::Contested if rules.arbitrator.is_some() => (format!("{nobody}, less the arbitrator's fee"), rule),
        CaseState::Contested => (nobody.to_owned(), rule),
        CaseState::Ruled => (
            format!("the ruling is final: for {ruling}"),
            format!("appeal with {} at least: `dgov dispute appeal {id}`", show(U256::from(case.bond) * U256::from(2))),
        ),
        CaseState::Appealed => (format!("the first ruling is final: for {ruling}; the appeal bond is lost"), rule),
        _ => {
            let next = format!("payouts, if any are left: `dgov dispute close {id}`");
            return Standing { deadline: None, overdue: false, default: None, next: Some(next) };
        }
    };
    let next = if overdue { close } else { next };
    Standing { deadline: Some(end), overdue, default: Some(default), next: Some(next) }
}

/// The standing in a sentence, for people.
pub fn sentence(standing: &Standing) -> Option<String> {
    let (deadline, default) = (standing.deadline?, standing.default.as_ref()?);
    Some(match standing.overdue {
        false => format!("until {}, else {default}", rfc3339(deadline)),
        true => format!("over since {}: {default}", rfc3339(deadline)),
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use alloy::primitives::{Address, B256, Bytes, U256, Uint};

    use super::*;

    fn case(state: CaseState, answered: bool) -> Case {
        Case {
            challenger: Address::ZERO,
            deadline: Uint::from(1_000),
            kind: dgov_contracts::court::SubjectKind::Version,
            state,
            ruling: Side::Challenger,
            holdsLock: false,
            subject: B256::ZERO,
            datasetId: B256::ZERO,
            challengerPot: Uint::from(10),
            respondentPot: if answered { Uint::from(10) } else { Uint::ZERO },
            number: 1,
            bond: Uint::from(10),
            fee: Uint::ZERO,
            appellant: Address::ZERO,
            appealBond: Uint::ZERO,
            slashed: Uint::ZERO,
            disputeId: U256::from(7),
        }
    }

    fn told(case: &Case, now: u64, arbitrator: Option<Address>) -> Standing {
        let rules = Rules { ruling_window: 500, arbitrator, extra_data: Bytes::new() };
        standing(3, case, now, &rules, &|amount| format!("{amount} wei"))
    }

    #[test]
    fn every_state_has_a_deadline_a_default_and_something_to_do() {
        let outside = Some(Address::repeat_byte(1));
        let open = told(&case(CaseState::Open, false), 999, None);
        assert_eq!((open.deadline, open.overdue), (Some(1_000), false));
        assert!(open.default.unwrap().starts_with("for the challenger"));
        assert_eq!(open.next.unwrap(), "answer with 10 wei at least: `dgov dispute join 3 --side respondent`");

        let unanswered = told(&case(CaseState::Open, false), 1_000, None);
        assert!(unanswered.overdue && unanswered.next.unwrap().contains("`dgov dispute close 3`"));

        let answered = told(&case(CaseState::Open, true), 999, outside);
        assert!(answered.default.unwrap().contains("goes to the arbitrator 0x0101"));
        let waiting = told(&case(CaseState::Open, true), 1_000, None);
        assert_eq!((waiting.deadline, waiting.overdue), (Some(1_500), false));
        assert!(waiting.next.unwrap().contains("`dgov dispute submit 3`"));
        let forgotten = told(&case(CaseState::Open, true), 1_500, None);
        assert!(forgotten.overdue && forgotten.default.unwrap().starts_with("nobody's"));

        assert!(told(&case(CaseState::Contested, true), 1, None).next.unwrap().contains("`dgov dispute rule 3 "));
        let contested = told(&case(CaseState::Contested, true), 1, outside);
        assert!(contested.next.unwrap().contains("rules on its dispute 7"));
        assert!(contested.default.unwrap().ends_with("less the arbitrator's fee"));

        let ruled = told(&case(CaseState::Ruled, true), 1, None);
        assert_eq!(ruled.default.unwrap(), "the ruling is final: for challenger");
        assert!(ruled.next.unwrap().starts_with("appeal with 20 wei"));
        assert!(told(&case(CaseState::Appealed, true), 1, None).default.unwrap().contains("the appeal bond is lost"));
        for state in [CaseState::Contested, CaseState::Ruled, CaseState::Appealed] {
            assert!(told(&case(state, true), 1_000, None).next.unwrap().contains("`dgov dispute close 3`"));
        }
        assert_eq!(told(&case(CaseState::Closed, true), 1, None).deadline, None);
    }
}

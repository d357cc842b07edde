//! Contributor lists: rows added, everything wrong found at once, a canonical form that reads back.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use alloy_primitives::{Address, B256, address, hex, keccak256};
use dgov_data::contributors::{ContributorIssueKind as Kind, Contributors, account_key, consents};
use dgov_data::tree::SumTree;
use proptest::prelude::*;

const ALICE: Address = address!("f39Fd6e51aad88F6F4ce6aB8827279cffFb92266");
const BOB: Address = address!("70997970C51812dc3A010C7d01b50e0d17dc79C8");
const CAROL: Address = address!("3C44CdDdB6a900fa2b585dd299e03d12FA4293BC");

#[test]
fn the_tree_matches_the_known_answer() {
    let vectors: serde_json::Value = serde_json::from_str(include_str!("vectors/tree.json")).unwrap();
    let expected = vectors["trees"].as_array().unwrap().iter().find(|tree| tree["name"] == "contributors-3").unwrap();
    let consent = |n| keccak256(format!("consent {n}"));
    let (one, two) = (hex::encode_prefixed(consent(1)), hex::encode_prefixed(consent(2)));
    let csv = format!("account,shares,consent\n{CAROL},4,{two}\n{ALICE},60,{one}\n{BOB},30,\n{CAROL},6,{one}\n");
    let list = Contributors::parse(csv.as_bytes()).unwrap();
    assert_eq!(hex::encode_prefixed(list.tree().unwrap().root()), expected["root"].as_str().unwrap());
    assert_eq!(Contributors::parse(list.to_csv().as_bytes()).unwrap(), list);

    let plain = Contributors::parse(format!("account,shares\n{ALICE},60\n{BOB},30\n{CAROL},10").as_bytes()).unwrap();
    let digests = move |account| match account {
        ALICE => vec![consent(1)],
        CAROL => vec![consent(2), consent(1), consent(2)],
        _ => vec![],
    };
    assert_eq!(plain.with_consents(&digests), list);
}

#[test]
fn rows_are_added_and_the_canonical_form_is_one() {
    let lower = format!("{ALICE:?}").to_lowercase();
    let csv = format!("\u{feff}account, shares\r\n {lower} , 1\r\n\r\n{BOB},5\r\n{ALICE},2\r\n");
    let list = Contributors::parse(csv.as_bytes()).unwrap();
    assert_eq!(list.to_csv(), format!("account,shares\n{BOB},5\n{ALICE},3\n"));
    assert_eq!(list.get(ALICE).unwrap().shares, 3);
    assert_eq!(list.get(CAROL), None);
    let tree = list.tree().unwrap();
    assert_eq!(tree.total(), 8);
    assert_eq!(tree.get(&account_key(BOB)).unwrap().weight, 5);
}

#[test]
fn nobody_may_be_listed() {
    let list = Contributors::parse(b"account,shares\n").unwrap();
    assert!(list.is_empty());
    assert_eq!(
        list.tree().unwrap().root(),
        SumTree::build(dgov_data::tree::Kind::Contributors, vec![]).unwrap().root()
    );
}

#[test]
fn everything_wrong_is_found_at_once_with_its_line() {
    let wrong = format!("{ALICE}").replace('F', "f");
    let csv = format!(
        "account,shares\n{ALICE},0\nbob,-1\n\n{BOB}\n{wrong},1.5\n{:?},1\n{BOB},18446744073709551616\n{CAROL},1\n",
        Address::ZERO
    );
    let issues = Contributors::parse(csv.as_bytes()).unwrap_err().issues;
    let shares = |text: &str| Kind::Shares(text.to_owned());
    let found: Vec<_> = issues.into_iter().map(|issue| (issue.line, issue.kind)).collect();
    assert_eq!(
        found,
        [
            (2, shares("0")),
            (3, Kind::Address("bob".to_owned())),
            (3, shares("-1")),
            (5, Kind::Columns { expected: 2, got: 1 }),
            (6, Kind::Checksum { given: wrong, checksummed: ALICE.to_string() }),
            (6, shares("1.5")),
            (7, Kind::ZeroAddress),
            (8, shares("18446744073709551616")),
        ]
    );
    let header = Contributors::parse(b"address,amount\n").unwrap_err();
    assert_eq!(header.issues[0].kind, Kind::Header("address,amount".to_owned()));
    assert!(matches!(Contributors::parse(b"").unwrap_err().issues[0].kind, Kind::Header(_)));
    let text = Contributors::parse(b"account,shares\nx,1\ny,2\n").unwrap_err().to_string();
    assert_eq!(text.lines().count(), 2);
    assert!(text.starts_with("line 2: `x` is not an address"), "{text}");
    let digest = format!("account,shares,consent\n{ALICE},1,0x12\n");
    assert_eq!(Contributors::parse(digest.as_bytes()).unwrap_err().issues[0].kind, Kind::Consent("0x12".to_owned()));
    let broken = Contributors::parse(b"account,shares\n\xff,1\n").unwrap_err();
    assert!(matches!(broken.issues[0].kind, Kind::Csv(_)) && broken.issues[0].line == 2);
}

#[test]
fn shares_that_add_up_to_too_much_are_refused() {
    for second in [ALICE, BOB] {
        let csv = format!("account,shares\n{ALICE},18446744073709551615\n{second},1\n");
        let issues = Contributors::parse(csv.as_bytes()).unwrap_err().issues;
        assert_eq!(issues[0].kind, Kind::TotalTooLarge);
    }
}

proptest! {
    #[test]
    fn any_list_reads_back(rows in prop::collection::vec((any::<[u8; 2]>(), 1_u64..1 << 50, any::<bool>()), 0..40)) {
        let mut csv = String::from("account,shares,consent\n");
        for (account, shares, consent) in rows {
            let account = Address::left_padding_from(&[1, account[0] & 7, account[1]]);
            let consent = if consent { hex::encode_prefixed(B256::with_last_byte(shares as u8 | 1)) } else { String::new() };
            csv.push_str(&format!("{account},{shares},{consent}\n"));
        }
        let list = Contributors::parse(csv.as_bytes()).unwrap();
        prop_assert_eq!(Contributors::parse(list.to_csv().as_bytes()).unwrap(), list);
    }

    #[test]
    fn any_bytes_are_refused_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        let mut csv = b"account,shares\n".to_vec();
        csv.extend(bytes);
        let _ = Contributors::parse(&csv).map(|list| list.tree().unwrap().root());
    }
}

#[test]
fn each_consent_is_listed_however_its_row_is_written() {
    let digest = |n| keccak256(format!("consent {n}"));
    let text = |n| hex::encode_prefixed(digest(n));
    let csv = format!(
        "\u{feff}account, shares, consent\r\n\"{ALICE}\",1,\"{}\"\r\n{BOB},2,\n{ALICE},3, {}\n",
        text(1),
        text(2)
    );
    assert_eq!(consents(csv.as_bytes()).unwrap(), [(ALICE, digest(1)), (ALICE, digest(2))]);
    assert_eq!(consents(format!("account,shares\n{BOB},2\n").as_bytes()).unwrap(), []);
    assert!(consents(b"account,consent,shares\n").is_err());
}

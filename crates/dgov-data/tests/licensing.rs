//! The laws of the license policy, over random rights.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::collections::BTreeSet;

use dgov_data::licensing::{Geography, Modifiers, Purpose, Purposes, Rights, Source, Terms, Use, table};
use proptest::prelude::*;

fn purposes() -> impl Strategy<Value = Purposes> {
    (0_u16..256).prop_map(|mask| Purposes::from_mask(mask).unwrap())
}

fn places() -> impl Strategy<Value = Geography> {
    let some = prop::collection::btree_set(prop::sample::select(vec!["DE", "FR", "US"]), 0..3);
    prop_oneof![
        2 => Just(Geography::Anywhere),
        1 => some.prop_map(|set| Geography::Only(set.into_iter().map(str::to_owned).collect())),
    ]
}

fn terms() -> impl Strategy<Value = Terms> {
    let answers = prop::array::uniform5(any::<Option<bool>>());
    let prices = prop::collection::btree_set(prop::sample::select(vec!["1 ETH", "5 USDC"]), 0..2);
    (purposes(), purposes(), answers, places(), prop::option::of(0_i64..4), prices).prop_map(
        |(
            allow,
            deny,
            [commercial, attribution, share_alike, no_derivatives, use_restrictions],
            geography,
            expiry,
            prices,
        )| {
            let prices: BTreeSet<String> = prices.into_iter().map(str::to_owned).collect();
            let modifiers = Modifiers {
                commercial,
                attribution,
                share_alike,
                no_derivatives,
                use_restrictions,
                geography,
                expiry,
                prices,
            };
            Terms::new(allow, deny, modifiers)
        },
    )
}

fn stated(terms: Terms) -> Rights {
    Rights::stated(Source::Manifest { key: "licenses.x".into() }, terms)
}

/// Up to three alternatives.
fn rights() -> impl Strategy<Value = Rights> {
    prop::collection::vec(terms(), 0..4)
        .prop_map(|all| all.into_iter().fold(Rights::nothing(), |sum, next| sum.join(&stated(next))))
}

fn usage() -> impl Strategy<Value = Use> {
    let place = prop::option::of(prop::sample::select(vec!["DE", "US", "JP"]));
    (0_usize..8, any::<bool>(), -1_i64..5, place).prop_map(|(purpose, commercial, at, place)| Use {
        purpose: Purpose::ALL[purpose],
        commercial,
        at,
        place: place.map(str::to_owned),
    })
}

proptest! {
    #[test]
    fn meet_and_join_are_a_distributive_lattice(a in rights(), b in rights(), c in rights()) {
        prop_assert_eq!(a.meet(&b), b.meet(&a));
        prop_assert_eq!(a.join(&b), b.join(&a));
        prop_assert_eq!(a.meet(&b).meet(&c), a.meet(&b.meet(&c)));
        prop_assert_eq!(a.join(&b).join(&c), a.join(&b.join(&c)));
        prop_assert_eq!(a.meet(&a), a.clone());
        prop_assert_eq!(a.join(&a), a.clone());
        prop_assert_eq!(a.join(&a.meet(&b)), a.clone());
        prop_assert_eq!(a.meet(&a.join(&b)), a.clone());
        prop_assert_eq!(a.meet(&b.join(&c)), a.meet(&b).join(&a.meet(&c)));
        prop_assert_eq!(a.meet(&Rights::unrestricted()), a.clone());
        prop_assert_eq!(a.join(&Rights::nothing()), a.clone());
        prop_assert_eq!(a.meet(&Rights::nothing()), Rights::nothing());
    }

    #[test]
    fn an_upstream_never_permits_more(a in rights(), b in rights(), usage in usage()) {
        let both = a.meet(&b).ruling(&usage).rank();
        prop_assert!(both <= a.ruling(&usage).rank() && both <= b.ruling(&usage).rank());
    }

    #[test]
    fn a_choice_permits_what_one_of_both_permits_and_no_more(a in rights(), b in rights(), usage in usage()) {
        let best = a.ruling(&usage).rank().max(b.ruling(&usage).rank());
        prop_assert_eq!(a.join(&b).ruling(&usage).rank(), best);
    }

    #[test]
    fn two_statements_permit_what_each_permits(a in terms(), b in terms(), usage in usage()) {
        let worst = stated(a.clone()).ruling(&usage).rank().min(stated(b.clone()).ruling(&usage).rank());
        let both = stated(a).meet(&stated(b)).ruling(&usage).rank();
        // Without a place, two lists of places may leave none, which is known before the place is.
        prop_assert!(both == worst || usage.place.is_none() && both < worst);
    }

    #[test]
    fn every_no_has_its_reason_and_source(a in terms(), b in terms(), usage in usage()) {
        let ruling = stated(a).meet(&stated(b)).ruling(&usage);
        prop_assert!(ruling.is_permitted() || ruling.why().iter().all(|why| why.source.is_some()), "{:?}", ruling);
        prop_assert!(ruling.is_permitted() || !ruling.why().is_empty());
    }

    #[test]
    fn expressions_never_panic(text in "[A-Za-z0-9.+() -]{0,40}") {
        let _ = Rights::of_expression(&text);
        let _ = dgov_data::licensing::normalize(&text);
    }
}

#[test]
fn every_license_with_every_other_permits_no_more_than_each() {
    let all: Vec<_> = table::licenses().map(|row| Rights::of_expression(&row.id).unwrap()).collect();
    for (index, a) in all.iter().enumerate() {
        for b in &all[index..] {
            let both = a.meet(b);
            for purpose in Purpose::ALL {
                let usage = Use { purpose, commercial: true, at: 0, place: None };
                assert!(both.ruling(&usage).rank() <= a.ruling(&usage).rank().min(b.ruling(&usage).rank()));
            }
        }
    }
}

//! Payouts that meet: at the last of the money, at one challenge, at one decision, at one moment of a schedule.

use entity::membership::Role;
use serde_json::{Value, json};
use yigate::payouts::worker::work;

use super::{Two, at_once, count};
use crate::support::payouts::{Payer, decided, signed};

/// So many people sign a challenge of an amount each, all at once, on both instances by turns.
async fn sign_at_once(two: &Two, people: &[Payer], amount: &str) -> Vec<Value> {
    let account = two.here.payable_account().await;
    let mut challenges = Vec::new();
    for person in people {
        challenges.push(person.challenge(account, amount).await);
    }
    let people = people.iter().cloned().zip(challenges).enumerate();
    at_once(people.map(|(turn, (person, challenge))| {
        let person = if turn.is_multiple_of(2) {
            person
        } else {
            person.on(&two.second)
        };
        async move {
            let code = person.device.code();
            signed(&person.client, &challenge, &code, json!({})).await
        }
    }))
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn payouts_at_once_never_overdraw_what_is_available() {
    let Some(two) = Two::start().await else {
        return;
    };
    two.here.adjusts("100.00").await;
    let people = two.here.colleagues(64).await;
    let answers = sign_at_once(&two, &people, "3.00").await;
    assert_eq!(count(&answers, ""), 33, "as many as there is money for");
    assert_eq!(count(&answers, "REFUSED"), 31);
    assert_eq!(two.here.balances().await, ["0.00", "1.00", "99.00"]);
    two.here.books_are_right().await;
    two.here.payouts_go_through().await;
    assert_eq!(two.here.balances().await, ["0.00", "1.00", "0.00"]);
    two.here.books_are_right().await;
    assert_eq!(two.deadlocks().await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn payouts_at_once_keep_to_the_days_limit() {
    let Some(two) = Two::start().await else {
        return;
    };
    two.here.adjusts("1000.00").await;
    two.here
        .payout_terms(|terms| terms.daily_max_minor = Some(1_000))
        .await;
    let people = two.here.colleagues(16).await;
    let answers = sign_at_once(&two, &people, "3.00").await;
    assert_eq!(count(&answers, ""), 3);
    assert_eq!(two.here.balances().await, ["0.00", "991.00", "9.00"]);
    two.here.books_are_right().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_challenge_and_one_code_make_one_payout() {
    let Some(two) = Two::start().await else {
        return;
    };
    two.here.adjusts("100.00").await;
    let (payer, account) = (
        two.here.payer(Role::Owner).await,
        two.here.payable_account().await,
    );
    let challenge = payer.challenge(account, "3.00").await;
    let other = payer.challenge(account, "3.00").await;
    let code = payer.device.next();
    // Half of them hold another challenge, and the same code.
    let answers = at_once((0..32).map(|turn| {
        let payer = if turn % 2 == 0 {
            payer.clone()
        } else {
            payer.on(&two.second)
        };
        let challenge = if turn % 4 < 2 { &challenge } else { &other };
        let (challenge, code) = (challenge.clone(), code.clone());
        async move { signed(&payer.client, &challenge, &code, json!({})).await }
    }))
    .await;
    assert_eq!(count(&answers, ""), 1, "{answers:#?}");
    assert_eq!(two.here.balances().await, ["0.00", "97.00", "3.00"]);
    two.here.books_are_right().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_payout_has_one_end_whoever_decides_at_once() {
    let Some(two) = Two::start().await else {
        return;
    };
    two.here.adjusts("100.00").await;
    two.here.approves_above(0).await;
    let (owner, account) = (
        two.here.payer(Role::Owner).await,
        two.here.payable_account().await,
    );
    let people = two.here.colleagues(8).await;
    let payout = owner.pays_out(account, "3.00").await.id;
    let answers = at_once((0..24).map(|turn| {
        let (person, owner) = (people[turn % 8].clone(), owner.clone());
        let person = if turn % 2 == 0 {
            person
        } else {
            person.on(&two.second)
        };
        async move {
            let code = person.device.code();
            match turn / 8 {
                0 => {
                    decided(
                        &person.client,
                        "payoutApprove",
                        payout,
                        json!({ "code": code }),
                    )
                    .await
                }
                1 => {
                    decided(
                        &person.client,
                        "payoutReject",
                        payout,
                        json!({ "note": "不同意" }),
                    )
                    .await
                }
                _ => decided(&owner.client, "payoutCancel", payout, json!({})).await,
            }
        }
    }))
    .await;
    let done = [0..8, 8..16, 16..24].map(|some| count(&answers[some], ""));
    // What is agreed to can be called off until it is sent; whatever else comes first is the end.
    assert!(
        matches!(done, [1, 0, 0 | 1] | [0, 1, 0] | [0, 0, 1]),
        "agreed to, refused, called off: {done:?}: {answers:#?}"
    );
    two.here.books_are_right().await;
    two.here.payouts_go_through().await;
    two.here.books_are_right().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_schedules_moment_runs_once_on_however_many_instances() {
    let Some(two) = Two::start().await else {
        return;
    };
    two.here.adjusts("100.00").await;
    let (owner, account) = (
        two.here.payer(Role::Owner).await,
        two.here.payable_account().await,
    );
    let retained = json!({ "retainedAmount": { "amount": "40.00", "currency": "CNY" } });
    owner.schedules(account, retained).await;
    for day in 1..=3 {
        two.world.clock.advance(chrono::TimeDelta::hours(24));
        at_once((0..8).map(|turn| {
            let gateway = if turn % 2 == 0 {
                two.world.gateway.clone()
            } else {
                two.second.clone()
            };
            async move { work(&gateway.app, &gateway.providers).await }
        }))
        .await;
        assert_eq!(two.here.payouts().await.len(), day, "one a day");
        assert_eq!(two.here.balances().await[1], "40.00");
        two.here.payouts_go_through().await;
        two.here.adjusts("60.00").await;
    }
    two.here.books_are_right().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_payout_is_sent_by_one_worker_or_called_off() {
    let Some(two) = Two::start().await else {
        return;
    };
    two.here.adjusts("100.00").await;
    let (owner, account) = (
        two.here.payer(Role::Owner).await,
        two.here.payable_account().await,
    );
    for _ in 0..8 {
        let payout = owner.pays_out(account, "3.00").await;
        let (canceling, id) = (owner.clone(), payout.id);
        let gateways = [two.world.gateway.clone(), two.second.clone()];
        let working = gateways.map(|gateway| {
            tokio::spawn(async move { work(&gateway.app, &gateway.providers).await })
        });
        let canceled = decided(&canceling.client, "payoutCancel", id, json!({})).await;
        for one in working {
            one.await.expect("nobody panics");
        }
        two.here.payouts_go_through().await;
        let expected = if count(&[canceled], "") == 1 {
            "CANCELED"
        } else {
            "PAID"
        };
        assert_eq!(payout.state().await, expected);
        two.here.books_are_right().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_days_limit_holds_also_for_who_waits_over_midnight() {
    let Some(two) = Two::start().await else {
        return;
    };
    two.here.adjusts("1000.00").await;
    two.here
        .payout_terms(|terms| terms.daily_max_minor = Some(1_000))
        .await;
    let people = two.here.colleagues(2).await;
    let account = two.here.payable_account().await;
    let evening = "2026-11-24T15:59:50Z".parse().expect("an instant");
    two.world.clock.set(evening);
    let mut signing = Vec::new();
    let mut signers = Vec::new();
    for person in people {
        let challenge = person.challenge(account, "10.00").await;
        signers.push((person, challenge));
    }
    let held = two.held().await;
    for (person, challenge) in signers {
        signing.push(tokio::spawn(async move {
            let code = person.device.code();
            signed(&person.client, &challenge, &code, json!({})).await
        }));
    }
    two.wait(2).await;
    two.world.clock.advance(chrono::TimeDelta::seconds(11));
    drop(held);
    let mut answers = Vec::new();
    for one in signing {
        answers.push(one.await.expect("nobody panics"));
    }
    assert_eq!(count(&answers, ""), 1, "{answers:#?}");
    assert_eq!(two.here.balances().await[1], "990.00");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_schedule_leaves_what_is_to_stay_though_something_else_takes_of_it_meanwhile() {
    let Some(two) = Two::start().await else {
        return;
    };
    two.here.adjusts("100.00").await;
    let (owner, account) = (
        two.here.payer(Role::Owner).await,
        two.here.payable_account().await,
    );
    let retained = json!({ "retainedAmount": { "amount": "20.00", "currency": "CNY" } });
    owner.schedules(account, retained).await;
    two.world.clock.advance(chrono::TimeDelta::hours(24));
    let held = two.held().await;
    let gateway = two.world.gateway.clone();
    let working = tokio::spawn(async move { work(&gateway.app, &gateway.providers).await });
    // It has worked out that 80.00 may leave.
    two.wait(1).await;
    two.here.adjusts("-15.00").await;
    drop(held);
    working.await.expect("nobody panics");
    assert_eq!(two.here.payouts().await.len(), 1);
    assert_eq!(two.here.balances().await, ["0.00", "20.00", "65.00"]);
    two.here.books_are_right().await;
}

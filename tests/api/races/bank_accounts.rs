//! One number bound by two people at once, amounts entered by many, and workers that meet.

use chrono::TimeDelta;
use entity::StaffId;
use entity::membership::Role;
use serde_json::{Value, json};
use yigate::bank_accounts::service::claim_due;

use super::{Two, at_once, count};
use crate::support::Client;
use crate::support::bank_accounts::{bind, binding, card, confirm, small_amount, unbind};
use crate::support::payouts::signed;
use crate::support::second_factor::{Device, PASSWORD};

/// One more owner, who asks the second instance.
async fn partner(two: &Two) -> (StaffId, Client) {
    let auth = &two.second.auth;
    let person = auth.staff_create("partner@shop.example", "合伙人", PASSWORD);
    let person = person.await.expect("an account");
    auth.membership_create(two.here.id, person.id, Role::Owner)
        .await
        .expect("a membership");
    (person.id, signed_in(two, person.id).await)
}

/// The same owner, signed in anew.
async fn signed_in(two: &Two, id: StaffId) -> Client {
    let auth = &two.second.auth;
    let token = auth.mint(id, two.here.id).await.expect("a token");
    Client::bearer(two.second.clone(), &token.text).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_number_that_two_people_bind_at_once_is_bound_once() {
    let Some(two) = Two::start().await else {
        return;
    };
    let (partner, theirs) = partner(&two).await;
    let clients = [two.here.owner().await, theirs];
    let devices = [
        Device::of(&clients[0], &two.world.clock).await,
        Device::of(&clients[1], &two.world.clock).await,
    ];
    two.world.clock.advance(TimeDelta::hours(24));
    let clients = [two.here.owner().await, signed_in(&two, partner).await];
    for round in 0..8 {
        two.world.clock.advance(TimeDelta::seconds(30));
        let number = card();
        let answers = at_once((0..2).map(|who: usize| {
            let mut input = binding(&number, &devices[who].code());
            input["idempotencyKey"] = json!(format!("bind {round} {who}"));
            let client = clients[who].clone();
            async move { bind(&client, input).await }
        }))
        .await;
        assert_eq!(count(&answers, ""), 1, "{answers:?}");
        assert_eq!(count(&answers, "ALREADY_BOUND"), 1, "{answers:?}");
    }
    assert_eq!(two.deadlocks().await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_right_amount_counts_once_and_wrong_ones_three_times_however_many_enter_them() {
    let Some(two) = Two::start().await else {
        return;
    };
    let device = two.here.rested_device(Role::Owner).await;
    let owner = two.here.owner().await;
    for right in [true, false] {
        let number = card();
        let bound = bind(&owner, binding(&number, &device.next())).await;
        let id = bound["bankAccount"]["id"].clone();
        two.here.checks_bank_accounts().await;
        let amount = if right {
            small_amount(&number)
        } else {
            "7.77".to_owned()
        };
        let clients = [two.here.owner().await, two.there.owner().await];
        // Fewer than so many guesses that nobody is believed for a while; each code counts once.
        let codes = device.recovery_codes.clone().into_iter();
        let codes = codes.skip(usize::from(right) * 4).take(4);
        let answers = at_once(codes.enumerate().map(|(turn, code)| {
            let (client, id, amount) = (clients[turn % 2].clone(), id.clone(), amount.clone());
            async move { confirm(&client, &id, &amount, &code).await }
        }))
        .await;
        let (taken, wrong) = if right { (1, 0) } else { (0, 3) };
        assert_eq!(count(&answers, ""), taken, "{answers:?}");
        assert_eq!(count(&answers, "WRONG_AMOUNT"), wrong, "{answers:?}");
        assert_eq!(count(&answers, "NOT_CHECKING"), 4 - taken - wrong);
    }
    assert_eq!(two.deadlocks().await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_account_is_claimed_by_one_worker_at_a_time() {
    let Some(two) = Two::start().await else {
        return;
    };
    let device = two.here.rested_device(Role::Owner).await;
    let owner = two.here.owner().await;
    for _ in 0..6 {
        let bound = bind(&owner, binding(&card(), &device.next())).await;
        assert_eq!(bound["userErrors"], json!([]));
    }
    let apps = [two.here.app().clone(), two.there.app().clone()];
    let claimed = at_once((0..8).map(|turn: usize| {
        let app = apps[turn % 2].clone();
        async move { claim_due(&app, 16).await.expect("claims") }
    }))
    .await;
    let mut ids: Vec<_> = claimed.iter().flatten().map(|one| one.account.id).collect();
    ids.sort_unstable();
    ids.dedup();
    let all = claimed.iter().flatten().count();
    assert_eq!((ids.len(), all), (6, 6), "each once");
    let seen = "{ bankAccounts { edges { node { state checkSentAt } } } }";
    let seen = owner.data(seen, Value::Null).await;
    assert_eq!(
        seen["bankAccounts"]["edges"][0]["node"]["checkSentAt"],
        Value::Null
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_payout_and_the_end_of_its_account_exclude_each_other() {
    let Some(two) = Two::start().await else {
        return;
    };
    two.here.adjusts("1000.00").await;
    let payer = two.here.payer(Role::Owner).await;
    let (_, other) = partner(&two).await;
    let others = Device::of(&other, &two.world.clock).await;
    for round in 0..6 {
        let account = two.here.bank_account(&payer.device).await;
        two.world.clock.advance(TimeDelta::days(1));
        let challenge = payer.challenge(account, "36.00").await;
        let (client, code) = (payer.client.clone(), payer.device.code());
        let paid = tokio::spawn(async move { signed(&client, &challenge, &code, json!({})).await });
        let (client, code, id) = (other.clone(), others.code(), json!(account.to_string()));
        let unbound = tokio::spawn(async move { unbind(&client, &id, &code).await });
        let (paid, unbound) = (paid.await.expect("paid"), unbound.await.expect("unbound"));
        let took = [&paid["payout"], &unbound["bankAccount"]].map(Value::is_object);
        assert!(took[0] != took[1], "{round}: {paid} {unbound}");
    }
    assert_eq!(two.deadlocks().await, 0);
}

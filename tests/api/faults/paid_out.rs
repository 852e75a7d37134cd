//! PostgreSQL is killed while people pay out: each key has one payout, nothing leaves twice, and the books are right.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use entity::BankAccountId;
use entity::payout::PayoutStatus;
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use yigate::payouts;

use crate::epay::orders::Stage;
use crate::support::epay_stub::Transferring;
use crate::support::payouts::{Payer, SEEN};
use crate::support::postgres::PrivatePostgres;
use crate::support::{World, eventually};

/// How many people pay out.
const PEOPLE: usize = 5;
/// How many more payouts there are before PostgreSQL is killed, and after.
const MORE: usize = 6;

/// What people were told: the payout of each key, and how often they had to ask again.
#[derive(Default)]
struct Told {
    stop: AtomicBool,
    payouts: Mutex<BTreeMap<String, String>>,
    again: AtomicUsize,
}

impl Told {
    fn count(&self) -> usize {
        self.payouts.lock().expect("a lock").len()
    }

    async fn goes_on(&self, more: usize) {
        let wanted = self.count() + more;
        eventually("more payouts", async || self.count() >= wanted).await;
    }

    async fn soon_again(&self) {
        self.again.fetch_add(1, Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// What an answer says of a mutation; none where it is to be asked again.
fn payload(answer: &Value, field: &str) -> Option<Value> {
    let payload = &answer["data"][field];
    let code = payload["userErrors"][0]["code"].as_str();
    assert!(matches!(code, None | Some("IN_PROGRESS")), "{answer}");
    (payload.is_object() && code.is_none()).then(|| payload.clone())
}

async fn challenge(payer: &Payer, account: BankAccountId) -> Option<Value> {
    let document = "mutation($input: PayoutChallengeCreateInput!) { payoutChallengeCreate(input: $input) { \
        challenge { id } userErrors { code } } }";
    let amount = json!({ "amount": "3.00", "currency": "CNY" });
    let input = json!({ "bankAccountId": account.to_string(), "amount": amount });
    let answer = payer.client.ask(document, json!({ "input": input })).await;
    let payload = payload(&answer, "payoutChallengeCreate")?;
    Some(payload["challenge"]["id"].clone())
}

async fn sign(payer: &Payer, challenge: &Value, key: &str, code: &str) -> Option<String> {
    let document = format!(
        "mutation($input: PayoutCreateInput!) {{ payoutCreate(input: $input) {{ payout {{ {SEEN} }} \
         userErrors {{ code }} }} }}"
    );
    let input = json!({ "challengeId": challenge, "idempotencyKey": key, "code": code });
    let answer = payer.client.ask(&document, json!({ "input": input })).await;
    let payload = payload(&answer, "payoutCreate")?;
    payload["payout"]["id"].as_str().map(str::to_owned)
}

/// Somebody asks for one payout after the other, each with a recovery code and until they have it, and then once more.
fn asks(payer: Payer, account: BankAccountId, turn: usize, told: &Arc<Told>) -> JoinHandle<()> {
    let told = Arc::clone(told);
    tokio::spawn(async move {
        for (no, code) in payer.device.recovery_codes.iter().enumerate() {
            if told.stop.load(Ordering::SeqCst) {
                return;
            }
            let key = format!("payout-{turn}-{no}");
            let shown = loop {
                if let Some(shown) = challenge(&payer, account).await {
                    break shown;
                }
                told.soon_again().await;
            };
            let mut answers = 0;
            while answers < 2 {
                let Some(id) = sign(&payer, &shown, &key, code).await else {
                    told.soon_again().await;
                    continue;
                };
                answers += 1;
                let mut payouts = told.payouts.lock().expect("a lock");
                let known = payouts.insert(key.clone(), id.clone());
                assert!(
                    known.is_none_or(|known| known == id),
                    "two payouts of {key}"
                );
            }
        }
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_is_lost_or_sent_twice_however_often_postgres_crashes() {
    let Some(mut server) = PrivatePostgres::maybe_start() else {
        return;
    };
    let world = World::on_private_postgres(&server).await;
    let world = world
        .with_settings(|settings| settings.payouts.worker_interval_ms = 20)
        .await
        .listening()
        .await;
    let stage = Stage::set_on(world).await;
    let (world, merchant) = (&stage.world, &stage.merchant);
    merchant.adjusts("1000.00").await;
    merchant
        .payout_terms(|terms| terms.tariff.fixed_minor = 10)
        .await;
    let account = merchant.payable_account().await;
    let people = merchant.colleagues(PEOPLE).await;
    // Some answers are lost, some transfers never begin.
    for _ in 0..4 {
        stage.stub.transfer_once(Transferring::LosingTheAnswer);
        stage.stub.transfer_once(Transferring::Honestly);
        stage.stub.transfer_once(Transferring::FailingBefore);
    }
    let (app, providers) = (world.app().clone(), world.gateway.providers.clone());
    let working = tokio::spawn(payouts::worker::run(app, providers));
    let told = Arc::new(Told::default());
    let asking = (0..).zip(people);
    let asking: Vec<_> = asking
        .map(|(turn, payer)| asks(payer, account, turn, &told))
        .collect();
    for _ in 0..2 {
        told.goes_on(MORE).await;
        server.kill9();
        tokio::time::sleep(Duration::from_millis(300)).await;
        server.start();
    }
    told.goes_on(MORE).await;
    told.stop.store(true, Ordering::SeqCst);
    for person in asking {
        person
            .await
            .expect("everybody gets their payout in the end");
    }
    assert!(told.again.load(Ordering::SeqCst) > 0, "nobody noticed");
    let kept: BTreeSet<String> = merchant
        .payouts()
        .await
        .iter()
        .map(|one| one.id.to_string())
        .collect();
    let acknowledged: BTreeSet<String> = told
        .payouts
        .lock()
        .expect("a lock")
        .values()
        .cloned()
        .collect();
    assert_eq!(kept, acknowledged, "a payout for each key, and no other");
    // The worker goes on by itself, and brings all to their end.
    eventually("every payout is through", async || {
        world.clock.advance(chrono::TimeDelta::minutes(1));
        let mut payouts = merchant.payouts().await.into_iter();
        payouts.all(|payout| payout.state == PayoutStatus::Paid)
    })
    .await;
    world.app().shutdown.cancel();
    working.await.expect("nobody panics");
    let out = stage.stub.money_out();
    let numbers: BTreeSet<_> = out.iter().map(|one| &one.out_biz_no).collect();
    assert_eq!(
        (numbers.len(), out.len()),
        (kept.len(), kept.len()),
        "each left once"
    );
    merchant.books_are_right().await;
}

//! Histories at random: whatever happens to payouts, in whatever order, what came in is what is available, set aside,
//! paid out and taken as fees. A history is told again by its seed: `YIGATE_TEST_SEED=7 cargo test … histories`.

use entity::BankAccountId;
use entity::ledger_entry::LedgerAccount;
use entity::membership::Role;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::json;
use yigate::ledger::service::balance;
use yigate::payouts::model::Resolution;
use yigate::payouts::service::resolve;

use crate::support::bank_accounts::{bind, binding, card, small_amount};
use crate::support::payouts::{Payer, Payout, challenged, refusal, signed};
use crate::support::{Merchant, World};

/// How the sandbox is asked to treat a payout.
const MARKERS: [&str; 9] = [
    "",
    "",
    "sandbox:payout-refuse",
    "sandbox:payout-unavailable",
    "sandbox:payout-lost-answer",
    "sandbox:payout-unreadable",
    "sandbox:payout-fails-later",
    "sandbox:payout-at-once",
    "sandbox:payout-returned",
];

/// One merchant's history.
struct History {
    merchant: Merchant,
    random: ChaCha8Rng,
    people: [Payer; 2],
    accounts: [BankAccountId; 2],
    /// What came in from outside, in minor units.
    received: i64,
    /// Whether a success came to light late: it may leave a debt.
    may_owe: bool,
    steps: Vec<String>,
}

impl History {
    async fn begin(world: &World, seed: u64) -> Self {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.adjusts("50.00").await;
        let people = [
            merchant.payer(Role::Owner).await,
            merchant.payer(Role::Finance).await,
        ];
        let accounts = [
            merchant.payable_account().await,
            merchant.payable_account().await,
        ];
        Self {
            random: ChaCha8Rng::seed_from_u64(seed),
            people,
            accounts,
            received: 5_000,
            may_owe: false,
            steps: vec![format!("seed {seed}")],
            merchant,
        }
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.random.random_range(0..all.len())]
    }

    fn person(&mut self) -> Payer {
        let place = self.random.random_range(0..2);
        self.people[place].clone()
    }

    async fn any_payout(&mut self) -> Option<Payout> {
        let all = self.merchant.payouts().await;
        if all.is_empty() {
            return None;
        }
        let place = self.random.random_range(0..all.len());
        Some(Payout {
            merchant: self.merchant.clone(),
            id: all[place].id,
        })
    }

    async fn step(&mut self) {
        match self.random.random_range(0..22) {
            0..=1 => self.money_comes_in().await,
            2..=7 => self.somebody_pays_out().await,
            8..=9 => self.somebody_decides().await,
            10..=14 => self.workers_work().await,
            15 => self.terms_change().await,
            16 => self.a_schedule_is_set().await,
            17 => self.the_platform_says().await,
            18..=19 => self.an_account_is_bound().await,
            _ => self.time_passes().await,
        }
    }

    async fn money_comes_in(&mut self) {
        let minor = self.random.random_range(1_i64..6_000);
        let amount = rust_decimal::Decimal::new(minor, 2).to_string();
        self.steps.push(format!("{amount} come in"));
        self.merchant.adjusts(&amount).await;
        self.received += minor;
    }

    async fn somebody_pays_out(&mut self) {
        let (payer, marker) = (self.person(), self.one_of(&MARKERS));
        let account = self.one_of(&self.accounts.clone());
        let minor = self.random.random_range(100_i64..4_000);
        let amount = rust_decimal::Decimal::new(minor, 2).to_string();
        let code = payer.device.next();
        let challenge = challenged(&payer.client, account, &amount).await;
        let mut told = refusal(&challenge).to_owned();
        if told.is_empty() {
            let note = json!({ "note": marker });
            let id = &challenge["challenge"]["id"];
            told = refusal(&signed(&payer.client, id, &code, note).await).to_owned();
        }
        self.steps.push(format!("{amount} {marker}: {told}"));
    }

    async fn somebody_decides(&mut self) {
        let (person, Some(payout)) = (self.person(), self.any_payout().await) else {
            return;
        };
        let told = match self.random.random_range(0..3) {
            0 => person.approves(&payout).await,
            1 => person.rejects(&payout).await,
            _ => person.cancels(&payout).await,
        };
        self.steps.push(format!("{}: {told}", payout.id));
    }

    async fn workers_work(&mut self) {
        self.steps.push("workers work".to_owned());
        self.merchant.payout_workers_work().await;
    }

    async fn time_passes(&mut self) {
        let minutes = self.one_of(&[1, 10, 240, 1_500]);
        self.steps.push(format!("{minutes} minutes pass"));
        self.merchant.payout_minutes_pass(minutes).await;
    }

    async fn terms_change(&mut self) {
        let (rate, fixed) = (self.one_of(&[0, 1_000, 25_000]), self.one_of(&[0, 10, 100]));
        let (returned, above) = (
            self.random.random_bool(0.5),
            self.one_of(&[0, 1_000, 9_999]),
        );
        self.steps
            .push(format!("{rate} + {fixed}, {returned}, {above}"));
        self.merchant
            .payout_terms(|terms| {
                terms.tariff.rate_ppm = rate;
                terms.tariff.fixed_minor = fixed;
                terms.fee_returned = returned;
            })
            .await;
        self.merchant.approves_above(above).await;
    }

    async fn a_schedule_is_set(&mut self) {
        let (payer, account) = (self.people[0].clone(), self.accounts[0]);
        let version = self.merchant.payout_schedule_version().await;
        let told = payer
            .sets(account, json!({ "expectedVersion": version }))
            .await;
        self.steps.push(format!("{told}"));
    }

    async fn the_platform_says(&mut self) {
        let outcome = self.one_of(&[Resolution::Paid, Resolution::Failed, Resolution::Returned]);
        let Some(payout) = self.any_payout().await else {
            return;
        };
        let before = self.merchant.payout_row(payout.id).await.state;
        let merchant = &self.merchant;
        let said = (outcome, "按渠道后台核对");
        let told = resolve(merchant.app(), merchant.id, payout.id, said).await;
        self.may_owe |= told.is_ok() && before == entity::payout::PayoutStatus::Failed;
        self.steps
            .push(format!("{outcome:?} of {before:?}: {}", told.is_ok()));
    }

    /// A small amount leaves for a new account: the platform gives it.
    async fn an_account_is_bound(&mut self) {
        let payer = self.people[0].clone();
        let number = card();
        let bound = bind(&payer.client, binding(&number, &payer.device.next())).await;
        let told = refusal(&bound).to_owned();
        if told.is_empty() {
            self.merchant.checks_bank_accounts().await;
            let amount: rust_decimal::Decimal = small_amount(&number).parse().expect("an amount");
            let minor = amount * rust_decimal::Decimal::from(100);
            self.received += i64::try_from(minor).expect("minor units");
        }
        self.steps.push(format!("bound: {told}"));
    }

    /// What came in is what is there, what left, and what it cost.
    async fn everything_is_somewhere(&self) {
        let merchant = &self.merchant;
        let books = balance(merchant.app(), merchant.id)
            .await
            .expect("balances");
        let somewhere: i64 = [
            LedgerAccount::Pending,
            LedgerAccount::Available,
            LedgerAccount::Reserved,
            LedgerAccount::PayoutClearing,
            LedgerAccount::FeeIncome,
        ]
        .map(|account| books.get(account))
        .iter()
        .sum();
        assert_eq!(somewhere, self.received, "{:#?}", self.steps);
        assert!(
            self.may_owe || books.get(LedgerAccount::Available) >= 0,
            "{:#?}",
            self.steps
        );
        merchant.books_agree().await;
    }
}

async fn happen(world: &World, seeds: std::ops::Range<u64>) {
    let told = std::env::var("YIGATE_TEST_SEED").ok();
    let told = told.and_then(|seed| seed.parse().ok());
    let seeds = told.map_or(seeds, |seed| seed..seed + 1);
    for seed in seeds {
        let mut history = History::begin(world, seed).await;
        for _ in 0..40 {
            history.step().await;
            history.everything_is_somewhere().await;
        }
        // Everything comes to its end, or to a person.
        history.merchant.payout_minutes_pass(300).await;
        history.everything_is_somewhere().await;
    }
}

#[tokio::test]
async fn the_books_are_right_whatever_happens_on_sqlite() {
    happen(&World::on_sqlite().await, 1..9).await;
}

#[tokio::test]
async fn the_books_are_right_whatever_happens_on_postgres() {
    if let Some(world) = World::on_postgres().await {
        happen(&world, 101..105).await;
    }
}

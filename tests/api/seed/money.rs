//! The money of made-up histories, recounted from the rows alone.

use std::collections::HashSet;

use chrono::TimeDelta;
use entity::channel::FundsMode;
use entity::ledger_entry::{Direction, LedgerAccount};
use entity::reconciliation_item::ReconciliationKind;
use entity::reconciliation_run::BillFormat;
use entity::refund::{RefundKind, RefundStatus};
use entity::{
    MerchantId, fee_rule, ledger_balance, ledger_checkpoint, ledger_entry, ledger_transaction,
    merchant, order, payment, reconciliation_item, reconciliation_run, refund, refund_line,
    settlement,
};
use sea_orm::{ConnectionTrait, QueryOrder, Statement};
use yigate::app::App;
use yigate::fees::model::{Assessed, assess};
use yigate::{demo, ledger, refunds, settlements};

use crate::support::{World, noon};

/// Statements that find what must not be there.
const BROKEN: [(&str, &str); 14] = [
    (
        "debits that are not credits",
        "SELECT transaction_id FROM ledger_entries GROUP BY merchant_id, transaction_id \
         HAVING SUM(CASE direction WHEN 'DEBIT' THEN amount_minor ELSE -amount_minor END) <> 0",
    ),
    (
        "transactions that say another amount than their entries",
        "SELECT t.id FROM ledger_transactions AS t WHERE t.amount_minor <> (\
         SELECT COALESCE(SUM(e.amount_minor), 0) FROM ledger_entries AS e WHERE \
         e.merchant_id = t.merchant_id AND e.transaction_id = t.id AND e.direction = 'DEBIT')",
    ),
    (
        "entries of no transaction",
        "SELECT e.transaction_id FROM ledger_entries AS e WHERE NOT EXISTS (SELECT 1 FROM \
         ledger_transactions AS t WHERE t.merchant_id = e.merchant_id AND t.id = e.transaction_id)",
    ),
    (
        "PENDING that no payment waits for",
        "SELECT b.merchant_id FROM ledger_balances AS b WHERE b.pending_minor <> (SELECT \
         COALESCE(SUM(p.unsettled_minor), 0) FROM payments AS p WHERE p.merchant_id = b.merchant_id)",
    ),
    (
        "postings that were never folded",
        "SELECT transaction_id FROM ledger_unfolded",
    ),
    (
        "paid orders without a payment, or the other way round",
        "SELECT o.id FROM orders AS o LEFT JOIN payments AS p ON p.merchant_id = o.merchant_id AND \
         p.order_id = o.id WHERE (o.payment_state = 'PAID') <> (p.order_id IS NOT NULL) \
         OR p.paid_minor <> o.paid_minor",
    ),
    (
        "orders that say something else than their refunds",
        "SELECT o.id FROM orders AS o WHERE o.refunded_minor <> (SELECT COALESCE(SUM(r.amount_minor), 0) \
         FROM refunds AS r WHERE r.merchant_id = o.merchant_id AND r.order_id = o.id \
         AND r.kind = 'ORDER' AND r.state = 'SUCCEEDED')",
    ),
    (
        "orders that say something else than their refunds in flight",
        "SELECT o.id FROM orders AS o WHERE o.refunding_minor <> (SELECT COALESCE(SUM(r.amount_minor), 0) \
         FROM refunds AS r WHERE r.merchant_id = o.merchant_id AND r.order_id = o.id AND r.kind = 'ORDER' \
         AND r.state IN ('AWAITING_APPROVAL', 'PROCESSING', 'UNKNOWN', 'ABNORMAL'))",
    ),
    (
        "a refund axis that its totals do not make",
        "SELECT id FROM orders WHERE refund_state <> CASE WHEN refunded_minor = 0 THEN 'NONE' \
         WHEN refunded_minor = paid_minor THEN 'FULL' ELSE 'PARTIAL' END",
    ),
    (
        "more given back than was paid",
        "SELECT id FROM orders WHERE refunded_minor + refunding_minor > paid_minor",
    ),
    (
        "refunds whose lines are another amount",
        "SELECT l.refund_id FROM refund_lines AS l JOIN refunds AS r ON r.merchant_id = l.merchant_id \
         AND r.id = l.refund_id GROUP BY l.merchant_id, l.refund_id, r.amount_minor \
         HAVING SUM(l.amount_minor) <> r.amount_minor",
    ),
    (
        "fees that came back with no refund",
        "SELECT p.order_id FROM payments AS p WHERE p.fee_returned_minor <> (SELECT \
         COALESCE(SUM(r.fee_returned_minor), 0) FROM refunds AS r WHERE r.merchant_id = p.merchant_id \
         AND r.order_id = p.order_id AND r.state = 'SUCCEEDED')",
    ),
    (
        "settlements that the ledger does not know",
        "SELECT s.id FROM settlements AS s WHERE NOT EXISTS (SELECT 1 FROM ledger_transactions AS t \
         WHERE t.merchant_id = s.merchant_id AND t.source = 'SETTLEMENT' AND t.source_id = s.id \
         AND t.step = 'RELEASED' AND t.amount_minor = s.amount_minor)",
    ),
    (
        "refunds that no timeline tells of",
        "SELECT r.order_id FROM refunds AS r GROUP BY r.merchant_id, r.order_id HAVING COUNT(*) <> (\
         SELECT COUNT(*) FROM order_timeline AS t WHERE t.merchant_id = r.merchant_id \
         AND t.order_id = r.order_id AND t.kind = 'REFUND_REQUESTED')",
    ),
];

/// Recounts everything that belongs to all merchants of a database.
pub async fn adds_up(app: &App) {
    for (what, sql) in BROKEN {
        let counted = format!("SELECT CAST(COUNT(*) AS BIGINT) AS broken FROM ({sql}) AS found");
        let statement = Statement::from_string(app.db.backend(), counted);
        let row = app.db.writer().query_one_raw(statement).await.unwrap();
        let broken: i64 = row.unwrap().try_get("", "broken").unwrap();
        assert_eq!(broken, 0, "{what}");
    }
    for merchant in merchant::Entity::all()
        .all(app.db.reads_across())
        .await
        .unwrap()
    {
        fees_follow_their_rules(app, merchant.id).await;
        reserved_is_what_is_in_flight(app, merchant.id).await;
        nothing_was_spent_that_was_not_there(app, merchant.id).await;
        balances_are_proved(app, merchant.id).await;
    }
}

/// `fee = clamp(half_up(amount × rate + fixed), min, max)`, never above the amount.
fn fee(paid: &payment::Model, amount_minor: i64) -> i64 {
    let part = i128::from(amount_minor) * i128::from(paid.fee_rate_ppm);
    let fee = i64::try_from((part + 500_000) / 1_000_000).unwrap() + paid.fee_fixed_minor;
    let most = paid.fee_max_minor.unwrap_or(fee).min(amount_minor);
    fee.max(paid.fee_min_minor.unwrap_or(0)).min(most)
}

async fn fees_follow_their_rules(app: &App, id: MerchantId) {
    let db = app.db.reads_across();
    let rules = fee_rule::Entity::of(id).all(db).await.unwrap();
    let mut versions = HashSet::new();
    for paid in payment::Entity::of(id).all(db).await.unwrap() {
        let assessed = Assessed {
            channel_id: paid.channel_id,
            method: paid.method,
            country: paid.country.as_deref(),
            amount_minor: paid.paid_minor,
            at: paid.credited_at.0,
        };
        let rule = paid.fee_rule_id.zip(paid.fee_rule_version);
        assert_eq!(rule, assess(&rules, &assessed).rule);
        assert_eq!(paid.fee_minor, fee(&paid, paid.paid_minor));
        let named = rules.iter().find(|one| Some((one.id, one.version)) == rule);
        let named = named.expect("a rule of the merchant");
        assert_eq!(named.rate_ppm, paid.fee_rate_ppm);
        assert!(named.method.is_none_or(|method| method == paid.method));
        assert!(named.effective_from.0 <= paid.credited_at.0);
        versions.insert(named.version);
    }
    assert!(versions.contains(&1));
}

/// RESERVED is what refunds in flight will cost: their amounts less the fees that come back with them.
async fn reserved_is_what_is_in_flight(app: &App, id: MerchantId) {
    let db = app.db.reads_across();
    let orders = order::Entity::of(id).all(db).await.unwrap();
    let payments = payment::Entity::of(id).all(db).await.unwrap();
    let mut held = 0;
    for paid in payments {
        let order = orders
            .iter()
            .find(|order| order.id == paid.order_id)
            .unwrap();
        let returned = |refunded: i64| match paid.returns_fee {
            true => paid.fee_minor - fee(&paid, paid.paid_minor - refunded),
            false => 0,
        };
        assert_eq!(paid.fee_returned_minor, returned(order.refunded_minor));
        if paid.funds_mode == FundsMode::Collect {
            let both = order.refunded_minor + order.refunding_minor;
            held += order.refunding_minor - (returned(both) - returned(order.refunded_minor));
        }
    }
    let balance = ledger_balance::Entity::of(id).one(db).await;
    assert_eq!(balance.unwrap().unwrap().reserved_minor, held);
}

/// AVAILABLE, PREPAID and RESERVED are never below zero, at no moment.
async fn nothing_was_spent_that_was_not_there(app: &App, id: MerchantId) {
    let entries = ledger_entry::Entity::of(id)
        .order_by_asc(ledger_entry::Column::TransactionId)
        .all(app.db.reads_across())
        .await
        .unwrap();
    let mut balances = [0_i64; 8];
    let mut last = None;
    for entry in entries {
        if last != Some(entry.transaction_id) {
            let own = [
                LedgerAccount::Pending,
                LedgerAccount::Available,
                LedgerAccount::Reserved,
                LedgerAccount::Prepaid,
            ];
            for account in own {
                assert!(
                    balances[account as usize] >= 0,
                    "{account:?} before {entry:?}"
                );
            }
            last = Some(entry.transaction_id);
        }
        balances[entry.account as usize] += match entry.direction {
            Direction::Credit => entry.amount_minor,
            Direction::Debit => -entry.amount_minor,
        };
    }
}

async fn balances_are_proved(app: &App, id: MerchantId) {
    for days in [0, 1, 9, 20] {
        let at = app.clock.now() - TimeDelta::days(days) - TimeDelta::hours(7 * days);
        let trial = ledger::service::prove(app, id, Some(at)).await.unwrap();
        assert!(
            trial.balances() && trial.proves(),
            "{days} days ago: {trial:?}"
        );
    }
}

crate::everywhere! {
    /// A month of the demo.
    async fn the_demos_money_adds_up(world: World) {
        let app = world.app();
        let month = TimeDelta::days(30);
        let made = demo::fill_days(app, 1, noon(), month).await.expect("a demo");
        adds_up(app).await;
        every_state_of_a_refund_is_there(app, &made).await;
        bills_were_compared(app, made.restaurant).await;
        the_workers_go_on(&world, &made).await;
    }
}

async fn all_refunds(app: &App, made: &demo::Demo) -> Vec<refund::Model> {
    let mut refunds = Vec::new();
    for id in [made.restaurant, made.fashion] {
        refunds.extend(
            refund::Entity::of(id)
                .all(app.db.reads_across())
                .await
                .unwrap(),
        );
    }
    refunds
}

async fn every_state_of_a_refund_is_there(app: &App, made: &demo::Demo) {
    let refunds = all_refunds(app, made).await;
    let mut orders = 0;
    for id in [made.restaurant, made.fashion] {
        let of_shop = order::Entity::of(id).all(app.db.reads_across()).await;
        orders += of_shop.unwrap().len();
    }
    let share = refunds.len() * 1_000 / orders;
    assert!((20..60).contains(&share), "{share} of 1000");
    for state in [
        RefundStatus::AwaitingApproval,
        RefundStatus::Rejected,
        RefundStatus::Processing,
        RefundStatus::Unknown,
        RefundStatus::Abnormal,
        RefundStatus::Succeeded,
        RefundStatus::Failed,
        RefundStatus::Reversed,
    ] {
        let of_state = || refunds.iter().filter(|refund| refund.state == state);
        assert!(of_state().count() > 0, "{state:?}");
        for refund in of_state() {
            let open = matches!(state, RefundStatus::Processing | RefundStatus::Abnormal);
            assert!(!open || refund.next_attempt_at.is_some(), "{refund:?}");
            assert_ne!(refund.decided_by.as_ref(), Some(&refund.requested_by));
        }
    }
    // One that nobody can be asked about: a person has to look.
    assert!(refunds.iter().any(|refund| {
        let unknown = refund.state == RefundStatus::Unknown;
        unknown && refund.needs_attention && refund.next_attempt_at.is_none()
    }));
    assert!(refunds.iter().any(|refund| refund.round == 2));
    let lines = refund_line::Entity::of(made.restaurant);
    assert!(!lines.all(app.db.reads_across()).await.unwrap().is_empty());
}

async fn bills_were_compared(app: &App, id: MerchantId) {
    let db = app.db.reads_across();
    let runs = reconciliation_run::Entity::of(id).all(db).await;
    let runs = runs.unwrap();
    let of_transfers = |run: &reconciliation_run::Model| run.format == BillFormat::EpayTransfers;
    let (left, runs): (Vec<_>, Vec<_>) = runs.into_iter().partition(of_transfers);
    assert_eq!(left.len(), 1, "what left was compared, too");
    assert!(runs.len() >= 9, "{runs:#?}");
    for run in &runs {
        assert_eq!(run.rows, run.matched + run.differences);
        assert!(run.rows > 10);
    }
    let unfit: Vec<_> = runs.iter().filter(|run| run.differences > 0).collect();
    assert_eq!(unfit.len(), 1);
    let items = reconciliation_item::Entity::of(id).all(db).await;
    let items = items.unwrap();
    let open = items.iter().filter(|item| item.resolved_at.is_none());
    let (of_payouts, open): (Vec<_>, Vec<_>) = open.partition(|item| item.payout_id.is_some());
    assert_eq!(of_payouts.len(), 1);
    assert_eq!(of_payouts[0].run_id, Some(left[0].id));
    assert_eq!(open.len(), 2);
    assert!(open.iter().all(|item| item.run_id == Some(unfit[0].id)));
    let of = |item: &&reconciliation_item::Model| item.kind == ReconciliationKind::SecondPayment;
    let twice = items.iter().find(of).expect("a second payment");
    let refunds = refund::Entity::of(id).all(db).await.unwrap();
    let back = refunds
        .iter()
        .find(|one| one.reconciliation_item_id == Some(twice.id));
    let back = back.expect("its refund");
    assert_eq!(back.kind, RefundKind::ExtraPayment);
    assert_eq!(back.state, RefundStatus::Succeeded);
    assert_eq!(twice.resolved_at, back.succeeded_at);
}

/// What a history leaves open is what the gateway's own workers take up.
async fn the_workers_go_on(world: &World, made: &demo::Demo) {
    let app = world.app();
    // What was abnormal is asked about once an hour.
    for _ in 0..100 {
        world.clock.advance(TimeDelta::seconds(90));
        refunds::worker::work(app, &world.gateway.providers).await;
    }
    let refunds = all_refunds(app, made).await;
    let still: Vec<_> = refunds
        .iter()
        .filter(|refund| match refund.state {
            RefundStatus::Processing => true,
            RefundStatus::Unknown => refund.next_attempt_at.is_some(),
            _ => false,
        })
        .collect();
    assert!(still.is_empty(), "{still:#?}");
    world.clock.advance(TimeDelta::days(20));
    settlements::worker::work(app).await;
    ledger::worker::fold_all(app).await;
    for id in [made.restaurant, made.fashion] {
        let balance = ledger_balance::Entity::of(id)
            .one(app.db.reads_across())
            .await;
        assert_eq!(balance.unwrap().unwrap().pending_minor, 0);
    }
    adds_up(app).await;
}

/// The rows of the demo's restaurant that hold money.
type Rows = (
    Vec<payment::Model>,
    Vec<refund::Model>,
    Vec<settlement::Model>,
    Vec<ledger_transaction::Model>,
    Vec<ledger_entry::Model>,
    Vec<ledger_checkpoint::Model>,
    Vec<reconciliation_item::Model>,
);

async fn rows(seed: u64) -> Rows {
    let world = World::on_sqlite().await;
    let app = world.app();
    let made = demo::fill_days(app, seed, noon(), TimeDelta::days(10)).await;
    let id = made.expect("a demo").restaurant;
    let reads = app.db.reads_across();
    (
        payment::Entity::of(id).all(reads).await.unwrap(),
        refund::Entity::of(id).all(reads).await.unwrap(),
        settlement::Entity::of(id).all(reads).await.unwrap(),
        ledger_transaction::Entity::of(id).all(reads).await.unwrap(),
        ledger_entry::Entity::of(id).all(reads).await.unwrap(),
        ledger_checkpoint::Entity::of(id).all(reads).await.unwrap(),
        reconciliation_item::Entity::of(id)
            .all(reads)
            .await
            .unwrap(),
    )
}

#[tokio::test]
async fn the_same_seed_makes_the_same_money() {
    let first = rows(3).await;
    assert!(first == rows(3).await);
    assert!(first != rows(4).await);
}

crate::everywhere! {
    /// Into empty tables, then into filled ones.
    async fn seeded_money_adds_up(world: World) {
        for (seed, merchants) in [(1, 3), (2, 2)] {
            let seeded = demo::seed(world.app(), 600, merchants, seed, noon()).await;
            assert_eq!(seeded.expect("orders").orders, 600);
            adds_up(world.app()).await;
        }
    }
}

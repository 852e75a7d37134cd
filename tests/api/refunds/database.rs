//! What the database itself refuses, whoever asks it.

use sea_orm::ConnectionTrait;
use serde_json::json;
use yigate::ledger::worker::fold_all;

use crate::everywhere;

/// Something that must not be, and the statement that would make it so.
const REFUSED: [(&str, &str); 17] = [
    (
        "more goes back than was paid",
        "UPDATE orders SET refunding_minor = paid_minor - refunded_minor + 1",
    ),
    (
        "less than nothing has gone back",
        "UPDATE orders SET refunded_minor = -1",
    ),
    (
        "less than nothing is on its way",
        "UPDATE orders SET refunding_minor = -1",
    ),
    (
        "an asker approves",
        "UPDATE refunds SET decided_by = requested_by",
    ),
    (
        "an item has two refunds",
        "UPDATE refunds SET reconciliation_item_id = 1",
    ),
    (
        "a success has no moment",
        "UPDATE refunds SET state = 'SUCCEEDED', succeeded_at = NULL",
    ),
    (
        "more of the fee comes back than was taken",
        "UPDATE payments SET fee_returned_minor = fee_minor + 1",
    ),
    (
        "a payment owes its settlement",
        "UPDATE payments SET unsettled_minor = -1",
    ),
    ("a refund is gone", "DELETE FROM refunds"),
    (
        "a refund's line is edited",
        "UPDATE refund_lines SET quantity = 2",
    ),
    ("a payment is gone", "DELETE FROM payments"),
    (
        "an entry is edited",
        "UPDATE ledger_entries SET amount_minor = amount_minor + 1",
    ),
    ("an entry is gone", "DELETE FROM ledger_entries"),
    ("a transaction is gone", "DELETE FROM ledger_transactions"),
    (
        "a step is posted twice",
        "INSERT INTO ledger_transactions (merchant_id, id, source, source_id, step, \
        round, currency, amount_minor, posted_at) SELECT merchant_id, id + 1, source, source_id, step, round, \
        currency, amount_minor, posted_at FROM ledger_transactions",
    ),
    (
        "debits are not credits",
        "INSERT INTO ledger_entries (merchant_id, transaction_id, account, direction, \
        amount_minor) SELECT merchant_id, id, 'ADJUSTMENT', 'CREDIT', 1 FROM ledger_transactions",
    ),
    (
        "more is taken than is available",
        "UPDATE ledger_balances SET available_minor = available_minor - \
        1000000, adjustment_minor = adjustment_minor + 1000000",
    ),
];

everywhere! {
    async fn the_database_refuses_what_must_never_be(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.takes_fees("0.01").await;
        let order = merchant.paid_order("36.00").await;
        let line = json!({ "lines": [{ "lineNo": 1, "quantity": 1 }] });
        order.refund(line).await;
        merchant.paid_order("20.00").await.refund_amount("5.00").await;
        merchant.refunds_go_through().await;
        fold_all(world.app()).await;
        let db = world.app().db.writer();
        for (what, statement) in REFUSED {
            let done = db.execute_unprepared(statement).await;
            assert!(done.is_err(), "{what}: {done:?}");
        }
        merchant.books_are_right().await;
    }
}

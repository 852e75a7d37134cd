//! What the database itself refuses, whoever asks it.

use entity::membership::Role;
use sea_orm::ConnectionTrait;
use yigate::ledger::worker::fold_all;

use crate::everywhere;

/// Something that must not be, and the statement that would make it so.
const REFUSED: [(&str, &str); 10] = [
    ("a payout is gone", "DELETE FROM payouts"),
    (
        "an asker approves",
        "UPDATE payouts SET decided_by = requested_by, decided_at = 1",
    ),
    (
        "somebody has decided at no time",
        "UPDATE payouts SET decided_by = 'stf_x'",
    ),
    (
        "more arrives than left",
        "UPDATE payouts SET net_minor = net_minor + 1",
    ),
    ("nothing arrives", "UPDATE payouts SET net_minor = 0"),
    (
        "it is paid at no time",
        "UPDATE payouts SET state = 'PAID', paid_at = NULL",
    ),
    (
        "it came back without having left",
        "UPDATE payouts SET state = 'RETURNED', returned_at = 1",
    ),
    (
        "it failed at no time",
        "UPDATE payouts SET state = 'FAILED'",
    ),
    (
        "more of the fee comes back than was taken",
        "UPDATE payouts SET fee_returned_minor = fee_minor + 1",
    ),
    (
        "it goes to nobody's account",
        "UPDATE payouts SET bank_account_id = 7",
    ),
];

everywhere! {
    async fn the_database_refuses_what_must_never_be(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.adjusts("100.00").await;
        let (payer, account) = (merchant.payer(Role::Owner).await, merchant.payable_account().await);
        payer.pays_out(account, "36.00").await;
        fold_all(world.app()).await;
        for (what, statement) in REFUSED {
            let done = world.app().db.writer().execute_unprepared(statement).await;
            assert!(done.is_err(), "{what}");
        }
        let overdrawn = "UPDATE ledger_balances SET available_minor = available_minor - 6401, \
            reserved_minor = reserved_minor + 6401";
        let done = world.app().db.writer().execute_unprepared(overdrawn).await;
        assert!(done.is_err(), "nothing is overdrawn");
        merchant.books_are_right().await;
    }
}

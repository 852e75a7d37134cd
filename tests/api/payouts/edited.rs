//! What somebody has edited in the database gives back no more than was set aside; what the master key signed outlives it.

use data_encoding::BASE64;
use entity::membership::Role;
use entity::payout::{self, Column};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, QueryFilter};
use yigate::config::Settings;
use yigate::seal::Resealed;
use yigate::{auth, bank_accounts, payouts, second_factor};

use crate::everywhere;
use crate::support::payouts::{Payout, refusal};

/// The key that every world begins with, and another.
const KEYS: [[u8; 32]; 2] = [[7; 32], [8; 32]];

/// A gateway's master key is the second, and the first only opens.
fn changed(settings: &mut Settings) {
    settings.secrets.master_key = Some(BASE64.encode(&KEYS[1]));
    settings.secrets.previous_master_keys = vec![BASE64.encode(&KEYS[0])];
}

/// Somebody writes into a payout's row that it is of ten times as much.
async fn is_of_ten_times_as_much(payout: &Payout) {
    let ten_times = |column| Expr::col(column).mul(10);
    payout::Entity::update_of(payout.merchant.id)
        .filter(Column::Id.eq(payout.id))
        .col_expr(Column::AmountMinor, ten_times(Column::AmountMinor))
        .col_expr(Column::FeeMinor, ten_times(Column::FeeMinor))
        .col_expr(Column::NetMinor, ten_times(Column::NetMinor))
        .exec(payout.merchant.app().db.writer())
        .await
        .expect("the database answers");
}

everywhere! {
    async fn who_rejects_calls_off_or_is_returned_an_edited_payout_gets_what_was_set_aside(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.adjusts("100.00").await;
        merchant.payout_terms(|terms| terms.tariff.fixed_minor = 100).await;
        let (payer, account) = (merchant.payer(Role::Owner).await, merchant.payable_account().await);
        let finance = merchant.payer(Role::Finance).await;
        // The bank has it, and returns it.
        let returned = payer.pays_out_that(account, "10.00", "sandbox:payout-returned").await;
        merchant.payouts_go_through().await;
        assert_eq!(returned.state().await, "PAID");
        assert_eq!(merchant.balances().await, ["0.00", "90.00", "0.00"]);
        is_of_ten_times_as_much(&returned).await;
        // No platform tells another amount than it was asked for: a person says it.
        let said = (payouts::model::Resolution::Returned, "按渠道后台核对");
        let told = payouts::service::resolve(merchant.app(), merchant.id, returned.id, said).await;
        assert!(told.expect("it is told").needs_attention, "somebody has to look");
        assert_eq!(merchant.balances().await, ["0.00", "100.00", "0.00"]);
        merchant.approves_above(0).await;
        for turn in ["rejected", "called off"] {
            let waiting = payer.pays_out(account, "10.00").await;
            is_of_ten_times_as_much(&waiting).await;
            let payload = match turn {
                "rejected" => finance.rejects(&waiting).await,
                _ => payer.cancels(&waiting).await,
            };
            assert_eq!(refusal(&payload), "", "{turn}: {payload}");
            assert_eq!(merchant.balances().await, ["0.00", "100.00", "0.00"], "{turn}");
            assert!(merchant.payout_row(waiting.id).await.needs_attention, "{turn}");
        }
    }

    async fn a_payout_that_nobody_asked_for_gives_nothing_back(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.adjusts("100.00").await;
        let (payer, account) = (merchant.payer(Role::Owner).await, merchant.payable_account().await);
        let made_up = merchant.payout_that_waits(account).await;
        assert_eq!(refusal(&payer.rejects(&made_up).await), "");
        assert_eq!(merchant.balances().await, ["0.00", "100.00", "0.00"]);
    }

    async fn a_payout_that_waits_outlives_a_change_of_the_master_key(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.adjusts("100.00").await;
        let (payer, account) = (merchant.payer(Role::Owner).await, merchant.payable_account().await);
        let finance = merchant.payer(Role::Finance).await;
        merchant.approves_above(0).await;
        let waiting = payer.pays_out(account, "10.00").await;
        let edited = payer.pays_out(account, "20.00").await;
        merchant.tampers(edited.id, Column::Signature, vec![0_u8; 32]).await;
        let world = world.with_settings(changed).await;
        let app = world.app();
        auth::reseal::reseal(app).await.expect("signing keys");
        second_factor::service::reseal(app).await.expect("second factors");
        bank_accounts::service::reseal(app).await.expect("bank accounts");
        let done = payouts::service::reseal(app).await.expect("payouts");
        assert_eq!(done, Resealed { seen: 2, resealed: 1, unreadable: 1 });
        let again = payouts::service::reseal(app).await.expect("payouts");
        assert_eq!(again, Resealed { seen: 2, resealed: 0, unreadable: 1 });
        let world = world.with_settings(|settings| settings.secrets.previous_master_keys.clear()).await;
        let finance = finance.on(&world.gateway);
        let merchant = merchant.on(&world.gateway);
        let waiting = Payout { merchant: merchant.clone(), id: waiting.id };
        assert_eq!(refusal(&finance.approves(&waiting).await), "");
        merchant.payouts_go_through().await;
        assert_eq!(waiting.state().await, "PAID");
        let edited = Payout { merchant: merchant.clone(), id: edited.id };
        assert_eq!(refusal(&finance.approves(&edited).await), "NOT_AS_REQUESTED");
    }
}

//! Rows are written as their tables are.

use entity::{
    grant_rule, member, member_day, order_point, point_entry, point_lot, points_program, reward,
    reward_redemption, tier, tier_change,
};
use sea_orm::{EntityName, EntityTrait, IdenStatic, Iterable, ModelTrait};

use super::*;

fn columns_are_the_entitys<M: Row + ModelTrait>() {
    let columns: Vec<_> = <M::Entity as EntityTrait>::Column::iter()
        .map(|column| column.as_str())
        .collect();
    assert_eq!(M::COLUMNS, columns, "{}", M::TABLE);
    assert_eq!(M::TABLE, M::Entity::default().table_name());
}

#[test]
fn every_table_is_loaded_with_all_its_columns() {
    columns_are_the_entitys::<merchant::Model>();
    columns_are_the_entitys::<staff::Model>();
    columns_are_the_entitys::<membership::Model>();
    columns_are_the_entitys::<second_factor::Model>();
    columns_are_the_entitys::<bank_account::Model>();
    columns_are_the_entitys::<payout::Model>();
    columns_are_the_entitys::<payout_record::Model>();
    columns_are_the_entitys::<payout_terms::Model>();
    columns_are_the_entitys::<payout_schedule::Model>();
    columns_are_the_entitys::<channel::Model>();
    columns_are_the_entitys::<channel_traffic::Model>();
    columns_are_the_entitys::<channel_latency::Model>();
    columns_are_the_entitys::<channel_health::Model>();
    columns_are_the_entitys::<channel_health_change::Model>();
    columns_are_the_entitys::<incident::Model>();
    columns_are_the_entitys::<product::Model>();
    columns_are_the_entitys::<order::Model>();
    columns_are_the_entitys::<order_line::Model>();
    columns_are_the_entitys::<order_timeline::Model>();
    columns_are_the_entitys::<fee_rule::Model>();
    columns_are_the_entitys::<payment::Model>();
    columns_are_the_entitys::<refund::Model>();
    columns_are_the_entitys::<refund_line::Model>();
    columns_are_the_entitys::<reconciliation_run::Model>();
    columns_are_the_entitys::<reconciliation_item::Model>();
    columns_are_the_entitys::<settlement::Model>();
    columns_are_the_entitys::<ledger_transaction::Model>();
    columns_are_the_entitys::<ledger_entry::Model>();
    columns_are_the_entitys::<ledger_checkpoint::Model>();
    columns_are_the_entitys::<ledger_balance::Model>();
    columns_are_the_entitys::<campaign::Model>();
    columns_are_the_entitys::<campaign_version::Model>();
    columns_are_the_entitys::<coupon_template::Model>();
    columns_are_the_entitys::<coupon::Model>();
    columns_are_the_entitys::<redemption::Model>();
    columns_are_the_entitys::<offer_counter::Model>();
}

#[test]
fn who_members_are_and_what_they_are_given_is_loaded_with_all_its_columns() {
    columns_are_the_entitys::<member::Model>();
    columns_are_the_entitys::<member_day::Model>();
    columns_are_the_entitys::<tier::Model>();
    columns_are_the_entitys::<tier_change::Model>();
    columns_are_the_entitys::<points_program::Model>();
    columns_are_the_entitys::<point_lot::Model>();
    columns_are_the_entitys::<point_entry::Model>();
    columns_are_the_entitys::<order_point::Model>();
    columns_are_the_entitys::<reward::Model>();
    columns_are_the_entitys::<reward_redemption::Model>();
    columns_are_the_entitys::<grant_rule::Model>();
}

//! Rows of who members are and what they are given.

use entity::grant_rule::GrantKind;
use entity::point_entry::PointKind;
use entity::point_lot::PointOrigin;
use entity::reward::{RewardKind, RewardState};
use entity::reward_redemption::RewardRedemptionState;
use entity::tier::DowngradeRule;
use entity::tier_change::TierChangeReason;
use entity::{
    MemberId, PointEntryId, PointLotId, RewardId, RewardRedemptionId, TierChangeId, TierId,
    grant_rule, member, member_day, order_point, point_entry, point_lot, points_program, reward,
    reward_redemption, tier, tier_change,
};
use sea_orm::ActiveEnum;

use super::{Cells, Row, Value};

ids!(
    MemberId,
    TierId,
    TierChangeId,
    PointLotId,
    PointEntryId,
    RewardId,
    RewardRedemptionId
);

enums!(
    GrantKind,
    PointKind,
    PointOrigin,
    RewardKind,
    RewardState,
    RewardRedemptionState,
    DowngradeRule,
    TierChangeReason
);

rows! {
    member as "members" {
        merchant_id id member_no first_order_id first_paid_at first_channel_id first_method
        first_country first_tier_id joined_at tier_id tier_since tier_until paid_orders spent_minor last_paid_at
        points points_pending points_owed birthday consented_at locale version merged_into
        erased_at orders_30 orders_90 orders_180 orders_365 spent_30_minor spent_90_minor spent_180_minor
        spent_365_minor windows_from windows_until
    }
    member_day as "member_days" { merchant_id member_id day orders spent_minor points }
    tier as "tiers" {
        merchant_id id rank name name_en version spend_minor points orders window_days
        retention_days downgrade discount_ppm discount_exclusive multiplier_ppm birthday_points
        birthday_template_id priority perks perks_en updated_at removed_at
    }
    tier_change as "tier_changes" {
        merchant_id id member_id from_tier_id to_tier_id reason until actor note
    }
    points_program as "points_programs" {
        merchant_id version enabled earn_points earn_per_minor valid_days pending_days pay_enabled
        pay_points pay_minor pay_cap_ppm adjust_limit updated_at
    }
    point_lot as "point_lots" {
        merchant_id id member_id origin source_id earned remaining releases_at expires_at
    }
    point_entry as "point_entries" {
        merchant_id id member_id lot_id kind points pending owed balance source_id round actor note
    }
    order_point as "order_points" {
        merchant_id order_id member_id spent off_minor shares held restored base_minor earn_points
        earn_per_minor multiplier_ppm earned clawed
    }
    reward as "rewards" {
        merchant_id id name name_en description description_en kind template_id state version
        points stock taken per_member starts_at ends_at created_by updated_at
    }
    reward_redemption as "reward_redemptions" {
        merchant_id id reward_id member_id state points coupon_id created_by note fulfilled_at
        fulfilled_by canceled_at canceled_by cancel_reason
    }
    grant_rule as "grant_rules" {
        merchant_id kind version enabled points template_id days_before updated_at
    }
}

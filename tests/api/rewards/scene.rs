//! What tests of rewards are told with: rewards, members with points, and the proof that all points are accounted for.

use entity::point_entry::{self, PointKind};
use entity::point_lot::{self, PointOrigin};
use entity::reward_redemption::RewardRedemptionState;
use entity::{Instant, member, reward, reward_redemption};
use sea_orm::{ColumnTrait, QueryFilter};
use serde_json::{Value, json};
use yigate::error::Error;
use yigate::members::service::{find_or_add, lock};
use yigate::points::service::{Grant, grant};

use crate::support::Merchant;
use crate::support::coupons::{asked, new_key};
use crate::support::merchant::merge;

/// What is read of a redemption.
pub const REDEMPTION: &str = "redemption { id state points note createdBy fulfilledAt fulfilledBy canceledAt canceledBy \
    cancelReason reward { id left redeemedCount } member { memberNo } coupon { id code state } }";

impl Merchant {
    /// A reward: 保温杯 for 500 points, any number of them; what is given wins. Its id.
    pub async fn reward(&self, more: Value) -> String {
        let mut input = json!({ "name": "保温杯", "kind": "GOODS", "points": 500 });
        merge(&mut input, more);
        let owner = self.owner().await;
        let made = asked(&owner, "rewardCreate", "reward { id }", input).await;
        assert_eq!(made["userErrors"], json!([]), "{made}");
        made["reward"]["id"].as_str().expect("an id").to_owned()
    }

    /// Gives a member points that end never, or at an instant.
    pub async fn has_points(&self, member_no: &str, points: i64, until: Option<Instant>) {
        let app = self.app();
        app.write(self.id, |txn| async move {
            let known = find_or_add(app, &txn, self.id, member_no).await?;
            let member = lock(&txn, self.id, known.id).await?.expect("a member");
            let given = Grant {
                kind: PointKind::Adjusted,
                origin: PointOrigin::Adjustment,
                points,
                source_id: None,
                releases_at: None,
                expires_at: until,
                actor: "system",
                note: None,
            };
            grant(app, &txn, &member, given).await?;
            Ok::<_, Error>(())
        })
        .await
        .expect("points are given");
    }

    /// How many points a member has.
    pub async fn points_of(&self, member_no: &str) -> i64 {
        let found = member::Entity::of(self.id)
            .filter(member::Column::MemberNo.eq(member_no))
            .one(&self.app().db.reads(self.id))
            .await;
        found
            .expect("the database answers")
            .map_or(0, |row| row.points)
    }

    /// A member takes a reward; the payload.
    pub async fn redeems(&self, reward: &str, member_no: &str) -> Value {
        let input = json!({ "idempotencyKey": new_key(), "rewardId": reward, "member": { "memberNo": member_no } });
        asked(&self.shop(), "rewardRedeem", REDEMPTION, input).await
    }

    /// A redemption is called off; the payload.
    pub async fn calls_off(&self, redemption: &Value) -> Value {
        let input =
            json!({ "idempotencyKey": new_key(), "id": redemption["id"], "reason": "不想要了" });
        asked(&self.shop(), "rewardCancel", REDEMPTION, input).await
    }

    /// Of a reward as many are taken as redemptions say, never more than there are; and the points of each member are
    /// what is left of their lots, and what their entries come to.
    pub async fn rewards_are_right(&self) {
        let db = &self.app().db.reads(self.id);
        let rewards = reward::Entity::of(self.id).all(db).await.expect("rewards");
        let taken = reward_redemption::Entity::of(self.id)
            .all(db)
            .await
            .expect("redemptions");
        for reward in rewards {
            let of_it = taken.iter().filter(|row| row.reward_id == reward.id);
            let held = of_it
                .filter(|row| row.state != RewardRedemptionState::Canceled)
                .count();
            assert_eq!(i64::try_from(held), Ok(reward.taken), "{}", reward.name);
            assert!(
                reward.stock.is_none_or(|stock| reward.taken <= stock),
                "{}",
                reward.name
            );
        }
        let lots = point_lot::Entity::of(self.id).all(db).await.expect("lots");
        let entries = point_entry::Entity::of(self.id)
            .all(db)
            .await
            .expect("entries");
        for member in member::Entity::of(self.id).all(db).await.expect("members") {
            let of_member = lots.iter().filter(|lot| lot.member_id == member.id);
            let left: i64 = of_member.map(|lot| lot.remaining).sum();
            let of_member = entries.iter().filter(|entry| entry.member_id == member.id);
            let moved: i64 = of_member.map(|entry| entry.points).sum();
            assert_eq!([left, moved], [member.points; 2], "{}", member.member_no);
            let of_member = taken.iter().filter(|row| row.member_id == member.id);
            let of_member = of_member.filter(|row| row.state != RewardRedemptionState::Canceled);
            let spent: i64 = of_member.map(|row| row.points).sum();
            let redeemed = entries.iter().filter(|entry| {
                entry.member_id == member.id
                    && matches!(entry.kind, PointKind::Redeemed | PointKind::Restored)
            });
            let redeemed: i64 = redeemed.map(|entry| entry.points).sum();
            assert_eq!(-redeemed, spent, "{}", member.member_no);
        }
    }
}

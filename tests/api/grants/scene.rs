//! What tests of gifts are told with: members with days of their own, rules, and what was given.

use entity::{Instant, MemberId, TierId, member, member_grant, tier};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};
use yigate::app::App;
use yigate::error::Error;
use yigate::grants::worker;
use yigate::members::service::find_or_add;

use crate::support::coupons::asked;
use crate::support::merchant::merge;
use crate::support::{Merchant, World};

impl World {
    /// The clock stands at an instant, and what is due by then was done.
    pub async fn gifts_until(&self, instant: &str) {
        self.clock.set(instant.parse().expect("an instant"));
        gifts(self.app()).await;
    }
}

/// Hands out all that is due.
pub async fn gifts(app: &App) {
    worker::begin(app).await;
    while worker::work(app).await > 0 {}
}

impl Merchant {
    /// A member with a birthday: a hundred times the month, and the day.
    pub async fn born(&self, member_no: &str, birthday: i32) -> MemberId {
        let id = self.known(member_no).await;
        self.has(id, member::Column::Birthday, Expr::value(birthday))
            .await;
        id
    }

    /// A member who joined at an instant.
    pub async fn joined(&self, member_no: &str, at: &str) -> MemberId {
        let id = self.known(member_no).await;
        let at = Instant(at.parse().expect("an instant"));
        self.has(id, member::Column::JoinedAt, Expr::value(at))
            .await;
        id
    }

    /// Something else is so of a member.
    pub async fn has(&self, id: MemberId, column: member::Column, value: Expr) {
        member::Entity::update_of(self.id)
            .filter(member::Column::Id.eq(id))
            .col_expr(column, value)
            .exec(&self.app().db.writes(self.id))
            .await
            .expect("the member is changed");
    }

    async fn known(&self, member_no: &str) -> MemberId {
        let app = self.app();
        let found = app.write(self.id, |txn| async move {
            Ok::<_, Error>(find_or_add(app, &txn, self.id, member_no).await?.id)
        });
        found.await.expect("a member")
    }

    /// A tier that brings something on the birthday.
    pub async fn tier(&self, points: Option<i64>, template: Option<&str>) -> TierId {
        let app = self.app();
        let id: TierId = app.ids.next();
        let rows = tier::Entity::of(self.id)
            .count(&app.db.reads(self.id))
            .await;
        let rank = i32::try_from(rows.expect("tiers")).expect("a few") + 1;
        tier::Entity::insert(tier::ActiveModel {
            merchant_id: ActiveValue::Set(self.id),
            id: ActiveValue::Set(id),
            rank: ActiveValue::Set(rank),
            name: ActiveValue::Set("金卡".to_owned()),
            version: ActiveValue::Set(1),
            spend_minor: ActiveValue::Set(Some(1)),
            downgrade: ActiveValue::Set(tier::DowngradeRule::Qualified),
            discount_ppm: ActiveValue::Set(0),
            discount_exclusive: ActiveValue::Set(false),
            multiplier_ppm: ActiveValue::Set(1_000_000),
            birthday_points: ActiveValue::Set(points),
            birthday_template_id: ActiveValue::Set(template.map(|id| id.parse().expect("an id"))),
            priority: ActiveValue::Set(false),
            updated_at: ActiveValue::Set(app.clock.instant()),
            ..Default::default()
        })
        .exec_without_returning(&app.db.writes(self.id))
        .await
        .expect("a tier");
        id
    }

    /// Sets a rule; the payload.
    pub async fn sets(&self, kind: &str, version: i32, more: Value) -> Value {
        let mut input = json!({ "kind": kind, "expectedVersion": version, "enabled": true });
        merge(&mut input, more);
        let fields =
            "grantRule { kind enabled points daysBefore version updatedAt couponTemplate { id } }";
        asked(&self.owner().await, "grantRuleSet", fields, input).await
    }

    /// What a member was given, the last first: `BIRTHDAY 2026 100`, with `+` where there was a coupon.
    pub async fn gifts_of(&self, member_no: &str) -> Vec<String> {
        let document = "query($no: String!) { member(by: { memberNo: $no }) \
            { grants { totalCount edges { node { kind year points coupon { state } grantedAt } } } } }";
        let seen = self
            .owner()
            .await
            .data(document, json!({ "no": member_no }))
            .await;
        let edges = seen["member"]["grants"]["edges"].as_array().expect("edges");
        assert_eq!(seen["member"]["grants"]["totalCount"], edges.len());
        let told = edges.iter().map(|edge| {
            let node = &edge["node"];
            let coupon = if node["coupon"].is_null() { "" } else { "+" };
            let kind = node["kind"].as_str().expect("a kind");
            format!("{kind} {} {}{coupon}", node["year"], node["points"])
        });
        told.collect()
    }

    /// All that was given to anybody, by member.
    pub async fn all_gifts(&self) -> Vec<member_grant::Model> {
        let rows = member_grant::Entity::of(self.id)
            .order_by_asc(member_grant::Column::MemberId)
            .all(&self.app().db.reads(self.id))
            .await;
        rows.expect("the database answers")
    }
}

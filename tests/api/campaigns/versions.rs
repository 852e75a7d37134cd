//! Each change of what a campaign gives is a version, and what was redeemed stays in its own.

use chrono::TimeDelta;
use entity::redemption::{self, OfferKind, RedemptionState};
use entity::{CampaignId, Day, campaign_version};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::{Value, json};

use super::{asked, begun, done, full, made, refused};
use crate::everywhere;
use crate::schema::items;

const VERSIONS: &str = "query($id: ID!, $first: Int, $after: String) { campaign(id: $id) { version \
    versions(first: $first, after: $after) { edges { node { version name changedBy changedAt refundPolicy \
    holdoutShare startsAt endsAt rules { benefit { steps { threshold { amount } off { amount } } } } } } \
    pageInfo { hasNextPage endCursor } } } }";

everywhere! {
    async fn what_was_redeemed_stays_in_its_version_and_nobody_edits_it(world: World) {
        let merchant = world.merchant("云裳美容").await;
        let owner = merchant.owner().await;
        let campaign = begun(&owner, json!({})).await;
        let id: CampaignId = campaign["id"].as_str().expect("an id").parse().expect("an id");
        let order = merchant.order("120.00").await;
        let app = world.app();
        let redeemed = redemption::Model {
            merchant_id: merchant.id,
            id: app.ids.next(),
            order_id: order.id,
            offer: OfferKind::Campaign,
            offer_id: id.0,
            version: 1,
            coupon_id: None,
            member_id: None,
            state: RedemptionState::Reserved,
            off_minor: 2_000,
            shares: "[2000]".to_owned(),
            day: Day::from(app.clock.now().date_naive()),
            counted: true,
            sales_minor: None,
            newcomer: false,
            reserved_at: app.clock.instant(),
            committed_at: None,
            rolled_back_at: None,
        };
        let row = redeemed.clone().into_active_model();
        redemption::Entity::insert(row).exec_without_returning(app.db.writer()).await.expect("a redemption");
        world.clock.advance(TimeDelta::minutes(5));
        let changed = done(&owner, "campaignUpdate", json!({
            "id": campaign["id"], "expectedVersion": 1, "rules": { "benefit": full(&[("100.00", "10.00")]) },
        })).await;
        assert_eq!(changed["version"], 2);
        assert_eq!(changed["state"], "ACTIVE");
        let seen = owner.data(VERSIONS, json!({ "id": campaign["id"] })).await;
        let versions: Vec<&Value> = items(&seen["campaign"]["versions"]["edges"]).map(|edge| &edge["node"]).collect();
        let offs: Vec<&Value> = versions.iter().map(|it| &it["rules"]["benefit"]["steps"][0]["off"]["amount"]).collect();
        assert_eq!(offs, ["10.00", "20.00"], "the newest first");
        assert_eq!(versions[0]["changedAt"], "2026-11-23T04:05:00.000Z");
        assert_eq!(versions[1]["changedAt"], "2026-11-23T04:00:00.000Z");
        let kept = redemption::Entity::of(merchant.id).one(app.db.writer()).await.expect("the database answers");
        assert_eq!(kept, Some(redeemed));
        let edit = campaign_version::Entity::update_of(merchant.id)
            .filter(campaign_version::Column::Version.eq(1))
            .col_expr(campaign_version::Column::Name, Expr::value("别的"))
            .exec(app.db.writer())
            .await;
        assert!(edit.is_err(), "the database refuses to edit a version");
        let gone = campaign_version::Entity::delete_of(merchant.id).exec(app.db.writer()).await;
        assert!(gone.is_err(), "the database refuses to delete a version");
    }

    async fn nobodys_change_is_lost_and_what_changes_nothing_is_no_version(world: World) {
        let merchant = world.merchant("云裳美容").await;
        let owner = merchant.owner().await;
        let campaign = begun(&owner, json!({})).await;
        let names = ["一", "二", "三", "四", "五"];
        let changes = names.map(|name| {
            let (owner, id) = (owner.clone(), campaign["id"].clone());
            async move {
                let input = json!({ "id": id, "expectedVersion": 1, "name": name });
                asked(&owner, "campaignUpdate", input).await
            }
        });
        let answers = futures_util::future::join_all(changes).await;
        let won = answers.iter().filter(|answer| answer["campaign"]["version"] == 2).count();
        let lost = answers.iter().filter(|answer| answer["userErrors"][0]["code"] == "VERSION_CONFLICT").count();
        assert_eq!((won, lost), (1, 4), "{answers:?}");
        let seen = owner.data("query($id: ID!) { campaign(id: $id) { name } }", json!({ "id": campaign["id"] })).await;
        let same = json!({ "id": campaign["id"], "expectedVersion": 2, "name": seen["campaign"]["name"] });
        assert_eq!(done(&owner, "campaignUpdate", same).await["version"], 2);
        let told = merchant.events().await;
        assert_eq!(told.iter().filter(|kind| *kind == "CAMPAIGN_UPDATED").count(), 1);
        let first = owner.data(VERSIONS, json!({ "id": campaign["id"], "first": 1 })).await;
        let page = &first["campaign"]["versions"];
        assert_eq!(page["edges"][0]["node"]["version"], 2);
        assert_eq!(page["pageInfo"]["hasNextPage"], true);
        let after = &page["pageInfo"]["endCursor"];
        let rest = owner.data(VERSIONS, json!({ "id": campaign["id"], "first": 1, "after": after })).await;
        assert_eq!(rest["campaign"]["versions"]["edges"][0]["node"]["name"], "满100减20");
        assert_eq!(rest["campaign"]["versions"]["pageInfo"]["hasNextPage"], false);
    }

    async fn what_has_begun_keeps_its_start_and_ends_later_where_it_is_told_to(world: World) {
        let merchant = world.merchant("云裳美容").await;
        let owner = merchant.owner().await;
        let campaign = begun(&owner, json!({ "endsAt": "2026-11-23T05:00:00Z" })).await;
        let update = |version: i32, more: Value| {
            let mut all = json!({ "id": campaign["id"], "expectedVersion": version });
            crate::support::merchant::merge(&mut all, more);
            all
        };
        let (code, field) = refused(&owner, "campaignUpdate", update(1, json!({ "startsAt": "2026-11-24T00:00:00Z" }))).await;
        assert_eq!((code.as_str(), field.as_str()), ("ALREADY_BEGUN", "startsAt"));
        world.clock.advance(TimeDelta::minutes(30));
        let (code, field) = refused(&owner, "campaignUpdate", update(1, json!({ "endsAt": "2026-11-23T04:20:00Z" }))).await;
        assert_eq!((code.as_str(), field.as_str()), ("INVALID", "endsAt"));
        done(&owner, "campaignUpdate", update(1, json!({ "endsAt": "2026-11-23T06:00:00Z" }))).await;
        world.clock.advance(TimeDelta::hours(1));
        assert_eq!(yigate::campaigns::worker::work(world.app()).await, 0, "it ends later now");
        let endless = done(&owner, "campaignUpdate", update(2, json!({ "endsAt": null, "holdoutShare": "0.1", "refundPolicy": "KEEP" }))).await;
        assert_eq!(endless["endsAt"], Value::Null);
        assert_eq!(endless["holdoutShare"], "0.1");
        assert_eq!(endless["refundPolicy"], "KEEP");
        world.clock.advance(TimeDelta::days(400));
        assert_eq!(yigate::campaigns::worker::work(world.app()).await, 0, "it has no end any more");
    }

    async fn a_duplicate_is_a_draft_of_its_own_that_lasts_as_long(world: World) {
        let merchant = world.merchant("云裳美容").await;
        let owner = merchant.owner().await;
        let campaign = begun(&owner, json!({
            "endsAt": "2026-11-24T04:00:00Z", "holdoutShare": "0.05", "refundPolicy": "KEEP",
        })).await;
        world.clock.advance(TimeDelta::days(10));
        while yigate::campaigns::worker::work(world.app()).await > 0 {}
        let owner = merchant.owner().await;
        let input = json!({ "id": campaign["id"], "name": "满100减20（二）" });
        let again = done(&owner, "campaignDuplicate", input).await;
        assert_ne!(again["id"], campaign["id"]);
        for (field, value) in [
            ("name", json!("满100减20（二）")),
            ("state", json!("DRAFT")),
            ("version", json!(1)),
            ("startsAt", json!("2026-12-03T04:00:00.000Z")),
            ("endsAt", json!("2026-12-04T04:00:00.000Z")),
            ("holdoutShare", json!("0.05")),
            ("refundPolicy", json!("KEEP")),
            ("activatedAt", Value::Null),
            ("endedAt", Value::Null),
            ("rules", campaign["rules"].clone()),
        ] {
            assert_eq!(again[field], value, "{field}");
        }
        assert_eq!(done(&owner, "campaignActivate", json!({ "id": again["id"] })).await["state"], "ACTIVE");
        let draft = made(&owner, json!({ "startsAt": "2027-01-01T00:00:00Z" })).await;
        let later = done(&owner, "campaignDuplicate", json!({ "id": draft["id"], "name": "元旦" })).await;
        assert_eq!(later["startsAt"], "2027-01-01T00:00:00.000Z");
        assert_eq!(later["endsAt"], Value::Null);
        let blank = json!({ "id": draft["id"], "name": " " });
        assert_eq!(refused(&owner, "campaignDuplicate", blank).await, ("INVALID".to_owned(), "name".to_owned()));
    }
}

//! Campaigns begin, pause and end, by hand and by the clock, each step once.

use chrono::TimeDelta;
use entity::membership::Role;
use entity::{CampaignId, campaign};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::{Value, json};
use yigate::campaigns::worker;

use super::{asked, begun, done, made, refused};
use crate::everywhere;

everywhere! {
    async fn a_campaign_is_begun_paused_gone_on_with_and_ended_each_once(world: World) {
        let merchant = world.merchant("云裳美容").await;
        let client = merchant.client(Role::Marketing).await;
        let campaign = made(&client, json!({})).await;
        assert_eq!(campaign["state"], "DRAFT");
        assert_eq!(campaign["version"], 1);
        assert_eq!(campaign["createdBy"], merchant.staff(Role::Marketing).to_string());
        let id = json!({ "id": campaign["id"] });
        assert_eq!(refused(&client, "campaignPause", id.clone()).await.0, "NOT_RUNNING");
        for (field, state) in [
            ("campaignActivate", "ACTIVE"),
            ("campaignActivate", "ACTIVE"),
            ("campaignPause", "PAUSED"),
            ("campaignPause", "PAUSED"),
            ("campaignActivate", "ACTIVE"),
            ("campaignEnd", "ENDED"),
            ("campaignEnd", "ENDED"),
        ] {
            world.clock.advance(TimeDelta::minutes(1));
            let campaign = done(&client, field, id.clone()).await;
            assert_eq!(campaign["state"], state, "{field}");
            assert_eq!(campaign["version"], 1, "{field}");
            assert_eq!(campaign["activatedAt"], "2026-11-23T04:01:00.000Z", "{field}");
        }
        for field in ["campaignActivate", "campaignPause"] {
            assert_eq!(refused(&client, field, id.clone()).await.0, "ENDED", "{field}");
        }
        let update = json!({ "id": campaign["id"], "expectedVersion": 1, "name": "再来" });
        assert_eq!(refused(&client, "campaignUpdate", update).await.0, "ENDED");
        assert_eq!(merchant.events().await, [
            "CAMPAIGN_CREATED", "CAMPAIGN_ACTIVATED", "CAMPAIGN_PAUSED", "CAMPAIGN_ACTIVATED", "CAMPAIGN_ENDED",
        ]);
        let log = "{ auditLog { edges { node { action target { id } changes { field before after } } } } }";
        let log = merchant.owner().await.data(log, Value::Null).await;
        let entries: Vec<&Value> = crate::schema::items(&log["auditLog"]["edges"]).map(|edge| &edge["node"]).collect();
        let actions: Vec<&str> = entries.iter().filter_map(|entry| entry["action"].as_str()).collect();
        assert_eq!(actions, [
            "campaignEnd", "campaignActivate", "campaignPause", "campaignActivate", "campaignCreate",
        ]);
        assert_eq!(entries[0]["target"]["id"], campaign["id"]);
        let changes = json!([{ "field": "state", "before": "\"PAUSED\"", "after": "\"ACTIVE\"" }]);
        assert_eq!(entries[1]["changes"], changes);
    }

    async fn a_scheduled_campaign_begins_and_ends_by_the_clock_once_whoever_looks(world: World) {
        let merchant = world.merchant("云裳美容").await;
        let owner = merchant.owner().await;
        let campaign = begun(&owner, json!({
            "startsAt": "2026-11-23T05:00:00Z", "endsAt": "2026-11-23T06:00:00Z",
        })).await;
        assert_eq!(campaign["state"], "SCHEDULED");
        assert_eq!(campaign["activatedAt"], Value::Null);
        assert_eq!(worker::work(world.app()).await, 0, "nothing is due yet");
        let seen = async || {
            let document = "query($id: ID!) { campaign(id: $id) { state activatedAt endedAt } }";
            let seen = owner.data(document, json!({ "id": campaign["id"] })).await;
            seen["campaign"].clone()
        };
        world.clock.advance(TimeDelta::minutes(61));
        tokio::join!(worker::work(world.app()), worker::work(world.app()), worker::work(world.app()));
        let begun = json!({ "state": "ACTIVE", "activatedAt": "2026-11-23T05:00:00.000Z", "endedAt": null });
        assert_eq!(seen().await, begun);
        world.clock.advance(TimeDelta::minutes(60));
        tokio::join!(worker::work(world.app()), worker::work(world.app()), worker::work(world.app()));
        assert_eq!(seen().await["state"], "ENDED");
        assert_eq!(seen().await["endedAt"], "2026-11-23T06:00:00.000Z");
        assert_eq!(worker::work(world.app()).await, 0);
        assert_eq!(merchant.events().await, [
            "CAMPAIGN_CREATED", "CAMPAIGN_SCHEDULED", "CAMPAIGN_ACTIVATED", "CAMPAIGN_ENDED",
        ]);
    }

    async fn a_clock_that_is_late_does_one_step_after_the_other(world: World) {
        let merchant = world.merchant("云裳美容").await;
        let owner = merchant.owner().await;
        begun(&owner, json!({ "startsAt": "2026-11-23T05:00:00Z", "endsAt": "2026-11-23T06:00:00Z" })).await;
        world.clock.advance(TimeDelta::hours(5));
        while worker::work(world.app()).await > 0 {}
        assert_eq!(merchant.events().await, [
            "CAMPAIGN_CREATED", "CAMPAIGN_SCHEDULED", "CAMPAIGN_ACTIVATED", "CAMPAIGN_ENDED",
        ]);
    }

    async fn what_is_paused_ends_on_time_and_waits_for_its_start_again(world: World) {
        let merchant = world.merchant("云裳美容").await;
        let owner = merchant.owner().await;
        let campaign = begun(&owner, json!({
            "startsAt": "2026-11-23T05:00:00Z", "endsAt": "2026-11-23T06:00:00Z",
        })).await;
        let id = json!({ "id": campaign["id"] });
        assert_eq!(done(&owner, "campaignPause", id.clone()).await["state"], "PAUSED");
        assert_eq!(done(&owner, "campaignActivate", id.clone()).await["state"], "SCHEDULED");
        done(&owner, "campaignPause", id.clone()).await;
        world.clock.advance(TimeDelta::minutes(90));
        assert_eq!(worker::work(world.app()).await, 0, "somebody said no");
        world.clock.advance(TimeDelta::minutes(30));
        assert_eq!(refused(&owner, "campaignActivate", id).await.0, "PERIOD_OVER");
        assert_eq!(worker::work(world.app()).await, 1);
        assert_eq!(merchant.events().await.last().map(String::as_str), Some("CAMPAIGN_ENDED"));
    }

    async fn a_draft_is_begun_as_it_was_seen_and_not_after_its_end(world: World) {
        let merchant = world.merchant("云裳美容").await;
        let owner = merchant.owner().await;
        let campaign = made(&owner, json!({ "endsAt": "2026-11-23T05:00:00Z" })).await;
        let renamed = json!({ "id": campaign["id"], "expectedVersion": 1, "name": "新店开业" });
        done(&owner, "campaignUpdate", renamed).await;
        let seen = json!({ "id": campaign["id"], "expectedVersion": 1 });
        let (code, field) = refused(&owner, "campaignActivate", seen).await;
        assert_eq!((code.as_str(), field.as_str()), ("VERSION_CONFLICT", "expectedVersion"));
        world.clock.advance(TimeDelta::hours(1));
        let payload = asked(&owner.clone().in_chinese(), "campaignActivate", json!({ "id": campaign["id"] })).await;
        assert_eq!(payload["userErrors"][0]["code"], "PERIOD_OVER");
        assert_eq!(payload["userErrors"][0]["message"], "活动的结束时间已过，请先修改。");
        let put_away = done(&owner, "campaignEnd", json!({ "id": campaign["id"] })).await;
        assert_eq!((&put_away["state"], &put_away["activatedAt"]), (&json!("ENDED"), &Value::Null));
    }

    async fn five_hundred_campaigns_run_at_once_and_no_more(world: World) {
        let merchant = world.merchant("云裳美容").await;
        let owner = merchant.owner().await;
        let first = begun(&owner, json!({})).await;
        let app = world.app();
        let id: CampaignId = first["id"].as_str().expect("an id").parse().expect("an id");
        let row = campaign::Entity::of(merchant.id).filter(campaign::Column::Id.eq(id));
        let row = row.one(app.db.writer()).await.expect("the database answers").expect("a campaign");
        let others = (1..500).map(|_| {
            campaign::Model { id: app.ids.next(), ..row.clone() }.into_active_model()
        });
        campaign::Entity::insert_many(others).exec_without_returning(app.db.writer()).await.expect("campaigns");
        let more = made(&owner, json!({})).await;
        let (more, first) = (json!({ "id": more["id"] }), json!({ "id": first["id"] }));
        assert_eq!(refused(&owner, "campaignActivate", more.clone()).await.0, "TOO_MANY_RUNNING");
        done(&owner, "campaignPause", first.clone()).await;
        assert_eq!(refused(&owner, "campaignActivate", more.clone()).await.0, "TOO_MANY_RUNNING");
        done(&owner, "campaignActivate", first.clone()).await;
        done(&owner, "campaignEnd", first).await;
        assert_eq!(done(&owner, "campaignActivate", more).await["state"], "ACTIVE");
    }
}

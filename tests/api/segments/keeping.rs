//! Segments are made, changed, frozen and removed; what names one keeps it.

use chrono::TimeDelta;
use entity::campaign::CampaignState;
use entity::membership::Role;
use entity::message::{self, MessageState};
use entity::{CampaignId, MerchantId, SegmentId, campaign, member};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::{Value, json};

use super::people::{Person, add, shop};
use super::{SHOWN, asked, done, found, listed, made, refused};
use crate::everywhere;
use crate::support::World;

/// A message to a segment that waits for its time.
async fn schedule(world: &World, merchant_id: MerchantId, segment_id: SegmentId) {
    let app = world.app();
    let now = app.clock.instant();
    let row = message::Model {
        merchant_id,
        id: app.ids.next(),
        name: "双旦问候".to_owned(),
        segment_id,
        state: MessageState::Scheduled,
        version: 1,
        title: "您好".to_owned(),
        body: "好久不见".to_owned(),
        title_en: None,
        body_en: None,
        send_at: Some(now),
        quiet_from: None,
        quiet_to: None,
        effect_days: 7,
        created_by: "test".to_owned(),
        updated_at: now,
        started_at: None,
        finished_at: None,
        next_at: None,
        after_id: 0,
        sent: 0,
        no_consent: 0,
        erased: 0,
    };
    message::Entity::insert(row.into_active_model())
        .exec_without_returning(app.db.writer())
        .await
        .expect("a message");
}

/// Has a running campaign name a segment.
async fn name_in_campaign(
    world: &World,
    merchant_id: MerchantId,
    id: CampaignId,
    segment: SegmentId,
) {
    let row = campaign::Entity::of(merchant_id)
        .filter(campaign::Column::Id.eq(id))
        .one(world.app().db.writer())
        .await
        .expect("the database answers")
        .expect("the campaign");
    let mut rules: Value = serde_json::from_str(&row.rules).expect("JSON");
    rules["audience"] = json!({ "without_segments": [segment.0] });
    campaign::Entity::update_of(merchant_id)
        .filter(campaign::Column::Id.eq(id))
        .col_expr(campaign::Column::Rules, Expr::value(rules.to_string()))
        .col_expr(campaign::Column::State, Expr::value(CampaignState::Paused))
        .exec(world.app().db.writer())
        .await
        .expect("written");
}

fn id_of(segment: &Value) -> SegmentId {
    segment["id"]
        .as_str()
        .expect("an id")
        .parse()
        .expect("an id")
}

everywhere! {
    async fn a_segment_lists_whom_its_preview_counts_and_follows_its_rules(world: World) {
        let shop = shop(&world).await;
        let marketing = shop.merchant.client(Role::Marketing).await;
        let rules = json!({ "notPaidForDays": 30 });
        assert_eq!(found(&marketing, rules.clone()).await, ["B-1", "D-1"]);
        let segment = made(&marketing, "  久未到店 ", rules).await;
        assert_eq!(listed(&segment), ["B-1", "D-1"]);
        assert_eq!((&segment["name"], &segment["kind"], &segment["version"]),
            (&json!("久未到店"), &json!("RULES"), &json!(1)));
        assert_eq!(segment["createdBy"], shop.merchant.staff(Role::Marketing).to_string());
        world.clock.advance(TimeDelta::days(30));
        let viewer = shop.merchant.client(Role::Viewer).await;
        let read = format!("query($id: ID!) {{ {} }}", SHOWN.replace("segment {", "segment(id: $id) {"));
        let later = viewer.data(&read, json!({ "id": segment["id"] })).await;
        assert_eq!(listed(&later["segment"]), ["A-1", "B-1", "D-1"]);
    }

    async fn a_snapshot_keeps_who_was_in_it(world: World) {
        let shop = shop(&world).await;
        let owner = shop.merchant.owner().await;
        let segment = made(&owner, "会员", json!({ "consented": true })).await;
        let snapshot = done(&owner, "segmentSnapshot", json!({ "id": segment["id"], "name": "十一月" })).await;
        assert_eq!((&snapshot["kind"], listed(&snapshot)), (&json!("SNAPSHOT"), vec!["A-1".to_owned(), "C-1".to_owned()]));
        assert_eq!(snapshot["snapshotAt"], "2026-11-23T04:00:00.000Z");
        add(&world, &shop.merchant, &Person { no: "G-1".to_owned(), consented: true, ..Person::default() }).await;
        member::Entity::update_of(shop.merchant.id)
            .filter(member::Column::MemberNo.eq("C-1"))
            .col_expr(member::Column::ConsentedAt, Expr::value(None::<i64>))
            .exec(world.app().db.writer()).await.unwrap();
        assert_eq!(found(&owner, json!({ "consented": true })).await, ["A-1", "G-1"]);
        let named = json!({ "snapshotIds": [snapshot["id"]] });
        assert_eq!(found(&owner, named.clone()).await, ["A-1", "C-1"]);
        // A snapshot of a snapshot is the same again; and who is erased is in none.
        let again = done(&owner, "segmentSnapshot", json!({ "id": snapshot["id"], "name": "再一次" })).await;
        assert_eq!(listed(&again), ["A-1", "C-1"]);
        member::Entity::update_of(shop.merchant.id)
            .filter(member::Column::MemberNo.eq("A-1"))
            .col_expr(member::Column::ErasedAt, Expr::value(world.app().clock.instant()))
            .exec(world.app().db.writer()).await.unwrap();
        assert_eq!(found(&owner, named).await, ["C-1"]);
        let unchangeable = json!({ "id": snapshot["id"], "expectedVersion": 1, "rules": { "neverPaid": true } });
        assert_eq!(refused(&owner, "segmentUpdate", unchangeable).await.0, "SNAPSHOT");
        let renamed = json!({ "id": snapshot["id"], "expectedVersion": 1, "name": "十一月快照" });
        assert_eq!(done(&owner, "segmentUpdate", renamed).await["name"], "十一月快照");
    }

    async fn nobodys_change_is_lost_and_names_are_told_apart(world: World) {
        let shop = shop(&world).await;
        let owner = shop.merchant.owner().await;
        let (one, two) = (made(&owner, "甲", json!({ "neverPaid": true })).await,
            made(&owner, "乙", json!({ "neverPaid": false })).await);
        let again = json!({ "name": "甲", "rules": { "neverPaid": true } });
        assert_eq!(refused(&owner, "segmentCreate", again.clone()).await, ("NAME_TAKEN".to_owned(), "name".to_owned()));
        let renamed = json!({ "id": two["id"], "expectedVersion": 1, "name": "甲" });
        assert_eq!(refused(&owner, "segmentUpdate", renamed).await.0, "NAME_TAKEN");
        let snapshot = json!({ "id": two["id"], "name": "甲" });
        assert_eq!(refused(&owner, "segmentSnapshot", snapshot).await.0, "NAME_TAKEN");
        let change = json!({ "id": one["id"], "expectedVersion": 1, "rules": { "tags": ["vip"] } });
        let changed = done(&owner, "segmentUpdate", change.clone()).await;
        assert_eq!((&changed["version"], listed(&changed)), (&json!(2), vec!["A-1".to_owned()]));
        assert_eq!(refused(&owner, "segmentUpdate", change).await.0, "VERSION_CONFLICT");
        // What changes nothing is no change.
        let same = json!({ "id": one["id"], "expectedVersion": 2, "rules": { "tags": ["vip"] }, "name": "甲" });
        assert_eq!(done(&owner, "segmentUpdate", same).await["version"], 2);
        done(&owner, "segmentRemove", json!({ "id": one["id"] })).await;
        assert_eq!(refused(&owner, "segmentRemove", json!({ "id": one["id"] })).await.0, "NOT_FOUND");
        done(&owner, "segmentCreate", again).await;
        let all = owner.data("{ segments { totalCount edges { node { name } } } }", Value::Null).await;
        assert_eq!(all["segments"], json!({ "totalCount": 2,
            "edges": [{ "node": { "name": "甲" } }, { "node": { "name": "乙" } }] }));
        let filtered = owner.data("{ segments(filter: { kind: [SNAPSHOT] }) { totalCount } }", Value::Null).await;
        assert_eq!(filtered["segments"]["totalCount"], 0);
        let searched = owner.data("{ segments(filter: { search: \"乙\" }) { totalCount } }", Value::Null).await;
        assert_eq!(searched["segments"]["totalCount"], 1);
    }

    async fn what_names_a_segment_keeps_it(world: World) {
        let shop = shop(&world).await;
        let (owner, merchant_id) = (shop.merchant.owner().await, shop.merchant.id);
        let rules = json!({ "neverPaid": true });
        let segment = made(&owner, "甲", rules.clone()).await;
        let remove = json!({ "id": segment["id"] });
        let campaign = owner.data("mutation { campaignCreate(input: { name: \"周年庆\", rules: { benefit: { cash: { off: \
            { amount: \"1\", currency: \"CNY\" } } } } }) { campaign { id } } }", Value::Null).await;
        let campaign = campaign["campaignCreate"]["campaign"]["id"].as_str().unwrap().parse().unwrap();
        name_in_campaign(&world, merchant_id, campaign, id_of(&segment)).await;
        let kept = asked(&owner.clone().in_chinese(), "segmentRemove", remove.clone()).await;
        assert_eq!(kept["userErrors"][0]["code"], "IN_USE");
        assert_eq!(kept["userErrors"][0]["message"], format!("活动“周年庆”（{campaign}）正在使用该分群，请先修改。"));
        let end = format!("mutation {{ campaignEnd(input: {{ id: \"{campaign}\" }}) {{ userErrors {{ code }} }} }}");
        let ended = owner.data(&end, Value::Null).await;
        assert_eq!(ended["campaignEnd"]["userErrors"], json!([]));
        schedule(&world, merchant_id, id_of(&segment)).await;
        let kept = asked(&owner, "segmentRemove", remove.clone()).await;
        let told = kept["userErrors"][0]["message"].as_str().unwrap();
        assert!(told.starts_with("The message “双旦问候” (msg_"), "{told}");
        message::Entity::update_of(merchant_id)
            .col_expr(message::Column::State, Expr::value(MessageState::Canceled))
            .exec(world.app().db.writer()).await.unwrap();
        let snapshot = done(&owner, "segmentSnapshot", json!({ "id": segment["id"], "name": "快照" })).await;
        let other = made(&owner, "乙", json!({ "not": { "snapshotIds": [snapshot["id"]] } })).await;
        let of_snapshot = json!({ "id": snapshot["id"] });
        assert_eq!(refused(&owner, "segmentRemove", of_snapshot.clone()).await.0, "IN_USE");
        done(&owner, "segmentRemove", json!({ "id": other["id"] })).await;
        done(&owner, "segmentRemove", of_snapshot).await;
        done(&owner, "segmentRemove", remove).await;
        assert_eq!(owner.data("{ segments { totalCount } }", Value::Null).await["segments"]["totalCount"], 0);
    }

    async fn segments_are_told_of_and_are_nodes(world: World) {
        let shop = shop(&world).await;
        let owner = shop.merchant.owner().await;
        let segment = made(&owner, "甲", json!({ "neverPaid": true })).await;
        let node = owner.data("query($id: ID!) { node(id: $id) { id ... on Segment { name rules { neverPaid and { tags } } } } }",
            json!({ "id": segment["id"] })).await;
        assert_eq!(node["node"], json!({ "id": segment["id"], "name": "甲", "rules": { "neverPaid": true, "and": null } }));
        done(&owner, "segmentRemove", json!({ "id": segment["id"] })).await;
        let told = owner.data("{ auditLog(first: 2) { edges { node { action } } } }", Value::Null).await;
        let actions: Vec<&Value> = told["auditLog"]["edges"].as_array().unwrap().iter()
            .map(|edge| &edge["node"]["action"]).collect();
        assert_eq!(actions, ["segmentRemove", "segmentCreate"]);
        let gone = owner.error("query($id: ID!) { segment(id: $id) { id } }", json!({ "id": segment["id"] })).await;
        assert_eq!(gone.0, "NOT_FOUND");
    }

    async fn viewers_read_and_marketing_writes(world: World) {
        let shop = shop(&world).await;
        let create = "mutation { segmentCreate(input: { name: \"甲\", rules: { neverPaid: true } }) { userErrors { code } } }";
        for (role, may) in [(Role::Viewer, false), (Role::Support, false), (Role::Finance, false), (Role::Marketing, true)] {
            let client = shop.merchant.client(role).await;
            assert_eq!(found(&client, json!({ "tags": ["vip"] })).await, ["A-1"], "{role:?}");
            let answer = client.ask(create, Value::Null).await;
            assert_eq!(answer.get("errors").is_none(), may, "{role:?}");
        }
    }

    async fn another_merchants_members_and_segments_are_in_no_answer(world: World) {
        let (theirs, ours) = (shop(&world).await, world.merchant("云裳时装").await);
        let owner = ours.owner().await;
        assert_eq!(found(&owner, json!({ "not": { "memberNo": "Z" } })).await, Vec::<String>::new());
        let segment = made(&theirs.merchant.owner().await, "甲", json!({ "neverPaid": true })).await;
        let their = done(&theirs.merchant.owner().await, "segmentSnapshot",
            json!({ "id": segment["id"], "name": "快照" })).await;
        let template = theirs.merchant.coupon_template(json!({})).await;
        for (rules, field) in [
            (json!({ "not": { "snapshotIds": [their["id"]] } }), "rules.not.snapshotIds.0"),
            (json!({ "tier": { "tierIds": [theirs.gold.to_string()] } }), "rules.tier.tierIds.0"),
            (json!({ "or": [{ "neverPaid": true }, { "firstChannelIds": [theirs.merchant.channel_id.to_string()] }] }),
                "rules.or.1.firstChannelIds.0"),
            (json!({ "couponTemplateIds": [template] }), "rules.couponTemplateIds.0"),
        ] {
            let answer = refused(&owner, "segmentCreate", json!({ "name": "乙", "rules": rules })).await;
            assert_eq!(answer, ("INVALID".to_owned(), field.to_owned()));
        }
        for field in ["segmentRemove", "segmentSnapshot", "segmentUpdate"] {
            let mut input = json!({ "id": segment["id"] });
            match field {
                "segmentSnapshot" => input["name"] = json!("丙"),
                "segmentUpdate" => input["expectedVersion"] = json!(1),
                _ => {}
            }
            assert_eq!(refused(&owner, field, input).await.0, "NOT_FOUND", "{field}");
        }
    }
}

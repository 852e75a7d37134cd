//! What a cart is priced with: campaigns in memory, never older than what this instance has written.

use entity::CampaignId;
use entity::campaign::CampaignState;
use serde_json::{Value, json};
use yigate::app::App;
use yigate::campaigns::service::{lock_current, shown};
use yigate::error::Error;

use super::{begun, done, full, made};
use crate::everywhere;
use crate::support::Merchant;

fn id(campaign: &Value) -> CampaignId {
    campaign["id"]
        .as_str()
        .expect("an id")
        .parse()
        .expect("an id")
}

/// The campaigns that carts are priced with: id and version.
async fn known(app: &App, merchant: &Merchant) -> Vec<(CampaignId, i32)> {
    let shown = shown(app, merchant.id).await.expect("the database answers");
    shown.iter().map(|it| (it.row.id, it.row.version)).collect()
}

everywhere! {
    async fn carts_are_priced_by_what_runs_or_waits_as_it_was_last_changed(world: World) {
        let merchant = world.merchant("云裳美容").await;
        let owner = merchant.owner().await;
        let app = world.app();
        made(&owner, json!({})).await;
        assert_eq!(known(app, &merchant).await, []);
        let runs = begun(&owner, json!({})).await;
        let waits = begun(&owner, json!({ "startsAt": "2026-12-01T00:00:00Z" })).await;
        assert_eq!(known(app, &merchant).await, [(id(&runs), 1), (id(&waits), 1)], "the oldest first");
        let rules = json!({ "benefit": full(&[("100.00", "30.00")]) });
        let update = json!({ "id": runs["id"], "expectedVersion": 1, "rules": rules });
        done(&owner, "campaignUpdate", update).await;
        assert_eq!(known(app, &merchant).await, [(id(&runs), 2), (id(&waits), 1)]);
        let priced = shown(app, merchant.id).await.expect("the database answers");
        assert_eq!(priced[0].rules.benefit.off(10_000), 3_000);
        done(&owner, "campaignPause", json!({ "id": runs["id"] })).await;
        assert_eq!(known(app, &merchant).await, [(id(&waits), 1)]);
        done(&owner, "campaignActivate", json!({ "id": runs["id"] })).await;
        done(&owner, "campaignEnd", json!({ "id": waits["id"] })).await;
        assert_eq!(known(app, &merchant).await, [(id(&runs), 2)]);
    }

    async fn an_order_asks_in_its_transaction_what_became_of_the_campaigns_it_was_priced_by(world: World) {
        let merchant = world.merchant("云裳美容").await;
        let owner = merchant.owner().await;
        let app = world.app();
        let (one, other) = (begun(&owner, json!({})).await, begun(&owner, json!({})).await);
        done(&owner, "campaignUpdate", json!({ "id": one["id"], "expectedVersion": 1, "name": "新名" })).await;
        done(&owner, "campaignPause", json!({ "id": other["id"] })).await;
        let ids = [id(&other), id(&one), CampaignId(1)];
        let merchant_id = merchant.id;
        let current = app
            .db
            .transaction_of(merchant_id, |txn| async move {
                lock_current(&txn, app, merchant_id, &ids).await
            })
            .await;
        let current: Result<_, Error> = current;
        let current = current.expect("the database answers");
        assert_eq!(current.len(), 2);
        assert_eq!(current[&id(&one)], (2, CampaignState::Active));
        assert_eq!(current[&id(&other)], (1, CampaignState::Paused));
    }
}

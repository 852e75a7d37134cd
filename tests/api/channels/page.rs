//! The order of the payment page: all channels at once, or nothing.

use futures_util::future::join_all;

use super::*;
use crate::everywhere;

/// The merchant's channels by id, in the order of the page.
async fn ids(merchant: &Merchant) -> Vec<Value> {
    let all = seen(merchant).await;
    all.into_iter()
        .map(|channel| channel["id"].clone())
        .collect()
}

async fn reordered(client: &Client, ids: &[Value]) -> Value {
    answer(
        client,
        "channelsReorder",
        "channels",
        json!({ "channelIds": ids }),
    )
    .await
}

everywhere! {
    async fn channels_get_their_places_all_at_once(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        for name in ["乙", "丙", "丁"] {
            made(&merchant, json!({ "name": name })).await;
        }
        let before = ids(&merchant).await;
        let wanted = [&before[0], &before[3], &before[2], &before[1]].map(Clone::clone);
        let payload = reordered(&owner, &wanted).await;
        assert_eq!(payload["userErrors"], json!([]));
        assert_eq!(ids(&merchant).await, wanted);
        let all = seen(&merchant).await;
        assert_eq!(payload["channels"], json!(all));
        for (place, channel) in (1..).zip(&all) {
            assert_eq!(channel["displayOrder"], place);
            // Who stays at their place has no new version.
            let stays = place == 1 || place == 3;
            assert_eq!(channel["version"], if stays { 1 } else { 2 }, "{place}");
        }
        assert_eq!(events(&merchant, EventKind::ChannelUpdated).await, 2);
    }

    async fn what_is_no_order_of_all_channels_is_refused(world: World) {
        let (merchant, other) = (world.merchant("汇贤饭店").await, world.merchant("云裳时装").await);
        let owner = merchant.owner().await;
        made(&merchant, json!({})).await;
        let known = ids(&merchant).await;
        let strange = json!(other.channel_id.to_string());
        let (first, second) = (&known[0], &known[1]);
        for (ids, code) in [
            (vec![], "INCOMPLETE"),
            (vec![second.clone()], "INCOMPLETE"),
            (vec![second.clone(), second.clone()], "DUPLICATE"),
            (vec![second.clone(), first.clone(), first.clone()], "DUPLICATE"),
            (vec![second.clone(), first.clone(), strange], "NOT_FOUND"),
            (vec![second.clone(), json!("nonsense")], "NOT_FOUND"),
        ] {
            let payload = reordered(&owner, &ids).await;
            assert_eq!(refusal(&payload), (code, "channelIds"), "{ids:?}");
            assert_eq!(payload["channels"], Value::Null);
        }
        assert_eq!(ids(&merchant).await, known);
        assert_eq!(events(&merchant, EventKind::ChannelUpdated).await, 0);
    }

    async fn orders_set_at_once_never_mix(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let second = world.another_instance().await;
        let owners = [merchant.owner().await, merchant.on(&second).owner().await];
        for name in ["乙", "丙", "丁", "戊"] {
            made(&merchant, json!({ "name": name })).await;
        }
        let first = ids(&merchant).await;
        let turned: Vec<Vec<Value>> = (0..5)
            .map(|by| {
                let mut ids = first.clone();
                ids.rotate_left(by);
                ids
            })
            .collect();
        let asked = (0..10).map(|turn| {
            let (owner, ids) = (owners[turn % 2].clone(), turned[turn % 5].clone());
            async move { reordered(&owner, &ids).await }
        });
        for payload in join_all(asked).await {
            assert_eq!(payload["userErrors"], json!([]));
        }
        assert!(turned.contains(&ids(&merchant).await), "one of the orders, whole");
        let places: Vec<Value> = seen(&merchant).await.iter().map(|one| one["displayOrder"].clone()).collect();
        assert_eq!(json!(places), json!([1, 2, 3, 4, 5]));
    }
}

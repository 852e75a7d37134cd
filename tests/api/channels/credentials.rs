//! Channels get other credentials: callbacks of the ones before are believed for a while, then not.

use chrono::{SecondsFormat, TimeDelta};

use super::*;
use crate::epay::orders::Stage;
use crate::everywhere;
use crate::support::Order;
use crate::support::epay_stub::Notification;

/// Keys that the stub does not know, as a client sends them.
fn others(stub: &EpayStub, generation: &str) -> Value {
    if generation == "V1" {
        let mut all = v1(stub);
        all["epayV1"]["key"] = json!("AnotherKeyOfThirtyTwoCharacters9");
        return all;
    }
    let mut all = v2(stub);
    all["epayV2"]["platformPublicKey"] = stub.public_key_of_a_stranger();
    all
}

/// What the stub knows.
fn own(stub: &EpayStub, generation: &str) -> Value {
    if generation == "V1" {
        v1(stub)
    } else {
        v2(stub)
    }
}

/// The payer pays, and the platform notifies with its key; whether it is told that it may forget.
async fn is_believed(stage: &Stage, order: &Order) -> bool {
    stage.pays(order);
    stage
        .notifies(order, &Notification::default())
        .await
        .is_success()
}

/// Sets credentials of a channel, whatever its version is.
async fn set(stage: &Stage, id: entity::ChannelId, credentials: Value, more: &Value) -> Value {
    let version = row(&stage.merchant, &json!(id.to_string())).await.version;
    let input = json!({ "channelId": id.to_string(), "expectedVersion": version, "credentials": credentials });
    done(
        &stage.merchant.owner().await,
        "channelCredentialsSet",
        with(input, more),
    )
    .await
}

everywhere! {
    async fn callbacks_of_the_keys_before_are_believed_until_their_time_is_over(world: World) {
        let stage = Stage::set(world).await;
        for (generation, id) in stage.channels {
            let mut orders = Vec::new();
            for _ in 0..4 {
                orders.push(stage.order("36.00", id).await);
            }
            let channel = set(&stage, id, others(&stage.stub, generation), &json!({})).await;
            let until = stage.world.clock.now() + TimeDelta::hours(24);
            let until = until.to_rfc3339_opts(SecondsFormat::Millis, true);
            assert_eq!(channel["credentials"]["previousUntil"], json!(until), "{generation}");
            assert_eq!(channel["version"], 2);
            // The platform still signs with the keys before, and V1 is asked with them.
            assert!(is_believed(&stage, &orders[0]).await, "{generation}");
            assert_eq!(orders[0].payment_state().await, "PAID");
            stage.world.clock.advance(TimeDelta::hours(24) - TimeDelta::milliseconds(1));
            assert!(is_believed(&stage, &orders[1]).await, "{generation}");
            stage.world.clock.advance(TimeDelta::milliseconds(1));
            assert!(!is_believed(&stage, &orders[2]).await, "{generation}: no longer");
            assert_ne!(orders[2].payment_state().await, "PAID");
            let shown = format!("query($id: ID!) {{ channel(id: $id) {{ {SHOWN} }} }}");
            let shown = stage.merchant.owner().await.data(&shown, json!({ "id": id.to_string() })).await;
            assert_eq!(shown["channel"]["credentials"]["previousUntil"], Value::Null);
            // The right keys again: everything is believed as before.
            set(&stage, id, own(&stage.stub, generation), &json!({ "overlapHours": 0 })).await;
            assert!(is_believed(&stage, &orders[3]).await, "{generation}");
        }
    }

    async fn nobody_elses_signature_is_believed_while_keys_change(world: World) {
        let stage = Stage::set(world).await;
        for (generation, id) in stage.channels {
            let order = stage.order("36.00", id).await;
            set(&stage, id, others(&stage.stub, generation), &json!({})).await;
            stage.pays(&order);
            for wrong in [
                Notification { tampered: vec![("money", "0.01".to_owned())], ..Notification::default() },
                Notification { with: vec![("pid", "1002".to_owned())], ..Notification::default() },
            ] {
                let reply = stage.notifies(&order, &wrong).await;
                assert!(!reply.is_success(), "{generation} {wrong:?}");
            }
            assert_eq!(order.payment_state().await, "PENDING", "{generation}");
        }
    }

    async fn a_payment_to_the_account_before_is_found_though_its_callback_is_lost(world: World) {
        let stage = Stage::set(world).await;
        let elsewhere = EpayStub::start().await;
        for (generation, id) in stage.channels {
            for (credentials, why) in [
                (own(&elsewhere, generation), "another platform, which does not know the order"),
                (others(&stage.stub, generation), "keys that the platform does not take yet"),
            ] {
                set(&stage, id, own(&stage.stub, generation), &json!({ "overlapHours": 0 })).await;
                let (paid, unpaid) = (stage.order("36.00", id).await, stage.order("8.00", id).await);
                set(&stage, id, credentials, &json!({})).await;
                stage.pays(&paid);
                stage.minutes_later(5).await;
                assert_eq!(paid.payment_state().await, "PAID", "{generation}: {why}");
                assert_eq!(unpaid.payment_state().await, "PENDING", "{generation}: {why}");
            }
        }
    }

    async fn the_account_before_is_asked_no_longer_than_it_is_believed(world: World) {
        let stage = Stage::set(world).await;
        let elsewhere = EpayStub::start().await;
        for (generation, id) in stage.channels {
            let order = stage.order("36.00", id).await;
            set(&stage, id, own(&elsewhere, generation), &json!({ "overlapHours": 0 })).await;
            stage.pays(&order);
            let asked = stage.stub.journal().len();
            stage.minutes_later(5).await;
            assert_eq!(order.payment_state().await, "PENDING", "{generation}");
            assert_eq!(stage.stub.journal().len(), asked, "{generation}");
        }
    }

    async fn without_an_overlap_the_keys_before_are_gone_at_once(world: World) {
        let stage = Stage::set(world).await;
        for (generation, id) in stage.channels {
            let order = stage.order("36.00", id).await;
            set(&stage, id, others(&stage.stub, generation), &json!({ "overlapHours": 0 })).await;
            assert!(!is_believed(&stage, &order).await, "{generation}");
            let row = row(&stage.merchant, &json!(id.to_string())).await;
            assert_eq!(row.sealed_previous_credentials, None);
            assert_eq!(row.previous_credentials_until, None);
        }
    }

    async fn keys_that_are_believed_no_more_do_not_stay(world: World) {
        let stage = Stage::set(world).await;
        let owner = stage.merchant.owner().await;
        let [(_, first), (_, second)] = stage.channels;
        for (generation, id) in stage.channels {
            set(&stage, id, others(&stage.stub, generation), &json!({})).await;
        }
        let kept = async |id: entity::ChannelId| {
            let row = row(&stage.merchant, &json!(id.to_string())).await;
            row.sealed_previous_credentials.is_some()
        };
        for (advance, stays) in [(TimeDelta::hours(24) - TimeDelta::milliseconds(1), true), (TimeDelta::milliseconds(1), false)] {
            stage.world.clock.advance(advance);
            let version = row(&stage.merchant, &json!(first.to_string())).await.version;
            let rename = json!({ "channelId": first.to_string(), "expectedVersion": version, "name": format!("{stays}") });
            done(&owner, "channelUpdate", rename).await;
            yigate::channels::service::reseal(stage.world.app()).await.unwrap();
            assert_eq!((kept(first).await, kept(second).await), (stays, stays));
        }
    }

    async fn the_same_keys_again_change_nothing_but_end_the_overlap(world: World) {
        let stage = Stage::set(world).await;
        let (_, id) = stage.channels[0];
        let order = stage.order("36.00", id).await;
        let new = others(&stage.stub, "V1");
        let first = set(&stage, id, new.clone(), &json!({ "overlapHours": 48 })).await;
        let again = set(&stage, id, new.clone(), &json!({})).await;
        assert_eq!(again, first, "the same, and nothing said");
        let longer = set(&stage, id, new.clone(), &json!({ "overlapHours": 168 })).await;
        assert_eq!(longer, first, "never longer");
        assert_eq!(events(&stage.merchant, EventKind::ChannelUpdated).await, 1);
        let ended = set(&stage, id, new, &json!({ "overlapHours": 0 })).await;
        assert_eq!(ended["version"], 3);
        assert_eq!(ended["credentials"]["previousUntil"], Value::Null);
        assert_eq!(ended["credentials"]["setAt"], first["credentials"]["setAt"]);
        assert!(!is_believed(&stage, &order).await);
    }

    async fn what_cannot_be_used_is_refused_and_nothing_is_kept(world: World) {
        let stage = Stage::set(world).await;
        let owner = stage.merchant.owner().await;
        let [(_, first), (_, second)] = stage.channels;
        let sandbox = stage.merchant.channel_id;
        let (one, two) = (v1(&stage.stub), v2(&stage.stub));
        let mut broken = one.clone();
        broken["epayV1"]["key"] = json!(" ");
        for (id, credentials, version, hours, code, field) in [
            (first, two.clone(), 1, 24, "CREDENTIALS_NOT_OF_KIND", "credentials"),
            (second, one.clone(), 1, 24, "CREDENTIALS_NOT_OF_KIND", "credentials"),
            (sandbox, one.clone(), 1, 24, "CREDENTIALS_NOT_OF_KIND", "credentials"),
            (first, broken, 1, 24, "CREDENTIALS_UNUSABLE", "credentials.epayV1.key"),
            (first, one.clone(), 1, -1, "OVERLAP_OUT_OF_RANGE", "overlapHours"),
            (first, one.clone(), 1, 169, "OVERLAP_OUT_OF_RANGE", "overlapHours"),
            (first, one.clone(), 2, 24, "VERSION_CONFLICT", "expectedVersion"),
        ] {
            let before = row(&stage.merchant, &json!(id.to_string())).await;
            let input = json!({
                "channelId": id.to_string(), "expectedVersion": version, "credentials": credentials,
                "overlapHours": hours,
            });
            let payload = asked(&owner, "channelCredentialsSet", input).await;
            assert_eq!(refusal(&payload), (code, field));
            assert_eq!(row(&stage.merchant, &json!(id.to_string())).await, before);
        }
    }
}

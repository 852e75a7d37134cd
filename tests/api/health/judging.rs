//! How channels are judged: by errors, by payments that do not come in, by probes, by what people say.

use chrono::TimeDelta;
use entity::channel_health::{self, HealthState};
use entity::maintenance_window::{self, MaintenanceSource};
use entity::{Instant, channel};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::json;

use crate::everywhere;
use crate::support::Merchant;

/// What a state and its cause are, as two words.
async fn state(merchant: &Merchant) -> String {
    let (state, cause) = merchant.state().await;
    format!("{state} {cause}")
}

everywhere! {
    async fn a_platform_that_does_not_answer_is_seen_and_believed_again_after_a_while(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.tries(6, "宫保鸡丁").await;
        world.judged().await;
        assert_eq!(state(&merchant).await, "HEALTHY none");
        merchant.tries(8, "sandbox:unavailable").await;
        world.clock.advance(TimeDelta::seconds(10));
        world.judged().await;
        assert_eq!(state(&merchant).await, "DEGRADED TECHNICAL_ERRORS");
        let health = merchant.health().await;
        assert_eq!((&health["attempts"], &health["errorRate"]), (&json!(14), &json!("0.571428")));
        assert_eq!(health["since"], "2026-11-23T04:00:10.000Z");

        world.clock.advance(TimeDelta::seconds(60));
        merchant.tries(5, "sandbox:unreadable").await;
        world.judged().await;
        assert_eq!(state(&merchant).await, "DOWN TECHNICAL_ERRORS");
        world.judged().await;

        world.clock.advance(TimeDelta::seconds(60));
        merchant.tries(6, "宫保鸡丁").await;
        world.judged_for(50).await;
        assert_eq!(state(&merchant).await, "DOWN TECHNICAL_ERRORS", "it is too early to believe it");
        world.judged_for(20).await;
        assert_eq!(state(&merchant).await, "HEALTHY RECOVERED");
        // What is over is not held against it again.
        merchant.tries(6, "宫保鸡丁").await;
        world.judged_for(60).await;
        assert_eq!(merchant.health_changes().await, [
            ["UNKNOWN", "HEALTHY", "none"],
            ["HEALTHY", "DEGRADED", "TECHNICAL_ERRORS"],
            ["DEGRADED", "DOWN", "TECHNICAL_ERRORS"],
            ["DOWN", "HEALTHY", "RECOVERED"],
        ]);
        let events = merchant.events().await;
        let told = events.iter().filter(|kind| *kind == "CHANNEL_HEALTH_CHANGED").count();
        assert_eq!(told, 4, "one event for each change");
    }

    async fn refusals_say_nothing_about_a_platform(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.tries(20, "sandbox:refuse").await;
        world.judged().await;
        assert_eq!(state(&merchant).await, "UNKNOWN none");
        merchant.tries(1, "宫保鸡丁").await;
        world.judged().await;
        assert_eq!(state(&merchant).await, "HEALTHY none");
        assert_eq!(merchant.health().await["attempts"], 1);
    }

    async fn a_few_errors_are_no_alarm_where_the_platform_answers_probes(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.was_probed(0).await;
        world.judged().await;
        assert_eq!(state(&merchant).await, "HEALTHY none");
        merchant.tries(6, "sandbox:unavailable").await;
        world.judged().await;
        assert_eq!(state(&merchant).await, "HEALTHY none");
        merchant.tries(2, "sandbox:unavailable").await;
        world.judged().await;
        assert_eq!(state(&merchant).await, "DEGRADED TECHNICAL_ERRORS", "traffic outweighs probes");
    }

    async fn where_nothing_goes_through_nothing_is_known(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        world.judged().await;
        assert_eq!(state(&merchant).await, "UNKNOWN none");
        assert_eq!(merchant.health().await["judgedAt"], json!(null));
        merchant.tries(1, "宫保鸡丁").await;
        world.judged().await;
        for _ in 0..25 {
            world.clock.advance(TimeDelta::minutes(1));
            world.judged().await;
        }
        assert_eq!(state(&merchant).await, "HEALTHY none", "a quiet hour is not silence yet");
        for _ in 0..15 {
            world.clock.advance(TimeDelta::minutes(1));
            world.judged().await;
        }
        assert_eq!(state(&merchant).await, "UNKNOWN NO_TRAFFIC");
        merchant.tries(1, "宫保鸡丁").await;
        world.judged().await;
        assert_eq!(state(&merchant).await, "HEALTHY none");
    }

    async fn a_channel_that_is_down_and_asked_by_nobody_is_unknown_in_the_end(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.tries(5, "sandbox:unavailable").await;
        world.judged().await;
        assert_eq!(state(&merchant).await, "DOWN TECHNICAL_ERRORS");
        for _ in 0..40 {
            world.clock.advance(TimeDelta::minutes(1));
            world.judged().await;
        }
        assert_eq!(state(&merchant).await, "UNKNOWN NO_TRAFFIC");
    }

    async fn probes_that_fail_twice_say_down_and_one_that_is_answered_says_enough(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.was_probed(1).await;
        world.judged().await;
        assert_eq!(state(&merchant).await, "UNKNOWN none");
        merchant.was_probed(2).await;
        world.judged().await;
        assert_eq!(state(&merchant).await, "DOWN PROBES");
        world.clock.advance(TimeDelta::seconds(30));
        merchant.was_probed(0).await;
        world.judged_for(50).await;
        assert_eq!(state(&merchant).await, "DOWN PROBES");
        world.judged_for(20).await;
        assert_eq!(state(&merchant).await, "HEALTHY RECOVERED");
        // Where payers get their codes since it does not answer probes, the platform is there all the same.
        merchant.was_probed(1).await;
        world.clock.advance(TimeDelta::minutes(1));
        merchant.tries(1, "宫保鸡丁").await;
        merchant.was_probed(2).await;
        world.judged().await;
        assert_eq!(state(&merchant).await, "HEALTHY RECOVERED");
    }

    async fn payments_that_do_not_come_in_are_noticed_against_what_is_usual(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.usually_has(400, 280).await;
        for paid in [true, true, false, false, false, false, false, false] {
            for _ in 0..7 {
                let order = merchant.order("10.00").await;
                if paid {
                    order.pay().await;
                }
            }
            world.judged().await;
            if paid {
                assert_eq!(state(&merchant).await, "HEALTHY none");
            }
            world.clock.advance(TimeDelta::minutes(1));
        }
        world.judged().await;
        assert_eq!(state(&merchant).await, "DEGRADED SUCCESS_RATE");
        let health = merchant.health().await;
        assert_eq!(health["baselineRate"], "0.7");
        assert_eq!(health["errorRate"], "0");
    }

    async fn a_maintenance_window_holds_while_it_lasts_and_what_failed_in_it_is_forgotten(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.tries(2, "宫保鸡丁").await;
        world.judged().await;
        let now = world.clock.now();
        let window = maintenance_window::Model {
            merchant_id: merchant.id,
            id: world.app().ids.next(),
            channel_id: merchant.channel_id,
            starts_at: Instant(now + TimeDelta::seconds(30)),
            ends_at: Instant(now + TimeDelta::seconds(100)),
            source: MaintenanceSource::Provider,
            note: None,
            created_by: "system".to_owned(),
            created_at: Instant(now),
            canceled_at: None,
            canceled_by: None,
        };
        maintenance_window::Entity::insert(window.into_active_model())
            .exec_without_returning(world.app().db.writer())
            .await
            .unwrap();
        world.judged_for(20).await;
        assert_eq!(state(&merchant).await, "HEALTHY none");
        world.judged_for(10).await;
        assert_eq!(state(&merchant).await, "MAINTENANCE MAINTENANCE");
        merchant.tries(12, "sandbox:unavailable").await;
        world.judged_for(60).await;
        assert_eq!(state(&merchant).await, "MAINTENANCE MAINTENANCE");
        world.judged_for(10).await;
        assert_eq!(state(&merchant).await, "UNKNOWN RECOVERED");
        world.clock.advance(TimeDelta::minutes(1));
        merchant.tries(1, "宫保鸡丁").await;
        world.judged().await;
        assert_eq!(state(&merchant).await, "HEALTHY RECOVERED");
    }

    async fn what_a_person_says_holds_until_its_time_is_over(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.tries(2, "宫保鸡丁").await;
        world.judged().await;
        let until = Instant(world.clock.now() + TimeDelta::minutes(2));
        channel_health::Entity::update_of(merchant.id)
            .filter(channel_health::Column::ChannelId.eq(merchant.channel_id))
            .col_expr(channel_health::Column::OverrideState, Expr::value(HealthState::Degraded))
            .col_expr(channel_health::Column::OverrideUntil, Expr::value(until))
            .col_expr(channel_health::Column::OverrideNote, Expr::value("收银台反馈很慢"))
            .exec(world.app().db.writer())
            .await
            .unwrap();
        world.judged().await;
        assert_eq!(state(&merchant).await, "DEGRADED MANUAL");
        let told = merchant.health().await["override"].clone();
        assert_eq!((&told["state"], &told["note"]), (&json!("DEGRADED"), &json!("收银台反馈很慢")));
        merchant.tries(8, "sandbox:unavailable").await;
        world.judged_for(110).await;
        assert_eq!(state(&merchant).await, "DEGRADED MANUAL");
        merchant.tries(5, "宫保鸡丁").await;
        world.judged_for(10).await;
        assert_eq!(state(&merchant).await, "DEGRADED TECHNICAL_ERRORS", "figures speak again");
        assert_eq!(merchant.health().await["override"], json!(null));
    }

    async fn a_closed_channel_is_not_judged(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.tries(5, "sandbox:unavailable").await;
        world.judged().await;
        assert_eq!(state(&merchant).await, "DOWN TECHNICAL_ERRORS");
        world.clock.advance(TimeDelta::seconds(10));
        merchant.set_channel(channel::Column::Enabled, false).await;
        world.judged().await;
        world.judged().await;
        assert_eq!(state(&merchant).await, "UNKNOWN NO_TRAFFIC");
        assert_eq!(merchant.health_changes().await.len(), 2);
        // Open again, what failed before is not held against it.
        world.clock.advance(TimeDelta::minutes(3));
        merchant.set_channel(channel::Column::Enabled, true).await;
        world.judged().await;
        assert_eq!(state(&merchant).await, "UNKNOWN NO_TRAFFIC");
        merchant.tries(1, "宫保鸡丁").await;
        world.judged().await;
        assert_eq!(state(&merchant).await, "HEALTHY none");
    }

    async fn a_channel_that_goes_back_and_forth_is_believed_later_each_time(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.tries(5, "宫保鸡丁").await;
        world.judged().await;
        for round in 0..6 {
            for (count, title) in [(6, "sandbox:unavailable"), (6, "宫保鸡丁")] {
                world.clock.advance(TimeDelta::seconds(60));
                merchant.tries(count, title).await;
                world.judged_for(120).await;
            }
            let flapping = merchant.health().await["flapping"] == true;
            assert_eq!(flapping, round >= 2, "in round {round}");
        }
        let changes = merchant.health_changes().await;
        let alarms = changes.iter().filter(|[from, to, _]| from == "HEALTHY" && to == "DOWN");
        assert_eq!(alarms.count(), 3, "{changes:?}");
    }
}

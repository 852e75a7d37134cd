//! Answers that are kept: never an old one, never another's, made once for many.

use std::task::Poll;
use std::time::Duration;

use chrono::TimeDelta;
use entity::membership::Role;
use entity::{channel, statistic};
use futures_util::future::join_all;
use sea_orm::sea_query::Expr;
use serde_json::{Value, json};
use tokio::time::timeout;
use yigate::graphql::gateway::Gateway;
use yigate::statistics::service::rebuild;

use crate::everywhere;
use crate::support::{Client, Merchant, World, start};

const TODAY: &str = "{ statistics(range: { preset: TODAY }, grain: DAY, dimensions: [CHANNEL]) { asOf \
    totals { orders paid { amount } } rows { startsOn channel { id name } measures { paidOrders } } } }";

/// The totals of a merchant's day, as somebody is told.
async fn orders(client: &Client, document: &str) -> i64 {
    let told = client.data(document, Value::Null).await;
    told["statistics"]["totals"]["orders"].as_i64().unwrap()
}

/// How many answers were ready, and how many had to be made.
fn figures(gateway: &Gateway) -> (u64, u64) {
    let metrics = &gateway.app.metrics;
    (
        metrics.statistics_hits.get(),
        metrics.statistics_misses.get(),
    )
}

/// Writes into what is served without counting: whoever is told of it was not told what was kept.
async fn tampered(world: &World, merchant: &Merchant) {
    statistic::Entity::update_of(merchant.id)
        .col_expr(statistic::Column::Orders, Expr::value(1_000))
        .exec(world.app().db.writer())
        .await
        .unwrap();
}

/// The same question in many forms: what is kept must not change any answer.
const FORMS: [&str; 12] = [
    TODAY,
    "{ statistics(range: { preset: TODAY }) { a: asOf b: asOf totals { net { amount } fees { amount currency } } } }",
    "{ statistics(range: { preset: TODAY }) { __typename totals { __typename t: orders } rows { isOther share } } }",
    "{ a: statistics(range: { preset: TODAY }) { totals { orders } } \
       b: statistics(range: { preset: TODAY }) { totals { orders } } }",
    "{ statistics(range: { preset: TODAY }) { totals { orders } } ...more } \
     fragment more on Query { statistics(range: { preset: TODAY }) { totals { paidOrders } rows { startsAt } } }",
    "{ statistics(range: { preset: TODAY }) { ...figures totals { converted } } } \
     fragment figures on Statistics { totals { orders ...on StatisticsMeasures { gross { amount } } } }",
    "query($no: Boolean = false) { statistics(range: { preset: TODAY }) { totals { orders paidOrders @include(if: $no) } \
       asOf @skip(if: $no) } }",
    "{ statistics(range: { preset: LAST_7_DAYS }, grain: DAY, dimensions: [METHOD, CATEGORY], compareTo: PREVIOUS_PERIOD) \
       { timeZone range { from to } previousRange { from } changes { paid { value { amount } percent } successRate { value } } \
         previousTotals { orders } rows { startsAt method category change { orders { value percent } } previous { orders } } } }",
    "{ statistics(range: { preset: TODAY }, dimensions: [CHANNEL, COUNTRY]) { rows { country channel { id name kind method \
       enabled version devices hideWhen createdAt terms { fundsMode } minAmount { amount } health { state } } } } }",
    "{ hourlyHeatmap(range: { preset: LAST_7_DAYS }) { asOf cells { weekday hour orders paid { amount currency } } } }",
    "{ statistics(range: { preset: TODAY }, top: 1, dimensions: [CHANNEL], filter: { methods: [ALIPAY] }) \
       { rows { isOther measures { averageOrderValue { amount } averagePaySeconds successRate } } } }",
    "{ statistics(range: { preset: TODAY }, grain: HOUR) { rows { startsAt measures { refunds refunded { amount } discounts \
       { amount } } } } viewer { role } }",
];

everywhere! {
    async fn what_was_counted_since_is_told_at_once(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        merchant.counted().await;
        for expected in 0..4 {
            for _ in 0..3 {
                assert_eq!(orders(&owner, TODAY).await, expected);
            }
            merchant.paid_order("36.00").await;
            merchant.counted().await;
        }
        assert_eq!(figures(&world.gateway), (8, 4));
    }

    async fn it_is_told_how_current_a_kept_answer_is(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        merchant.counted().await;
        let document = "{ statistics(range: { preset: TODAY }) { now: asOf totals { orders } } }";
        for seconds in ["00", "01", "02"] {
            let told = owner.data(document, Value::Null).await;
            assert_eq!(told["statistics"]["now"], format!("2026-11-23T04:00:{seconds}.000Z"));
            world.clock.advance(TimeDelta::seconds(1));
        }
        assert_eq!(figures(&world.gateway), (2, 1));
        // An order that is not counted yet: what there is, is as of that order, however late it is.
        merchant.paid_order("36.00").await;
        world.clock.advance(TimeDelta::seconds(5));
        let told = owner.data(document, Value::Null).await;
        assert_eq!(told["statistics"]["totals"]["orders"], 0);
        assert_eq!(told["statistics"]["now"], "2026-11-23T04:00:03.000Z", "{told}");
    }

    async fn another_instance_tells_what_was_counted_elsewhere(world: World) {
        let here = world.merchant("汇贤饭店").await;
        let second = world.another_instance().await;
        let there = here.on(&second);
        here.counted().await;
        for expected in 0..3 {
            for merchant in [&here, &there] {
                assert_eq!(orders(&merchant.owner().await, TODAY).await, expected);
                assert_eq!(orders(&merchant.owner().await, TODAY).await, expected);
            }
            there.paid_order("36.00").await;
            here.counted().await;
        }
    }

    async fn nobody_is_told_what_was_made_for_another(world: World) {
        let (ours, theirs) = (world.merchant("汇贤饭店").await, world.merchant("云裳时装").await);
        ours.takes_fees("0.01").await;
        ours.paid_order("36.00").await;
        ours.counted().await;
        theirs.counted().await;
        let document = "{ statistics(range: { preset: TODAY }) { totals { orders fees { amount } } } }";
        let owner = ours.owner().await;
        for _ in 0..2 {
            let told = owner.data(document, Value::Null).await;
            assert_eq!(told["statistics"]["totals"], json!({ "orders": 1, "fees": { "amount": "0.36" } }));
            assert_eq!(orders(&theirs.owner().await, TODAY).await, 0);
        }
        let made = owner.data("mutation { apiKeyCreate(input: { name: \"店铺\", scopes: [ORDERS_READ] }) \
            { secret } }", Value::Null).await;
        let secret = made["apiKeyCreate"]["secret"].as_str().unwrap();
        let shop = Client::bearer(world.gateway.clone(), secret).await;
        for _ in 0..2 {
            let told = shop.ask(document, Value::Null).await;
            assert_eq!(told["data"]["statistics"]["totals"], json!({ "orders": 1, "fees": null }));
            assert_eq!(told["errors"][0]["extensions"]["code"], "FORBIDDEN");
        }
        let chinese = shop.in_chinese();
        let (_, message) = chinese.error(document, Value::Null).await;
        assert!(!message.is_ascii(), "{message}");
        let told = ours.client(Role::Finance).await.data(document, Value::Null).await;
        assert_eq!(told["statistics"]["totals"]["fees"]["amount"], "0.36");
    }

    async fn midnight_begins_another_day(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        merchant.paid_order("36.00").await;
        merchant.counted().await;
        assert_eq!(orders(&owner, TODAY).await, 1);
        // 23:59:59 in Shanghai, and a second later.
        world.clock.advance(TimeDelta::hours(12) - TimeDelta::seconds(1));
        assert_eq!(orders(&owner, TODAY).await, 1);
        world.clock.advance(TimeDelta::seconds(1));
        assert_eq!(orders(&owner, TODAY).await, 0);
    }

    async fn another_time_zone_has_other_days(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        merchant.paid_order("36.00").await;
        merchant.counted().await;
        let hours = "{ statistics(range: { preset: TODAY }, grain: HOUR) { timeZone totals { orders } \
            rows { startsAt measures { orders } } } }";
        let before = owner.data(hours, Value::Null).await;
        assert_eq!(before["statistics"]["rows"][12]["measures"]["orders"], 1);
        merchant.lives_in("Asia/Kathmandu").await;
        world.app().merchants.invalidate(&merchant.id);
        merchant.counted().await;
        let after = owner.data(hours, Value::Null).await;
        assert_eq!(after["statistics"]["timeZone"], "Asia/Kathmandu");
        assert_eq!(after["statistics"]["rows"][9]["startsAt"], "2026-11-23T03:15:00.000Z");
        assert_eq!(after["statistics"]["rows"][9]["measures"]["orders"], 1);
    }

    async fn a_build_that_takes_over_is_told_at_once(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        merchant.paid_order("36.00").await;
        merchant.counted().await;
        assert_eq!(orders(&owner, TODAY).await, 1);
        tampered(&world, &merchant).await;
        assert_eq!(orders(&owner, TODAY).await, 1, "what is kept is told without reading a bucket");
        let other = "{ statistics(range: { preset: TODAY }, grain: DAY) { totals { orders } } }";
        assert_eq!(orders(&owner, other).await, 1_000, "another question is another answer");
        assert!(rebuild(world.app(), merchant.id).await.unwrap());
        assert_eq!(orders(&owner, TODAY).await, 1);
        assert_eq!(orders(&owner, other).await, 1);
    }

    async fn a_channel_that_is_renamed_has_its_new_name(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        merchant.paid_order("36.00").await;
        merchant.counted().await;
        for name in ["大堂", "外卖"] {
            channel::Entity::update_of(merchant.id)
                .col_expr(channel::Column::Name, Expr::value(name))
                .exec(world.app().db.writer()).await.unwrap();
            // As if a second had gone by.
            world.app().channels.invalidate(&merchant.id);
            let told = owner.data(TODAY, Value::Null).await;
            assert_eq!(told["statistics"]["rows"][0]["channel"]["name"], name);
        }
    }

    async fn what_is_kept_changes_no_answer_in_any_form(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.takes_fees("0.01").await;
        for amount in ["36.00", "0.01", "8.80"] {
            merchant.paid_order(amount).await;
        }
        merchant.order("1.00").await;
        merchant.counted().await;
        let mut settings = world.app().settings.clone();
        settings.statistics.answer_cache_bytes = 0;
        let forgetful = start(settings, world.clock.clone()).await;
        for role in [Role::Owner, Role::Viewer] {
            let (kept, anew) = (merchant.client(role).await, merchant.on(&forgetful).client(role).await);
            for form in FORMS {
                let expected = anew.ask(form, Value::Null).await;
                assert!(expected["data"].is_object(), "{form}: {expected:#}");
                for turn in 0..3 {
                    let told = kept.ask(form, Value::Null).await;
                    assert_eq!(told, expected, "{role:?} {turn} {form}");
                }
            }
        }
        let (hits, _) = figures(&world.gateway);
        assert!(hits > 20, "{hits}");
        assert_eq!(figures(&forgetful), (0, 0));
    }

    async fn of_many_who_ask_at_once_one_has_it_made(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.paid_order("36.00").await;
        merchant.counted().await;
        let owner = merchant.owner().await;
        let asked = (0..20).map(|_| orders(&owner, TODAY));
        assert!(join_all(asked).await.iter().all(|orders| *orders == 1));
        assert_eq!(figures(&world.gateway), (19, 1));
    }

    async fn who_goes_away_leaves_the_turn_to_the_next(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.paid_order("36.00").await;
        merchant.counted().await;
        let owner = merchant.owner().await;
        for steps in 1..40 {
            let document = format!("{{ statistics(range: {{ preset: TODAY }}) {{ a{steps}: asOf totals {{ orders }} }} }}");
            let (mut asked, mut taken) = (Box::pin(orders(&owner, &document)), 0);
            // Broken off after some steps, wherever that is.
            std::future::poll_fn(|ctx| {
                taken += 1;
                match asked.as_mut().poll(ctx) {
                    Poll::Pending if taken < steps => Poll::Pending,
                    _ => Poll::Ready(()),
                }
            }).await;
            drop(asked);
            let told = timeout(Duration::from_secs(5), orders(&owner, &document)).await;
            assert_eq!(told.ok(), Some(1), "{steps}");
        }
    }
}

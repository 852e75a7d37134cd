//! Delays between attempts to sign in: the same for every login name, whether it is an account's or not.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{Role, SIGN_IN, email};
use crate::everywhere;
use crate::support::{Client, World};

const RIGHT: &str = "correct horse battery";
const WRONG: &str = "correct horse";

/// What comes of an attempt: `none` where it succeeds; and how long to wait where it came too early.
async fn attempt(world: &World, email: &str, password: &str) -> (String, u64) {
    let variables = json!({ "email": email, "password": password });
    let nobody = Client::anonymous(world.gateway.clone());
    let answer = nobody.ask(SIGN_IN, variables).await;
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let extensions = &answer["errors"][0]["extensions"];
    let code = text(&extensions["code"])
        .or_else(|| text(&answer["data"]["signIn"]["userErrors"][0]["code"]));
    let wait = extensions["retryAfterMs"].as_u64().unwrap_or(0);
    (code.unwrap_or_else(|| "none".to_owned()), wait)
}

async fn code(world: &World, email: &str, password: &str) -> String {
    attempt(world, email, password).await.0
}

everywhere! {
    async fn three_failures_are_free_and_each_further_one_doubles_the_wait(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let known = email(&merchant, Role::Owner);
        let mut told = Vec::new();
        // An unknown login name is told exactly what a known one is.
        for login in [known.as_str(), "nobody@shop.example"] {
            let mut waits = Vec::new();
            for _ in 0..3 {
                assert_eq!(code(&world, login, WRONG).await, "WRONG_CREDENTIALS", "free");
            }
            for failure in 4..=15 {
                assert_eq!(code(&world, login, WRONG).await, "WRONG_CREDENTIALS", "{failure}");
                // Also with the right password, in any spelling of the name.
                let loud = login.to_uppercase();
                let (code, wait) = attempt(&world, &loud, RIGHT).await;
                assert_eq!(code, "RATE_LIMITED", "{failure}");
                waits.push(wait);
                world.clock.advance(TimeDelta::milliseconds(i64::try_from(wait).unwrap() - 1));
                assert_eq!(attempt(&world, login, RIGHT).await.0, "RATE_LIMITED", "{failure}");
                world.clock.advance(TimeDelta::milliseconds(1));
            }
            told.push(waits);
        }
        let seconds: Vec<u64> = told[0].iter().map(|ms| ms / 1_000).collect();
        assert_eq!(seconds, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
        assert_eq!(told[0], told[1]);
        // Others sign in meanwhile.
        assert_eq!(code(&world, &email(&merchant, Role::Viewer), RIGHT).await, "none");
    }

    async fn who_signs_in_begins_anew_and_so_does_everybody_after_a_day(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let login = email(&merchant, Role::Owner);
        for _ in 0..2 {
            for _ in 0..3 {
                assert_eq!(code(&world, &login, WRONG).await, "WRONG_CREDENTIALS");
            }
            assert_eq!(code(&world, &login, RIGHT).await, "none");
        }
        for _ in 0..4 {
            assert_eq!(code(&world, &login, WRONG).await, "WRONG_CREDENTIALS");
        }
        assert_eq!(code(&world, &login, RIGHT).await, "RATE_LIMITED");
        world.clock.advance(TimeDelta::days(1));
        for _ in 0..4 {
            assert_eq!(code(&world, &login, WRONG).await, "WRONG_CREDENTIALS");
        }
        assert_eq!(code(&world, &login, RIGHT).await, "RATE_LIMITED");
    }

    async fn a_delay_holds_on_every_instance(world: World) {
        let second = world.another_instance().await;
        for turn in 0..4 {
            let gateway = if turn % 2 == 0 { &world.gateway } else { &second };
            let nobody = Client::anonymous(gateway.clone());
            let variables = json!({ "email": "nobody@shop.example", "password": WRONG });
            let answer = nobody.data(SIGN_IN, variables).await;
            assert_eq!(answer["signIn"]["userErrors"][0]["code"], "WRONG_CREDENTIALS");
        }
        for gateway in [&world.gateway, &second] {
            let nobody = Client::anonymous(gateway.clone());
            let variables = json!({ "email": "nobody@shop.example", "password": WRONG });
            assert_eq!(nobody.error(SIGN_IN, variables).await.0, "RATE_LIMITED");
        }
    }
}

//! Second factors: set up, confirmed, spent once, guessed at in vain, and taken away.

use chrono::TimeDelta;
use entity::membership::Role;
use entity::{recovery_code, second_factor};
use futures_util::StreamExt;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::everywhere;
use crate::support::Client;
use crate::support::second_factor::{Device, PASSWORD, confirm, enroll};

const RENEW: &str = "mutation($code: String!) { recoveryCodesRenew(input: { code: $code }) { \
    recoveryCodes userErrors { code field message } } }";
const DISABLE: &str = "mutation($password: String!, $code: String!) { \
    totpDisable(input: { password: $password, code: $code }) { secondFactor { confirmed } \
    userErrors { code field } } }";
const SEEN: &str = "{ viewer { secondFactor { confirmed confirmedAt confirmBefore recoveryCodesLeft blockedUntil \
    restsUntil } } }";

/// What comes of a code where it changes little: `none` where it is believed.
async fn renew(client: &Client, code: &str) -> String {
    let answer = client.data(RENEW, json!({ "code": code })).await;
    refusal(&answer["recoveryCodesRenew"])
}

async fn disable(client: &Client, password: &str, code: &str) -> String {
    let variables = json!({ "password": password, "code": code });
    let answer = client.data(DISABLE, variables).await;
    refusal(&answer["totpDisable"])
}

async fn seen(client: &Client) -> Value {
    let answer = client.data(SEEN, Value::Null).await;
    answer["viewer"]["secondFactor"].clone()
}

fn refusal(payload: &Value) -> String {
    let code = payload["userErrors"][0]["code"].as_str();
    code.unwrap_or("none").to_owned()
}

everywhere! {
    async fn a_second_factor_counts_once_it_is_confirmed(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        assert_eq!(seen(&owner).await["confirmed"], false);
        assert_eq!(confirm(&owner, "123456").await["userErrors"][0]["code"], "NOTHING_TO_CONFIRM");
        assert_eq!(renew(&owner, "123456").await, "SECOND_FACTOR_NEEDED");

        let enrolled = enroll(&owner, PASSWORD, None).await;
        assert_eq!(enrolled["expiresAt"], "2026-11-23T04:30:00.000Z");
        let secret = enrolled["secret"].as_str().unwrap();
        let uri = enrolled["uri"].as_str().unwrap();
        assert!(uri.starts_with("otpauth://totp/yigate:owner."), "{uri}");
        assert!(uri.contains(&format!("secret={secret}&issuer=yigate")), "{uri}");
        let picture = enrolled["qrCode"].as_str().unwrap();
        let svg = picture.strip_prefix("data:image/svg+xml;base64,").expect("an SVG");
        let svg = data_encoding::BASE64.decode(svg.as_bytes()).unwrap();
        assert!(String::from_utf8(svg).unwrap().contains("<svg "));
        let device = Device::told(&enrolled["secret"], &world.clock);
        assert_eq!(renew(&owner, &device.code()).await, "SECOND_FACTOR_NEEDED", "it counts for nothing");
        assert_eq!(confirm(&owner, &device.wrong()).await["userErrors"][0]["code"], "WRONG_CODE");

        let confirmed = confirm(&owner, &device.code()).await;
        let codes = confirmed["recoveryCodes"].as_array().unwrap();
        assert_eq!(codes.len(), 10);
        assert_eq!(confirmed["secondFactor"], json!({ "confirmed": true, "recoveryCodesLeft": 10,
            "confirmedAt": "2026-11-23T04:00:00.000Z", "restsUntil": "2026-11-24T04:00:00.000Z" }));
        // The code that confirmed it is spent; the next one counts.
        assert_eq!(renew(&owner, &device.code()).await, "CODE_USED");
        assert_eq!(renew(&owner, &device.next()).await, "none");
        assert_eq!(confirm(&owner, &device.next()).await["userErrors"][0]["code"], "NOTHING_TO_CONFIRM");
        world.clock.advance(TimeDelta::days(1));
        assert_eq!(seen(&owner).await["restsUntil"], Value::Null);
        // It is one person's.
        assert_eq!(seen(&merchant.client(Role::Finance).await).await["confirmed"], false);
    }

    async fn what_waits_to_be_confirmed_waits_for_half_an_hour(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        let enrolled = enroll(&owner, PASSWORD, None).await;
        let device = Device::told(&enrolled["secret"], &world.clock);
        world.clock.advance(TimeDelta::minutes(30));
        assert_eq!(confirm(&owner, &device.code()).await["userErrors"][0]["code"], "NOTHING_TO_CONFIRM");
        let enrolled = enroll(&owner, PASSWORD, None).await;
        let device = Device::told(&enrolled["secret"], &world.clock);
        world.clock.advance(TimeDelta::minutes(29));
        assert_eq!(confirm(&owner, &device.code()).await["userErrors"], json!([]));
    }

    async fn each_code_counts_once_and_those_before_it_no_more(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let (owner, device) = (merchant.owner().await, merchant.device(Role::Owner).await);
        world.clock.advance(TimeDelta::minutes(10));
        let (before, now, after) = (device.code_in(-1), device.code(), device.code_in(1));
        assert_eq!(renew(&owner, &device.code_in(-2)).await, "WRONG_CODE");
        assert_eq!(renew(&owner, &device.code_in(2)).await, "WRONG_CODE");
        for (code, told) in [(&before, "none"), (&before, "CODE_USED"), (&after, "none"), (&now, "CODE_USED"),
            (&after, "CODE_USED")] {
            assert_eq!(renew(&owner, code).await, told);
        }
    }

    async fn a_recovery_code_stands_in_once(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let (owner, device) = (merchant.owner().await, merchant.device(Role::Owner).await);
        let [first, second, ..] = device.recovery_codes.as_slice() else { panic!("ten codes") };
        let enrolled = enroll(&owner, PASSWORD, Some(&first.to_lowercase().replace('-', " "))).await;
        assert_eq!(enrolled["userErrors"], json!([]));
        assert_eq!(seen(&owner).await["recoveryCodesLeft"], 9);
        assert_eq!(enroll(&owner, PASSWORD, Some(first)).await["userErrors"][0]["code"], "CODE_USED");
        // The new ones end those before.
        assert_eq!(renew(&owner, second).await, "none");
        assert_eq!(seen(&owner).await["recoveryCodesLeft"], 10);
        assert_eq!(renew(&owner, second).await, "WRONG_CODE");
        // Nothing that can be read back is kept.
        let rows = recovery_code::Entity::of_staff(merchant.staff(Role::Owner));
        for row in rows.all(world.app().db.reads_across()).await.unwrap() {
            assert_eq!(row.code_hash.len(), 32);
        }
    }

    async fn another_phone_takes_over_only_once_it_is_confirmed_and_rests_anew(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let (owner, old) = (merchant.owner().await, merchant.device(Role::Owner).await);
        world.clock.advance(TimeDelta::days(2));
        assert_eq!(enroll(&owner, PASSWORD, None).await["userErrors"][0]["code"], "CODE_NEEDED");
        assert_eq!(enroll(&owner, PASSWORD, Some(&old.wrong())).await["userErrors"][0]["code"], "WRONG_CODE");
        let enrolled = enroll(&owner, PASSWORD, Some(&old.code())).await;
        let new = Device::told(&enrolled["secret"], &world.clock);
        assert_eq!(seen(&owner).await["restsUntil"], Value::Null, "nothing has changed yet");
        assert_eq!(renew(&owner, &new.next()).await, "WRONG_CODE");
        assert_eq!(renew(&owner, &old.code()).await, "none");
        assert_eq!(confirm(&owner, &new.code()).await["userErrors"], json!([]));
        assert_eq!(seen(&owner).await["restsUntil"], "2026-11-26T04:00:30.000Z");
        assert_eq!(renew(&owner, &old.next()).await, "WRONG_CODE");
        assert_eq!(renew(&owner, &new.code()).await, "none");
    }

    async fn a_stolen_session_alone_sets_nothing_up_and_takes_nothing_away(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        assert_eq!(enroll(&owner, "a guess", None).await["userErrors"][0]["code"], "WRONG_PASSWORD");
        let device = merchant.device(Role::Owner).await;
        assert_eq!(disable(&owner, "a guess", &device.next()).await, "WRONG_PASSWORD");
        assert_eq!(disable(&owner, PASSWORD, &device.wrong()).await, "WRONG_CODE");
        // Passwords are guessed no faster than at sign-in.
        let variables = json!({ "password": "a guess", "code": "000000" });
        for _ in 0..4 {
            assert_eq!(disable(&owner, "a guess", "000000").await, "WRONG_PASSWORD");
        }
        assert_eq!(owner.error(DISABLE, variables).await.0, "RATE_LIMITED");
        world.clock.advance(TimeDelta::minutes(1));
        assert_eq!(disable(&owner, PASSWORD, &device.next()).await, "none");
        assert_eq!(seen(&owner).await["confirmed"], false);
        assert_eq!(renew(&owner, &device.next()).await, "SECOND_FACTOR_NEEDED");
        assert_eq!(renew(&owner, &device.recovery_codes[0]).await, "SECOND_FACTOR_NEEDED");
    }

    async fn five_wrong_codes_block_for_longer_and_longer(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let (owner, device) = (merchant.owner().await, merchant.device(Role::Owner).await);
        world.clock.advance(TimeDelta::minutes(1));
        let mut waits = Vec::new();
        for wrong in 1..=9 {
            let guess = if wrong % 2 == 0 { device.wrong() } else { "AAAA-AAAA-AAAA-AAAA".to_owned() };
            assert_eq!(renew(&owner, &guess).await, "WRONG_CODE", "{wrong}");
            let Some(until) = seen(&owner).await["blockedUntil"].as_str().map(str::to_owned) else {
                continue;
            };
            let answer = owner.data(RENEW, json!({ "code": device.code() })).await;
            let error = &answer["recoveryCodesRenew"]["userErrors"][0];
            assert_eq!(error["code"], "SECOND_FACTOR_BLOCKED", "also the right one: {wrong}");
            assert!(error["message"].as_str().unwrap().contains(&until[..16]), "{error} {until}");
            let until: chrono::DateTime<chrono::Utc> = until.parse().unwrap();
            waits.push((wrong, (until - world.clock.now()).num_minutes()));
            world.clock.set(until);
        }
        assert_eq!(waits, [(5, 5), (6, 10), (7, 20), (8, 40), (9, 60)]);
        // Who is right begins anew.
        assert_eq!(renew(&owner, &device.code()).await, "none");
        for _ in 0..4 {
            assert_eq!(renew(&owner, &device.wrong()).await, "WRONG_CODE");
        }
        assert_eq!(renew(&owner, &device.next()).await, "none");
    }

    async fn what_was_right_but_used_is_no_guess(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let (owner, device) = (merchant.owner().await, merchant.device(Role::Owner).await);
        for _ in 0..12 {
            assert_eq!(renew(&owner, &device.code()).await, "CODE_USED");
        }
        assert_eq!(renew(&owner, &device.next()).await, "none");
    }

    async fn one_right_code_for_many_things_at_once_is_no_guess(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let (owner, device) = (merchant.owner().await, merchant.device(Role::Owner).await);
        let code = device.next();
        let mut answers = join_all((0..8).map(|_| renew(&owner, &code))).await;
        answers.sort_unstable();
        assert_eq!(answers.pop().as_deref(), Some("none"), "{answers:?}");
        assert_eq!(answers, ["CODE_USED"; 7]);
        assert_eq!(seen(&owner).await["blockedUntil"], Value::Null);
    }

    async fn an_api_key_has_no_second_factor(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let shop = merchant.shop();
        assert_eq!(seen(&shop).await, Value::Null);
        assert_eq!(enroll(&shop, PASSWORD, None).await["userErrors"][0]["code"], "STAFF_ONLY");
        assert_eq!(confirm(&shop, "123456").await["userErrors"][0]["code"], "STAFF_ONLY");
        assert_eq!(renew(&shop, "123456").await, "STAFF_ONLY");
        assert_eq!(disable(&shop, PASSWORD, "123456").await, "STAFF_ONLY");
    }

    async fn a_secret_cannot_be_read_from_the_database(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        let enrolled = enroll(&owner, PASSWORD, None).await;
        let secret = data_encoding::BASE32_NOPAD.decode(enrolled["secret"].as_str().unwrap().as_bytes()).unwrap();
        let row = second_factor::Entity::of_staff(merchant.staff(Role::Owner));
        let row = row.one(world.app().db.reads_across()).await.unwrap().expect("a row");
        let sealed = row.pending_secret.expect("a secret");
        assert!(!sealed.windows(secret.len()).any(|part| part == secret));
        assert!(row.sealed_secret.is_none());
    }

    async fn who_runs_the_gateway_takes_a_lost_second_factor_away(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let (owner, device) = (merchant.owner().await, merchant.device(Role::Owner).await);
        world.clock.advance(TimeDelta::days(2));
        let staff_id = merchant.staff(Role::Owner);
        yigate::second_factor::service::reset(world.app(), staff_id).await.expect("reset");
        assert_eq!(renew(&owner, &device.code()).await, "SECOND_FACTOR_NEEDED");
        let new = merchant.device(Role::Owner).await;
        assert_eq!(renew(&owner, &new.next()).await, "none");
        assert_eq!(seen(&owner).await["restsUntil"], "2026-11-26T04:00:00.000Z", "it rests");
    }

    async fn everybody_whom_somebody_works_for_is_told_that_their_second_factor_is_another(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let other = world.merchant("云裳时装").await;
        let (owner, id) = (merchant.owner().await, merchant.staff(Role::Owner));
        world.gateway.auth.membership_create(other.id, id, Role::Viewer).await.expect("a membership");
        let device = merchant.device(Role::Owner).await;
        assert_eq!(renew(&owner, &device.next()).await, "none");
        assert_eq!(disable(&owner, PASSWORD, &device.next()).await, "none");
        yigate::second_factor::service::reset(world.app(), id).await.expect("reset");
        let document = "subscription { events(after: \"e0\", types: [SECOND_FACTOR_CHANGED]) { subject { \
            ... on StaffMember { id } } } }";
        for told in [&merchant, &other] {
            let seen = told.owner().await.subscribe(document, Value::Null);
            let events: Vec<Value> = seen.take(4).collect().await;
            for event in events {
                assert_eq!(event["data"]["events"]["subject"]["id"], id.to_string(), "{event}");
            }
        }
    }
}

//! Answers to publishable keys: by the address alone, for every page, kept by any cache for a moment.

use entity::membership::Role;
use reqwest::{RequestBuilder, StatusCode};
use serde_json::{Value, json};

use super::{Answer, ask, post, token};
use crate::channels::publishable::key;
use crate::everywhere;
use crate::support::{Merchant, World};

const PAGE: &str =
    "{ checkoutChannels(amount: { amount: \"1.00\", currency: \"CNY\" }) { method name } }";

/// What may keep answers, and for how long.
const KEPT: &str = "public, max-age=5, stale-while-revalidate=30";

async fn shop() -> (World, Merchant, String) {
    let world = World::on_sqlite().await;
    let world = world
        .with_settings(|settings| {
            settings.http.allowed_origins = vec!["https://shop.example".to_owned()];
        })
        .await
        .listening()
        .await;
    let merchant = world.merchant("汇贤饭店").await;
    let key = key(&merchant).await;
    (world, merchant, key)
}

/// The page's question by the address alone, as a browser of another site sends it.
fn by_address(world: &World, key: &str, document: &str) -> RequestBuilder {
    let parts = [("query", document), ("publishableKey", key)];
    ask(world, &parts).header("origin", "https://anywhere.example")
}

everywhere! {
    async fn a_page_of_any_site_asks_by_an_address_and_any_cache_keeps_the_answer(world: World) {
        let world = world.listening().await;
        let merchant = world.merchant("汇贤饭店").await;
        let key = key(&merchant).await;
        let answer = Answer::of(by_address(&world, &key, PAGE)).await;
        assert_eq!(answer.status, StatusCode::OK);
        let seen = json!([{ "method": "WECHAT_PAY", "name": "WeChat Pay" }]);
        assert_eq!(answer.json(), json!({ "data": { "checkoutChannels": seen } }));
        assert_eq!(answer.header("cache-control"), KEPT);
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        // The address tells shops apart; nothing else but these does.
        assert_eq!(answer.vary(), ["accept", "accept-language"]);
        assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
        let tag = answer.header("etag").to_owned();
        assert!(tag.starts_with('"') && tag.len() == 34, "{tag}");

        // Who has it already is not sent it again.
        for told in [tag.clone(), format!("\"x\", W/{tag}")] {
            let again = by_address(&world, &key, PAGE).header("if-none-match", told);
            let again = Answer::of(again).await;
            assert_eq!((again.status, again.body.len()), (StatusCode::NOT_MODIFIED, 0));
            assert_eq!(again.header("etag"), tag);
            assert_eq!(again.header("cache-control"), KEPT);
            assert_eq!(again.header("access-control-allow-origin"), "*");
        }
        let chinese = by_address(&world, &key, PAGE).header("accept-language", "zh-CN").header("if-none-match", &tag);
        let chinese = Answer::of(chinese).await;
        assert_eq!(chinese.status, StatusCode::OK);
        assert_eq!(chinese.json()["data"]["checkoutChannels"][0]["name"], "微信支付");
        assert_ne!(chinese.header("etag"), tag);
    }
}

#[tokio::test]
async fn a_key_in_its_header_is_for_the_shops_own_pages() {
    let (world, _, key) = shop().await;
    for (origin, allowed) in [
        ("https://shop.example", "https://shop.example"),
        ("https://anywhere.example", ""),
    ] {
        let request = ask(&world, &[("query", PAGE)]).header("origin", origin);
        let answer = Answer::of(request.bearer_auth(&key)).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.header("cache-control"), KEPT);
        assert_eq!(answer.header("access-control-allow-origin"), allowed);
        for name in ["accept", "accept-language", "authorization", "origin"] {
            assert!(answer.vary().contains(&name.to_owned()), "{name}");
        }
        let request = post(&world, PAGE).header("origin", origin);
        let answer = Answer::of(request.bearer_auth(&key)).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.header("access-control-allow-origin"), allowed);
    }
}

#[tokio::test]
async fn nothing_else_is_kept_by_any_cache() {
    let (world, merchant, key) = shop().await;
    let owner = token(&world, &merchant, Role::Owner).await;
    let secret = merchant.api_key().await;
    let bad = PAGE.replace("1.00", "0.00");
    let gone = key.replace(&key[key.len() - 8..], "00000000");
    for (what, request) in [
        ("by POST", post(&world, PAGE).bearer_auth(&key)),
        (
            "of staff",
            ask(&world, &[("query", PAGE)]).bearer_auth(&owner),
        ),
        (
            "of a server",
            ask(&world, &[("query", "{ viewer { scopes } }")]).bearer_auth(&secret),
        ),
        ("of nobody", ask(&world, &[("query", "{ __typename }")])),
        ("an error", by_address(&world, &key, &bad)),
        ("no document", by_address(&world, &key, "{ nothing }")),
        ("a wrong key", by_address(&world, &gone, PAGE)),
        (
            "forbidden",
            by_address(&world, &key, "{ orders { totalCount } }"),
        ),
    ] {
        let answer = Answer::of(request).await;
        assert_eq!(answer.header("cache-control"), "no-store", "{what}");
        assert_eq!(answer.header("etag"), "", "{what}");
    }
    // What a page did wrong it may read, too.
    let answer = Answer::of(by_address(&world, &gone, PAGE)).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    // Nor is a page of any site let in without a key in the address.
    let anywhere = ask(&world, &[("query", PAGE)]).header("origin", "https://anywhere.example");
    let answer = Answer::of(anywhere.bearer_auth(&owner)).await;
    assert_eq!(answer.header("access-control-allow-origin"), "");
}

#[tokio::test]
async fn no_other_secret_belongs_into_an_address() {
    let (world, merchant, key) = shop().await;
    let owner = token(&world, &merchant, Role::Owner).await;
    let secret = merchant.api_key().await;
    for wrong in [&owner, &secret, "", "pk"] {
        let answer = Answer::of(by_address(&world, wrong, PAGE)).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{wrong}");
        assert_eq!(answer.code(), "BAD_USER_INPUT", "{wrong}");
        let error = &answer.json()["errors"][0];
        assert_eq!(error["extensions"]["field"], "publishableKey", "{wrong}");
    }
    let twice = by_address(&world, &key, PAGE).bearer_auth(&owner);
    assert_eq!(Answer::of(twice).await.status, StatusCode::BAD_REQUEST);
    let parts = [
        ("query", PAGE),
        ("publishableKey", key.as_str()),
        ("publishableKey", key.as_str()),
    ];
    let twice = Answer::of(ask(&world, &parts)).await;
    assert_eq!(twice.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_publishable_key_changes_and_follows_nothing() {
    let (world, _, key) = shop().await;
    let sign_out = "mutation { signOut(input: { refreshToken: \"x\" }) { signedOut } }";
    for request in [
        by_address(&world, &key, sign_out),
        post(&world, sign_out).bearer_auth(&key),
        by_address(&world, &key, "subscription { events { cursor } }"),
        by_address(&world, &key, "{ viewer { scopes } }"),
        by_address(
            &world,
            &key,
            "{ __schema { queryType { name } } viewer { scopes } }",
        ),
    ] {
        let answer = Answer::of(request).await;
        assert_eq!(answer.code(), "FORBIDDEN");
    }
    let stream = super::get(&world, "/graphql/stream?query={__typename}").bearer_auth(&key);
    let answer = Answer::of(stream).await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (StatusCode::FORBIDDEN, "FORBIDDEN")
    );
}

#[tokio::test]
async fn a_long_answer_with_a_tag_is_sent_as_it_is() {
    let (world, _, key) = shop().await;
    let one = &PAGE[1..PAGE.len() - 1];
    let many = (0..20).map(|no| one.replace("checkout", &format!("a{no}: checkout")));
    let document = format!("{{{}}}", many.collect::<String>());
    let request = by_address(&world, &key, &document).header("accept-encoding", "gzip, br");
    let answer = Answer::of(request).await;
    assert!(answer.body.len() > 1_024, "{}", answer.text());
    assert_eq!(answer.json()["data"]["a19"][0]["method"], "WECHAT_PAY");
    assert_eq!(answer.header("content-encoding"), "");
    assert!(!answer.header("etag").is_empty());
}

#[tokio::test]
async fn a_page_asks_by_a_hash_that_is_known() {
    let (world, _, key) = shop().await;
    let hash = data_encoding::HEXLOWER
        .encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, PAGE.as_bytes()).as_ref());
    let extensions = json!({ "persistedQuery": { "version": 1, "sha256Hash": hash } }).to_string();
    let by_hash = || {
        let parts = [
            ("extensions", extensions.as_str()),
            ("publishableKey", key.as_str()),
        ];
        ask(&world, &parts)
    };
    let unknown = Answer::of(by_hash()).await;
    assert_eq!(unknown.code(), "PERSISTED_QUERY_NOT_FOUND");
    assert_eq!(unknown.header("cache-control"), "no-store");
    let parts = [
        ("query", PAGE),
        ("extensions", extensions.as_str()),
        ("publishableKey", key.as_str()),
    ];
    assert_eq!(Answer::of(ask(&world, &parts)).await.status, StatusCode::OK);
    let known = Answer::of(by_hash()).await;
    assert_eq!(known.header("cache-control"), KEPT);
    assert_ne!(known.json()["data"]["checkoutChannels"], Value::Null);
}

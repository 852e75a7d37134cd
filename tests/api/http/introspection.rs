//! Who is shown the schema.

use entity::membership::Role;
use reqwest::{RequestBuilder, StatusCode};
use yigate::config::Introspection;

use super::{Answer, get, post, token};
use crate::support::World;

const SCHEMA: [&str; 4] = [
    "{ __schema { types { name } } }",
    "{ __type(name: \"OrderConnection\") { name } }",
    "query { ...f } fragment f on Query { ... on Query { a: __schema { types { name } } } }",
    "query A { __typename __schema { types { name } } }",
];

/// A world that shows its schema to some, and who asks it: nobody, a member of staff, a shop's server.
async fn world(shown_to: Introspection) -> (World, [Option<String>; 3]) {
    let world = World::on_sqlite().await;
    let world = world
        .with_settings(|settings| settings.http.introspection = shown_to)
        .await
        .listening()
        .await;
    let merchant = world.merchant("汇贤饭店").await;
    let staff = token(&world, &merchant, Role::Viewer).await;
    let key = merchant.api_key().await;
    (world, [None, Some(staff), Some(key)])
}

fn from(request: RequestBuilder, bearer: Option<&String>) -> RequestBuilder {
    match bearer {
        Some(bearer) => request.bearer_auth(bearer),
        None => request,
    }
}

#[tokio::test]
async fn the_schema_is_shown_to_whom_the_setting_says_and_to_nobody_else() {
    for (shown_to, allowed) in [
        (Introspection::Everyone, [true, true, true]),
        (Introspection::Staff, [false, true, false]),
        (Introspection::Nobody, [false, false, false]),
    ] {
        let (world, askers) = world(shown_to).await;
        for (asker, allowed) in askers.iter().zip(allowed) {
            for document in SCHEMA {
                let answer = Answer::of(from(post(&world, document), asker.as_ref())).await;
                let case = format!("{shown_to:?} {allowed} {document}");
                assert_eq!(answer.text().contains("OrderConnection"), allowed, "{case}");
                let code = if allowed { "none" } else { "FORBIDDEN" };
                assert_eq!(answer.code(), code, "{case}");
            }
            let answer = Answer::of(from(post(&world, "{ __typename }"), asker.as_ref())).await;
            assert_eq!(answer.json()["data"]["__typename"], "Query");
            let typo = Answer::of(from(post(&world, "{ viewers { role } }"), asker.as_ref())).await;
            assert!(!typo.text().contains("Did you mean"), "{}", typo.text());
        }
    }
}

#[tokio::test]
async fn the_contract_is_served_to_those_who_may_introspect() {
    for (shown_to, statuses) in [
        (Introspection::Everyone, [200, 200, 200]),
        (Introspection::Staff, [401, 200, 403]),
        (Introspection::Nobody, [404, 404, 404]),
    ] {
        let (world, askers) = world(shown_to).await;
        for (asker, status) in askers.iter().zip(statuses) {
            let asked = from(get(&world, "/schema.graphql"), asker.as_ref());
            let answer = Answer::of(asked).await;
            assert_eq!(answer.status.as_u16(), status, "{shown_to:?} {asker:?}");
            assert_eq!(answer.header("www-authenticate") == "Bearer", status == 401);
            if status == 200 {
                assert_eq!(answer.text(), yigate::graphql::schema::sdl());
            } else {
                assert!(answer.code() != "none" && !answer.text().contains("type Query"));
            }
        }
    }
}

#[tokio::test]
async fn who_may_not_see_the_schema_is_told_so_in_their_language() {
    let (world, _) = world(Introspection::Staff).await;
    for (language, message) in [
        (
            "en",
            "The schema is shown to members of staff who are signed in.",
        ),
        ("zh-CN", "只有已登录的员工可以查看数据模式。"),
    ] {
        let asked = post(&world, SCHEMA[0]).header("accept-language", language);
        let answer = Answer::of(asked).await;
        assert_eq!(answer.json()["errors"][0]["message"], message);
    }
    let live = super::browser()
        .post(world.url("/graphql/stream"))
        .header("content-type", "application/json")
        .body(serde_json::json!({ "query": SCHEMA[0] }).to_string());
    let answer = Answer::of(live).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.text().contains("FORBIDDEN"), "{}", answer.text());
    assert!(!answer.text().contains("OrderConnection"));
}

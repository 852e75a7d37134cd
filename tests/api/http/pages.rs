//! What is served beside GraphQL: health, the schema, public keys, and GraphiQL.

#![allow(clippy::unwrap_used, reason = "a test tells a story")]

use reqwest::StatusCode;
use yigate::config::Introspection;

use super::{Answer, get, post};
use crate::support::World;

#[tokio::test]
async fn health_schema_and_keys_are_served_to_everybody() {
    let world = World::on_sqlite().await.listening().await;
    for (path, body) in [("/healthz", "ok\n"), ("/readyz", "ready\n")] {
        let answer = Answer::of(get(&world, path)).await;
        assert_eq!(
            (answer.status, answer.text()),
            (StatusCode::OK, body),
            "{path}"
        );
    }
    let schema = Answer::of(get(&world, "/schema.graphql")).await;
    assert_eq!(schema.text(), yigate::graphql::schema::sdl());
    let keys = Answer::of(get(&world, "/jwks.json")).await;
    assert_eq!(
        keys.json(),
        serde_json::to_value(world.gateway.auth.keyring().jwks()).unwrap()
    );
    assert_eq!(keys.header("cache-control"), "public, max-age=60");
    assert!(!keys.text().contains("\"d\""));
    let nothing = Answer::of(get(&world, "/nothing")).await;
    assert_eq!(nothing.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_server_whose_tables_are_missing_is_not_ready() {
    let directory = std::env::temp_dir().join(format!("yigate-bare-{:x}", rand::random::<u64>()));
    std::fs::create_dir_all(&directory).expect("a directory");
    let world = World::on_sqlite().await;
    let mut settings = world.app().settings.clone();
    settings.database.url = format!("sqlite:{}", directory.join("bare.db").display());
    let ids = yigate::clock::Ids::new(world.clock.clone(), None);
    let app = yigate::app::App::start(settings, world.clock.clone(), ids)
        .await
        .expect("an app");
    assert!(app.db.pending_migrations().await.expect("a count") > 0);
    app.db.migrate().await.expect("migrations apply");
    assert_eq!(app.db.pending_migrations().await.expect("a count"), 0);
    drop(app);
    let _ = std::fs::remove_dir_all(directory);
}

#[tokio::test]
async fn graphiql_is_served_from_the_binary_and_loads_nothing_from_elsewhere() {
    let world = World::on_sqlite().await.listening().await;
    let home = Answer::of(get(&world, "/")).await;
    assert!(home.status.is_redirection() || home.text().contains("<html"));
    let page = Answer::of(get(&world, "/graphiql")).await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert_eq!(page.header("x-content-type-options"), "nosniff");
    let policy = page.header("content-security-policy");
    assert!(policy.starts_with("default-src 'self';") && policy.contains("frame-ancestors 'none'"));
    assert!(!page.text().contains("https://"), "nothing from elsewhere");
    let scripts: Vec<&str> = page
        .text()
        .split('"')
        .filter(|part| part.starts_with("/graphiql/assets/") || part.starts_with("./assets/"))
        .collect();
    assert!(!scripts.is_empty(), "{}", page.text());
    for script in scripts {
        let path = script.replacen("./assets", "/graphiql/assets", 1);
        let plain = Answer::of(get(&world, &path)).await;
        assert_eq!(plain.status, StatusCode::OK, "{path}");
        assert_eq!(plain.header("content-encoding"), "");
        assert!(plain.header("cache-control").contains("immutable"));
        let packed = Answer::of(get(&world, &path).header("accept-encoding", "br, gzip")).await;
        if packed.header("content-encoding") == "gzip" {
            assert_eq!(packed.header("vary"), "Accept-Encoding");
            assert_eq!(packed.body[..2], [0x1f, 0x8b]);
            assert!(packed.body.len() < plain.body.len());
        }
    }
    for path in [
        "/graphiql/assets/nothing.js",
        "/graphiql/assets/..%2F..%2F..%2FCargo.toml",
    ] {
        let answer = Answer::of(get(&world, path)).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn what_is_switched_off_is_not_there() {
    let world = World::on_sqlite().await;
    let world = world
        .with_settings(|settings| {
            settings.http.graphiql = false;
            settings.http.introspection = Introspection::Nobody;
        })
        .await
        .listening()
        .await;
    for path in ["/graphiql", "/"] {
        assert_eq!(
            Answer::of(get(&world, path)).await.status,
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
    let asked = Answer::of(post(&world, "{ __schema { types { name } } }")).await;
    assert!(
        !asked.text().contains("OrderConnection"),
        "{}",
        asked.text()
    );
    let typo = Answer::of(post(&world, "{ viewers { role } }")).await;
    assert!(!typo.text().contains("Did you mean"), "{}", typo.text());
}

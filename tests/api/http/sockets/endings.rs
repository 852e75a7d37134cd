//! When a connection ends though its client did nothing wrong: a token's end, changed access, a restart.

use chrono::TimeDelta;
use entity::membership;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, QueryFilter};
use serde_json::json;

use super::{Role, connect, signed_in, token};
use crate::everywhere;
use crate::support::{World, eventually};

/// A world that listens, and looks often whether access has ended.
async fn watchful(world: World) -> World {
    let world = world.with_settings(|settings| settings.sockets.recheck_interval_ms = 20);
    world.await.listening().await
}

everywhere! {
    async fn a_connection_ends_with_its_token(world: World) {
        let world = watchful(world).await;
        let merchant = world.merchant("汇贤饭店").await;
        let life = world.app().settings.auth.access_token_s;
        let mut staff = signed_in(&world, &token(&world, &merchant, Role::Owner).await).await;
        let mut shop = signed_in(&world, &merchant.api_key().await).await;
        let mut nobody = connect(&world).await;
        nobody.sign_in(json!({})).await;
        world.clock.advance(TimeDelta::seconds(life - 1));
        let mut younger = signed_in(&world, &token(&world, &merchant, Role::Owner).await).await;
        staff.is_quiet().await;
        world.clock.advance(TimeDelta::seconds(1));
        staff.closes(4403, "Token expired", "staff").await;
        for socket in [&mut shop, &mut nobody, &mut younger] {
            socket.is_quiet().await;
        }
    }

    async fn a_connection_ends_when_access_is_taken_away_or_changed(world: World) {
        let world = watchful(world).await;
        let merchant = world.merchant("汇贤饭店").await;
        let mut removed = signed_in(&world, &token(&world, &merchant, Role::Finance).await).await;
        let mut changed = signed_in(&world, &token(&world, &merchant, Role::Viewer).await).await;
        let mut owner = signed_in(&world, &token(&world, &merchant, Role::Owner).await).await;
        let mut shop = signed_in(&world, &merchant.api_key().await).await;
        let of = |role| membership::Column::StaffId.eq(merchant.staff(role));
        let db = world.app().db.writer();
        membership::Entity::delete_of(merchant.id)
            .filter(of(Role::Finance)).exec(db).await.expect("a membership");
        membership::Entity::update_of(merchant.id)
            .filter(of(Role::Viewer))
            .col_expr(membership::Column::Role, Expr::value(Role::Support))
            .exec(db).await.expect("a membership");
        world.clock.advance(TimeDelta::milliseconds(5_000));
        removed.closes(4403, "Access has changed", "removed").await;
        changed.closes(4403, "Access has changed", "changed").await;
        owner.is_quiet().await;
        let keys = "{ apiKeys { id } }";
        let keys = merchant.owner().await.data(keys, json!({})).await;
        let revoke = "mutation ($id: ID!) { apiKeyRevoke(input: { id: $id }) { userErrors { code } } }";
        let id = &keys["apiKeys"][0]["id"];
        merchant.owner().await.data(revoke, json!({ "id": id })).await;
        shop.closes(4403, "Access has changed", "revoked").await;
    }

    async fn a_connection_ends_when_its_person_is_let_go_or_signed_out_elsewhere(world: World) {
        let world = watchful(world).await;
        let merchant = world.merchant("汇贤饭店").await;
        let mut removed = signed_in(&world, &token(&world, &merchant, Role::Finance).await).await;
        let mut out = signed_in(&world, &token(&world, &merchant, Role::Viewer).await).await;
        let mut stays = signed_in(&world, &token(&world, &merchant, Role::Support).await).await;
        let document = "subscription { orderCreated { cursor } }";
        for socket in [&mut removed, &mut out, &mut stays] {
            socket.ask("s", document).await;
        }
        world.clock.advance(TimeDelta::milliseconds(1));
        // Another instance is asked: this one finds out by looking.
        let elsewhere = merchant.on(&world.another_instance().await).owner().await;
        let remove = "mutation ($id: ID!) { staffRemove(input: { id: $id }) { userErrors { code } } }";
        let sign_out = "mutation ($id: ID!) { staffSignOut(input: { id: $id }) { userErrors { code } } }";
        for (document, role) in [(remove, Role::Finance), (sign_out, Role::Viewer)] {
            let id = merchant.staff(role).to_string();
            elsewhere.data(document, json!({ "id": id })).await;
        }
        world.clock.advance(TimeDelta::milliseconds(5_000));
        removed.closes(4403, "Access has changed", "removed").await;
        out.closes(4403, "Access has changed", "signed out").await;
        stays.is_quiet().await;
    }
}

#[tokio::test]
async fn a_restart_closes_every_connection_and_frees_everything() {
    let world = World::on_sqlite().await.listening().await;
    let merchant = world.merchant("汇贤饭店").await;
    let mut waiting = connect(&world).await;
    waiting.is_quiet().await;
    let mut idle = connect(&world).await;
    idle.sign_in(json!({})).await;
    let mut live = signed_in(&world, &token(&world, &merchant, Role::Owner).await).await;
    live.ask(
        "s",
        "subscription { orderCreated(after: \"e0\") { cursor } }",
    )
    .await;
    merchant.paid_order("36.00").await;
    let told = live.hear().await.expect("an event");
    assert_eq!(told["type"], "next", "{told}");
    assert_eq!(world.app().metrics.sockets.get(), 3);
    world.app().shutdown.cancel();
    for (socket, name) in [
        (&mut waiting, "waiting"),
        (&mut idle, "idle"),
        (&mut live, "live"),
    ] {
        socket.closes(1012, "Service restart", name).await;
    }
    drop((waiting, idle, live));
    eventually("no connection stands", || async {
        world.app().metrics.sockets.get() == 0
    })
    .await;
}

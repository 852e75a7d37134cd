//! Guesses of one account's password at once, on two instances: no more slip past than one after the other.

use entity::membership::Role;
use entity::staff;
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, TransactionTrait};
use serde_json::json;

use super::{Two, at_once};
use crate::support::{Client, eventually};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn guesses_at_once_are_counted_before_any_is_looked_at() {
    let Some(two) = Two::start().await else {
        return;
    };
    let document = "mutation ($email: String!) { signIn(input: { email: $email, password: \"guess\" }) \
        { userErrors { code } } }";
    for email in ["owner@shop.example", "nobody@shop.example"] {
        let answers = at_once((0..24).map(|turn| {
            let nobody = Client::anonymous(two.by_turns(turn).gateway().clone());
            async move { nobody.ask(document, json!({ "email": email })).await }
        }))
        .await;
        let mut tried = 0;
        for answer in &answers {
            let refused = answer["errors"][0]["extensions"]["code"] == "RATE_LIMITED";
            let wrong = answer["data"]["signIn"]["userErrors"][0]["code"] == "WRONG_CREDENTIALS";
            assert!(refused != wrong, "{answer}");
            tried += usize::from(wrong);
        }
        // Three are free; the fourth is the one that makes the rest wait.
        assert_eq!(tried, 4, "{email}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[allow(
    clippy::disallowed_methods,
    reason = "a transaction that stays open while others wait"
)]
async fn a_sign_in_by_a_password_that_was_changed_meanwhile_is_none() {
    let Some(two) = Two::start().await else {
        return;
    };
    let id = two.here.staff(Role::Viewer);
    let of = || staff::Entity::of_ids([id]);
    let txn = two.world.app().db.writer().begin().await.expect("begun");
    let locked = of().lock(LockType::NoKeyUpdate).one(&txn).await;
    let email = locked.expect("read").expect("somebody").email;
    let document = "mutation ($email: String!) { signIn(input: { email: $email, \
        password: \"correct horse battery\" }) { accessToken userErrors { code } } }";
    let nobody = Client::anonymous(two.second.clone());
    let signing =
        tokio::spawn(async move { nobody.ask(document, json!({ "email": email })).await });
    let waiting = "SELECT count(*) FROM pg_stat_activity \
        WHERE datname = current_database() AND wait_event_type = 'Lock'";
    eventually("the old password is found to be right", async || {
        signing.is_finished() || two.count(waiting).await > 0
    })
    .await;
    let changed = staff::Entity::update_many()
        .filter(staff::Column::Id.eq(id))
        .col_expr(staff::Column::PasswordHash, Expr::value("of another one"))
        .exec(&txn)
        .await;
    changed.expect("changed");
    txn.commit().await.expect("committed");
    let answer = signing.await.expect("nobody panics");
    let refused = &answer["data"]["signIn"]["userErrors"][0]["code"];
    assert_eq!(refused, "WRONG_CREDENTIALS", "{answer}");
}

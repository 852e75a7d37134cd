//! People decided about at once, on two instances: an owner stays, and a secret lets one in.

use entity::membership::{self, Role};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};

use super::{Two, at_once};
use crate::support::Client;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_owners_who_take_the_role_from_each_other_one_stays() {
    let Some(two) = Two::start().await else {
        return;
    };
    let update = "mutation($id: ID!, $role: Role!) { staffUpdate(input: { id: $id, role: $role }) { \
        userErrors { code } } }";
    let (owner, finance) = (two.here.staff(Role::Owner), two.here.staff(Role::Finance));
    let made = membership::Entity::update_of(two.here.id)
        .filter(membership::Column::StaffId.eq(finance))
        .col_expr(membership::Column::Role, Expr::value(Role::Owner))
        .exec(two.world.app().db.writer())
        .await;
    assert_eq!(made.expect("the database answers").rows_affected, 1);
    let clients = [
        two.here.client(Role::Owner).await,
        two.there.client(Role::Finance).await,
    ];
    let answers = at_once([(0, finance), (1, owner)].into_iter().map(|(by, id)| {
        let client = clients[by].clone();
        let takes = json!({ "id": id.to_string(), "role": "VIEWER" });
        async move { client.ask(update, takes).await }
    }))
    .await;
    let done = |answer: &&Value| answer["data"]["staffUpdate"]["userErrors"] == json!([]);
    assert_eq!(answers.iter().filter(done).count(), 1, "{answers:?}");
    let owners = membership::Entity::of(two.here.id)
        .filter(membership::Column::Role.eq(Role::Owner))
        .count(two.world.app().db.reads_across())
        .await;
    assert_eq!(owners.expect("a number"), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_secret_that_many_have_lets_one_in() {
    let Some(two) = Two::start().await else {
        return;
    };
    let invite =
        "mutation { staffInvite(input: { email: \"fang@shop.example\", role: VIEWER }) { token } }";
    let invited = two.here.owner().await.data(invite, Value::Null).await;
    let token = invited["staffInvite"]["token"].clone();
    let accept = "mutation($token: String!) { staffInvitationAccept(input: { token: $token, name: \"王芳\", \
        password: \"correct horse battery\" }) { accessToken userErrors { code } } }";
    let answers = at_once((0..6).map(|turn| {
        let nobody = Client::anonymous(two.by_turns(turn).gateway().clone());
        let variables = json!({ "token": token });
        async move { nobody.ask(accept, variables).await }
    }))
    .await;
    let done = |answer: &&Value| answer["data"]["staffInvitationAccept"]["accessToken"].is_string();
    assert_eq!(answers.iter().filter(done).count(), 1, "{answers:?}");
    let failed = |answer: &&Value| answer["errors"].is_array();
    assert_eq!(answers.iter().filter(failed).count(), 0, "{answers:?}");
}

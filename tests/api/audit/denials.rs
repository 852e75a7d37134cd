//! What was denied is in the log as well, and a flood of it does not fill the table.

use chrono::TimeDelta;
use entity::membership::Role;
use entity::merchant;
use sea_orm::sea_query::Expr;
use serde_json::{Value, json};

use super::log;
use crate::everywhere;
use crate::support::{Client, eventually};

everywhere! {
    async fn who_lacks_the_scope_of_a_mutation_is_in_the_log(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let viewer = merchant.client(Role::Viewer).await;
        let revoke = "mutation { apiKeyRevoke(input: { id: \"key_0\" }) { userErrors { code } } }";
        assert_eq!(viewer.error(revoke, Value::Null).await.0, "FORBIDDEN");
        // A question changes nothing, and is not written.
        assert_eq!(viewer.error("{ auditLog { totalCount } }", Value::Null).await.0, "FORBIDDEN");
        let entries = log(&merchant.owner().await, Value::Null).await;
        assert_eq!(entries.len(), 1);
        assert_eq!(entries[0]["action"], "apiKeyRevoke");
        assert_eq!(entries[0]["outcome"], "DENIED");
        assert_eq!(entries[0]["reason"], "FORBIDDEN");
        assert_eq!(entries[0]["actor"]["actorId"], merchant.staff(Role::Viewer).to_string());
        assert_eq!(entries[0]["changes"][0]["after"], "\"api-keys:write\"");
    }

    async fn who_approves_their_own_refund_or_makes_a_key_beyond_themselves_is_in_the_log(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.changes(merchant::Column::RefundApprovalAboveMinor, Expr::value(0_i64)).await;
        let refund = merchant.paid_order("36.00").await.refund_amount("10.00").await;
        let owner = merchant.owner().await;
        let approve = "mutation($id: ID!) { refundApprove(input: { idempotencyKey: \"a-key-of-mine\", \
            refundId: $id }) { userErrors { code } } }";
        let answer = owner.data(approve, json!({ "id": refund.id.to_string() })).await;
        assert_eq!(answer["refundApprove"]["userErrors"][0]["code"], "OWN_REQUEST");
        let entries = log(&owner, json!({ "outcome": "DENIED" })).await;
        assert_eq!(entries.len(), 1);
        assert_eq!(entries[0]["action"], "refundApprove");
        assert_eq!(entries[0]["reason"], "OWN_REQUEST");
        assert_eq!(entries[0]["target"]["id"], refund.id.to_string());
    }

    async fn a_refused_sign_in_is_in_the_log_of_each_merchant_and_of_an_unknown_address_nowhere(world: World) {
        let (one, other) = (world.merchant("汇贤饭店").await, world.merchant("云裳时装").await);
        let auth = &world.gateway.auth;
        auth.membership_create(other.id, one.staff(Role::Support), Role::Viewer).await.expect("a membership");
        let nobody = Client::anonymous(world.gateway.clone());
        let sign_in = "mutation($email: String!) { signIn(input: { email: $email, password: \"guessed\" }) { \
            userErrors { code } } }";
        for email in [format!("support.{}@shop.example", one.id), "nobody@shop.example".to_owned()] {
            let answer = nobody.data(sign_in, json!({ "email": email })).await;
            assert_eq!(answer["signIn"]["userErrors"][0]["code"], "WRONG_CREDENTIALS");
        }
        let owners = [one.owner().await, other.owner().await];
        for owner in &owners {
            eventually("the log tells of it", || async {
                log(owner, json!({ "actions": ["signIn"] })).await.len() == 1
            })
            .await;
            let entries = log(owner, Value::Null).await;
            assert_eq!(entries.len(), 1);
            assert_eq!(entries[0]["reason"], "WRONG_CREDENTIALS");
            assert_eq!(entries[0]["actor"]["actorId"], one.staff(Role::Support).to_string());
        }
    }

    async fn a_flood_of_denials_is_counted_and_told_of_once(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let viewer = merchant.client(Role::Viewer).await;
        let revoke = "mutation { apiKeyRevoke(input: { id: \"key_0\" }) { userErrors { code } } }";
        for _ in 0..25 {
            assert_eq!(viewer.error(revoke, Value::Null).await.0, "FORBIDDEN");
        }
        let owner = merchant.owner().await;
        assert_eq!(log(&owner, Value::Null).await.len(), 10);
        world.clock.advance(TimeDelta::minutes(1));
        yigate::audit::service::tell_counted(world.app()).await;
        yigate::audit::service::tell_counted(world.app()).await;
        let owner = merchant.owner().await;
        let entries = log(&owner, Value::Null).await;
        assert_eq!(entries.len(), 11);
        assert_eq!(entries[0]["reason"], "MORE_OF_THE_SAME");
        assert_eq!(entries[0]["changes"], json!([{ "field": "more", "before": null, "after": "15" }]));
    }

    async fn what_was_only_counted_is_told_of_when_the_instance_ends(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let viewer = merchant.client(Role::Viewer).await;
        let revoke = "mutation { apiKeyRevoke(input: { id: \"key_0\" }) { userErrors { code } } }";
        for _ in 0..13 {
            assert_eq!(viewer.error(revoke, Value::Null).await.0, "FORBIDDEN");
        }
        yigate::worker::finish(world.app()).await;
        let entries = log(&merchant.owner().await, json!({ "outcome": "DENIED" })).await;
        assert_eq!(entries.len(), 11);
        assert_eq!((&entries[0]["reason"], &entries[0]["changes"][0]["after"]), (&json!("MORE_OF_THE_SAME"), &json!("3")));
        assert!(entries.iter().all(|entry| entry["place"].is_number()), "sealed: {entries:?}");
    }
}

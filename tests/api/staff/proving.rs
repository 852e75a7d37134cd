//! A code for what is decided about people, once anybody has a second factor.

use chrono::TimeDelta;
use entity::membership::Role;
use serde_json::{Value, json};

use super::{PASSWORD, accepts, asks, code};
use crate::audit::log;
use crate::everywhere;
use crate::support::bank_accounts::{BIND, binding, card};
use crate::support::second_factor::Device;
use crate::support::{Client, Merchant};

const INVITE: &str = "mutation($input: StaffInviteInput!) { staffInvite(input: $input) { token \
    userErrors { code field } } }";

const UPDATE: &str = "mutation($input: StaffUpdateInput!) { staffUpdate(input: $input) { staff { role } \
    userErrors { code field } } }";

const REMOVE: &str = "mutation($input: StaffRemoveInput!) { staffRemove(input: $input) { removedId \
    userErrors { code field } } }";

/// All that decides about people, with a code or none.
fn decisions(merchant: &Merchant, code: Option<&str>) -> [(&'static str, Value); 3] {
    let (viewer, finance) = (merchant.staff(Role::Viewer), merchant.staff(Role::Finance));
    [
        (
            INVITE,
            json!({ "email": "thief@shop.example", "role": "OWNER", "code": code }),
        ),
        (
            UPDATE,
            json!({ "id": viewer.to_string(), "role": "OWNER", "code": code }),
        ),
        (REMOVE, json!({ "id": finance.to_string(), "code": code })),
    ]
}

/// What somebody is told of each.
async fn answers(client: &Client, merchant: &Merchant, typed: Option<&str>) -> Vec<String> {
    let mut told = Vec::new();
    for (document, input) in decisions(merchant, typed) {
        let payload = asks(client, document, json!({ "input": input })).await;
        told.push(code(&payload).to_owned());
    }
    told
}

everywhere! {
    async fn a_stolen_session_alone_lets_nobody_in_and_removes_nobody(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let device = merchant.device(Role::Owner).await;
        let owner = merchant.owner().await;
        assert_eq!(answers(&owner, &merchant, None).await, ["CODE_NEEDED"; 3]);
        assert_eq!(answers(&owner, &merchant, Some(&device.wrong())).await, ["WRONG_CODE"; 3]);
        let members = "{ staff { id role } }";
        let seen = owner.data(members, Value::Null).await;
        assert_eq!(seen["staff"].as_array().expect("members").len(), Role::ALL.len());
        let denied = log(&owner, json!({ "outcome": "DENIED" })).await;
        for action in ["staffInvite", "staffUpdate", "staffRemove"] {
            let is_told = |entry: &&Value| entry["action"] == action && entry["reason"] == "WRONG_CODE";
            assert!(denied.iter().any(|entry| is_told(&entry)), "{action}: {denied:?}");
        }
        // Whoever has the app decides, with a code for each.
        for turn in 0..3 {
            let (document, input) = decisions(&merchant, Some(&device.next()))[turn].clone();
            let done = asks(&owner, document, json!({ "input": input })).await;
            assert_eq!(code(&done), "none", "{document}");
            let again = asks(&owner, INVITE, json!({ "input": { "email": "b@shop.example", "role": "VIEWER",
                "code": input["code"] } })).await;
            assert_eq!(code(&again), "CODE_USED");
        }
    }

    async fn who_has_no_second_factor_decides_about_nobody_where_another_has_one(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.device(Role::Finance).await;
        let owner = merchant.owner().await;
        let refused = vec!["SECOND_FACTOR_NEEDED"; 3];
        assert_eq!(answers(&owner, &merchant, None).await, refused);
        assert_eq!(answers(&owner, &merchant, Some("123456")).await, refused);
        // Another merchant's people are nobody here.
        let other = world.merchant("云裳时装").await;
        let told = answers(&other.owner().await, &other, None).await;
        assert_eq!(told, ["SECOND_FACTOR_NEEDED", "SECOND_FACTOR_NEEDED", "none"]);
    }

    async fn where_nobody_has_a_second_factor_a_stolen_session_lets_in_nobody_who_moves_money(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.adjusts("1000.00").await;
        let stolen = merchant.owner().await;
        for role in ["OWNER", "FINANCE"] {
            let wanted = json!({ "email": "thief@shop.example", "role": role });
            for typed in [Value::Null, json!("123456")] {
                let mut wanted = wanted.clone();
                wanted["code"] = typed;
                let told = asks(&stolen, INVITE, json!({ "input": wanted })).await;
                assert_eq!((code(&told), &told["token"]), ("SECOND_FACTOR_NEEDED", &Value::Null), "{role}");
            }
        }
        // Who only looks on is let in, and stays one who only looks on.
        let viewer = json!({ "email": "thief@shop.example", "role": "VIEWER" });
        let told = asks(&stolen, INVITE, json!({ "input": viewer })).await;
        let joined = accepts(&world, told["token"].as_str().expect("a secret"), PASSWORD).await;
        let thief = joined["viewer"]["staff"]["id"].clone();
        for role in ["OWNER", "FINANCE"] {
            let raised = json!({ "input": { "id": thief, "role": role } });
            assert_eq!(code(&asks(&stolen, UPDATE, raised).await), "SECOND_FACTOR_NEEDED", "{role}");
        }
        let token = joined["accessToken"].as_str().expect("a token");
        let thief = Client::bearer(world.gateway.clone(), token).await;
        let device = Device::of(&thief, &world.clock).await;
        world.clock.advance(TimeDelta::hours(24));
        let input = json!({ "input": binding(&card(), &device.next()) });
        assert_eq!(thief.error(BIND, input).await.0, "FORBIDDEN");
        // An owner sets one up, by their password, and lets in whom they want.
        let device = merchant.device(Role::Owner).await;
        let partner = json!({ "email": "partner@shop.example", "role": "OWNER", "code": device.next() });
        let told = asks(&merchant.owner().await, INVITE, json!({ "input": partner })).await;
        assert_eq!(code(&told), "none");
    }
}

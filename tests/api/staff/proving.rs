//! A code for what is decided about people, once anybody has a second factor.

use entity::membership::Role;
use serde_json::{Value, json};

use super::{asks, code};
use crate::audit::log;
use crate::everywhere;
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
        let (refused, wrong) = (vec!["WRONG_CODE"; 3], device.wrong());
        assert_eq!(answers(&owner, &merchant, None).await, refused);
        assert_eq!(answers(&owner, &merchant, Some(&wrong)).await, refused);
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
        assert_eq!(answers(&other.owner().await, &other, None).await, vec!["none"; 3]);
    }
}

//! What names members is sealed at rest, found while the master key changes, and sealed again.

use data_encoding::BASE64;
use entity::{member, member_change, member_profile, member_tag};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, QueryFilter};
use serde_json::{Value, json};
use yigate::config::Settings;
use yigate::members;
use yigate::seal::{MasterKey, Resealed};

use super::{FIELDS, done, listed, seen, zhang};
use crate::everywhere;
use crate::support::Client;

/// The key that every world begins with, and another.
const KEYS: [[u8; 32]; 2] = [[7; 32], [8; 32]];

fn changed(settings: &mut Settings) {
    settings.secrets.master_key = Some(BASE64.encode(&KEYS[1]));
    settings.secrets.previous_master_keys = vec![BASE64.encode(&KEYS[0])];
}

fn done_of(resealed: u64, seen: u64) -> Resealed {
    Resealed {
        seen,
        resealed,
        unreadable: 0,
    }
}

/// Whether 张伟 is found by each thing that is known of them, and is shown.
async fn assert_found(by: &Client, when: &str) {
    for filter in [
        json!({ "name": "张伟" }),
        json!({ "contact": "138 0000 5678" }),
        json!({ "contact": "5678" }),
        json!({ "contact": "zhang.wei@example.com" }),
    ] {
        assert_eq!(
            listed(by, filter.clone(), Value::Null).await,
            ["M-1"],
            "{when}: {filter}"
        );
    }
    assert_eq!(
        seen(by, "M-1", "name phone").await,
        json!({ "name": "张伟", "phone": "13800005678" }),
        "{when}"
    );
}

everywhere! {
    async fn no_row_holds_what_names_a_member_as_it_is(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        done(&owner, "memberCreate", zhang()).await;
        let db = world.app().db.reads_across();
        let profiles = member_profile::Entity::of(merchant.id).all(db).await.unwrap();
        let members = member::Entity::of(merchant.id).all(db).await.unwrap();
        let changes = member_change::Entity::of(merchant.id).all(db).await.unwrap();
        assert_eq!((profiles.len(), members.len(), changes.len()), (1, 1, 1));
        let row = &profiles[0];
        let mut bytes = format!("{members:?} {changes:?}").into_bytes();
        for part in [Some(&row.sealed), row.name_hash.as_ref(), row.phone_hash.as_ref(), row.phone_tail_hash.as_ref(),
            row.email_hash.as_ref()] {
            bytes.extend(part.expect("each is there"));
        }
        for personal in ["张伟", "13800005678", "zhang.wei", "香菜", "2000-02"] {
            let found = bytes.windows(personal.len()).any(|some| some == personal.as_bytes());
            assert!(!found, "{personal} can be read");
        }
        // It opens for its own row alone, and says nothing of another merchant's.
        let key = &world.app().key;
        let bound = format!("member profile {} {}", merchant.id, row.member_id);
        assert!(key.open(&row.sealed, &bound).is_ok());
        let other = world.merchant("云裳时装").await;
        assert!(key.open(&row.sealed, &format!("member profile {} {}", other.id, row.member_id)).is_err());
        done(&other.owner().await, "memberCreate", zhang()).await;
        let theirs = member_profile::Entity::of(other.id).one(db).await.unwrap().unwrap();
        assert_ne!((&theirs.name_hash, &theirs.phone_hash), (&row.name_hash, &row.phone_hash));
        assert_ne!(row.phone_hash, row.phone_tail_hash);
        // Of whom nothing is known any more, nothing is kept.
        let id = row.member_id.to_string();
        let nothing = json!({ "id": id, "expectedVersion": 1, "name": null, "phone": null, "email": null,
            "birthday": null, "remark": null, "tags": [] });
        done(&owner, "memberUpdate", nothing).await;
        assert_eq!(member_profile::Entity::of(merchant.id).all(db).await.unwrap().len(), 0);
        assert_eq!(member_tag::Entity::of(merchant.id).all(db).await.unwrap().len(), 0);
    }

    async fn a_new_master_key_finds_opens_and_seals_again_what_the_one_before_sealed(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        let wanted = done(&owner, "memberCreate", zhang()).await;
        for no in 2..5 {
            let input = json!({ "memberNo": format!("M-{no}"), "name": format!("李{no}") });
            done(&owner, "memberCreate", input).await;
        }
        let world = world.with_settings(changed).await;
        let owner = merchant.on(&world.gateway).owner().await;
        assert_found(&owner, "before it is sealed again").await;
        // Who is changed meanwhile is sealed and hashed under the key of now.
        let id = seen(&owner, "M-4", "id").await["id"].clone();
        let renamed = json!({ "id": id, "expectedVersion": 1, "name": "王芳" });
        done(&owner, "memberUpdate", renamed).await;
        assert_eq!(listed(&owner, json!({ "name": "王芳" }), Value::Null).await, ["M-4"]);
        assert_eq!(members::service::reseal(world.app()).await.unwrap(), done_of(3, 4));
        assert_eq!(members::service::reseal(world.app()).await.unwrap(), done_of(0, 4), "once");
        assert_found(&owner, "while the key before is known").await;
        yigate::auth::reseal::reseal(world.app()).await.unwrap();
        yigate::audit::service::reseal(world.app()).await.unwrap();
        // The key before can go.
        let world = world.with_settings(|settings| settings.secrets.previous_master_keys.clear()).await;
        let owner = merchant.on(&world.gateway).owner().await;
        assert_found(&owner, "when the key before has gone").await;
        assert_eq!(seen(&owner, "M-1", FIELDS).await, wanted);
        assert_eq!(listed(&owner, json!({ "name": "李3" }), Value::Null).await, ["M-3"]);
        assert_eq!(listed(&owner, json!({ "name": "王芳" }), Value::Null).await, ["M-4"]);
    }

    async fn what_was_hashed_in_another_form_is_hashed_anew(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        done(&owner, "memberCreate", zhang()).await;
        // As both were kept while width and country made a difference.
        let old = done(&owner, "memberCreate", json!({ "memberNo": "M-2", "name": "x" })).await;
        let old: entity::MemberId = old["id"].as_str().unwrap().parse().unwrap();
        let key = &world.app().key;
        let (name, phone) = ("ｌｉ ｎａ", "+862162888888");
        let plain = serde_json::to_vec(&json!({ "name": name, "phone": phone })).unwrap();
        let hash = |kind: &str, text: &str| key.keyed_hash(&format!("member {kind}\n{}\n{text}", merchant.id));
        member_profile::Entity::update_of(merchant.id)
            .filter(member_profile::Column::MemberId.eq(old))
            .col_expr(member_profile::Column::Sealed,
                Expr::value(key.seal(&plain, &format!("member profile {} {old}", merchant.id)).unwrap()))
            .col_expr(member_profile::Column::NameHash, Expr::value(hash("name", name)))
            .col_expr(member_profile::Column::PhoneHash, Expr::value(hash("phone", phone)))
            .col_expr(member_profile::Column::PhoneTailHash, Expr::value(hash("phone tail", "8888")))
            .exec(world.app().db.writer())
            .await
            .unwrap();
        let before = [json!({ "name": "Ｌｉ Ｎａ" }), json!({ "contact": "+86 21 62888888" }),
            json!({ "contact": "021-62888888" }), json!({ "contact": "8888" })];
        for filter in before.iter().chain([&json!({ "name": "Li Na", "contact": "8888" })]) {
            let wanted: &[&str] = if filter["name"] == "Li Na" { &[] } else { &["M-2"] };
            assert_eq!(listed(&owner, filter.clone(), Value::Null).await, wanted, "before: {filter}");
        }
        assert_eq!(members::service::reseal(world.app()).await.unwrap(), done_of(1, 2));
        assert_eq!(members::service::reseal(world.app()).await.unwrap(), done_of(0, 2), "once");
        for filter in before.iter().chain([&json!({ "name": "Li Na", "contact": "8888" })]) {
            assert_eq!(listed(&owner, filter.clone(), Value::Null).await, ["M-2"], "after: {filter}");
        }
        assert_eq!(seen(&owner, "M-2", "name phone").await, json!({ "name": name, "phone": phone }), "as it was written");
        assert_found(&owner, "who was hashed so already").await;
    }

    async fn what_no_key_opens_stops_nobody_beside_it(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        done(&owner, "memberCreate", zhang()).await;
        let lost = done(&owner, "memberCreate", json!({ "memberNo": "M-2", "name": "李娜" })).await;
        let lost: entity::MemberId = lost["id"].as_str().unwrap().parse().unwrap();
        let other = MasterKey::parse(&BASE64.encode(&[9; 32])).unwrap();
        let bound = format!("member profile {} {lost}", merchant.id);
        member_profile::Entity::update_of(merchant.id)
            .filter(member_profile::Column::MemberId.eq(lost))
            .col_expr(member_profile::Column::Sealed, Expr::value(other.seal(b"{}", &bound).unwrap()))
            .exec(world.app().db.writer())
            .await
            .unwrap();
        let answer = owner.ask("{ members { edges { node { memberNo name } } } }", Value::Null).await;
        assert_eq!(answer["errors"].as_array().map(Vec::len), Some(1), "{answer}");
        assert_eq!(answer["data"]["members"]["edges"], json!([
            { "node": { "memberNo": "M-2", "name": null } }, { "node": { "memberNo": "M-1", "name": "张伟" } },
        ]));
        let world = world.with_settings(changed).await;
        let told = members::service::reseal(world.app()).await.unwrap();
        assert_eq!(told, Resealed { seen: 2, resealed: 1, unreadable: 1 });
        assert_found(&merchant.on(&world.gateway).owner().await, "beside one that is lost").await;
    }

    async fn profiles_are_sealed_again_batch_by_batch(world: World) {
        let merchants = [world.merchant("汇贤饭店").await, world.merchant("云裳时装").await];
        let app = world.app();
        for merchant in &merchants {
            let nos: Vec<String> = (0..700).map(|no| format!("B-{no}")).collect();
            let (nos, id) = (&nos, merchant.id);
            app.write(id, |txn| async move {
                let made = members::service::find_or_add_many(app, &txn, id, nos).await?;
                for (no, member) in made.into_iter().take(600) {
                    let profile = members::model::Profile { name: Some(no), ..Default::default() };
                    members::service::write_profile(app, &txn, id, member, &profile).await?;
                }
                Ok::<_, yigate::error::Error>(())
            })
            .await
            .unwrap();
        }
        let world = world.with_settings(changed).await;
        assert_eq!(members::service::reseal(world.app()).await.unwrap(), done_of(1_200, 1_200));
        let alone = MasterKey::parse(&BASE64.encode(&KEYS[1])).unwrap();
        for merchant in &merchants {
            let rows = member_profile::Entity::of(merchant.id).all(world.app().db.reads_across()).await.unwrap();
            assert_eq!(rows.len(), 600);
            for row in rows {
                let plain = alone.open(&row.sealed, &format!("member profile {} {}", row.merchant_id, row.member_id));
                let profile: Value = serde_json::from_slice(&plain.unwrap()).unwrap();
                let name = profile["name"].as_str().unwrap().to_lowercase();
                let hash = alone.keyed_hash(&format!("member name\n{}\n{name}", row.merchant_id));
                assert_eq!(row.name_hash, Some(hash), "hashed under the key of now");
            }
        }
    }
}

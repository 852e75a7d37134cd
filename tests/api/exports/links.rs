//! Who may download a file: whoever has a link that was made here, as it stands, in its time.

use chrono::TimeDelta;
use entity::membership::Role;
use entity::merchant::MerchantStatus;
use serde_json::json;

use super::{asked_for, downloaded, seen, workers_work};
use crate::everywhere;
use crate::support::instances::browser;
use crate::support::{Merchant, World};

/// The export of a merchant's only order.
async fn exported(world: &World, merchant: &Merchant, format: &str) -> serde_json::Value {
    let owner = merchant.owner().await;
    let id = asked_for(&owner, json!({ "orders": {} }), format, json!({})).await;
    workers_work(world).await;
    seen(&owner, &id).await
}

async fn status(url: &str) -> u16 {
    let answer = browser().get(url).send().await.expect("an answer");
    answer.status().as_u16()
}

everywhere! {
    async fn a_link_opens_its_own_file_and_nothing_else(world: World) {
        let world = world.listening().await;
        let merchant = world.merchant("汇贤饭店").await;
        merchant.paid_order("36.00").await;
        let other = world.merchant("云裳时装").await;
        let (export, theirs) = (exported(&world, &merchant, "CSV").await, exported(&world, &other, "CSV").await);
        let again = exported(&world, &merchant, "CSV").await;
        let url = export["url"].as_str().expect("a link");
        assert_eq!(status(url).await, 200);
        let part = |url: &str, from: &str, to: &str| {
            let (_, rest) = url.split_once(from).expect("a part");
            rest.split_once(to).expect("a part").0.to_owned()
        };
        let of = |export: &serde_json::Value| {
            let url = export["url"].as_str().expect("a link").to_owned();
            (part(&url, "/exports/", "/"), part(&url, "merchant=", "&"))
        };
        let (id, whose) = of(&export);
        let expires = part(url, "expires=", "&");
        let later = format!("{}", expires.parse::<i64>().expect("a time") + 1);
        let (unsigned, signature) = url.split_once("&signature=").expect("signed");
        for (what, forged) in [
            ("another export", url.replace(&id, &of(&again).0)),
            ("another merchant's export", url.replace(&id, &of(&theirs).0)),
            ("another merchant", url.replace(&whose, &of(&theirs).1)),
            ("both", url.replace(&id, &of(&theirs).0).replace(&whose, &of(&theirs).1)),
            ("a later end", url.replace(&format!("expires={expires}"), &format!("expires={later}"))),
            ("another name", url.replace(".csv", ".html")),
            ("another maker", url.replace(&part(url, "by=", "&"), "stf_1")),
            ("one more parameter", url.replace("&signature", "&x=1&signature")),
            ("another signature", format!("{unsigned}&signature={}", signature.replace(|_: char| true, "0"))),
            ("no signature", unsigned.to_owned()),
            ("no hex", format!("{unsigned}&signature=zz")),
        ] {
            assert_ne!(forged, url, "{what}");
            assert_eq!(status(&forged).await, 403, "{what}");
        }
        assert_eq!(status(&world.url("/exports/x/y")).await, 403);
    }

    async fn a_link_ends_and_a_new_one_is_made_for_who_may_see_it(world: World) {
        let world = world.listening().await;
        let merchant = world.merchant("汇贤饭店").await;
        merchant.paid_order("36.00").await;
        let owner = merchant.owner().await;
        let id = asked_for(&owner, json!({ "orders": {} }), "CSV", json!({})).await;
        workers_work(&world).await;
        let first = seen(&owner, &id).await;
        let url = first["url"].as_str().expect("a link").to_owned();
        world.clock.advance(TimeDelta::minutes(59));
        assert_eq!(status(&url).await, 200);
        world.clock.advance(TimeDelta::minutes(1));
        assert_eq!(status(&url).await, 403);
        let owner = merchant.owner().await;
        let new = seen(&owner, &id).await;
        assert_ne!(new["url"], first["url"]);
        downloaded(&new).await;
        merchant.becomes(MerchantStatus::Closed).await;
        world.app().merchants.invalidate(&merchant.id);
        assert_eq!(status(new["url"].as_str().expect("a link")).await, 403);
    }

    async fn who_had_a_file_downloaded_is_in_the_log_and_from_where(world: World) {
        let world = world.listening().await;
        let merchant = world.merchant("汇贤饭店").await;
        merchant.paid_order("36.00").await;
        let export = exported(&world, &merchant, "CSV").await;
        let downloads = async || {
            let owner = merchant.owner().await;
            crate::audit::log(&owner, json!({ "actions": ["exportDownload"] })).await
        };
        assert_eq!(downloads().await.len(), 0, "a link is no download");
        let url = export["url"].as_str().expect("a link");
        let get = async |url: &str| {
            let request = browser().get(url).header("user-agent", "表格/1.0");
            request.send().await.expect("an answer").status().as_u16()
        };
        assert_eq!((get(url).await, get(url).await), (200, 200));
        let told = downloads().await;
        assert_eq!(told.len(), 1, "again within a minute is the same: {told:#?}");
        assert_eq!(told[0]["actor"]["actorId"], merchant.staff(Role::Owner).to_string());
        let id = told[0]["targetId"].as_str().expect("an export");
        assert!(url.contains(&format!("/exports/{id}/")), "{told:#?}");
        assert_eq!(told[0]["origin"]["ip"], "127.0.0.1");
        let shows = json!({ "field": "personalData", "before": null, "after": "true" });
        assert!(told[0]["changes"].as_array().expect("changes").contains(&shows), "{told:#?}");
        world.clock.advance(TimeDelta::minutes(2));
        assert_eq!(get(url).await, 200);
        assert_eq!(downloads().await.len(), 2);
        // What was not handed out was not downloaded.
        assert_eq!(get(&url.replace(".csv", ".html")).await, 403);
        world.clock.advance(TimeDelta::hours(1));
        assert_eq!(get(url).await, 403);
        assert_eq!(downloads().await.len(), 2);
    }

    async fn a_link_ends_with_the_rights_of_who_made_it(world: World) {
        let world = world.listening().await;
        let merchant = world.merchant("汇贤饭店").await;
        merchant.paid_order("36.00").await;
        let finance = merchant.client(Role::Finance).await;
        let id = asked_for(&finance, json!({ "orders": {} }), "CSV", json!({})).await;
        workers_work(&world).await;
        let theirs = seen(&finance, &id).await;
        let ours = seen(&merchant.owner().await, &id).await;
        let url = |export: &serde_json::Value| export["url"].as_str().expect("a link").to_owned();
        assert_eq!((status(&url(&theirs)).await, status(&url(&ours)).await), (200, 200));
        let remove = "mutation($id: ID!) { staffRemove(input: { id: $id }) { userErrors { code } } }";
        let gone = json!({ "id": merchant.staff(Role::Finance).to_string() });
        merchant.owner().await.data(remove, gone).await;
        assert_eq!((status(&url(&theirs)).await, status(&url(&ours)).await), (403, 200));
    }

    async fn a_file_is_saved_under_its_name_and_kept_by_nobody(world: World) {
        let world = world.listening().await;
        let merchant = world.merchant("汇贤饭店").await;
        merchant.paid_order("36.00").await;
        for (format, kind, extension) in [
            ("CSV", "text/csv; charset=utf-8; header=present", "csv"),
            ("XLSX", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
            ("JSONL", "application/x-ndjson; charset=utf-8", "jsonl"),
        ] {
            let export = exported(&world, &merchant, format).await;
            assert_eq!(export["fileName"], format!("订单-20261123-120000.{extension}"));
            let plain = downloaded(&export).await;
            let url = export["url"].as_str().expect("a link");
            for accepted in ["identity", "gzip, deflate, br", "br"] {
                let request = browser().get(url).header("accept-encoding", accepted)
                    .header("origin", "https://elsewhere.example");
                let answer = request.send().await.expect("an answer");
                let header = |name: &str| {
                    let value = answer.headers().get(name);
                    value.map(|value| value.to_str().expect("text").to_owned())
                };
                assert_eq!(header("content-type").as_deref(), Some(kind));
                assert_eq!(header("content-disposition"), Some(format!(
                    "attachment; filename*=UTF-8''%E8%AE%A2%E5%8D%95-20261123-120000.{extension}")));
                assert_eq!(header("cache-control").as_deref(), Some("private, no-store"));
                assert_eq!(header("x-content-type-options").as_deref(), Some("nosniff"));
                assert_eq!(header("access-control-allow-origin"), None);
                let gzip = format != "XLSX" && accepted.contains("gzip");
                assert_eq!(header("content-encoding").as_deref(), gzip.then_some("gzip"), "{format} {accepted}");
                let length = header("content-length").expect("a length");
                let bytes = answer.bytes().await.expect("a body").to_vec();
                assert_eq!(bytes.len().to_string(), length);
                let mut told = Vec::new();
                if gzip {
                    let mut unpacked = flate2::read::GzDecoder::new(bytes.as_slice());
                    std::io::Read::read_to_end(&mut unpacked, &mut told).expect("gzip");
                } else {
                    told = bytes;
                }
                assert_eq!(told, plain, "{format} {accepted}");
            }
        }
    }
}

//! Members are made and changed by a file.

use std::fmt::Write as _;
use std::time::Instant;

use entity::membership::Role;
use serde_json::{Value, json};

use super::{by_id, how_often, merged, person, seen};
use crate::everywhere;
use crate::support::Merchant;
use crate::support::coupons::{asked, code, new_key};

const FIELDS: &str = "memberImport { id createdBy } report { total added changed failed consentKept \
    errors(first: 100) { edges { node { line column code message } } pageInfo { hasNextPage } } }";

async fn imported(merchant: &Merchant, text: &str) -> Value {
    imported_as(merchant, text, &new_key(), false).await
}

async fn imported_as(merchant: &Merchant, text: &str, key: &str, dry_run: bool) -> Value {
    let input = json!({ "idempotencyKey": key, "file": { "text": text }, "dryRun": dry_run });
    asked(&merchant.owner().await, "memberImport", FIELDS, input).await
}

/// How many rows there were, made, changed and refused.
fn counted(payload: &Value) -> [i64; 4] {
    ["total", "added", "changed", "failed"]
        .map(|name| payload["report"][name].as_i64().unwrap_or(-1))
}

everywhere! {
    async fn members_are_made_and_changed_by_a_file_and_what_is_empty_stays(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let text = "\u{feff}会员号,姓名,手机,邮箱,生日,标签,同意营销,语言,入会日期,备注\r\n\
            A,王小明,138 0000 0000,Wang@Example.com,1996-02-29,老客;咖啡,是,zh-CN,2024-05-01,靠窗\r\n\
            B,,,,,,,,,\r\n";
        let done = imported(&merchant, text).await;
        assert_eq!((&done["userErrors"], counted(&done)), (&json!([]), [2, 2, 0, 0]), "{done}");
        let fields = "name phone email birthday { month day year } tags consentedAt locale joinedAt remark version";
        let one = seen(&merchant, "A", fields).await;
        assert_eq!((&one["name"], &one["phone"]), (&json!("王小明"), &json!("13800000000")));
        assert_eq!((&one["email"], &one["remark"]), (&json!("wang@example.com"), &json!("靠窗")));
        assert_eq!(one["birthday"], json!({ "month": 2, "day": 29, "year": 1996 }));
        assert_eq!((&one["joinedAt"], &one["locale"]), (&json!("2024-04-30T16:00:00.000Z"), &json!("ZH_CN")), "{one}");
        assert!(one["consentedAt"].is_string() && one["tags"].as_array().unwrap().len() == 2);
        let done = imported(&merchant, "member_no,name,phone,tags,consent\nA,王明,,新客,no\nB,,,,\nC,李雷,,,\n").await;
        assert_eq!(counted(&done), [3, 1, 2, 0], "{done}");
        let one = seen(&merchant, "A", fields).await;
        assert_eq!((&one["name"], &one["phone"], &one["tags"]), (&json!("王明"), &json!("13800000000"), &json!(["新客"])));
        assert_eq!((&one["consentedAt"], &one["version"]), (&Value::Null, &json!(2)));
        assert_eq!(seen(&merchant, "B", "version").await["version"], 1, "what changes nothing writes nothing");
        assert_eq!(how_often(&merchant, "MEMBERS_IMPORTED").await, 2);
    }

    async fn a_file_agrees_for_nobody_who_took_it_back(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        let id = person(&merchant, json!({ "memberNo": "A", "consent": true })).await;
        person(&merchant, json!({ "memberNo": "B" })).await;
        asked(&owner, "memberConsentSet", "", json!({ "id": id, "consent": false })).await;
        let (changed, updated) = (how_often(&merchant, "MEMBER_CONSENT_CHANGED").await, how_often(&merchant, "MEMBER_UPDATED").await);
        let made = how_often(&merchant, "MEMBER_CREATED").await;
        let done = imported(&merchant, "member_no,name,consent\nA,甲,yes\nB,,yes\nC,丙,yes\n").await;
        assert_eq!((counted(&done), &done["report"]["consentKept"]), ([3, 1, 2, 0], &json!(1)), "{done}");
        let one = seen(&merchant, "A", "name consentedAt").await;
        assert_eq!(one, json!({ "name": "甲", "consentedAt": null }), "the rest of the row is done");
        for no in ["B", "C"] {
            assert!(seen(&merchant, no, "consentedAt").await["consentedAt"].is_string(), "{no} had said nothing");
        }
        // A file may take back as well, and then no file agrees again.
        for (file, kept) in [("no", 0), ("yes", 1)] {
            let done = imported(&merchant, &format!("member_no,consent\nB,{file}\n")).await;
            assert_eq!(done["report"]["consentKept"], kept, "{done}");
            assert_eq!(seen(&merchant, "B", "consentedAt").await["consentedAt"], Value::Null);
        }
        assert_eq!(how_often(&merchant, "MEMBER_CONSENT_CHANGED").await, changed + 2, "B agreed, and took it back");
        assert_eq!(how_often(&merchant, "MEMBER_UPDATED").await, updated + 1, "A has a name");
        assert_eq!(how_often(&merchant, "MEMBER_CREATED").await, made + 1, "C was made");
    }

    async fn each_row_that_is_refused_is_told_and_stops_no_other(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let erased = person(&merchant, json!({ "memberNo": "GONE" })).await;
        let owner = merchant.owner().await;
        asked(&owner, "memberErase", "", json!({ "memberId": erased, "reason": "本人要求" })).await;
        let (old, new) = (person(&merchant, json!({ "memberNo": "OLD" })).await, person(&merchant, json!({ "memberNo": "NEW" })).await);
        merged(&merchant, &old, &new).await;
        let text = "member_no,name,phone\nA,甲,13800000000\nB,乙,abc\nGONE,丙,\nOLD,丁,\nNEW,戊,\nA,己,\nF,庚\n";
        let done = imported(&merchant, text).await;
        assert_eq!(counted(&done), [7, 1, 1, 5], "{done}");
        let errors: Vec<(i64, String, String)> = done["report"]["errors"]["edges"].as_array().unwrap().iter().map(|edge| {
            let node = &edge["node"];
            let text = |name: &str| node[name].as_str().unwrap_or_default().to_owned();
            assert!(!text("message").contains("abc"), "no report repeats what a cell says");
            (node["line"].as_i64().unwrap(), text("column"), text("code"))
        }).collect();
        let wanted = [(3, "phone", "INVALID"), (4, "member_no", "ERASED"), (6, "member_no", "NUMBER_TWICE"),
            (7, "member_no", "NUMBER_TWICE"), (8, "", "CELL_COUNT")];
        assert_eq!(errors, wanted.map(|(line, column, code)| (line, column.to_owned(), code.to_owned())));
        assert_eq!(by_id(&merchant, &new, "name").await["name"], "丁", "the number of who was merged leads to who stayed");
        let chinese = merchant.owner().await.in_chinese();
        let list = chinese.data("{ memberImports { edges { node { id report { failed errors(last: 1) { edges { node { \
            line message } } pageInfo { hasPreviousPage } } } } } } }", Value::Null).await;
        let node = &list["memberImports"]["edges"][0]["node"];
        assert_eq!((&node["id"], &node["report"]["failed"]), (&done["memberImport"]["id"], &json!(5)));
        let last = &node["report"]["errors"];
        assert_eq!((&last["edges"][0]["node"]["line"], &last["pageInfo"]["hasPreviousPage"]), (&json!(8), &json!(true)));
        assert!(last["edges"][0]["node"]["message"].as_str().unwrap().contains("单元格"));
        let node = "query($id: ID!) { node(id: $id) { id } }";
        let found = owner.data(node, json!({ "id": done["memberImport"]["id"] })).await;
        assert_eq!(found["node"]["id"], done["memberImport"]["id"]);
    }

    async fn a_key_imports_once_and_a_dry_run_changes_nothing(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let (text, key) = ("member_no,name\nA,甲\nB,\n", new_key());
        let dry = imported_as(&merchant, text, &key, true).await;
        assert_eq!((counted(&dry), &dry["memberImport"]), ([2, 2, 0, 0], &Value::Null));
        let list = "{ members { totalCount } memberImports { edges { cursor } } }";
        let nothing = json!({ "members": { "totalCount": 0 }, "memberImports": { "edges": [] } });
        assert_eq!(merchant.owner().await.data(list, Value::Null).await, nothing);
        let first = imported_as(&merchant, text, &key, false).await;
        assert_eq!(counted(&first), [2, 2, 0, 0]);
        assert_eq!(imported_as(&merchant, text, &key, false).await, first);
        assert_eq!(code(&imported_as(&merchant, "member_no\nC\n", &key, false).await), "KEY_REUSED");
        let again = imported_as(&merchant, text, &new_key(), true).await;
        assert_eq!(counted(&again), [2, 0, 2, 0], "a dry run knows who is there");
    }

    async fn a_file_that_is_none_is_refused_as_a_whole(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        for (text, wanted) in [
            ("", "EMPTY"),
            ("name\n甲\n", "NUMBER_COLUMN_MISSING"),
            ("member_no,points\nA,5\n", "UNKNOWN_COLUMN"),
            ("member_no,member_no\nA,A\n", "COLUMN_TWICE"),
        ] {
            let refused = imported(&merchant, text).await;
            assert_eq!((code(&refused), &refused["report"]), (wanted, &Value::Null), "{text:?}");
        }
        let viewer = merchant.client(Role::Viewer).await;
        let document = "mutation($input: MemberImportInput!) { memberImport(input: $input) { userErrors { code } } }";
        let input = json!({ "input": { "idempotencyKey": new_key(), "file": { "text": "member_no\nA\n" } } });
        assert_eq!(viewer.error(document, input).await.0, "FORBIDDEN");
    }

    async fn five_thousand_members_take_seconds_the_first_time_and_the_second(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        for turn in 1..=2 {
            let mut text = "member_no,name,phone,birthday,tags,consent\n".to_owned();
            for no in 0..5_000 {
                let (month, day) = (no % 12 + 1, (no + turn) % 28 + 1);
                let _ = writeln!(text, "M-{no},会员{no},138{no:08},{month:02}-{day:02},批次{turn},yes");
            }
            let begun = Instant::now();
            let done = imported(&merchant, &text).await;
            let wanted = if turn == 1 { [5_000, 5_000, 0, 0] } else { [5_000, 0, 5_000, 0] };
            assert_eq!(counted(&done), wanted, "{done}");
            assert!(begun.elapsed().as_secs() < 60, "{:?}", begun.elapsed());
            println!("import {turn}: {:?}", begun.elapsed());
        }
        let one = seen(&merchant, "M-7", "name tags birthday { month day } version").await;
        assert_eq!(one, json!({ "name": "会员7", "tags": ["批次2"], "birthday": { "month": 8, "day": 10 }, "version": 2 }));
    }
}

//! Free text: the beginning of any number, a part of a line's title, taken as it is written.

use serde_json::json;

use super::filters::found;
use super::rows::{Row, before_noon, insert, order};
use crate::everywhere;

everywhere! {
    async fn the_beginning_of_any_number_finds_its_order(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        let rows = [
            order(&merchant, "A-2026.11|x_1", before_noon(1)).paid_as("4200009", before_noon(1)),
            order(&merchant, "a-2026.11|x_2", before_noon(2)).paid_as("4200010", before_noon(2)),
            order(&merchant, "B-1", before_noon(60 * 24 * 4)),
        ];
        insert(&world, &rows).await;
        let ours = rows[2].order.id.0.to_string();
        for (search, wanted) in [
            // The shop's number, by letter and case.
            ("A-2026.11|x_1", vec![0]),
            ("A-", vec![0]),
            ("a-", vec![1]),
            ("  B ", vec![2]),
            ("-2026", vec![]),
            ("1", vec![]),
            // The platform's.
            ("42000", vec![0, 1]),
            ("4200010", vec![1]),
            ("42000100", vec![]),
            // Ours: all of it, most of it, and what all orders of these years begin with.
            (ours.as_str(), vec![2]),
            (&ours[..10], vec![2]),
            (&ours[..3], vec![0, 1, 2]),
            (&ours[1..], vec![]),
        ] {
            let wanted: Vec<&str> = wanted.into_iter().map(|place: usize| rows[place].no()).collect();
            assert_eq!(found(&owner, json!({ "search": search })).await, wanted, "{search:?}");
        }
        let all: Vec<&str> = rows.iter().map(Row::no).collect();
        assert_eq!(found(&owner, json!({ "search": "   " })).await, all, "no text, no filter");
    }

    async fn a_part_of_a_title_finds_its_order_in_any_case(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        let rows = [
            order(&merchant, "S1", before_noon(1)).lines(&["宫保鸡丁（大份）", "米饭"]),
            order(&merchant, "S2", before_noon(2)).lines(&["Fish & Chips"]),
            order(&merchant, "S3", before_noon(3)).lines(&["满100%减_券", "CAFÉ crème"]),
            order(&merchant, "S4", before_noon(4)).lines(&["满100元减1券", "\\反斜杠"]),
            order(&merchant, "S5", before_noon(5)).lines(&["it's 'quoted'", "米饭"]),
        ];
        insert(&world, &rows).await;
        for (search, wanted) in [
            ("鸡丁", vec!["S1"]),
            ("米饭", vec!["S1", "S5"]),
            ("宫保鸡丁（大份）", vec!["S1"]),
            ("丁保", vec![]),
            ("fish", vec!["S2"]),
            ("CHIPS", vec!["S2"]),
            ("h & c", vec!["S2"]),
            // What SQL's LIKE takes for anything stands for itself.
            ("%", vec!["S3"]),
            ("100%", vec!["S3"]),
            ("减_", vec!["S3"]),
            ("满100_减", vec![]),
            ("满100%券", vec![]),
            ("\\", vec!["S4"]),
            ("\\反", vec!["S4"]),
            ("'", vec!["S5"]),
            ("'quoted'", vec!["S5"]),
            ("'; DROP TABLE orders; --", vec![]),
            // Letters beyond ASCII are found as they are written.
            ("CAFÉ", vec!["S3"]),
            ("CRèME", vec!["S3"]),
        ] {
            assert_eq!(found(&owner, json!({ "search": search })).await, wanted, "{search:?}");
        }
    }

    async fn an_order_with_two_matching_lines_is_found_once(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        let row = order(&merchant, "米饭-1", before_noon(1)).lines(&["米饭", "蛋炒米饭"]);
        insert(&world, &[row]).await;
        assert_eq!(found(&owner, json!({ "search": "米饭" })).await, ["米饭-1"]);
    }

    async fn an_order_made_by_the_shop_is_found_by_what_it_sold(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        let wanted = merchant.order_with("12.00", json!({
            "merchantOrderNo": "N1",
            "lines": [
                { "title": "佛跳墙", "quantity": 1, "unitPrice": { "amount": "12.00", "currency": "CNY" } },
                { "title": "佛跳墙", "category": "汤", "quantity": 1,
                  "unitPrice": { "amount": "1.00", "currency": "CNY" } },
            ],
        })).await;
        merchant.order("12.00").await;
        assert_eq!(found(&owner, json!({ "search": "跳墙" })).await, ["N1"]);
        assert_eq!(found(&owner, json!({ "search": wanted.order_no })).await, ["N1"]);
    }
}

//! By which index members are found, among many of them, on either database.

use entity::channel::PaymentMethod;
use entity::{MemberId, OrderId, TierId, member, member_tag};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue, ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, QueryTrait,
};
use serde_json::{Value, json};
use yigate::members::model::{
    Contact, MemberFilter, MemberSort, MemberSortField, Profile, SpentRange,
};
use yigate::members::service::{cursor, likeness_of_contact, likeness_of_name, list, page_of};
use yigate::paging::Paging;
use yigate::time_range::TimeRange;

use crate::everywhere;
use crate::support::{Merchant, World};

const MANY: i64 = 20_000;

fn number(no: i64) -> String {
    format!("{no:06}")
}

/// Many members, of whom each third is known by name; each fiftieth has a tag, and few a tier.
async fn crowd(world: &World, merchant: &Merchant) {
    let app = world.app();
    let (db, now) = (app.db.writer(), world.clock.now());
    let ids: Vec<MemberId> = (0..MANY).map(|_| app.ids.next()).collect();
    let places: Vec<(i64, MemberId)> = (0..).zip(ids).collect();
    for some in places.chunks(1_000) {
        let rows = some.iter().map(|(no, id)| {
            let ago = |days: i64| entity::Instant(now - chrono::TimeDelta::days(days));
            let paid = (no % 3 > 0).then(|| ago(no % 700));
            member::ActiveModel {
                merchant_id: ActiveValue::Set(merchant.id),
                id: ActiveValue::Set(*id),
                member_no: ActiveValue::Set(format!("P-{}", number(*no))),
                joined_at: ActiveValue::Set(entity::Instant(now)),
                first_order_id: ActiveValue::Set(paid.map(|_| OrderId(id.0))),
                first_paid_at: ActiveValue::Set(paid),
                first_channel_id: ActiveValue::Set(paid.map(|_| merchant.channel_id)),
                first_method: ActiveValue::Set(paid.map(|_| PaymentMethod::WechatPay)),
                last_paid_at: ActiveValue::Set(paid),
                spent_minor: ActiveValue::Set(if paid.is_some() { no * 37 % 100_000 } else { 0 }),
                birthday: ActiveValue::Set(
                    (no % 4 == 0).then(|| i32::try_from(no % 12 * 100 + 101 + no % 28).unwrap()),
                ),
                tier_id: ActiveValue::Set((no % 100 == 0).then_some(TierId(7))),
                ..Default::default()
            }
        });
        member::Entity::insert_many(rows)
            .exec_without_returning(db)
            .await
            .unwrap();
        let tags =
            some.iter()
                .filter(|(no, _)| no % 50 == 0)
                .map(|(_, id)| member_tag::ActiveModel {
                    merchant_id: ActiveValue::Set(merchant.id),
                    member_id: ActiveValue::Set(*id),
                    tag: ActiveValue::Set("常客".to_owned()),
                });
        member_tag::Entity::insert_many(tags)
            .exec_without_returning(db)
            .await
            .unwrap();
    }
    let named: Vec<(MemberId, Profile)> = places
        .iter()
        .filter(|(no, _)| no % 3 == 0)
        .map(|(no, id)| {
            let profile = Profile {
                name: Some(format!("会员{no}")),
                phone: Some(format!("138{no:08}")),
                email: Some(format!("m{no}@example.com")),
                ..Profile::default()
            };
            (*id, profile)
        })
        .collect();
    let named = &named;
    app.write(merchant.id, |txn| async move {
        for (id, profile) in named {
            yigate::members::service::write_profile(app, &txn, merchant.id, *id, profile).await?;
        }
        Ok::<_, yigate::error::Error>(())
    })
    .await
    .unwrap();
    db.execute_unprepared("ANALYZE").await.unwrap();
}

/// How a database reads a page of members, in one text.
async fn plan(
    world: &World,
    merchant: &Merchant,
    filter: &MemberFilter,
    sort: MemberSort,
) -> String {
    let paging = Paging {
        limit: 20,
        backward: false,
        beyond: None,
        until: None,
    };
    let db = world.app().db.writer();
    let backend = db.get_database_backend();
    let mut statement = page_of(merchant.id, filter, sort, &paging)
        .unwrap()
        .build(backend);
    let explain = if backend == DbBackend::Postgres {
        "EXPLAIN"
    } else {
        "EXPLAIN QUERY PLAN"
    };
    statement.sql = format!("{explain} {}", statement.sql);
    let rows = db.query_all_raw(statement).await.unwrap();
    let column = if backend == DbBackend::Postgres {
        "QUERY PLAN"
    } else {
        "detail"
    };
    let lines = rows
        .iter()
        .map(|row| row.try_get::<String>("", column).unwrap());
    lines.collect::<Vec<_>>().join("\n")
}

everywhere! {
    async fn members_are_found_by_index(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        crowd(&world, &merchant).await;
        let key = &world.app().key;
        let contact = |contact: Contact| likeness_of_contact(key, merchant.id, &contact);
        let like = |likeness| MemberFilter { likenesses: vec![likeness], ..MemberFilter::default() };
        let (created, now) = (MemberSort::default(), world.clock.now());
        let by = |field| MemberSort { field, downward: true };
        let range = TimeRange { from: now - chrono::TimeDelta::hours(30), to: now };
        for (what, filter, sort, index) in [
            ("name", like(likeness_of_name(key, merchant.id, "会员300")), created, "member_profiles_name"),
            ("phone", like(contact(Contact::Phone("13800000300".to_owned()))), created, "member_profiles_phone"),
            ("tail", like(contact(Contact::PhoneTail("0300".to_owned()))), created, "member_profiles_phone_tail"),
            ("email", like(contact(Contact::Email("m300@example.com".to_owned()))), created, "member_profiles_email"),
            ("tag", MemberFilter { tags: Some(vec!["新客".to_owned()]), ..MemberFilter::default() }, created,
                "member_tags_tag"),
            ("tier", MemberFilter { tier_ids: Some(vec![TierId(8)]), ..MemberFilter::default() }, created, "members_tier"),
            ("number", MemberFilter { member_no: Some("P-0003".to_owned()), ..MemberFilter::default() }, created,
                "member"),
            ("last paid", MemberFilter { last_paid: Some(range), ..MemberFilter::default() },
                by(MemberSortField::LastPaid), "members_last_paid"),
            ("most spent", MemberFilter::default(), by(MemberSortField::Spent), "members_spent"),
            ("tiers, most spent", MemberFilter { tier_ids: Some(vec![TierId(7), TierId(8)]), ..MemberFilter::default() },
                by(MemberSortField::Spent), "members_tier"),
            ("spent", MemberFilter { spent: SpentRange { min_minor: Some(99_990), max_minor: None },
                ..MemberFilter::default() }, by(MemberSortField::Spent), "members_spent"),
            ("lately", MemberFilter { not_paid_since_ms: Some(i64::MAX), ..MemberFilter::default() },
                by(MemberSortField::LastPaid), "members_last_paid"),
        ] {
            let plan = plan(&world, &merchant, &filter, sort).await;
            assert!(plan.contains(index), "{what}: not by {index}:\n{plan}");
            let scans = ["Seq Scan", "SCAN members\n", "SCAN member_profiles", "SCAN member_tags"];
            assert!(!scans.iter().any(|scan| plan.contains(scan)), "{what}:\n{plan}");
        }
    }
}

everywhere! {
    async fn who_is_found_far_down_the_list_is_found_as_who_stands_above(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        crowd(&world, &merchant).await;
        let owner = merchant.owner().await;
        let all: Vec<String> = (0..MANY).rev().map(|no| format!("P-{}", number(no))).collect();
        // Those of fewer than two thousand, the oldest of thousands, the newest of thousands, and all.
        for beginning in ["P-0000", "P-00", "P-000", "P-01", "P-", "P-0199", "P-1"] {
            let wanted: Vec<&String> = all.iter().filter(|no| no.starts_with(beginning)).collect();
            let filter = json!({ "memberNo": beginning });
            for (first, arguments) in [(true, "first: 50"), (false, "last: 50")] {
                let (mut seen, mut cursor) = (Vec::<String>::new(), Value::Null);
                // Two pages from either end.
                for _ in 0..2 {
                    let other = if first { "after" } else { "before" };
                    let document = format!("query($filter: MemberFilterInput, $cursor: String) {{ \
                        members({arguments}, {other}: $cursor, filter: $filter) {{ edges {{ cursor node {{ memberNo }} }} }} }}");
                    let answer = owner.data(&document, json!({ "filter": filter, "cursor": cursor })).await;
                    let edges = answer["members"]["edges"].as_array().expect("edges").clone();
                    let nos = edges.iter().map(|edge| edge["node"]["memberNo"].as_str().expect("a number").to_owned());
                    let end = if first { edges.last() } else { edges.first() };
                    cursor = end.map_or(cursor, |edge| edge["cursor"].clone());
                    if first {
                        seen.extend(nos);
                    } else {
                        seen.splice(0..0, nos);
                    }
                }
                let wanted: Vec<&String> = if first {
                    wanted.iter().take(100).copied().collect()
                } else {
                    wanted.iter().skip(wanted.len().saturating_sub(100)).copied().collect()
                };
                assert_eq!(seen.iter().collect::<Vec<_>>(), wanted, "{beginning}, {arguments}");
            }
        }
    }

    async fn members_of_several_tiers_are_sorted_as_one_list(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        crowd(&world, &merchant).await;
        // Two thousand of another tier, who have spent less.
        member::Entity::update_of(merchant.id)
            .filter(member::Column::SpentMinor.between(100, 10_000))
            .col_expr(member::Column::TierId, Expr::value(TierId(8)))
            .exec(world.app().db.writer()).await.unwrap();
        let of = |tiers: Vec<TierId>| MemberFilter { tier_ids: Some(tiers), ..MemberFilter::default() };
        for field in [MemberSortField::Created, MemberSortField::Spent, MemberSortField::LastPaid] {
            let sort = MemberSort { field, downward: true };
            let mut wanted: Vec<member::Model> = member::Entity::of(merchant.id)
                .filter(member::Column::TierId.is_in([TierId(7), TierId(8)]))
                .all(world.app().db.writer()).await.unwrap();
            let key = |row: &member::Model| match field {
                MemberSortField::Created => (0, row.id.0),
                MemberSortField::Spent => (row.spent_minor, row.id.0),
                MemberSortField::LastPaid => (row.last_paid_at.map_or(0, |at| at.0.timestamp_millis()), row.id.0),
            };
            wanted.retain(|row| field != MemberSortField::LastPaid || row.last_paid_at.is_some());
            wanted.sort_by_key(|row| std::cmp::Reverse(key(row)));
            let mut filter = of(vec![TierId(8), TierId(7)]);
            if field == MemberSortField::LastPaid {
                filter.not_paid_since_ms = Some(i64::MAX);
            }
            let mut beyond = None;
            for some in wanted.chunks(100).take(3) {
                let paging = Paging { limit: 100, backward: false, beyond: beyond.take(), until: None };
                let page = list(world.app(), merchant.id, &filter, sort, &paging).await.unwrap();
                assert_eq!(page.items, some, "{field:?}");
                beyond = page.items.last().map(|row| cursor(field, row));
            }
        }
    }
}

#[tokio::test]
async fn who_is_searched_by_a_telephone_number_is_found_in_a_few_blocks() {
    let Some(world) = World::on_postgres().await else {
        return;
    };
    let merchant = world.merchant("汇贤饭店").await;
    crowd(&world, &merchant).await;
    let key = &world.app().key;
    let likeness = likeness_of_contact(key, merchant.id, &Contact::Phone("13800000300".to_owned()));
    let filter = MemberFilter {
        likenesses: vec![likeness],
        ..MemberFilter::default()
    };
    let paging = Paging {
        limit: 20,
        backward: false,
        beyond: None,
        until: None,
    };
    let select = page_of(merchant.id, &filter, MemberSort::default(), &paging).unwrap();
    let mut statement = select.build(DbBackend::Postgres);
    statement.sql = format!("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {}", statement.sql);
    let row = world
        .app()
        .db
        .writer()
        .query_one_raw(statement)
        .await
        .unwrap()
        .unwrap();
    let plan: serde_json::Value = row.try_get("", "QUERY PLAN").unwrap();
    let buffers = plan[0]["Plan"]["Shared Hit Blocks"].as_i64().unwrap();
    assert!(buffers < 30, "{plan:#}");
    assert_eq!(
        plan[0]["Plan"]["Actual Rows"].as_f64(),
        Some(1.0),
        "{plan:#}"
    );
}

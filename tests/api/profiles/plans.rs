//! By which index members are found, among many of them, on either database.

use entity::channel::PaymentMethod;
use entity::{MemberId, OrderId, TierId, member, member_tag};
use sea_orm::{ActiveValue, ConnectionTrait, DbBackend, EntityTrait, QueryTrait};
use yigate::members::model::{
    Contact, MemberFilter, MemberSort, MemberSortField, Profile, SpentRange,
};
use yigate::members::service::{likeness_of_contact, likeness_of_name, page_of};
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

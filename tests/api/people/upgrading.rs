//! What members had bought before it was kept with them.

use migration::Migrator;
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, Statement};
use sea_orm_migration::MigratorTrait;

const DAY: i64 = 86_400_000;

async fn rows(db: &DatabaseConnection, text: &str) -> Vec<sea_orm::QueryResult> {
    let ask = Statement::from_string(db.get_database_backend(), text.to_owned());
    db.query_all_raw(ask).await.expect(text)
}

/// Adds a row; what must be given and is not, is its number.
async fn add(db: &DatabaseConnection, table: &str, number: i64, given: &[(&str, String)]) {
    let (mut columns, mut values) = (Vec::new(), Vec::new());
    for column in rows(db, &format!("PRAGMA table_info({table})")).await {
        let name: String = column.try_get("", "name").expect("a name");
        let needed: i32 = column.try_get("", "notnull").expect("a number");
        let known = given.iter().find(|(given, _)| *given == name);
        match known {
            Some((_, value)) => values.push(value.clone()),
            None if needed == 1 => values.push(number.to_string()),
            None => continue,
        }
        columns.push(name);
    }
    let (columns, values) = (columns.join(", "), values.join(", "));
    let text = format!("INSERT INTO {table} ({columns}) VALUES ({values})");
    db.execute_unprepared(&text).await.expect(&text);
}

#[tokio::test]
async fn orders_that_were_refunded_in_full_before_are_not_counted() {
    let mut options = ConnectOptions::new("sqlite::memory:");
    options.max_connections(1);
    let db = Database::connect(options).await.expect("a database");
    let all = Migrator::migrations();
    let before = all.iter().position(|one| one.name().contains("loyalty"));
    let before = u32::try_from(before.expect("the migration")).expect("few");
    Migrator::up(&db, Some(before)).await.expect("tables");
    db.execute_unprepared("PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON")
        .await
        .expect("settings");
    add(
        &db,
        "members",
        7,
        &[("merchant_id", "1".to_owned()), ("id", "7".to_owned())],
    )
    .await;
    for (number, day, paid, refunded) in [
        (1, 10, 3_600, 3_600),
        (2, 10, 1_000, 400),
        (3, 10, 0, 0),
        (4, 11, 500, 500),
    ] {
        let given = [
            ("merchant_id", "1".to_owned()),
            ("id", number.to_string()),
            ("member_id", "7".to_owned()),
            ("payment_state", "'PAID'".to_owned()),
            ("paid_minor", paid.to_string()),
            ("refunded_minor", refunded.to_string()),
            ("paid_at", (day * DAY).to_string()),
        ];
        add(&db, "orders", number, &given).await;
    }
    Migrator::up(&db, None).await.expect("the upgrade");
    let member = &rows(&db, "SELECT paid_orders, spent_minor FROM members").await[0];
    let of = |name: &str| member.try_get::<i64>("", name).expect("a number");
    assert_eq!((of("paid_orders"), of("spent_minor")), (2, 600));
    let days = rows(
        &db,
        "SELECT day, orders, spent_minor FROM member_days ORDER BY day",
    )
    .await;
    let days: Vec<[i64; 3]> = days
        .iter()
        .map(|row| {
            ["day", "orders", "spent_minor"].map(|name| row.try_get("", name).expect("a number"))
        })
        .collect();
    assert_eq!(days, [[10, 2, 600], [11, 0, 0]]);
}

//! The demo: a restaurant, a fashion shop and a coffee chain with a year of orders, and people who may look at them.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use entity::membership::Role;
use entity::{MerchantId, StaffId, membership, merchant, order, second_factor, staff};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use sea_orm::PaginatorTrait;

use super::bulk::{self, Load};
use super::history::History;
use super::shop::{HUIXIAN, MUMIAN, Shop, YUNSHANG};
use super::store::{Crew, Store, login, member};
use super::{PASSWORD, TOTP_SECRET, YEAR, deeds, named, password_hash, people};
use crate::app::App;
use crate::error::Error;
use crate::seal::MasterKey;
use crate::second_factor::service::bound_to;

/// How many buyers the fashion shop knows.
const CUSTOMERS: usize = 3_000;

/// What the demo holds.
#[derive(Clone, Debug)]
pub struct Demo {
    /// The restaurant.
    pub restaurant: MerchantId,
    /// The fashion shop.
    pub fashion: MerchantId,
    /// The coffee chain.
    pub coffee: MerchantId,
    /// E-mail addresses that sign in, with what they show.
    pub logins: Vec<(String, &'static str)>,
    /// The password of all of them.
    pub password: &'static str,
    /// How many orders there are.
    pub orders: u64,
}

impl Demo {
    fn new([restaurant, fashion, coffee]: [MerchantId; 3], orders: u64) -> Self {
        let logins = PEOPLE.map(|(email, .., shows)| (email.to_owned(), shows));
        Self {
            restaurant,
            fashion,
            coffee,
            logins: logins.to_vec(),
            password: PASSWORD,
            orders,
        }
    }
}

/// Who may look: address, name, roles at the restaurant, the fashion shop and the coffee chain, what it shows.
type Person = (&'static str, &'static str, [Option<Role>; 3], &'static str);

const PEOPLE: [Person; 8] = [
    (
        "owner@huixian.example",
        "周慧",
        [Some(Role::Owner), Some(Role::Owner), Some(Role::Owner)],
        "所有者 OWNER: 汇贤饭店, 云裳时装, 木棉咖啡",
    ),
    (
        "finance@huixian.example",
        "钱进",
        [Some(Role::Finance), None, None],
        "财务 FINANCE: 汇贤饭店",
    ),
    (
        "support@huixian.example",
        "何佳",
        [Some(Role::Support), None, None],
        "客服 SUPPORT: 汇贤饭店",
    ),
    (
        "marketing@huixian.example",
        "林悦",
        [Some(Role::Marketing), None, None],
        "营销 MARKETING: 汇贤饭店",
    ),
    (
        "viewer@huixian.example",
        "沈静",
        [Some(Role::Viewer), None, None],
        "只读 VIEWER: 汇贤饭店",
    ),
    (
        "owner@yunshang.example",
        "苏云",
        [None, Some(Role::Owner), None],
        "所有者 OWNER: 云裳时装",
    ),
    (
        "owner@mumian.example",
        "叶棉",
        [None, None, Some(Role::Owner)],
        "所有者 OWNER: 木棉咖啡 (会员)",
    ),
    (
        "marketing@mumian.example",
        "罗欣",
        [None, None, Some(Role::Marketing)],
        "营销 MARKETING: 木棉咖啡 (会员)",
    ),
];

/// Everybody's second factor: the same secret, which `yigate demo` shows, confirmed when they joined.
fn second_factors(
    key: &MasterKey,
    staff: &[staff::Model],
) -> Result<Vec<second_factor::Model>, Error> {
    staff
        .iter()
        .map(|login| {
            Ok(second_factor::Model {
                staff_id: login.id,
                sealed_secret: Some(key.seal(TOTP_SECRET, &bound_to(login.id))?),
                confirmed_at: Some(login.created_at),
                pending_secret: None,
                pending_at: None,
                last_step: 0,
                failures: 0,
                blocked_until: None,
            })
        })
        .collect()
}

/// Opens a shop, with all that stands there before the first order: from when on, and up to when.
fn open(
    key: &MasterKey,
    shop: &'static Shop,
    id: MerchantId,
    (joined, now): (DateTime<Utc>, DateTime<Utc>),
    crew: Crew,
    seed: u64,
) -> Result<Store, Error> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(u64::MAX);
    let count = if shop.ships { CUSTOMERS } else { 0 };
    let customers = people::customers(&mut rng, shop, key, id, count)?;
    let name = shop.name.to_owned();
    let store = Store::open(shop, id, name, joined, now, crew, customers);
    let store = store.with_bank_account(key)?.with_promotions(now)?;
    Ok(store.with_club(&mut rng))
}

/// The demo that a database holds, where it was filled before.
pub async fn maybe_find(app: &App) -> Result<Option<Demo>, Error> {
    let reads = app.db.reads_across();
    let Some(owner) = staff::Entity::of_email(PEOPLE[0].0).one(reads).await? else {
        return Ok(None);
    };
    let (mut found, mut orders) = ([None; 3], 0);
    for membership in membership::Entity::of_staff(owner.id).all(reads).await? {
        let id = membership.merchant_id;
        let Some(merchant) = merchant::Entity::of(id).one(reads).await? else {
            continue;
        };
        let shops = [&HUIXIAN, &YUNSHANG, &MUMIAN];
        for (found, shop) in found.iter_mut().zip(shops) {
            if merchant.name == shop.name {
                *found = Some(id);
            }
        }
        orders += order::Entity::of(id).count(reads).await?;
    }
    let [Some(restaurant), Some(fashion), Some(coffee)] = found else {
        return Ok(None);
    };
    Ok(Some(Demo::new([restaurant, fashion, coffee], orders)))
}

/// Fills a migrated database with the demo: three merchants and a year of orders up to `now`. The same
/// seed and `now` give the same orders. A database that holds the demo refuses it.
pub async fn fill(app: &App, seed: u64, now: DateTime<Utc>) -> Result<Demo, Error> {
    fill_days(app, seed, now, YEAR).await
}

/// As [`fill`], with a history as long as wanted.
pub async fn fill_days(
    app: &App,
    seed: u64,
    now: DateTime<Utc>,
    back: TimeDelta,
) -> Result<Demo, Error> {
    let from = now - back;
    let joined = from - TimeDelta::days(1);
    let first = MerchantId::first_at(joined.timestamp_millis()).0;
    let merchants = [1, 2, 3].map(|place| MerchantId(first + place));
    let [restaurant, fashion, coffee] = merchants;
    let hash = password_hash(app, PASSWORD).await?;
    let staff: Vec<staff::Model> = (1..)
        .zip(PEOPLE)
        .map(|(place, (email, name, ..))| {
            let id = StaffId(StaffId::first_at(joined.timestamp_millis()).0 + place);
            login(id, email.to_owned(), name.to_owned(), hash.clone(), joined)
        })
        .collect();
    let store = |shop: &'static Shop, id, crew: Crew| {
        open(&app.key, shop, id, (joined, now), crew, seed).map(Arc::new)
    };
    let [owner, finance, support, _, _, tailor, barista, _] = &staff[..] else {
        return Err(Error::internal("the demo lacks people"));
    };
    let at_restaurant = Crew::alone(owner.id).with_decider(finance.id);
    let at_fashion = Crew::alone(tailor.id).with_decider(owner.id);
    let stores = [
        store(&HUIXIAN, restaurant, at_restaurant.with_clerk(support.id))?,
        store(&YUNSHANG, fashion, at_fashion)?,
        store(&MUMIAN, coffee, Crew::alone(barista.id))?,
    ];
    let importer = finance.id.to_string();
    let mut memberships: Vec<membership::Model> = Vec::new();
    for (login, (_, _, roles, _)) in staff.iter().zip(PEOPLE) {
        for (store, role) in stores.iter().zip(roles) {
            memberships.extend(role.map(|role| member(&store.merchant, login, role)));
        }
    }
    let days = u64::try_from(back.num_days()).unwrap_or(0);
    let histories = (0..).zip(&stores).map(|(stream, store)| {
        let orders = store.shop.orders_a_day * days;
        let store = Arc::clone(store);
        let history = History::new(store, &app.calendar, from, now, orders, seed, stream);
        let history = history.watched(owner.id.to_string());
        match stream {
            0 => history.reconciled(importer.clone()),
            _ => history,
        }
    });
    let load = Load {
        second_factors: second_factors(&app.key, &staff)?,
        histories: histories.collect(),
        stores: stores.to_vec(),
        staff,
        memberships,
    };
    let orders = bulk::load(&app.db, load, true).await?;
    for (merchant_id, store) in merchants.into_iter().zip(&stores) {
        deeds::tell(app, merchant_id, now, back).await?;
        if let Some(club) = &store.club {
            named::tell(app, merchant_id, &club.people).await?;
        }
    }
    Ok(Demo::new(merchants, orders))
}

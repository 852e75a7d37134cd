//! Many orders of many merchants: for measuring, and for seeing how large a merchant may grow.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use entity::membership::Role;
use entity::{MerchantId, StaffId, staff};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use sea_orm::{ConnectionTrait, Statement};

use super::bulk::{self, Load};
use super::history::History;
use super::shop::{HUIXIAN, YUNSHANG};
use super::store::{Crew, Store, login, member};
use super::{PASSWORD, YEAR, password_hash, people};
use crate::app::App;
use crate::audit;
use crate::error::Error;
use crate::money::share_out;

/// Where ids of seeded merchants begin in their millisecond: above those of the demo.
const FIRST_TAIL: i64 = 1 << 16;

/// What was seeded.
#[derive(Clone, Debug)]
pub struct Seeded {
    /// The merchants, the biggest first.
    pub merchants: Vec<SeededMerchant>,
    /// The password of all owners.
    pub password: &'static str,
    /// How many orders there are in all of them.
    pub orders: u64,
}

/// A merchant that was seeded.
#[derive(Clone, Debug)]
pub struct SeededMerchant {
    /// Its id.
    pub id: MerchantId,
    /// Its name.
    pub name: String,
    /// Its owner's e-mail address.
    pub email: String,
    /// How many orders it has.
    pub orders: u64,
}

/// Loads `orders` orders of `merchants` new merchants, made in the year before `until`. The biggest
/// merchant has a tenth of all. Done again, it adds more merchants.
pub async fn seed(
    app: &App,
    orders: u64,
    merchants: u32,
    seed: u64,
    until: DateTime<Utc>,
) -> Result<Seeded, Error> {
    if merchants == 0 {
        return Err(Error::bad_input(
            "merchants",
            "must be at least 1.",
            "至少为 1。",
        ));
    }
    let from = until - YEAR;
    let joined = from - TimeDelta::days(1);
    let known = seeded_before(app).await?;
    let hash = password_hash(app, PASSWORD).await?;
    let mut load = Load::default();
    let mut seeded = Vec::new();
    for (place, orders) in (known..).zip(sizes(orders, merchants)) {
        let tail = FIRST_TAIL + i64::try_from(place).unwrap_or(0);
        let id = MerchantId(MerchantId::first_at(joined.timestamp_millis()).0 + tail);
        let shop = if place % 2 == 0 { &HUIXIAN } else { &YUNSHANG };
        let name = format!("{} {} 号店", shop.name, place + 1);
        let owner = owner(place, &hash, joined);
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(u64::MAX - place);
        let buyers = usize::try_from(orders / 6).unwrap_or(0).clamp(20, 3_000);
        let buyers = if shop.ships { buyers } else { 0 };
        let customers = people::customers(&mut rng, shop, &app.key, id, buyers)?;
        let crew = Crew::alone(owner.id);
        let store = Store::open(shop, id, name.clone(), joined, until, crew, customers);
        let store = store.with_bank_account(&app.key)?;
        let store = Arc::new(store);
        load.memberships
            .push(member(&store.merchant, &owner, Role::Owner));
        let history = History::new(
            Arc::clone(&store),
            &app.calendar,
            from,
            until,
            orders,
            seed,
            place,
        );
        seeded.push(SeededMerchant {
            id,
            name,
            email: owner.email.clone(),
            orders,
        });
        load.histories.push(history);
        load.stores.push(store);
        load.staff.push(owner);
    }
    let orders = bulk::load(&app.db, load, false).await?;
    for merchant in &seeded {
        let begun = app.db.transaction_of(merchant.id, |txn| async move {
            audit::service::begin(app, &txn, merchant.id).await
        });
        begun.await?;
    }
    Ok(Seeded {
        merchants: seeded,
        password: PASSWORD,
        orders,
    })
}

fn owner(place: u64, password_hash: &str, joined: DateTime<Utc>) -> staff::Model {
    let tail = FIRST_TAIL + i64::try_from(place).unwrap_or(0);
    login(
        StaffId(StaffId::first_at(joined.timestamp_millis()).0 + tail),
        format!("owner{}@seed.example", place + 1),
        format!("店主 {}", place + 1),
        password_hash.to_owned(),
        joined,
    )
}

/// How many merchants were seeded before.
async fn seeded_before(app: &App) -> Result<u64, Error> {
    let counted = Statement::from_string(
        app.db.backend(),
        "SELECT CAST(count(*) AS BIGINT) AS known FROM staff WHERE email LIKE 'owner%@seed.example'",
    );
    let row = app.db.writer().query_one_raw(counted).await?;
    let known: i64 = row.map_or(Ok(0), |row| row.try_get("", "known"))?;
    Ok(u64::try_from(known).unwrap_or(0))
}

/// How many orders each merchant has: a tenth the first, the others twice as many at the top as at
/// the bottom. Few merchants share equally.
fn sizes(orders: u64, merchants: u32) -> Vec<u64> {
    let total = i64::try_from(orders).unwrap_or(i64::MAX);
    let many = i64::from(merchants);
    let shares = if many < 14 {
        share_out(total, &vec![1; usize::try_from(many).unwrap_or(1)])
    } else {
        let weights: Vec<i64> = (1..many).map(|place| 2 * many - place).collect();
        let biggest = total / 10;
        let others = share_out(total - biggest, &weights);
        std::iter::once(biggest).chain(others).collect()
    };
    shares
        .into_iter()
        .map(|share| u64::try_from(share).unwrap_or(0))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_biggest_of_many_merchants_has_a_tenth() {
        for merchants in [14, 60, 500] {
            let sizes = sizes(1_000_000, merchants);
            assert_eq!(sizes.iter().sum::<u64>(), 1_000_000);
            assert_eq!(sizes[0], 100_000);
            assert!(
                sizes[1..].iter().all(|size| *size <= 100_000),
                "{merchants}"
            );
        }
    }

    #[test]
    fn few_merchants_share_equally() {
        assert_eq!(sizes(10, 3), [4, 3, 3]);
    }
}

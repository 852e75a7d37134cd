//! What the demo's shops do with webhooks: a server of theirs that checks the signature, and remembers what came in.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_lc_rs::hmac;
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use data_encoding::BASE64;
use entity::event::EventKind;
use entity::membership::Role;
use entity::{MerchantId, membership};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder};

use super::Demo;
use crate::app::App;
use crate::auth::model::{Actor, Scopes, Who};
use crate::error::{Error, Failure};
use crate::reach::Reach;
use crate::webhooks::model::EndpointDraft;
use crate::webhooks::service::create;

/// What the shops have sent to them.
const KINDS: [EventKind; 14] = [
    EventKind::OrderPaid,
    EventKind::OrderFulfilled,
    EventKind::RefundRequested,
    EventKind::RefundSucceeded,
    EventKind::RefundFailed,
    EventKind::PayoutRequested,
    EventKind::PayoutApproved,
    EventKind::PayoutPaid,
    EventKind::PayoutFailed,
    EventKind::PayoutReturned,
    EventKind::ChannelHealthChanged,
    EventKind::IncidentOpened,
    EventKind::IncidentResolved,
    EventKind::SettlementReleased,
];

/// How many letters are remembered.
const REMEMBERED: usize = 200;
/// How many letters of a body are shown at the most.
const SHOWN: usize = 2_000;
/// How far a letter's time may be off.
const FRESH: TimeDelta = TimeDelta::minutes(5);
/// The first letter of each shop, and every so many after it, is not taken the first time: so that the delivery log
/// has something to show.
const BUSY_EVERY: u64 = 25;

/// The headers of Standard Webhooks, as they came.
#[derive(Clone, Debug, Default)]
pub struct Seal {
    /// What the letter is known by.
    pub id: String,
    /// When it was sent, in seconds since 1970.
    pub timestamp: String,
    /// Its signatures.
    pub signature: String,
}

/// What a shop's server made of a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It was taken.
    Yes,
    /// It had been taken before: nothing was to be done.
    Again,
    /// The server was busy, and said so: it is sent again.
    Busy,
    /// The signature is not that of the endpoint's secret over this body.
    WrongSignature,
    /// It was signed too long ago, or is from the future.
    NotFresh,
    /// No such shop has a server here.
    Unknown,
}

impl Taken {
    /// The HTTP status that says so.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::Yes | Self::Again => 200,
            Self::Busy => 503,
            Self::WrongSignature | Self::NotFresh => 401,
            Self::Unknown => 404,
        }
    }
}

/// A letter that came in.
#[derive(Clone, Debug)]
pub struct Received {
    /// When, on the shop's clock.
    pub at: DateTime<Tz>,
    /// Whose it is.
    pub shop: String,
    /// What it is known by.
    pub id: String,
    /// What it tells of, such as `order.paid`.
    pub kind: String,
    /// The beginning of its body.
    pub body: String,
    /// What became of it.
    pub taken: Taken,
}

#[derive(Debug)]
struct Shop {
    name: String,
    zone: Tz,
    secret: Vec<u8>,
    /// How many letters with a good signature came for the first time.
    letters: u64,
}

#[derive(Debug, Default)]
struct Kept {
    shops: HashMap<String, Shop>,
    received: VecDeque<Received>,
}

/// The servers of the demo's shops. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Inbox(Arc<Mutex<Kept>>);

impl Inbox {
    /// Makes an endpoint for each of the demo's merchants that leads here: `{home}/demo/webhooks/{merchant}`.
    pub async fn open(app: &App, made: &Demo, home: &str) -> Result<Self, Error> {
        let inbox = Self::default();
        for merchant_id in [made.restaurant, made.fashion] {
            let Some(owner) = owner(app, merchant_id).await? else {
                continue;
            };
            let draft = EndpointDraft {
                url: format!("{home}/demo/webhooks/{merchant_id}"),
                description: "演示：店铺自己的服务器".to_owned(),
            };
            let made = create(app, Reach::Anywhere, &owner, &draft, &KINDS).await;
            let made = made.map_err(|failure| match failure {
                Failure::Failed(error) => error,
                Failure::Refused(why) => Error::internal(format!("a demo's endpoint: {why:?}")),
            })?;
            let merchant = crate::merchant::find(app, merchant_id).await?;
            inbox.know(
                &merchant_id.to_string(),
                &merchant.row.name,
                merchant.zone,
                &made.secret,
            );
        }
        Ok(inbox)
    }

    fn know(&self, place: &str, name: &str, zone: Tz, secret: &str) {
        let secret = secret.trim_start_matches("whsec_");
        let shop = Shop {
            name: name.to_owned(),
            zone,
            secret: BASE64.decode(secret.as_bytes()).unwrap_or_default(),
            letters: 0,
        };
        self.lock().shops.insert(place.to_owned(), shop);
    }

    /// Takes a letter, as a shop's server should: it checks signature and time before it reads, and does nothing twice.
    pub fn receive(&self, place: &str, seal: &Seal, body: &str, now: DateTime<Utc>) -> Taken {
        let mut kept = self.lock();
        let Kept { shops, received } = &mut *kept;
        let Some(shop) = shops.get_mut(place) else {
            return Taken::Unknown;
        };
        let before = received.iter().find(|letter| letter.id == seal.id);
        let before = before.map(|letter| letter.taken);
        let taken = match check(&shop.secret, seal, body, now) {
            Err(wrong) => wrong,
            Ok(()) => match before {
                Some(Taken::Yes | Taken::Again) => Taken::Again,
                Some(Taken::Busy) => Taken::Yes,
                _ => {
                    shop.letters += 1;
                    if shop.letters % BUSY_EVERY == 1 {
                        Taken::Busy
                    } else {
                        Taken::Yes
                    }
                }
            },
        };
        received.push_front(Received {
            at: now.with_timezone(&shop.zone),
            shop: shop.name.clone(),
            id: seal.id.chars().take(100).collect(),
            kind: kind_of(body),
            body: body.chars().take(SHOWN).collect(),
            taken,
        });
        received.truncate(REMEMBERED);
        taken
    }

    /// What came in, the newest first.
    #[must_use]
    pub fn received(&self) -> Vec<Received> {
        self.lock().received.iter().cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Checks a letter as Standard Webhooks says: one of its signatures is HMAC-SHA256 over id, time and body, and its time
/// is now.
fn check(secret: &[u8], seal: &Seal, body: &str, now: DateTime<Utc>) -> Result<(), Taken> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    let signed = format!("{}.{}.{body}", seal.id, seal.timestamp);
    let is_right = |part: &str| {
        let told = part.strip_prefix("v1,").unwrap_or_default();
        let told = BASE64.decode(told.as_bytes()).unwrap_or_default();
        hmac::verify(&key, signed.as_bytes(), &told).is_ok()
    };
    if !seal.signature.split(' ').any(is_right) {
        return Err(Taken::WrongSignature);
    }
    let sent = seal.timestamp.parse().ok();
    let sent = sent.and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    match sent {
        Some(sent) if (now - sent).abs() <= FRESH => Ok(()),
        _ => Err(Taken::NotFresh),
    }
}

fn kind_of(body: &str) -> String {
    let told: Option<serde_json::Value> = serde_json::from_str(body).ok();
    let kind = told.as_ref().and_then(|told| told["type"].as_str());
    kind.unwrap_or("?").chars().take(60).collect()
}

/// Who makes the endpoint: whoever owns the shop.
async fn owner(app: &App, merchant_id: MerchantId) -> Result<Option<Actor>, Error> {
    let owner = membership::Entity::of(merchant_id)
        .filter(membership::Column::Role.eq(Role::Owner))
        .order_by_asc(membership::Column::StaffId)
        .one(&app.db.reads(merchant_id))
        .await?;
    Ok(owner.map(|owner| Actor {
        merchant_id,
        who: Who::Staff {
            staff_id: owner.staff_id,
            role: Role::Owner,
        },
        scopes: Scopes::of_role(Role::Owner),
        origin: None,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::webhooks::model::{secret_text, sign};

    const SECRET: [u8; 32] = [7; 32];

    fn now() -> DateTime<Utc> {
        "2026-11-29T04:00:00Z".parse().unwrap()
    }

    fn inbox() -> Inbox {
        let inbox = Inbox::default();
        let zone = chrono_tz::Asia::Shanghai;
        inbox.know("mer_1", "汇贤饭店", zone, &secret_text(&SECRET));
        inbox
    }

    fn letter(number: u32, sent: DateTime<Utc>) -> (Seal, String) {
        let id = format!("evt_{number}");
        let body = format!(r#"{{"type":"order.paid","data":{{"seq":{number}}}}}"#);
        let sent_s = sent.timestamp();
        let seal = Seal {
            signature: sign(&[SECRET.to_vec()], &id, sent_s, &body),
            timestamp: sent_s.to_string(),
            id,
        };
        (seal, body)
    }

    #[test]
    fn what_is_signed_with_another_secret_or_long_ago_is_not_taken() {
        let inbox = inbox();
        let (seal, body) = letter(1, now());
        let other = Seal {
            signature: sign(&[vec![8; 32]], &seal.id, now().timestamp(), &body),
            ..seal.clone()
        };
        let nothing = Seal {
            signature: String::new(),
            ..seal.clone()
        };
        for (seal, body) in [
            (&other, body.as_str()),
            (&nothing, &body),
            (&seal, r#"{"type":"order.paid","data":{"seq":2}}"#),
        ] {
            let taken = inbox.receive("mer_1", seal, body, now());
            assert_eq!(taken, Taken::WrongSignature);
        }
        for sent in [
            now() - FRESH - TimeDelta::seconds(1),
            now() + FRESH + TimeDelta::seconds(1),
        ] {
            let (seal, body) = letter(2, sent);
            let taken = inbox.receive("mer_1", &seal, &body, now());
            assert_eq!(taken, Taken::NotFresh);
        }
        assert_eq!(
            inbox.receive("mer_2", &seal, &body, now()),
            Taken::Unknown,
            "another shop's"
        );
        assert_eq!(inbox.received().len(), 5);
    }

    #[test]
    fn the_first_letter_is_taken_the_second_time_and_each_is_taken_once() {
        let inbox = inbox();
        let receive = |number| {
            let (seal, body) = letter(number, now());
            inbox.receive("mer_1", &seal, &body, now())
        };
        assert_eq!(
            [receive(1), receive(2), receive(1), receive(1), receive(2)],
            [
                Taken::Busy,
                Taken::Yes,
                Taken::Yes,
                Taken::Again,
                Taken::Again
            ]
        );
        let newest = &inbox.received()[0];
        assert_eq!(
            (newest.id.as_str(), newest.kind.as_str()),
            ("evt_2", "order.paid")
        );
        assert_eq!(newest.at.format("%H:%M").to_string(), "12:00");
        for number in 3..1_000 {
            receive(number);
        }
        assert_eq!(inbox.received().len(), REMEMBERED);
        let busy = |letter: &&Received| letter.taken == Taken::Busy;
        assert_eq!(inbox.received().iter().filter(busy).count(), 8);
    }
}

//! The coupons that a price is made of, each with its rules and with what the buyer has had of its template.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use entity::{CouponId, CouponTemplateId, Instant, MemberId, MerchantId};

use super::offers::Who;
use crate::app::App;
use crate::campaigns::model::Rules;
use crate::checkout::model::{CodeProblem, Offer, OfferId, Taken, check_coupon};
use crate::coupons::model::read_code;
use crate::coupons::service::{Held, available_of, find_by_codes};
use crate::error::Error;
use crate::offer_counters;

/// A coupon with its rules.
#[derive(Clone, Debug)]
pub(super) struct Ticket {
    /// The coupon and its template.
    pub held: Held,
    /// What it gives; copies of one coupon share it.
    pub rules: Arc<Rules>,
    /// How many of its template the buyer has used, those of this cart that come before it included.
    by_member: i64,
}

impl Ticket {
    /// As pricing takes it.
    pub fn offer(&self) -> Offer<'_> {
        let coupon = &self.held.coupon;
        Offer {
            id: OfferId::Coupon(coupon.id),
            from: coupon.valid_from.0,
            to: Some(coupon.valid_until.0),
            rules: &self.rules,
            taken: Taken {
                by_member: self.by_member,
                ..Taken::default()
            },
            held_out: false,
        }
    }

    const fn is_anybodys(&self) -> bool {
        self.held.coupon.member_id.is_none()
    }
}

/// The coupons of a cart and its buyer.
pub(super) struct Tickets {
    /// Those that were named and can be used.
    pub named: Vec<Ticket>,
    /// The buyer's that can be used, those that end first.
    pub own: Vec<Ticket>,
    /// The codes that cannot be used, as they were given.
    pub problems: Vec<(String, CodeProblem)>,
}

impl Tickets {
    /// Reads them; the buyer's own only where they are asked for.
    pub async fn read(
        app: &App,
        merchant_id: MerchantId,
        codes: &[String],
        who: &Who,
        with_own: bool,
        now: Instant,
    ) -> Result<Self, Error> {
        let (db, member_id) = (&app.db.reads(merchant_id), who.id());
        let mut reader = RulesReader::of(who);
        let known = find_by_codes(&app.db, db, merchant_id, codes).await?;
        let (named, problems) = sort_out(known, codes, member_id, now, &mut reader)?;
        let own = match member_id.filter(|_| with_own) {
            None => Vec::new(),
            Some(member_id) => available_of(&app.db, db, merchant_id, member_id, now).await?,
        };
        let own = own.into_iter().map(|held| reader.ticket(held));
        let mut tickets = Self {
            named,
            own: own.collect::<Result<_, _>>()?,
            problems,
        };
        let all = tickets.named.iter().chain(&tickets.own);
        let limited = all.filter(|it| it.rules.per_member().is_some());
        let limited: HashSet<CouponTemplateId> = limited.map(|it| it.held.template.id).collect();
        if !limited.is_empty() {
            let limited: Vec<CouponTemplateId> = limited.into_iter().collect();
            let used = match member_id {
                None => HashMap::new(),
                Some(member_id) => {
                    offer_counters::used_by(&app.db, db, merchant_id, &limited, member_id).await?
                }
            };
            tickets.count(used);
        }
        Ok(tickets)
    }

    /// Counts those of this cart on what the buyer has used: what is theirs first, then codes that are anybody's. Of a
    /// group only one is given.
    fn count(&mut self, mut used: HashMap<CouponTemplateId, i64>) {
        let mut counted: HashMap<CouponId, i64> = HashMap::new();
        let (anybodys, theirs): (Vec<_>, Vec<_>) =
            self.named.iter_mut().partition(|it| it.is_anybodys());
        for ticket in theirs.into_iter().chain(anybodys).chain(&mut self.own) {
            let used = used.entry(ticket.held.template.id).or_default();
            let alone = ticket.rules.stacking.group.is_some();
            ticket.by_member = *counted.entry(ticket.held.coupon.id).or_insert_with(|| {
                let before = *used;
                *used += i64::from(!alone);
                before
            });
        }
    }
}

/// The coupons that can be used, and the codes that cannot, as they were given.
type Sorted = (Vec<Ticket>, Vec<(String, CodeProblem)>);

/// Tells the codes that can be used from those that cannot; one that is given twice counts once.
fn sort_out(
    known: Vec<Held>,
    codes: &[String],
    buyer: Option<MemberId>,
    now: Instant,
    reader: &mut RulesReader,
) -> Result<Sorted, Error> {
    let mut problems = Vec::new();
    let mut usable = HashSet::new();
    for given in codes {
        let code = read_code(given);
        let held = known
            .iter()
            .find(|held| Some(&held.coupon.code) == code.as_ref());
        let checked = match held {
            None => Err(CodeProblem::NotFound),
            Some(held) => check_coupon(&held.coupon, buyer, now).map(|()| held.coupon.id),
        };
        match checked {
            Ok(id) => {
                usable.insert(id);
            }
            Err(problem) => problems.push((given.clone(), problem)),
        }
    }
    let tickets = known
        .into_iter()
        .filter(|held| usable.contains(&held.coupon.id));
    let tickets = tickets.map(|held| reader.ticket(held));
    Ok((tickets.collect::<Result<_, _>>()?, problems))
}

/// Reads each template's rules once: for its coupons that are somebody's, and for codes that are anybody's.
struct RulesReader {
    is_known: bool,
    read: HashMap<(CouponTemplateId, bool), Arc<Rules>>,
}

impl RulesReader {
    fn of(who: &Who) -> Self {
        Self {
            is_known: who.is_known(),
            read: HashMap::new(),
        }
    }

    /// A coupon that is the buyer's was counted when they got it. A code that is anybody's was not: a member uses no
    /// more of them than they may have.
    fn ticket(&mut self, held: Held) -> Result<Ticket, Error> {
        let uncounted = self.is_known && held.coupon.member_id.is_none();
        let key = (held.template.id, uncounted);
        let rules = match self.read.get(&key) {
            Some(rules) => Arc::clone(rules),
            None => {
                let mut rules = Rules::of_text(&held.template.rules)?;
                if uncounted {
                    rules.limits.per_member = held.template.per_member;
                }
                let rules = Arc::new(rules);
                self.read.insert(key, Arc::clone(&rules));
                rules
            }
        };
        Ok(Ticket {
            held,
            rules,
            by_member: 0,
        })
    }
}

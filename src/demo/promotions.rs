//! What a store gives: its campaigns, ended, running and drafted, and the coupons that it hands out.

use chrono::{DateTime, Days, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;
use entity::campaign::{self, CampaignState, RefundPolicy};
use entity::coupon_template::{self, TemplateState};
use entity::{CampaignId, CouponTemplateId, Instant, MerchantId, campaign_version};

use super::shop::Shop;
use crate::campaigns::model::{Audience, Benefit, Hours, Limits, Rules, Scope, Stacking, Step};
use crate::error::Error;

/// How many days before it begins a campaign is made.
const PLANNED_DAYS: u64 = 3;
/// In which group coupons are of which an order takes one.
const COUPONS: &str = "coupon";

/// A campaign, and what came of it.
#[derive(Clone, Debug)]
pub struct Promotion {
    /// The campaign.
    pub row: campaign::Model,
    /// What it gives.
    pub rules: Rules,
    /// How many times more orders came while it was given, in thousandths.
    pub lift: u64,
}

impl Promotion {
    /// Its only version.
    #[must_use]
    pub fn version(&self) -> campaign_version::Model {
        let row = &self.row;
        campaign_version::Model {
            merchant_id: row.merchant_id,
            campaign_id: row.id,
            version: row.version,
            name: row.name.clone(),
            rules: row.rules.clone(),
            starts_at: row.starts_at,
            ends_at: row.ends_at,
            holdout_ppm: row.holdout_ppm,
            refund_policy: row.refund_policy,
            changed_by: row.created_by.clone(),
            changed_at: Instant(made_at(row.id)),
        }
    }

    /// Whether it is given at a moment.
    #[must_use]
    pub fn is_given(&self, at: DateTime<Tz>) -> bool {
        let row = &self.row;
        row.activated_at.is_some_and(|begun| begun.0 <= at)
            && row.ends_at.is_none_or(|end| at < end.0)
            && self.rules.is_open(at)
    }
}

/// Coupons that a store hands out.
#[derive(Clone, Debug)]
pub struct Handout {
    /// What they are.
    pub template: coupon_template::Model,
    /// What they give.
    pub rules: Rules,
    /// Since when they are handed out.
    pub since: DateTime<Utc>,
}

/// What a store gives.
#[derive(Clone, Debug, Default)]
pub struct Promotions {
    /// Its campaigns.
    pub campaigns: Vec<Promotion>,
    /// Its coupons.
    pub handouts: Vec<Handout>,
}

impl Promotions {
    /// Whether it gives nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.campaigns.is_empty() && self.handouts.is_empty()
    }

    /// Campaigns, as tables keep them.
    #[must_use]
    pub fn campaigns(&self) -> Vec<campaign::Model> {
        self.campaigns.iter().map(|one| one.row.clone()).collect()
    }

    /// Their versions.
    #[must_use]
    pub fn versions(&self) -> Vec<campaign_version::Model> {
        self.campaigns.iter().map(Promotion::version).collect()
    }

    /// Templates of coupons.
    #[must_use]
    pub fn templates(&self) -> Vec<coupon_template::Model> {
        let handouts = self.handouts.iter();
        handouts.map(|one| one.template.clone()).collect()
    }

    /// How many times more orders come at a moment, in thousandths.
    #[must_use]
    pub fn lift(&self, at: DateTime<Tz>) -> u64 {
        let given = self.campaigns.iter().filter(|it| it.is_given(at));
        given.fold(1_000, |lift, it| lift * it.lift / 1_000)
    }
}

/// A store whose campaigns are being thought up.
struct Desk<'a> {
    shop: &'a Shop,
    merchant_id: MerchantId,
    opened_at: DateTime<Utc>,
    until: DateTime<Utc>,
    by: &'a str,
}

/// A campaign as it is thought up: from how many days before now until how many.
struct Idea {
    name: &'static str,
    /// Begins so many days before today; none for a draft.
    from: Option<u64>,
    /// Ends so many days after it began.
    days: Option<u64>,
    rules: Rules,
    holdout_ppm: i32,
    lift: u64,
}

/// What a store gives in its history up to `until`; what would have begun before it opened is left out.
pub fn of(
    shop: &Shop,
    merchant_id: MerchantId,
    opened_at: DateTime<Utc>,
    until: DateTime<Utc>,
    by: &str,
) -> Result<Promotions, Error> {
    let desk = Desk {
        shop,
        merchant_id,
        opened_at,
        until,
        by,
    };
    let (ideas, handouts) = match shop.letters {
        "YS" => (for_fashion(), desk.coupons()?),
        "HX" => (for_restaurant(), Vec::new()),
        // The coffee chain gives to its members.
        _ => (Vec::new(), Vec::new()),
    };
    let campaigns = (1..).zip(ideas).map(|(place, idea)| desk.plan(place, idea));
    let campaigns = campaigns.collect::<Result<Vec<_>, Error>>()?;
    Ok(Promotions {
        campaigns: campaigns.into_iter().flatten().collect(),
        handouts,
    })
}

fn for_restaurant() -> Vec<Idea> {
    let evenings = Hours {
        weekdays: 0b1_1111,
        from_minute: 17 * 60,
        to_minute: 22 * 60,
    };
    vec![
        Idea {
            name: "金秋满减月",
            from: Some(82),
            days: Some(30),
            rules: Rules {
                stacking: Stacking {
                    group: Some("满减".to_owned()),
                    ..Stacking::default()
                },
                ..rules(steps(&[(15_000, 1_500), (30_000, 4_500)]))
            },
            holdout_ppm: 0,
            lift: 1_220,
        },
        Idea {
            name: "工作日晚市满减",
            from: Some(24),
            days: Some(60),
            rules: Rules {
                hours: vec![evenings],
                stacking: Stacking {
                    group: Some("满减".to_owned()),
                    ..Stacking::default()
                },
                limits: Limits {
                    per_day: Some(120),
                    budget_minor: Some(8_000_000),
                    ..Limits::default()
                },
                ..rules(steps(&[(10_000, 2_000), (30_000, 8_000)]))
            },
            holdout_ppm: 100_000,
            lift: 1_180,
        },
        Idea {
            name: "冬至家宴",
            from: None,
            days: Some(7),
            rules: Rules {
                scope: Scope {
                    without_categories: vec!["酒水".to_owned()],
                    ..Scope::default()
                },
                limits: Limits {
                    budget_minor: Some(3_000_000),
                    ..Limits::default()
                },
                ..rules(steps(&[(50_000, 10_000)]))
            },
            holdout_ppm: 0,
            lift: 1_000,
        },
    ]
}

fn for_fashion() -> Vec<Idea> {
    let discount = |off_ppm, cap_minor| {
        rules(Benefit::Discount {
            off_ppm,
            threshold_minor: 0,
            cap_minor,
        })
    };
    vec![
        Idea {
            name: "秋冬外套 85 折",
            from: Some(75),
            days: Some(28),
            rules: Rules {
                scope: Scope {
                    categories: vec!["外套".to_owned()],
                    ..Scope::default()
                },
                stacking: Stacking {
                    priority: 10,
                    ..Stacking::default()
                },
                ..discount(150_000, Some(20_000))
            },
            holdout_ppm: 0,
            lift: 1_120,
        },
        Idea {
            name: "新客首单 9 折",
            from: Some(45),
            days: None,
            rules: Rules {
                audience: Audience {
                    newcomers: true,
                    ..Audience::default()
                },
                limits: Limits {
                    budget_minor: Some(5_000_000),
                    ..Limits::default()
                },
                ..discount(100_000, Some(5_000))
            },
            holdout_ppm: 0,
            lift: 1_000,
        },
    ]
}

fn rules(benefit: Benefit) -> Rules {
    Rules {
        benefit,
        scope: Scope::default(),
        audience: Audience::default(),
        hours: Vec::new(),
        stacking: Stacking::default(),
        limits: Limits::default(),
    }
}

fn steps(steps: &[(i64, i64)]) -> Benefit {
    let steps = steps.iter().map(|(threshold_minor, off_minor)| Step {
        threshold_minor: *threshold_minor,
        off_minor: *off_minor,
    });
    Benefit::FullReduction(steps.collect())
}

/// When something was made, by its id.
fn made_at(id: CampaignId) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(id.made_at_ms()).unwrap_or_default()
}

impl Desk<'_> {
    /// The beginning of the shop's day so many days before the last one.
    fn midnight(&self, days_ago: u64) -> DateTime<Utc> {
        let zone = self.shop.time_zone;
        let today = self.until.with_timezone(&zone).date_naive();
        let day = (today - Days::new(days_ago)).and_time(NaiveTime::MIN);
        let local = zone.from_local_datetime(&day).earliest();
        local.map_or(self.until, |at| at.with_timezone(&Utc))
    }

    fn plan(&self, place: i64, idea: Idea) -> Result<Option<Promotion>, Error> {
        let starts_at = match idea.from {
            Some(days) => self.midnight(days),
            None => self.midnight(0) + Days::new(10),
        };
        let made_at = (starts_at - Days::new(PLANNED_DAYS)).min(self.until - Days::new(1));
        if made_at < self.opened_at {
            return Ok(None);
        }
        let ends_at = idea.days.map(|days| Instant(starts_at + Days::new(days)));
        let over = ends_at.filter(|end| end.0 <= self.until);
        let state = match (idea.from, over) {
            (None, _) => CampaignState::Draft,
            (_, Some(_)) => CampaignState::Ended,
            _ => CampaignState::Active,
        };
        let is_running = state == CampaignState::Active;
        let activated_at = idea.from.map(|_| Instant(starts_at));
        let row = campaign::Model {
            merchant_id: self.merchant_id,
            id: CampaignId(CampaignId::first_at(made_at.timestamp_millis()).0 + place),
            name: idea.name.to_owned(),
            state,
            version: 1,
            kind: idea.rules.benefit.kind(),
            rules: idea.rules.to_text()?,
            starts_at: Instant(starts_at),
            ends_at,
            holdout_ppm: idea.holdout_ppm,
            refund_policy: RefundPolicy::Restore,
            created_by: self.by.to_owned(),
            updated_at: over.or(activated_at).unwrap_or(Instant(made_at)),
            activated_at,
            ended_at: over,
            next_at: ends_at.filter(|_| is_running),
        };
        Ok(Some(Promotion {
            row,
            rules: idea.rules,
            lift: idea.lift,
        }))
    }

    fn coupons(&self) -> Result<Vec<Handout>, Error> {
        let since = self.midnight(60);
        if since < self.opened_at {
            return Ok(Vec::new());
        }
        let rules = Rules {
            stacking: Stacking {
                group: Some(COUPONS.to_owned()),
                ..Stacking::default()
            },
            ..rules(steps(&[(20_000, 3_000)]))
        };
        let template = coupon_template::Model {
            merchant_id: self.merchant_id,
            id: CouponTemplateId(CouponTemplateId::first_at(since.timestamp_millis()).0 + 1),
            name: "老友券 满 200 减 30".to_owned(),
            state: TemplateState::Active,
            version: 1,
            kind: rules.benefit.kind(),
            rules: rules.to_text()?,
            valid_from: None,
            valid_until: None,
            valid_days: Some(30),
            quantity: 5_000,
            per_member: Some(1),
            claim_code: Some("NEW2026".to_owned()),
            refund_policy: RefundPolicy::Restore,
            created_by: self.by.to_owned(),
            updated_at: Instant(since),
        };
        Ok(vec![Handout {
            template,
            rules,
            since,
        }])
    }
}

//! What a campaign would have cost, as clients ask for it and see it.

use async_graphql::{Context, ID, InputObject, OneofObject};
use chrono::NaiveDate;
use entity::{CampaignId, Day};
use rust_decimal::Decimal;

use super::effect::needs_orders;
use super::rules_input::OfferRulesInput;
use crate::campaigns::model::Rules;
use crate::campaigns::service;
use crate::checkout::model::simulation::SimulatedDay;
use crate::checkout::service::simulate::{self, Simulated};
use crate::error::Error;
use crate::graphql::Ask;
use crate::graphql::plain::{Lean, plain_object};
use crate::graphql::scalars::{DecimalText, LocalDate, Timestamp, read_id};
use crate::invalid::Invalid;
use crate::merchant::Merchant;
use crate::money::{Currency, Money};

/// Of how many days orders are replayed where nothing is said.
const USUAL_DAYS: i32 = 30;
/// The most.
const MOST_DAYS: i32 = 90;

/// What is to be replayed, and over which orders.
#[derive(Clone, Debug, InputObject)]
pub struct CampaignSimulateInput {
    /// What is tried out.
    pub rules: CampaignSimulateRulesInput,
    /// How many days are looked back, today included: 1 to 90.
    #[graphql(default_with = "Some(USUAL_DAYS)")]
    pub days: Option<i32>,
}

/// What is tried out: exactly one of these.
#[derive(Clone, Debug, OneofObject)]
pub enum CampaignSimulateRulesInput {
    /// The rules of a campaign, a draft or any other.
    CampaignId(ID),
    /// Rules that belong to no campaign yet.
    Draft(Box<OfferRulesInput>),
}

/// Replays a merchant's last orders through rules.
pub async fn simulated(
    ctx: &Context<'_>,
    input: CampaignSimulateInput,
) -> Result<Lean<CampaignSimulation>, Error> {
    needs_orders(ctx)?;
    let (app, merchant_id) = (ctx.app(), ctx.actor()?.merchant_id);
    let merchant = crate::merchant::find(app, merchant_id).await?;
    let days = read_days(input.days.unwrap_or(USUAL_DAYS))?;
    let rules = read_rules(ctx, &merchant, input.rules).await?;
    let told = simulate::simulate(app, &merchant, rules, days).await?;
    Ok(Lean(CampaignSimulation {
        told,
        currency: merchant.currency,
    }))
}

fn read_days(days: i32) -> Result<u64, Error> {
    let read = u64::try_from(days).ok();
    read.filter(|_| (1..=MOST_DAYS).contains(&days))
        .ok_or_else(|| {
            Error::bad_input(
                "input.days",
                format!("must be from 1 to {MOST_DAYS}."),
                format!("须为 1 至 {MOST_DAYS}。"),
            )
        })
}

async fn read_rules(
    ctx: &Context<'_>,
    merchant: &Merchant,
    input: CampaignSimulateRulesInput,
) -> Result<Rules, Error> {
    match input {
        CampaignSimulateRulesInput::CampaignId(id) => {
            let id: CampaignId = read_id("input.rules.campaignId", &id)?;
            let row = service::maybe_find(ctx.app(), merchant.row.id, id).await?;
            Rules::of_text(&row.ok_or(Error::NotFound)?.rules)
        }
        CampaignSimulateRulesInput::Draft(rules) => rules.read(merchant.currency).map_err(named),
    }
}

/// The field as it is called in this input; its sentence is told behind its name.
fn named(invalid: Invalid) -> Error {
    let Invalid { field, problem } = invalid;
    let bare = |text: &str| {
        let name = format!("`{field}` ");
        text.strip_prefix(name.as_str()).unwrap_or(text).to_owned()
    };
    let path = field.strip_prefix("rules.").unwrap_or(&field);
    Error::bad_input(
        format!("input.rules.draft.{path}"),
        bare(&problem.en),
        bare(&problem.zh),
    )
}

/// A simulation, with the currency of its amounts.
#[derive(Clone, Debug)]
pub struct CampaignSimulation {
    told: Simulated,
    currency: Currency,
}

impl CampaignSimulation {
    fn money(&self, minor: i64) -> Money {
        Money::of_minor(minor, self.currency)
    }

    fn days(&self) -> Vec<Lean<CampaignSimulationDay>> {
        let days = self.told.result.days.iter();
        let currency = self.currency;
        days.map(|(on, day)| {
            Lean(CampaignSimulationDay {
                on: *on,
                day: *day,
                currency,
            })
        })
        .collect()
    }
}

plain_object! {
    /// What rules would have cost, had they been given on the orders of the last days 模拟结果: each is priced with them
    /// alone, on what its lines cost before anything came off, and takes of limits and budget in the order in which they
    /// were made. Nobody is held out, and begin and end do not matter; tiers and segments of members are those of now, not of
    /// then. It does not tell how many more would have come,
    /// nor who would have bought more to reach a threshold.
    CampaignSimulation(self) {
        /// Since when orders were looked at.
        since / "since": Timestamp = Timestamp(self.told.since);
        /// Until when: now.
        until / "until": Timestamp = Timestamp(self.told.until);
        /// Whether there were more orders than are replayed 是否截断: only the last 200,000 are.
        truncated / "truncated": bool = self.told.truncated;
        /// How many paid orders were replayed 回放订单数.
        replayed / "replayed": i64 = self.told.result.orders;
        /// How many of them would have had it 命中订单数.
        orders / "orders": i64 = self.told.result.given;
        /// Their share in all 命中率: 0.25 is a quarter. Null where there were none.
        share / "share": Option<DecimalText> = self
            .told
            .result
            .share_ppm()
            .map(|ppm| DecimalText(Decimal::new(ppm, 6).normalize()));
        /// How many different members that would have been 参与会员数.
        participants / "participants": i64 = self.told.result.members;
        /// How many of those orders named no member 非会员订单.
        orders_without_member / "ordersWithoutMember": i64 = self.told.result.without_member;
        /// What would have come off 优惠成本.
        discount_cost / "discountCost": Money = self.money(self.told.result.cost_minor);
        /// What those orders came to before anything came off 原价合计.
        amount / "amount": Money = self.money(self.told.result.amount_minor);
        /// What would have come off one of them 平均优惠; null where there are none.
        average_discount / "averageDiscount": Option<Money> =
            self.told.result.average_minor().map(|minor| self.money(minor));
        /// How many orders were short of the threshold 未达门槛.
        below_threshold / "belowThreshold": i64 = self.told.result.below_threshold;
        /// How many orders would have come too late for limits or budget 未享受（限量或预算用尽）.
        too_late / "tooLate": i64 = self.told.result.too_late;
        /// When the budget would not have reached for an order for the first time 预算首次不足时间; null where it lasted.
        budget_exhausted_at / "budgetExhaustedAt": Option<Timestamp> =
            self.told.result.budget_out_at.map(Timestamp);
        /// When the limit in all would have been reached 总次数用尽时间; null where it was not.
        used_up_at / "usedUpAt": Option<Timestamp> = self.told.result.used_up_at.map(Timestamp);
        /// The days on which orders were made that were paid 按日.
        by_day / "byDay": Vec<Lean<CampaignSimulationDay>> = self.days();
    }
}

/// A day, with the currency of its amounts.
#[derive(Clone, Copy, Debug)]
pub struct CampaignSimulationDay {
    on: Day,
    day: SimulatedDay,
    currency: Currency,
}

plain_object! {
    /// A day of a simulation: orders count on the merchant's day on which they were made.
    CampaignSimulationDay(self) {
        /// Which.
        on / "on": LocalDate = LocalDate(NaiveDate::from(self.on));
        /// How many paid orders were replayed.
        replayed / "replayed": i64 = self.day.orders;
        /// How many of them would have had it.
        orders / "orders": i64 = self.day.given;
        /// What would have come off.
        discount_cost / "discountCost": Money = Money::of_minor(self.day.cost_minor, self.currency);
    }
}

//! What clients send about fees.

use async_graphql::{ID, InputObject};
use entity::FeeRuleId;

use crate::channels::schema::PaymentMethod;
use crate::error::{Error, Failure, Problem};
use crate::fees::model::{FeeFilter, RuleDraft, RuleSetRefusal};
use crate::graphql::scalars::{CountryCode, DecimalText, MoneyInput, Timestamp, read_id};
use crate::graphql::time_range::TimeRangeInput;
use crate::money::{AmountRange, Currency};
use crate::orders::schema::inputs::{AmountRangeInput, Reading, limit, many, read_money};

/// Which fees are wanted. Everything that is given must hold; a list holds where any of its values does.
#[derive(Clone, Debug, Default, InputObject)]
pub struct FeeFilterInput {
    /// Taken in this span.
    pub taken_at: Option<TimeRangeInput>,
    /// Of payments through any of these channels.
    pub channel_id: Option<Vec<ID>>,
    /// Of payments by any of these methods.
    pub method: Option<Vec<PaymentMethod>>,
    /// Of buyers from any of these countries.
    pub country: Option<Vec<CountryCode>>,
    /// By any version of this rule.
    pub rule_id: Option<ID>,
    /// What was taken lies in this range; `min` one minor unit leaves out payments without a fee.
    pub amount: Option<AmountRangeInput>,
}

impl FeeFilterInput {
    /// Reads the filter; what cannot be meant is named.
    pub fn read(self, reading: &Reading) -> Result<FeeFilter, Error> {
        let span = |input: TimeRangeInput| input.read("filter.takenAt", reading.now, reading.zone);
        Ok(FeeFilter {
            taken: self.taken_at.map(span).transpose()?,
            channel_ids: each("channelId", self.channel_id, |id| {
                read_id("filter.channelId", &id)
            })?,
            methods: many("filter", "method", self.method.as_deref())?,
            countries: each("country", self.country, |code| Ok(code.0))?,
            rule_id: self
                .rule_id
                .map(|id| read_id("filter.ruleId", &id))
                .transpose()?,
            amount: match self.amount {
                Some(range) => range.read("filter", reading)?,
                None => AmountRange::default(),
            },
        })
    }
}

fn each<G, V>(
    field: &str,
    given: Option<Vec<G>>,
    read: impl Fn(G) -> Result<V, Error>,
) -> Result<Option<Vec<V>>, Error> {
    let Some(given) = given else {
        return Ok(None);
    };
    limit("filter", field, given.len())?;
    given
        .into_iter()
        .map(read)
        .collect::<Result<_, _>>()
        .map(Some)
}

/// A payment whose fee is asked for 试算.
#[derive(Clone, Debug, InputObject)]
pub struct FeeQuoteInput {
    /// What is paid.
    pub amount: MoneyInput,
    /// The channel that it comes through.
    pub channel_id: ID,
    /// The buyer's country, where it is known.
    pub country: Option<CountryCode>,
    /// When it is credited; now where it is missing.
    pub at: Option<Timestamp>,
}

/// A fee rule 费率规则 to be made, or its next version in full: what is left out does not hold any more.
#[derive(Clone, Debug, InputObject)]
pub struct FeeRuleSetInput {
    /// The rule that gets its next version; a new rule where it is missing.
    pub rule_id: Option<ID>,
    /// The version that the rule has, as you know it; required with `ruleId`, so that nobody's change is
    /// lost and the same request sent twice makes one version.
    pub expected_version: Option<i32>,
    /// What you call it, at most 100 characters.
    pub name: String,
    /// Only payments through this channel.
    pub channel_id: Option<ID>,
    /// Only payments by this method.
    pub method: Option<PaymentMethod>,
    /// Only buyers from this country.
    pub country: Option<CountryCode>,
    /// Only amounts from this one on.
    pub amount_from: Option<MoneyInput>,
    /// Only amounts below this one.
    pub amount_below: Option<MoneyInput>,
    /// The rate 费率, from 0 to 1 with at most 6 decimals: "0.006" is 0.6 %.
    pub rate: DecimalText,
    /// What is added to each fee 固定费用.
    pub fixed: Option<MoneyInput>,
    /// The least fee 最低收费.
    pub min_fee: Option<MoneyInput>,
    /// The largest fee 封顶收费.
    pub max_fee: Option<MoneyInput>,
    /// Since when it holds: never in the past; at once where it is missing.
    pub effective_from: Option<Timestamp>,
    /// Until when it holds: the rule ends then. Without end where it is missing.
    pub effective_to: Option<Timestamp>,
}

impl FeeRuleSetInput {
    /// Reads the input; what cannot be meant is refused by its field.
    pub fn read(self, currency: Currency) -> Result<RuleDraft, Failure<RuleSetRefusal>> {
        let previous = self.previous()?;
        let channel_id = self.channel_id.map(|id| read_id("channelId", &id));
        let channel_id = channel_id.transpose();
        let money = |field: &str, input: Option<MoneyInput>| {
            let minor = input.map(|input| read_money(input, field, currency));
            minor.transpose().map_err(invalid)
        };
        Ok(RuleDraft {
            previous,
            name: self.name,
            channel_id: channel_id
                .map_err(|_| Failure::Refused(RuleSetRefusal::ChannelNotFound))?,
            method: self.method.map(Into::into),
            country: self.country.map(|country| country.0),
            min_amount_minor: money("amountFrom", self.amount_from)?,
            max_amount_minor: money("amountBelow", self.amount_below)?,
            rate: self.rate.0,
            fixed_minor: money("fixed", self.fixed)?.unwrap_or(0),
            min_fee_minor: money("minFee", self.min_fee)?,
            max_fee_minor: money("maxFee", self.max_fee)?,
            effective_from: self.effective_from.map(|at| at.0),
            effective_to: self.effective_to.map(|at| at.0),
        })
    }

    fn previous(&self) -> Result<Option<(FeeRuleId, i32)>, Failure<RuleSetRefusal>> {
        match (&self.rule_id, self.expected_version) {
            (None, None) => Ok(None),
            (Some(id), Some(version)) => {
                let id = read_id("ruleId", id);
                let id = id.map_err(|_| Failure::Refused(RuleSetRefusal::RuleNotFound))?;
                Ok(Some((id, version)))
            }
            _ => Err(invalid(Error::bad_input(
                "expectedVersion",
                "goes with `ruleId`: give both, or neither for a new rule.",
                "须与 `ruleId` 同时给出；新建规则时两者都省略。",
            ))),
        }
    }
}

/// What cannot be meant is the merchant's to mend: it stands in `userErrors`, too.
fn invalid(error: Error) -> Failure<RuleSetRefusal> {
    match error {
        Error::BadInput { field, problem } => Failure::Refused(RuleSetRefusal::Invalid {
            problem: Problem::new(
                format!("`{field}` {}", problem.en),
                format!("`{field}` {}", problem.zh),
            ),
            field,
        }),
        other => Failure::Failed(other),
    }
}

//! The queries of fees.

use std::sync::Arc;

use async_graphql::{Context, ID, Object};

use super::difference::FeeDifferenceConnection;
use super::fee::{Fee, FeeConnection};
use super::inputs::{FeeFilterInput, FeeQuoteInput};
use super::rule::{Book, FeeRule};
use super::statement::{FeeStatement, FeeStatementDimension, dimensions, shown, summed};
use crate::auth::model::Scope;
use crate::error::Error;
use crate::fees::model;
use crate::fees::service::{self, Dimensions, Quote};
use crate::graphql::plain::{Lean, plain_object};
use crate::graphql::scalars::{DecimalText, LocalDate, Timestamp, read_id};
use crate::graphql::time_range::TimeRangeInput;
use crate::graphql::{Ask, Needs};
use crate::locale::Locale;
use crate::money::Money;
use crate::orders::schema::inputs::{Reading, read_money};
use crate::orders::schema::reading;
use crate::paging::Paging;
use crate::time_range::TimeRange;

/// The queries of fees.
#[derive(Debug, Default)]
pub struct FeeQuery;

#[Object]
impl FeeQuery {
    /// The fee rules 费率规则 that hold at an instant, in the order in which they are tried: the first that
    /// fits a payment is the one that it follows. Needs `ledger:read`.
    #[graphql(guard = "Needs(Scope::LedgerRead)")]
    async fn fee_rules(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The instant; now where it is missing.")] at: Option<Timestamp>,
        #[graphql(
            desc = "Instead, every version of every rule, whenever it holds, the newest rule first."
        )]
        all_versions: Option<bool>,
    ) -> Result<Vec<Lean<FeeRule>>, Error> {
        let rules = service::rules(ctx.app(), ctx.actor()?.merchant_id).await?;
        let book = book(&reading(ctx).await?, Arc::new(rules));
        if !all_versions.unwrap_or(false) {
            let at = at.map_or(book.now, |at| at.0);
            let rules = model::in_effect(&book.rules, at).into_iter();
            return Ok(rules.map(|row| Lean(book.open(row))).collect());
        }
        if at.is_some() {
            return Err(Error::bad_input(
                "allVersions",
                "give `at` or `allVersions`, not both.",
                "`at` 与 `allVersions` 只能给出其一。",
            ));
        }
        let rules = book.rules.iter().rev();
        Ok(rules.map(|row| Lean(book.open(row))).collect())
    }

    /// What a payment would cost 手续费试算. Another merchant's channel is NOT_FOUND. Needs `ledger:read`.
    #[graphql(guard = "Needs(Scope::LedgerRead)")]
    async fn fee_quote(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The payment.")] input: FeeQuoteInput,
    ) -> Result<Lean<FeeQuote>, Error> {
        quote(ctx, input).await.map(Lean)
    }

    /// The fees 手续费 that were taken, newest first: one for each payment, also where it is zero. Needs
    /// `ledger:read`.
    #[graphql(guard = "Needs(Scope::LedgerRead)")]
    #[allow(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn fees(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which fees; all where it is missing.")] filter: Option<FeeFilterInput>,
        #[graphql(desc = "How many, from the beginning: 1 to 100, 20 where nothing is said.")]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end: 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Lean<FeeConnection>, Error> {
        let paging = Paging::read(first, after, last, before)?;
        let reading = reading(ctx).await?;
        let filter = filter.unwrap_or_default().read(&reading)?;
        let merchant_id = ctx.actor()?.merchant_id;
        let page = service::list(ctx.app(), merchant_id, &filter, &paging).await?;
        Ok(Lean(FeeConnection::page(
            page,
            service::cursor,
            |row| Lean(Fee { row }),
            merchant_id,
            reading.currency,
            filter,
        )))
    }

    /// The fees of a month 手续费账单, by the merchant's time zone. Needs `ledger:read`.
    #[graphql(guard = "Needs(Scope::LedgerRead)")]
    async fn fee_statement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Any day of the month, such as its first: `2026-11-01`.")]
        month: LocalDate,
        #[graphql(
            desc = "What there is a row for each of: channel, method and country where it is missing; an \
                empty list asks for one row."
        )]
        group_by: Option<Vec<FeeStatementDimension>>,
    ) -> Result<FeeStatement, Error> {
        let by = dimensions(group_by.as_deref());
        statement(ctx, month, by).await
    }

    /// The fees that are not what their rules say 手续费核对, newest first: computed anew, with the rule that
    /// held when each was taken. An empty list is a proof. Needs `ledger:read`.
    #[graphql(guard = "Needs(Scope::LedgerRead)")]
    #[allow(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn fee_differences(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "When the fees were taken.")] range: TimeRangeInput,
        #[graphql(desc = "How many, from the beginning: 1 to 100, 20 where nothing is said.")]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end: 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Lean<FeeDifferenceConnection>, Error> {
        let paging = Paging::read(first, after, last, before)?;
        let reading = reading(ctx).await?;
        let range = range.read("range", reading.now, reading.zone)?;
        let merchant_id = ctx.actor()?.merchant_id;
        let checked = service::check(ctx.app(), merchant_id, &range, &paging).await?;
        let list = FeeDifferenceConnection::of(checked, paging.backward);
        Ok(Lean(list))
    }
}

fn book(reading: &Reading, rules: Arc<Vec<entity::fee_rule::Model>>) -> Book {
    Book {
        rules,
        now: reading.now,
        currency: reading.currency,
    }
}

/// What a payment would cost.
#[derive(Clone, Debug)]
pub struct FeeQuote {
    fee: model::Fee,
    book: Book,
    locale: Locale,
}

impl FeeQuote {
    fn money(&self, minor: i64) -> Money {
        Money::of_minor(minor, self.book.currency)
    }
}

plain_object! {
    /// What a payment would cost 手续费试算.
    FeeQuote(self) {
        /// What is paid 计费金额.
        base / "base": Money = self.money(self.fee.base_minor);
        /// The fee 手续费; zero where no rule fits.
        fee / "fee": Money = self.money(self.fee.minor);
        /// What is left for the merchant 到账金额: base less fee.
        net / "net": Money = self.money(self.fee.base_minor - self.fee.minor);
        /// The rate 费率: 0.006 is 0.6 %.
        rate / "rate": DecimalText = DecimalText(self.fee.tariff.rate());
        /// What is added 固定费用.
        fixed / "fixed": Money = self.money(self.fee.tariff.fixed_minor);
        /// The id of the rule that it follows; null where none fits.
        rule_id / "ruleId": Option<ID> = self.fee.rule.map(|(id, _)| ID(id.to_string()));
        /// The version of that rule; null where none fits.
        rule / "rule": Option<Lean<FeeRule>> =
            self.fee.rule.and_then(|kept| self.book.find(kept)).map(Lean);
        /// Why it is what it is, in one line, in the language of `Accept-Language`.
        explanation / "explanation": String =
            self.fee.explanation(self.book.currency).in_language(self.locale).to_owned();
    }
}

async fn quote(ctx: &Context<'_>, input: FeeQuoteInput) -> Result<FeeQuote, Error> {
    let reading = reading(ctx).await?;
    let amount_minor = read_money(input.amount, "input.amount", reading.currency)?;
    if amount_minor <= 0 {
        return Err(Error::bad_input(
            "input.amount",
            "must be more than zero.",
            "必须大于零。",
        ));
    }
    let channel_id = read_id("input.channelId", &input.channel_id)?;
    let country = input.country.map(|country| country.0);
    let at = input.at.map_or(reading.now, |at| at.0);
    let Quote { fee, rules } = service::quote(
        ctx.app(),
        ctx.actor()?.merchant_id,
        channel_id,
        country.as_deref(),
        amount_minor,
        at,
    )
    .await?;
    Ok(FeeQuote {
        fee,
        book: book(&reading, rules),
        locale: ctx.locale(),
    })
}

async fn statement(
    ctx: &Context<'_>,
    month: LocalDate,
    by: Dimensions,
) -> Result<FeeStatement, Error> {
    let (app, merchant_id, reading) = (ctx.app(), ctx.actor()?.merchant_id, reading(ctx).await?);
    let range = TimeRange::of_month(month.0, reading.zone).ok_or_else(|| {
        Error::bad_input(
            "month",
            "lies beyond the years that are counted here.",
            "超出可统计的年份。",
        )
    })?;
    let statement = service::statement(app, merchant_id, &range, by).await?;
    let channels = crate::channels::service::list_shown(app, merchant_id).await?;
    let rows = statement.rows.into_iter();
    Ok(FeeStatement {
        from: Timestamp(range.from),
        to: Timestamp(range.to),
        rows: rows
            .map(|row| shown(row, &channels, reading.currency))
            .collect(),
        totals: summed(&statement.totals, reading.currency),
    })
}

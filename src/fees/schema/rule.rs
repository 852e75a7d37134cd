//! A fee rule, as clients see it.

use std::sync::Arc;

use async_graphql::dataloader::DataLoader;
use async_graphql::{Context, Enum, ID};
use chrono::{DateTime, Utc};
use entity::FeeRuleId;
use entity::fee_rule::Model;

use crate::channels::loader::ChannelLoader;
use crate::channels::schema::{Channel, PaymentMethod};
use crate::error::Error;
use crate::fees::loader::{AllRules, FeeLoader};
use crate::fees::model::{self, Tariff};
use crate::graphql::plain::{Lean, plain_object, plain_scalars};
use crate::graphql::scalars::{CountryCode, DecimalText, Timestamp};
use crate::graphql::{Ask, Nullable};
use crate::money::{Currency, Money};

/// Whether a version of a rule holds 生效状态.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "model::RuleState")]
pub enum FeeRuleState {
    /// 待生效: it has not begun.
    Scheduled,
    /// 生效中: it holds.
    InEffect,
    /// 已替换: a later version has taken its place.
    Replaced,
    /// 已失效: it has ended, and the rule with it.
    Ended,
}

plain_scalars!(FeeRuleState);

/// A version of a fee rule, beside all versions of the merchant's rules.
#[derive(Clone, Debug)]
pub struct FeeRule {
    row: Model,
    book: Book,
}

/// Every version of a merchant's rules, and what they are read with.
#[derive(Clone, Debug)]
pub struct Book {
    /// The versions.
    pub rules: Arc<Vec<Model>>,
    /// The instant that "now" means.
    pub now: DateTime<Utc>,
    /// What amounts are in.
    pub currency: Currency,
}

impl Book {
    /// Every version of the merchant's rules, read once for all fees of a request.
    pub async fn load(ctx: &Context<'_>, currency: Currency) -> Result<Self, Error> {
        let loader = ctx.data_unchecked::<DataLoader<FeeLoader>>();
        let rules = loader.load_one(AllRules).await?;
        Ok(Self {
            rules: rules.unwrap_or_default(),
            now: ctx.app().clock.now(),
            currency,
        })
    }

    /// One of its versions.
    pub fn open(&self, row: &Model) -> FeeRule {
        FeeRule {
            row: row.clone(),
            book: self.clone(),
        }
    }

    /// The version that a fee follows.
    pub fn find(&self, (id, version): (FeeRuleId, i32)) -> Option<FeeRule> {
        let mut rules = self.rules.iter();
        let row = rules.find(|rule| rule.id == id && rule.version == version);
        row.map(|row| self.open(row))
    }
}

impl FeeRule {
    /// The rule and version that a global id names.
    pub fn read_id(id: &ID) -> Option<(FeeRuleId, i32)> {
        let (rule, version) = id.split_once('.')?;
        let version: i32 = version.parse().ok()?;
        let named = (rule.parse().ok()?, version);
        (Self::id_of(named) == *id).then_some(named)
    }

    fn id_of((rule, version): (FeeRuleId, i32)) -> ID {
        ID(format!("{rule}.{version}"))
    }

    fn money(&self, minor: Option<i64>) -> Option<Money> {
        minor.map(|minor| Money::of_minor(minor, self.book.currency))
    }

    /// All versions of the rule, the newest first.
    fn all(&self) -> Vec<Lean<Self>> {
        let versions = self.book.rules.iter().rev();
        let versions = versions.filter(|rule| rule.id == self.row.id);
        versions.map(|row| Lean(self.book.open(row))).collect()
    }
}

plain_object! {
    /// A version of a fee rule 费率规则: what payments of one kind cost. It is never edited: setting the
    /// rule makes its next version.
    FeeRule(self) {
        /// The global id of this version.
        id / "id": ID = Self::id_of((self.row.id, self.row.version));
        /// The rule's id, the same in all its versions.
        rule_id / "ruleId": ID = ID(self.row.id.to_string());
        /// The version, from 1.
        version / "version": i32 = self.row.version;
        /// What the merchant calls it.
        name / "name": &str = self.row.name.as_str();
        /// Only payments by this method; null is any.
        method / "method": Option<PaymentMethod> = self.row.method.map(PaymentMethod::from);
        /// Only buyers from this country; null is any, also an unknown one.
        country / "country": Option<CountryCode> = self.row.country.clone().map(CountryCode);
        /// Only amounts from this one on; null is any.
        amount_from / "amountFrom": Option<Money> = self.money(self.row.min_amount_minor);
        /// Only amounts below this one; null is any.
        amount_below / "amountBelow": Option<Money> = self.money(self.row.max_amount_minor);
        /// The rate 费率: 0.006 is 0.6 %.
        rate / "rate": DecimalText = DecimalText(Tariff::from(&self.row).rate());
        /// What is added to each fee 固定费用.
        fixed / "fixed": Money = Money::of_minor(self.row.fixed_minor, self.book.currency);
        /// The least fee 最低收费.
        min_fee / "minFee": Option<Money> = self.money(self.row.min_fee_minor);
        /// The largest fee 封顶收费.
        max_fee / "maxFee": Option<Money> = self.money(self.row.max_fee_minor);
        /// Since when it holds.
        effective_from / "effectiveFrom": Timestamp = self.row.effective_from.into();
        /// Until when it holds, where a later version does not begin before; null is without end.
        effective_to / "effectiveTo": Option<Timestamp> = self.row.effective_to.map(Timestamp::from);
        /// Whether it holds now.
        state / "state": FeeRuleState =
            model::state(&self.book.rules, &self.row, self.book.now).into();
        /// When it was set.
        created_at / "createdAt": Timestamp = self.row.created_at.into();
        /// Who set it: an id of staff or of an API key, or `system`.
        created_by / "createdBy": &str = self.row.created_by.as_str();
        /// All versions of the rule, this one included, the newest first.
        versions / "versions": Vec<Lean<FeeRule>> = self.all();
    }
    {
        /// Only payments through this channel; null is any.
        async fn channel(&self, ctx: &Context<'_>) -> Nullable<Lean<Channel>> {
            let id = self.row.channel_id?;
            let loader = ctx.data_unchecked::<DataLoader<ChannelLoader>>();
            let row = loader.load_one(id).await;
            Some(row.and_then(|row| row.map(|row| Lean(Channel { row })).ok_or(Error::NotFound)))
        }
    }
}

//! The payout schedule as clients see it, and how it is set.

use async_graphql::{Context, Object};
use entity::{PayoutId, payout_schedule};

use super::enums::{PayoutCadence, PayoutSkipReason};
use super::inputs::PayoutScheduleSetInput;
use super::object::{Payout, account_of};
use super::payloads::PayoutScheduleSetPayload;
use super::terms::time_of_day;
use crate::auth::model::Scope;
use crate::bank_accounts::schema::BankAccount;
use crate::error::Error;
use crate::graphql::payload::answer;
use crate::graphql::plain::{Lean, plain_object};
use crate::graphql::scalars::Timestamp;
use crate::graphql::{Ask, Needs, Nullable};
use crate::money::{Currency, Money};
use crate::payouts::loader::PayoutLoader;
use crate::payouts::model::Skip;
use crate::payouts::service;
use async_graphql::dataloader::DataLoader;

/// A merchant's payout schedule.
#[derive(Clone, Debug)]
pub struct PayoutSchedule {
    /// The row.
    pub row: payout_schedule::Model,
    /// The merchant's currency.
    pub currency: Currency,
}

impl PayoutSchedule {
    fn money(&self, minor: i64) -> Money {
        Money::of_minor(minor, self.currency)
    }

    fn skipped(&self) -> Option<Skip> {
        self.row.last_outcome.as_deref().and_then(Skip::of_name)
    }
}

plain_object! {
    /// A payout schedule 自动提现: what leaves by itself, when, and how much stays. Each moment runs once; one that
    /// nobody was there for runs once when somebody is.
    PayoutSchedule(self) {
        /// How often.
        cadence / "cadence": PayoutCadence = self.row.cadence.into();
        /// With WEEKLY 1 (Monday) to 7; with MONTHLY 1 to 31, the last day where a month is shorter.
        day / "day": Option<i32> = self.row.day.map(i32::from);
        /// The time of day in the merchant's zone: `09:30`.
        at / "at": String = time_of_day(self.row.at_minute);
        /// What stays available 留存金额.
        retained_amount / "retainedAmount": Money = self.money(self.row.retained_minor);
        /// Below it nothing leaves 最低提现金额.
        minimum_amount / "minimumAmount": Money = self.money(self.row.min_minor);
        /// Whether it rests.
        paused / "paused": bool = self.row.paused;
        /// Counts changes; pass it as `expectedVersion`.
        version / "version": i32 = self.row.version;
        /// Who set it: an id of staff. Its payouts are asked for in their name: somebody else approves them.
        set_by / "setBy": &str = self.row.set_by.as_str();
        /// When it was set.
        set_at / "setAt": Timestamp = self.row.set_at.into();
        /// When it runs next; none while it rests.
        next_at / "nextAt": Option<Timestamp> = self.row.next_at.map(Timestamp::from);
        /// When it ran last.
        last_at / "lastAt": Option<Timestamp> = self.row.last_at.map(Timestamp::from);
    }
    {
        /// Where the money goes; none, with an error beside it, for who may not see bank accounts.
        async fn bank_account(&self, ctx: &Context<'_>) -> Nullable<Lean<BankAccount>> {
            Some(account_of(ctx, self.row.bank_account_id).await)
        }

        /// Why nothing left when it ran last; none where something did.
        async fn last_skipped(&self) -> Option<PayoutSkipReason> {
            self.skipped().map(Into::into)
        }

        /// What left when it ran last.
        async fn last_payout(&self, ctx: &Context<'_>) -> Nullable<Lean<Payout>> {
            let id: PayoutId = self.row.last_outcome.as_deref()?.parse().ok()?;
            let loader = ctx.data_unchecked::<DataLoader<PayoutLoader>>();
            let loaded: Result<Option<_>, Error> = loader.load_one(id).await;
            loaded
                .map(|row| row.map(|row| Lean(row.into())))
                .transpose()
        }
    }
}

/// The mutation of the payout schedule.
#[derive(Debug, Default)]
pub struct PayoutScheduleMutation;

#[Object]
impl PayoutScheduleMutation {
    /// Sets the payout schedule 设置自动提现: all that is available beyond what is to stay leaves by itself, in the
    /// name of whoever set it, and waits for a second person where such an amount does. Members of staff alone can,
    /// with a code of their second factor. Needs `bank-accounts:write`.
    #[graphql(guard = "Needs(Scope::BankAccountsWrite)")]
    async fn payout_schedule_set(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: PayoutScheduleSetInput,
    ) -> Result<PayoutScheduleSetPayload, Error> {
        let (app, actor) = (ctx.app().clone(), ctx.actor()?.clone());
        let currency = crate::merchant::find(&app, actor.merchant_id)
            .await?
            .currency;
        let refused = |refusal| PayoutScheduleSetPayload::refused(&refusal, ctx.locale());
        let draft = match input.read(currency) {
            Ok(draft) => draft,
            Err(refusal) => return Ok(refused(refusal)),
        };
        let done = ctx.app().finish(async move {
            let (expected, code) = (input.expected_version, &input.code);
            service::set_schedule(&app, &actor, expected, code, &draft).await
        });
        let told = |row| PayoutScheduleSetPayload {
            schedule: Some(Lean(PayoutSchedule { row, currency })),
            user_errors: Vec::new(),
        };
        answer(done.await?, told, refused)
    }
}

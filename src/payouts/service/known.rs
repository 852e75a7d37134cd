//! Reads what is known where a payout is decided.

use chrono::{DateTime, Days, Utc};
use chrono_tz::Tz;
use entity::channel::ChannelKind;
use entity::ledger_entry::LedgerAccount;
use entity::payout::{self, PayoutStatus};
use entity::{BankAccountId, ChannelId, MerchantId, PayoutId, bank_account, channel, merchant};
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, QueryFilter, QueryOrder, QuerySelect,
};

use super::sandbox::{brought, playing};
use super::terms::terms_in;
use crate::app::App;
use crate::bank_accounts;
use crate::error::{Error, Failure};
use crate::ledger;
use crate::merchant::zone_of;
use crate::money::{Currency, Money};
use crate::payouts::model::{Payable, PlayMoney, Terms, pick_channel};
use crate::sums::sum_of;
use crate::time_range::start_of_day;

/// Everything that a payout is decided by.
pub(super) struct Known {
    pub merchant: merchant::Model,
    pub terms: Terms,
    pub account: Option<bank_account::Model>,
    pub checked_by_sandbox: bool,
    pub channel: Option<channel::Model>,
    pub used_today_minor: i64,
    /// The channels whose money the channel does not pay out.
    pub playing: Vec<ChannelId>,
    /// What they have brought into the available balance, in minor units.
    pub sandbox_minor: i64,
    pub currency: Currency,
    pub zone: Tz,
}

impl Known {
    /// Reads it, to say how things stand now.
    pub async fn read(
        app: &App,
        connection: &impl ConnectionTrait,
        merchant_id: MerchantId,
        account_id: BankAccountId,
    ) -> Result<Self, Error> {
        let now = app.clock.now();
        Self::read_at(app, connection, (merchant_id, account_id), now).await
    }

    async fn read_at(
        app: &App,
        connection: &impl ConnectionTrait,
        (merchant_id, account_id): (MerchantId, BankAccountId),
        at: DateTime<Utc>,
    ) -> Result<Self, Error> {
        let merchant = merchant::Entity::of(merchant_id).one(connection).await?;
        let merchant = merchant.ok_or(Error::NotFound)?;
        let zone = zone_of(&merchant)?;
        let currency = Currency::of_code(&merchant.currency)
            .ok_or_else(|| Error::internal("a merchant's currency is not known"))?;
        let terms = terms_in(app, connection, merchant_id).await?;
        let account = bank_account::Entity::of(merchant_id)
            .filter(bank_account::Column::Id.eq(account_id))
            .one(connection)
            .await?;
        let channels = channel::Entity::of(merchant_id)
            .order_by_asc(channel::Column::DisplayOrder)
            .order_by_asc(channel::Column::Id)
            .all(connection)
            .await?;
        let channel = pick_channel(&channels, &terms, currency).cloned();
        let plays = channel
            .as_ref()
            .is_none_or(|channel| channel.kind == ChannelKind::Sandbox);
        let playing = if plays {
            Vec::new()
        } else {
            playing(&channels)
        };
        let checked_by = account.as_ref().and_then(|account| {
            let mut channels = channels.iter();
            channels.find(|channel| channel.id == account.channel_id)
        });
        Ok(Self {
            checked_by_sandbox: checked_by.is_some_and(|by| by.kind == ChannelKind::Sandbox),
            sandbox_minor: brought(connection, merchant_id, &playing).await?,
            playing,
            channel,
            used_today_minor: used_on_day(connection, merchant_id, zone, at).await?,
            merchant,
            terms,
            account,
            currency,
            zone,
        })
    }

    /// Reads it under the lock on the account, so that nobody unbinds it meanwhile; the merchant's row is locked by
    /// [`lock_merchant`] before. The day is that of the payout's id, by which others count it: whoever waited for the
    /// lock over midnight is of the day before.
    pub async fn of_account(
        app: &App,
        txn: &DatabaseTransaction,
        merchant_id: MerchantId,
        account_id: BankAccountId,
        id: PayoutId,
    ) -> Result<Self, Error> {
        bank_accounts::service::lock(txn, merchant_id, account_id).await?;
        let at = DateTime::from_timestamp_millis(id.made_at_ms())
            .ok_or_else(|| Error::internal("an id of no time"))?;
        Self::read_at(app, txn, (merchant_id, account_id), at).await
    }

    /// Whether what came in through the sandbox is still there, once money was taken: looked at anew, after the balance,
    /// since more of it may have become available since.
    pub async fn check_left(&self, txn: &DatabaseTransaction) -> Result<(), Failure<PlayMoney>> {
        if self.playing.is_empty() {
            return Ok(());
        }
        let balances = ledger::service::balance_in(txn, self.merchant.id).await?;
        let left_minor = balances.get(LedgerAccount::Available);
        let sandbox_minor = brought(txn, self.merchant.id, &self.playing).await?;
        if left_minor >= sandbox_minor {
            return Ok(());
        }
        Err(Failure::Refused(PlayMoney {
            sandbox: Money::of_minor(sandbox_minor, self.currency),
        }))
    }

    /// As the model looks at it.
    pub fn payable(&self) -> Payable<'_> {
        Payable {
            merchant: &self.merchant,
            terms: &self.terms,
            account: self.account.as_ref(),
            checked_by_sandbox: self.checked_by_sandbox,
            channel: self.channel.as_ref(),
            used_today_minor: self.used_today_minor,
            sandbox_minor: self.sandbox_minor,
            currency: self.currency,
        }
    }
}

/// Locks the merchant's row: whoever makes a payout waits for the one before, so that a day's limit holds. Rows that
/// only name the merchant do not wait for it.
pub(super) async fn lock_merchant(
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
) -> Result<merchant::Model, Error> {
    let merchant = merchant::Entity::of(merchant_id)
        .lock(LockType::NoKeyUpdate)
        .one(txn)
        .await?;
    merchant.ok_or(Error::NotFound)
}

/// The sum of what was asked for on a moment's day in the merchant's zone and has left, or still may.
async fn used_on_day(
    connection: &impl ConnectionTrait,
    merchant_id: MerchantId,
    zone: Tz,
    at: DateTime<Utc>,
) -> Result<i64, Error> {
    let day = at.with_timezone(&zone).date_naive();
    let begun = start_of_day(day, zone);
    let over = start_of_day(day + Days::new(1), zone);
    let sum = sum_of(Expr::col(payout::Column::AmountMinor));
    let used: Option<Option<i64>> = payout::Entity::of(merchant_id)
        .filter(payout::Column::Id.gte(PayoutId::first_at(begun.timestamp_millis())))
        .filter(payout::Column::Id.lt(PayoutId::first_at(over.timestamp_millis())))
        .filter(payout::Column::State.is_not_in([
            PayoutStatus::Rejected,
            PayoutStatus::Canceled,
            PayoutStatus::Failed,
        ]))
        .select_only()
        .expr_as(sum, "used")
        .into_tuple()
        .one(connection)
        .await?;
    Ok(used.flatten().unwrap_or(0))
}

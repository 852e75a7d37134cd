//! A payout as clients see it.

use std::sync::Arc;

use async_graphql::dataloader::DataLoader;
use async_graphql::{Context, ID, SimpleObject};
use entity::{BankAccountId, ChannelId, payout, payout_record};

use super::enums::{PayoutOrigin, PayoutRecordKind, PayoutStatus};
use crate::auth::model::Scope;
use crate::bank_accounts::schema::BankAccount;
use crate::channels::loader::ChannelLoader;
use crate::channels::schema::Channel;
use crate::error::Error;
use crate::graphql::plain::{Lean, plain_object};
use crate::graphql::scalars::{LocalDate, Timestamp};
use crate::graphql::{Ask, Nullable};
use crate::money::{Currency, Money};
use crate::payouts::loader::{PayoutLoader, RecordsOf};
use crate::payouts::model::payout_no;

/// A payout.
#[derive(Clone, Debug)]
pub struct Payout {
    /// The row.
    pub row: Arc<payout::Model>,
}

impl From<payout::Model> for Payout {
    fn from(row: payout::Model) -> Self {
        Self { row: Arc::new(row) }
    }
}

impl Payout {
    fn money(&self, minor: i64) -> Money {
        let currency = Currency::of_code(&self.row.currency).unwrap_or(Currency::Cny);
        Money::of_minor(minor, currency)
    }

    fn made_at(&self) -> Timestamp {
        let at = chrono::DateTime::from_timestamp_millis(self.row.id.made_at_ms());
        Timestamp(at.unwrap_or_default())
    }

    fn day(day: Option<entity::Day>) -> Option<LocalDate> {
        day.map(|day| LocalDate(day.into()))
    }
}

plain_object! {
    /// A payout 提现: money out to the merchant's bank account.
    Payout(self) {
        /// The global id.
        id / "id": ID = ID(self.row.id.to_string());
        /// Our payout number 提现单号, as the payment platform knows it; the same however often it is sent.
        payout_no / "payoutNo": String = payout_no(self.row.id);
        /// What left the balance 提现金额: the fee and what arrives.
        amount / "amount": Money = self.money(self.row.amount_minor);
        /// The fee 手续费.
        fee / "fee": Money = self.money(self.row.fee_minor);
        /// What arrives at the bank 到账金额.
        net / "net": Money = self.money(self.row.net_minor);
        /// Where it stands 提现状态.
        state / "state": PayoutStatus = self.row.state.into();
        /// Who or what asked for it.
        origin / "origin": PayoutOrigin = self.row.origin.into();
        /// When it was asked for 申请时间.
        requested_at / "requestedAt": Timestamp = self.made_at();
        /// Who asked for it 申请人: an id of staff; where a schedule did, of whoever set it.
        requested_by / "requestedBy": &str = self.row.requested_by.as_str();
        /// Why, in words 备注.
        note / "note": Option<&str> = self.row.note.as_deref();
        /// Who approved or rejected it 审批人.
        decided_by / "decidedBy": Option<&str> = self.row.decided_by.as_deref();
        /// When it was approved or rejected.
        decided_at / "decidedAt": Option<Timestamp> = self.row.decided_at.map(Timestamp::from);
        /// What they said.
        decision_note / "decisionNote": Option<&str> = self.row.decision_note.as_deref();
        /// The day on which it is expected at the earliest 预计最早到账日; none where the calendar of working days
        /// does not reach so far.
        expected_from / "expectedFrom": Option<LocalDate> = Self::day(self.row.expected_from_on);
        /// The day on which it is expected at the latest 预计最晚到账日; none where the calendar of working days does
        /// not reach so far.
        expected_to / "expectedTo": Option<LocalDate> = Self::day(self.row.expected_to_on);
        /// When the payment platform was last sent it 提交时间.
        sent_at / "sentAt": Option<Timestamp> = self.row.sent_at.map(Timestamp::from);
        /// When the bank had it 到账时间.
        paid_at / "paidAt": Option<Timestamp> = self.row.paid_at.map(Timestamp::from);
        /// When the bank returned it 退票时间.
        returned_at / "returnedAt": Option<Timestamp> = self.row.returned_at.map(Timestamp::from);
        /// How much of the fee came back with it 退回手续费; zero unless the bank returned it.
        fee_returned / "feeReturned": Money = self.money(self.row.fee_returned_minor);
        /// When anything about it last changed.
        updated_at / "updatedAt": Timestamp = self.row.updated_at.into();
        /// How often the payment platform was asked.
        attempts / "attempts": i32 = self.row.attempts;
        /// Whether a person has to look at it 待人工处理: nobody can tell what became of it, or it is not what was
        /// signed. Whoever runs the gateway says what became of it.
        needs_attention / "needsAttention": bool = self.row.needs_attention;
        /// The payment platform's own number of the payout 渠道提现流水号.
        provider_payout_no / "providerPayoutNo": Option<&str> =
            self.row.provider_payout_no.as_deref();
        /// The code of what went wrong.
        error_code / "errorCode": Option<&str> = self.row.error_code.as_deref();
        /// What went wrong, in the payment platform's words.
        error / "error": Option<&str> = self.row.error.as_deref();
    }
    {
        /// What happened to it so far, in order 处理记录: each sending, and each time that nobody knew.
        async fn records(&self, ctx: &Context<'_>) -> Result<Vec<Lean<PayoutRecord>>, Error> {
            let loader = ctx.data_unchecked::<DataLoader<PayoutLoader>>();
            let rows = loader.load_one(RecordsOf(self.row.id)).await?;
            let rows = rows.unwrap_or_default().into_iter();
            Ok(rows.map(|row| Lean(PayoutRecord(row))).collect())
        }

        /// The bank account that it goes to; none, with an error beside it, for who may not see bank accounts.
        async fn bank_account(&self, ctx: &Context<'_>) -> Nullable<Lean<BankAccount>> {
            Some(account_of(ctx, self.row.bank_account_id).await)
        }

        /// The channel whose platform pays it out.
        async fn channel(&self, ctx: &Context<'_>) -> Result<Lean<Channel>, Error> {
            channel_of(ctx, self.row.channel_id).await
        }
    }
}

/// The channel whose platform pays out.
pub(super) async fn channel_of(ctx: &Context<'_>, id: ChannelId) -> Result<Lean<Channel>, Error> {
    let loader = ctx.data_unchecked::<DataLoader<ChannelLoader>>();
    let row = loader.load_one(id).await?;
    row.map(|row| Lean(Channel { row })).ok_or(Error::NotFound)
}

/// A bank account, for who may see bank accounts.
pub(super) async fn account_of(
    ctx: &Context<'_>,
    id: BankAccountId,
) -> Result<Lean<BankAccount>, Error> {
    let scope = Scope::BankAccountsRead;
    if !ctx.actor()?.may(scope) {
        return Err(Error::Forbidden {
            scope: scope.name(),
        });
    }
    BankAccount::load(ctx, id).await
}

/// Something that happened to a payout.
#[derive(Clone, Debug)]
pub struct PayoutRecord(payout_record::Model);

plain_object! {
    /// Something that happened to a payout 处理记录.
    PayoutRecord(self) {
        /// What.
        kind / "kind": PayoutRecordKind = self.0.kind.into();
        /// When.
        at / "at": Timestamp = self.0.happened_at.into();
        /// Who did it: an id of staff, or `platform` for whoever runs the gateway; none where the payment platform
        /// did.
        actor / "actor": Option<&str> = self.0.actor.as_deref();
        /// What was said.
        note / "note": Option<&str> = self.0.note.as_deref();
    }
}

/// What a second factor signs 提现确认: shown before it is signed with `payoutCreate`, within two minutes.
#[derive(Debug, SimpleObject)]
pub struct PayoutChallenge {
    /// Its id, for `payoutCreate`.
    pub id: ID,
    /// Where the money is to go, masked 收款账户.
    pub bank_account: Nullable<Lean<BankAccount>>,
    /// The channel whose platform would pay it out 出款渠道: no other pays out what is signed.
    pub channel: Nullable<Lean<Channel>>,
    /// What would leave the balance 提现金额.
    pub amount: Money,
    /// The fee in it 手续费.
    pub fee: Money,
    /// What would arrive at the bank 到账金额.
    pub net: Money,
    /// Whether a second person would have to agree 需审批.
    pub needs_approval: bool,
    /// Until when it may be signed.
    pub expires_at: Timestamp,
}

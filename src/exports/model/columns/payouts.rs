//! The columns of payouts.

use entity::{bank_account, payout};

use super::Unit::{Currency as InCurrency, Plain, Zone};
use super::{Column, column};
use crate::bank_accounts::model::{banks, mask_number};
use crate::exports::model::cell::{Cell, Word};
use crate::exports::model::words;
use crate::money::Currency;
use crate::payouts::model::payout_no;

/// A payout, with what belongs to it as far as that is wanted.
#[derive(Debug)]
pub struct PaidOut {
    /// The payout.
    pub row: payout::Model,
    /// Where it goes.
    pub account: Option<bank_account::Model>,
    /// What the channel is called whose platform pays it out.
    pub channel: String,
}

impl PaidOut {
    fn money(&self, minor: i64) -> Cell {
        let currency = Currency::of_code(&self.row.currency).unwrap_or(Currency::Cny);
        Cell::money(minor, currency)
    }

    fn day(day: Option<entity::Day>) -> Cell {
        day.map_or(Cell::Empty, |day| Cell::Day(day.into()))
    }

    fn bank(&self) -> Cell {
        let Some(account) = &self.account else {
            return Cell::Empty;
        };
        match banks().of_code(&account.bank_code) {
            Some(bank) => Cell::Word(Word {
                code: &bank.code,
                en: &bank.en,
                zh: &bank.zh,
            }),
            None => Cell::Text(account.bank_code.clone()),
        }
    }
}

/// The columns that tell of the bank account: whoever has them written may see bank accounts.
pub const ACCOUNT_COLUMNS: [&str; 4] = ["bankAccountId", "bank", "account", "holder"];

/// The columns of payouts; of a bank account they tell what its list tells, masked.
pub static PAYOUTS: &[Column<PaidOut>] = &[
    column("payoutNo", "Payout no.", "提现单号", Plain, |it| {
        Cell::Text(payout_no(it.row.id))
    }),
    column("requestedAt", "Requested at", "申请时间", Zone, |it| {
        Cell::made_at(it.row.id.made_at_ms())
    }),
    column("state", "State", "提现状态", Plain, |it| {
        words::payout_status(it.row.state)
    }),
    column("origin", "Origin", "来源", Plain, |it| {
        words::payout_origin(it.row.origin)
    }),
    column("amount", "Amount", "提现金额", InCurrency, |it| {
        it.money(it.row.amount_minor)
    }),
    column("fee", "Fee", "手续费", InCurrency, |it| {
        it.money(it.row.fee_minor)
    }),
    column("net", "Arrives", "到账金额", InCurrency, |it| {
        it.money(it.row.net_minor)
    }),
    column(
        "feeReturned",
        "Fee returned",
        "退回手续费",
        InCurrency,
        |it| it.money(it.row.fee_returned_minor),
    ),
    column(
        "bankAccountId",
        "Bank account",
        "结算账户",
        Plain,
        |it| Cell::Text(it.row.bank_account_id.to_string()),
    ),
    column("bank", "Bank", "开户银行", Plain, PaidOut::bank),
    column("account", "Account no.", "账号", Plain, |it| {
        let number = it.account.as_ref().map(|it| mask_number(&it.last_four));
        Cell::text(number.as_deref())
    }),
    column("holder", "Holder", "户名", Plain, |it| {
        Cell::text(it.account.as_ref().map(|it| it.masked_holder.as_str()))
    }),
    column("channel", "Channel", "支付渠道", Plain, |it| {
        Cell::Text(it.channel.clone())
    }),
    column("requestedBy", "Requested by", "申请人", Plain, |it| {
        Cell::Text(it.row.requested_by.clone())
    }),
    column("note", "Note", "备注", Plain, |it| {
        Cell::text(it.row.note.as_deref())
    }),
    column("decidedBy", "Decided by", "审批人", Plain, |it| {
        Cell::text(it.row.decided_by.as_deref())
    }),
    column("decidedAt", "Decided at", "审批时间", Zone, |it| {
        Cell::time(it.row.decided_at)
    }),
    column(
        "decisionNote",
        "Said when deciding",
        "审批意见",
        Plain,
        |it| Cell::text(it.row.decision_note.as_deref()),
    ),
    column(
        "expectedFrom",
        "Expected from",
        "预计最早到账日",
        Plain,
        |it| PaidOut::day(it.row.expected_from_on),
    ),
    column(
        "expectedTo",
        "Expected by",
        "预计最晚到账日",
        Plain,
        |it| PaidOut::day(it.row.expected_to_on),
    ),
    column("sentAt", "Last sent at", "提交时间", Zone, |it| {
        Cell::time(it.row.sent_at)
    }),
    column("paidAt", "Paid at", "到账时间", Zone, |it| {
        Cell::time(it.row.paid_at)
    }),
    column("returnedAt", "Returned at", "退票时间", Zone, |it| {
        Cell::time(it.row.returned_at)
    }),
    column(
        "closedAt",
        "Failed or called off at",
        "失败或取消时间",
        Zone,
        |it| Cell::time(it.row.closed_at),
    ),
    column(
        "needsAttention",
        "Needs attention",
        "待人工处理",
        Plain,
        |it| Cell::Flag(it.row.needs_attention),
    ),
    column(
        "providerPayoutNo",
        "Platform's payout no.",
        "渠道提现流水号",
        Plain,
        |it| Cell::text(it.row.provider_payout_no.as_deref()),
    ),
    column("errorCode", "Error code", "错误码", Plain, |it| {
        Cell::text(it.row.error_code.as_deref())
    }),
    column("error", "Error", "错误信息", Plain, |it| {
        Cell::text(it.row.error.as_deref())
    }),
];

//! Accounts, directions, and what a posting is about.

use async_graphql::Enum;

use crate::graphql::plain::plain_scalars;

/// An account of the ledger 账户. The first four are the merchant's, the others the platform's with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::ledger_entry::LedgerAccount")]
pub enum LedgerAccount {
    /// 待结算: paid, not settled yet.
    Pending,
    /// 可用余额: may be refunded and paid out.
    Available,
    /// 冻结: set aside for refunds and payouts in flight.
    Reserved,
    /// 预付手续费: what fees of direct-settlement channels are taken from.
    Prepaid,
    /// 渠道清算: what channels owe.
    ChannelClearing,
    /// 手续费收入: fees taken.
    FeeIncome,
    /// 提现清算: what was paid out.
    PayoutClearing,
    /// 调账: the other side of corrections.
    Adjustment,
}

/// The side of an account 借贷方向. Credits raise a balance, debits lower it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::ledger_entry::Direction")]
pub enum LedgerDirection {
    /// 借.
    Debit,
    /// 贷.
    Credit,
}

/// What a ledger transaction is about 业务类型.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::ledger_transaction::LedgerSource")]
pub enum LedgerSource {
    /// 收款: the payment of an order.
    Payment,
    /// 多付: a payment that its order did not need, set aside until it goes back.
    ExtraPayment,
    /// 结算: money that became available.
    Settlement,
    /// 退款: a refund.
    Refund,
    /// 提现: a payout.
    Payout,
    /// 账户验证: the small amount that was sent to a bank account, so that its owner proves that it is theirs.
    BankAccount,
    /// 调账: a correction by the platform's staff.
    Adjustment,
}

/// Which step of it 步骤. A step is posted at most once a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::ledger_transaction::LedgerStep")]
pub enum LedgerStep {
    /// 入账: the payment arrived.
    Credited,
    /// 解冻: pending money became available.
    Released,
    /// 冻结: money was set aside.
    Reserved,
    /// 出账: what was set aside has left.
    Settled,
    /// 退回: what was set aside came back.
    Canceled,
    /// 冲正: what had left came back.
    Reversed,
    /// 调账: corrected.
    Adjusted,
}

plain_scalars!(LedgerAccount, LedgerDirection, LedgerSource, LedgerStep);

//! States and kinds, as programs know them and as people read them.

use entity::channel::PaymentMethod;
use entity::ledger_entry::{Direction, LedgerAccount};
use entity::ledger_transaction::{LedgerSource, LedgerStep};
use entity::order::{FulfillmentState, PaymentState, RefundState};
use entity::payout::{PayoutOrigin, PayoutStatus};
use entity::refund::{RefundKind, RefundReason, RefundStatus};

use super::cell::{Cell, Word};

/// Declares what each value of an enum is called.
macro_rules! words {
    ($($name:ident($of:ident) { $($value:ident: $code:literal $en:literal $zh:literal,)* })*) => {$(
        pub fn $name(value: $of) -> Cell {
            let (code, en, zh) = match value {
                $($of::$value => ($code, $en, $zh),)*
            };
            Cell::Word(Word { code, en, zh })
        }
    )*};
}

words! {
    payment_state(PaymentState) {
        Pending: "PENDING" "Pending" "待支付",
        Paid: "PAID" "Paid" "已支付",
        Failed: "FAILED" "Failed" "支付失败",
        Closed: "CLOSED" "Closed" "已关闭",
    }
    refund_state(RefundState) {
        None: "NONE" "None" "未退款",
        Partial: "PARTIAL" "Partial" "部分退款",
        Full: "FULL" "Full" "全额退款",
    }
    fulfillment_state(FulfillmentState) {
        Unfulfilled: "UNFULFILLED" "Unfulfilled" "未发货",
        Partial: "PARTIAL" "Partial" "部分发货",
        Fulfilled: "FULFILLED" "Fulfilled" "已发货",
        NotRequired: "NOT_REQUIRED" "Not required" "无需发货",
    }
    method(PaymentMethod) {
        WechatPay: "WECHAT_PAY" "WeChat Pay" "微信支付",
        Alipay: "ALIPAY" "Alipay" "支付宝",
        UnionPay: "UNION_PAY" "UnionPay" "云闪付",
        Card: "CARD" "Bank card" "银行卡",
        QqPay: "QQ_PAY" "QQ Wallet" "QQ 钱包",
    }
    refund_kind(RefundKind) {
        Order: "ORDER" "Refund" "退款",
        ExtraPayment: "EXTRA_PAYMENT" "Extra payment" "多付退回",
    }
    refund_status(RefundStatus) {
        AwaitingApproval: "AWAITING_APPROVAL" "Awaiting approval" "待审批",
        Rejected: "REJECTED" "Rejected" "已驳回",
        Processing: "PROCESSING" "Processing" "退款中",
        Unknown: "UNKNOWN" "Unknown" "结果未知",
        Abnormal: "ABNORMAL" "Abnormal" "退款异常",
        Succeeded: "SUCCEEDED" "Succeeded" "退款成功",
        Failed: "FAILED" "Failed" "退款失败",
        Reversed: "REVERSED" "Reversed" "退款退回",
    }
    refund_reason(RefundReason) {
        CustomerRequest: "CUSTOMER_REQUEST" "Customer request" "买家要求",
        OutOfStock: "OUT_OF_STOCK" "Out of stock" "缺货",
        NotAsDescribed: "NOT_AS_DESCRIBED" "Not as described" "与描述不符或质量问题",
        NotReceived: "NOT_RECEIVED" "Not received" "未收到货",
        PriceAdjustment: "PRICE_ADJUSTMENT" "Price adjustment" "差价",
        DuplicatePayment: "DUPLICATE_PAYMENT" "Duplicate payment" "重复支付",
        LatePayment: "LATE_PAYMENT" "Late payment" "关单后支付",
        Fraud: "FRAUD" "Fraud" "疑似欺诈",
        Other: "OTHER" "Other" "其他",
    }
    payout_status(PayoutStatus) {
        AwaitingApproval: "AWAITING_APPROVAL" "Awaiting approval" "待审批",
        Rejected: "REJECTED" "Rejected" "已驳回",
        Processing: "PROCESSING" "Processing" "处理中",
        Unknown: "UNKNOWN" "Unknown" "结果未知",
        Paid: "PAID" "Paid" "已到账",
        Failed: "FAILED" "Failed" "失败",
        Canceled: "CANCELED" "Canceled" "已取消",
        Returned: "RETURNED" "Returned" "退票",
    }
    payout_origin(PayoutOrigin) {
        Person: "PERSON" "Person" "手动",
        Schedule: "SCHEDULE" "Schedule" "自动",
    }
    account(LedgerAccount) {
        Pending: "PENDING" "Pending" "待结算",
        Available: "AVAILABLE" "Available" "可用余额",
        Reserved: "RESERVED" "Reserved" "冻结",
        Prepaid: "PREPAID" "Prepaid" "预付手续费",
        ChannelClearing: "CHANNEL_CLEARING" "Channel clearing" "渠道清算",
        FeeIncome: "FEE_INCOME" "Fee income" "手续费收入",
        PayoutClearing: "PAYOUT_CLEARING" "Payout clearing" "提现清算",
        Adjustment: "ADJUSTMENT" "Adjustment" "调账",
    }
    direction(Direction) {
        Debit: "DEBIT" "Debit" "借",
        Credit: "CREDIT" "Credit" "贷",
    }
    source(LedgerSource) {
        Payment: "PAYMENT" "Payment" "收款",
        ExtraPayment: "EXTRA_PAYMENT" "Extra payment" "多付",
        Settlement: "SETTLEMENT" "Settlement" "结算",
        Refund: "REFUND" "Refund" "退款",
        Payout: "PAYOUT" "Payout" "提现",
        BankAccount: "BANK_ACCOUNT" "Bank account check" "账户验证",
        Adjustment: "ADJUSTMENT" "Adjustment" "调账",
    }
    step(LedgerStep) {
        Credited: "CREDITED" "Credited" "入账",
        Released: "RELEASED" "Released" "解冻",
        Reserved: "RESERVED" "Reserved" "冻结",
        Settled: "SETTLED" "Settled" "出账",
        Canceled: "CANCELED" "Canceled" "退回",
        Reversed: "REVERSED" "Reversed" "冲正",
        Adjusted: "ADJUSTED" "Adjusted" "调账",
    }
}

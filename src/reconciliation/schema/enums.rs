//! Kinds of differences, and how they are settled.

use async_graphql::Enum;
use entity::reconciliation_item::Resolution;

use crate::graphql::plain::plain_scalars;

/// What does not fit between a payment platform and us 差异类型.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::reconciliation_item::ReconciliationKind")]
pub enum ReconciliationKind {
    /// 金额不符: another amount was paid, refunded or paid out.
    AmountMismatch,
    /// 重复支付: a paid order was paid again.
    SecondPayment,
    /// 迟到支付: a closed order was paid, and the merchant's policy is to refund.
    LatePayment,
    /// 流水号重复: the payment platform reports a number that it gave to another order.
    DuplicateTradeNo,
    /// 平台有本地无: the payment platform's bill lists what is not known here.
    MissingHere,
    /// 本地有平台无: the payment platform's bill lacks what is here.
    MissingThere,
    /// 状态不符: paid, refunded or paid out there and not here, or the other way round.
    StatusMismatch,
    /// 手续费不符: the payment platform took another fee.
    FeeMismatch,
}

/// How a reconciliation item was settled 处理方式.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::reconciliation_item::Resolution")]
pub enum ReconciliationResolution {
    /// 已退款: the money went back to the payer.
    Refunded,
    /// 已更正: it was put right here or at the payment platform.
    Corrected,
    /// 跨日: the next day's bill has it.
    Carried,
    /// 已确认: nothing is to be done.
    Accepted,
    /// 核销: it was given up.
    WrittenOff,
}

/// How a person settles a reconciliation item 处理方式.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum ReconciliationDecision {
    /// 已退款: the money went back to the payer.
    Refunded,
    /// 已更正: it was put right here or at the payment platform.
    Corrected,
    /// 已确认: nothing is to be done.
    Accepted,
    /// 核销: it was given up.
    WrittenOff,
}

impl From<ReconciliationDecision> for Resolution {
    fn from(decision: ReconciliationDecision) -> Self {
        match decision {
            ReconciliationDecision::Refunded => Self::Refunded,
            ReconciliationDecision::Corrected => Self::Corrected,
            ReconciliationDecision::Accepted => Self::Accepted,
            ReconciliationDecision::WrittenOff => Self::WrittenOff,
        }
    }
}

/// How a daily bill is written 账单格式.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::reconciliation_run::BillFormat")]
pub enum BillFormat {
    /// 微信支付交易账单 of the kind ALL: CSV.
    WechatPay,
    /// 支付宝业务明细: CSV.
    Alipay,
    /// 易支付订单列表: the JSON of `api.php?act=orders` or `api/merchant/orders`, the `data` of all pages
    /// that reach back to the day put into one array. It has no fees and no rows of refunds.
    Epay,
    /// 易支付代付记录: what left, as the merchant's back office there lists it; the JSON of
    /// `user/ajax2.php?act=transferList`, the `rows` of all pages that reach back to the day put into one array.
    EpayTransfers,
}

plain_scalars!(ReconciliationKind, ReconciliationResolution, BillFormat);

//! The merchant, as its own people see it.

use async_graphql::{Enum, ID, Object};
use entity::merchant;

use crate::error::Error;
use crate::graphql::scalars::{CurrencyCode, Timestamp};
use crate::money::Currency;

/// Whether a merchant may act 商户状态.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::merchant::MerchantStatus")]
pub enum MerchantStatus {
    /// Everything works 正常.
    Active,
    /// Reading works; new orders are refused 已停用.
    Suspended,
    /// Nobody can sign in 已关闭.
    Closed,
}

/// What becomes of a payment that comes after its order was closed 迟到支付处理方式.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::merchant::LatePaymentPolicy")]
pub enum LatePaymentPolicy {
    /// The order becomes PAID, flagged as late 接受.
    Accept,
    /// The order becomes PAID, flagged as late, and is listed to be refunded 自动退款.
    AutoRefund,
}

/// A merchant 商户: the business that orders, staff and everything else belong to.
#[derive(Clone, Debug)]
pub struct Merchant(pub merchant::Model);

/// A merchant 商户: the business that orders, staff and everything else belong to.
#[Object]
impl Merchant {
    /// The global id.
    pub(crate) async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// The name 名称.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The time zone 时区, by its IANA name, such as `Asia/Shanghai`. Days, weeks and months follow it.
    async fn time_zone(&self) -> &str {
        &self.0.time_zone
    }

    /// The currency 币种 of every order.
    async fn currency(&self) -> Result<CurrencyCode, Error> {
        Currency::of_code(&self.0.currency)
            .map(CurrencyCode)
            .ok_or_else(|| Error::internal(format!("{} has an unknown currency", self.0.id)))
    }

    /// The language of what the merchant is told on its own, `zh-CN` or `en`. Answers to a request
    /// follow its `Accept-Language` instead.
    async fn locale(&self) -> &str {
        &self.0.locale
    }

    /// Whether it may act.
    async fn status(&self) -> MerchantStatus {
        self.0.status.into()
    }

    /// What becomes of a payment that comes after its order was closed.
    async fn late_payment_policy(&self) -> LatePaymentPolicy {
        self.0.late_payment_policy.into()
    }

    /// When it joined.
    async fn created_at(&self) -> Timestamp {
        self.0.created_at.into()
    }
}

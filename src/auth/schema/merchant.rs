//! The merchant, as its own people see it and set it up.

use async_graphql::{Context, Enum, ID, InputObject, Object};
use entity::merchant;

use super::{Role, auth};
use crate::auth::model::Scope;
use crate::auth::settings::{self, MerchantChange, MerchantUpdateRefusal};
use crate::error::{Error, Problem};
use crate::graphql::payload::payload;
use crate::graphql::scalars::{CurrencyCode, MoneyInput, Timestamp};
use crate::graphql::{Ask, Needs, Nullable};
use crate::money::{Currency, Money};
use crate::settlements::model::Terms;
use crate::settlements::schema::{SettlementTerms, SettlementTermsInput};

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
        known_currency(&self.0).map(CurrencyCode)
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

    /// When money becomes available 结算条款, where a channel has no terms of its own.
    async fn settlement(&self) -> SettlementTerms {
        SettlementTerms(Terms::of_merchant(&self.0))
    }

    /// Which refunds wait for a second person 退款审批.
    async fn refund_approval(&self) -> RefundApproval {
        RefundApproval(self.0.clone())
    }

    /// When it joined.
    async fn created_at(&self) -> Timestamp {
        self.0.created_at.into()
    }
}

fn known_currency(row: &merchant::Model) -> Result<Currency, Error> {
    Currency::of_code(&row.currency)
        .ok_or_else(|| Error::internal(format!("{} has an unknown currency", row.id)))
}

/// Which refunds wait for a second person 退款审批.
#[derive(Clone, Debug)]
pub struct RefundApproval(merchant::Model);

/// Which refunds wait for a second person 退款审批.
#[Object]
impl RefundApproval {
    /// Those above this amount; none where no amount does.
    async fn above_amount(&self) -> Nullable<Money> {
        let minor = self.0.refund_approval_above_minor?;
        Some(known_currency(&self.0).map(|currency| Money::of_minor(minor, currency)))
    }

    /// Those that these roles ask for, whatever the amount.
    async fn roles(&self) -> Vec<Role> {
        let roles = self.0.approval_roles();
        roles.into_iter().map(Into::into).collect()
    }
}

/// Which refunds are to wait for a second person.
#[derive(Debug, InputObject)]
pub struct RefundApprovalInput {
    /// Those above this amount; where it is missing, no amount does.
    pub above_amount: Option<MoneyInput>,
    /// Those that these roles ask for, whatever the amount; may be empty.
    pub roles: Vec<Role>,
}

/// What is to be changed of the merchant; what is missing stays as it is.
#[derive(Debug, InputObject)]
pub struct MerchantUpdateInput {
    /// What becomes of a payment that comes after its order was closed.
    pub late_payment_policy: Option<LatePaymentPolicy>,
    /// When money becomes available, where a channel has no terms of its own.
    pub settlement: Option<SettlementTermsInput>,
    /// Which refunds wait for a second person.
    pub refund_approval: Option<RefundApprovalInput>,
}

payload! {
    /// What `merchantUpdate` did.
    MerchantUpdatePayload {
        /// The merchant, as it is now.
        merchant: Merchant,
    }
    /// Why the merchant was not changed.
    MerchantUpdateError / MerchantUpdateErrorCode from MerchantUpdateRefusal {
        /// INSTANT settles at once: `days` is 0.
        InstantWithDays,
        /// D and T settle after 1 to 30 days.
        DaysOutOfRange,
        /// An amount below zero, in another currency, or with too many decimals; `field` names it.
        InvalidAmount,
    }
}

impl MerchantUpdateInput {
    fn read(self, currency: Currency) -> Result<MerchantChange, MerchantUpdateRefusal> {
        let approval = self.refund_approval.map(|input| {
            Ok::<_, MerchantUpdateRefusal>(settings::RefundApproval {
                above_minor: input
                    .above_amount
                    .map(|money| read_threshold(money, currency))
                    .transpose()?,
                roles: input.roles.into_iter().map(Into::into).collect(),
            })
        });
        Ok(MerchantChange {
            late_payment_policy: self.late_payment_policy.map(Into::into),
            settlement: self
                .settlement
                .map(SettlementTermsInput::read)
                .transpose()?,
            refund_approval: approval.transpose()?,
        })
    }
}

fn read_threshold(money: MoneyInput, currency: Currency) -> Result<i64, MerchantUpdateRefusal> {
    let field = "refundApproval.aboveAmount";
    let invalid = |problem| MerchantUpdateRefusal::InvalidAmount {
        field: field.to_owned(),
        problem,
    };
    if money.currency.0 != currency {
        return Err(invalid(Problem::new(
            format!("The amount must be in {}.", currency.code()),
            format!("金额须为商户币种 {}。", currency.code()),
        )));
    }
    match money.read(field) {
        Ok(money) if money.minor >= 0 => Ok(money.minor),
        Err(Error::BadInput { problem, .. }) => Err(invalid(problem)),
        _ => Err(invalid(Problem::new(
            "The amount must not be below zero.",
            "金额不能为负数。",
        ))),
    }
}

/// The mutation of the merchant's own settings.
#[derive(Clone, Copy, Debug, Default)]
pub struct MerchantMutation;

#[Object]
impl MerchantMutation {
    /// Changes the merchant's own settings 商户设置. Terms of settlement hold for payments from now on.
    /// Needs `merchant:write`.
    #[graphql(guard = "Needs(Scope::MerchantWrite)")]
    async fn merchant_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: MerchantUpdateInput,
    ) -> Result<MerchantUpdatePayload, Error> {
        let (app, id) = (ctx.app(), ctx.actor()?.merchant_id);
        let currency = crate::merchant::find(app, id).await?.currency;
        let change = match input.read(currency) {
            Ok(change) => change,
            Err(refusal) => return Ok(MerchantUpdatePayload::refused(&refusal, ctx.locale())),
        };
        let auth = auth(ctx).clone();
        let actor = ctx.actor()?.clone();
        let work = async move { auth.merchant_update(&actor, change).await };
        Ok(MerchantUpdatePayload {
            merchant: Some(Merchant(app.finish(work).await??)),
            user_errors: Vec::new(),
        })
    }
}

//! What a merchant decides about itself: late payments, settlement, who else agrees to refunds.

use entity::membership::Role;
use entity::merchant::{self, Column, LatePaymentPolicy};
use entity::{MerchantId, merchant::Entity};
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{ActiveEnum, QuerySelect, QueryTrait, UpdateMany};
use serde_json::{Value, json};

use super::model::Actor;
use super::service::Auth;
use crate::audit::{self, Deed};
use crate::error::{Error, Problem, Refusal};
use crate::settlements::model::{BadTerms, Terms};

/// What is to be changed; what is none stays as it is.
#[derive(Clone, Debug, Default)]
pub struct MerchantChange {
    /// What becomes of late payments.
    pub late_payment_policy: Option<LatePaymentPolicy>,
    /// When money becomes available.
    pub settlement: Option<Terms>,
    /// Which refunds wait for a second person.
    pub refund_approval: Option<RefundApproval>,
}

/// Which refunds wait for a second person.
#[derive(Clone, Debug, Default)]
pub struct RefundApproval {
    /// Those above this amount, in minor units; none where no amount does.
    pub above_minor: Option<i64>,
    /// Those that these roles ask for.
    pub roles: Vec<Role>,
}

/// Why a merchant was not changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MerchantUpdateRefusal {
    /// At once is not so many days later.
    InstantWithDays,
    /// Fewer than one day, or more than are agreed.
    DaysOutOfRange,
    /// An amount that cannot be meant.
    InvalidAmount {
        /// The field.
        field: String,
        /// Why not.
        problem: Problem,
    },
}

impl From<BadTerms> for MerchantUpdateRefusal {
    fn from(bad: BadTerms) -> Self {
        match bad {
            BadTerms::InstantWithDays => Self::InstantWithDays,
            BadTerms::DaysOutOfRange => Self::DaysOutOfRange,
        }
    }
}

impl Refusal for MerchantUpdateRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::InstantWithDays => BadTerms::InstantWithDays.message(),
            Self::DaysOutOfRange => BadTerms::DaysOutOfRange.message(),
            Self::InvalidAmount { problem, .. } => problem.clone(),
        }
    }

    fn field(&self) -> Option<String> {
        match self {
            Self::InstantWithDays => BadTerms::InstantWithDays.field(),
            Self::DaysOutOfRange => BadTerms::DaysOutOfRange.field(),
            Self::InvalidAmount { field, .. } => Some(field.clone()),
        }
    }
}

impl MerchantChange {
    fn update(&self, id: MerchantId) -> UpdateMany<Entity> {
        let mut update = Entity::update_of(id);
        if let Some(policy) = self.late_payment_policy {
            update = update.col_expr(Column::LatePaymentPolicy, Expr::value(policy));
        }
        if let Some(terms) = self.settlement {
            update = update
                .col_expr(Column::SettlementCycle, Expr::value(terms.cycle))
                .col_expr(Column::SettlementDays, Expr::value(terms.kept_days()));
        }
        if let Some(approval) = &self.refund_approval {
            let listed = Role::ALL.into_iter();
            let listed = listed.filter(|role| approval.roles.contains(role));
            let names: Vec<&str> = listed.map(Role::name).collect();
            update = update
                .col_expr(
                    Column::RefundApprovalAboveMinor,
                    Expr::value(approval.above_minor),
                )
                .col_expr(Column::RefundApprovalRoles, Expr::value(names.join(" ")));
        }
        update
    }
}

impl Auth {
    /// Changes the settings of an actor's merchant. Other instances know within five seconds.
    pub async fn merchant_update(
        &self,
        actor: &Actor,
        change: MerchantChange,
    ) -> Result<merchant::Model, Error> {
        let (app, id) = (self.app(), actor.merchant_id);
        let change = &change;
        let changed = app.write(id, |txn| async move {
            let locked = || Entity::of(id).lock(LockType::NoKeyUpdate).one(&*txn);
            let before = locked().await?.ok_or(Error::NotFound)?;
            let update = change.update(id);
            if update.as_query().get_values().is_empty() {
                return Ok(before);
            }
            update.exec(&*txn).await?;
            let after = locked().await?.ok_or(Error::NotFound)?;
            let deed = Deed::of("merchantUpdate").on(id);
            let deed = deed.changed(shown(&before), shown(&after));
            audit::record(app, &txn, actor, deed).await?;
            Ok::<_, Error>(after)
        });
        let changed = changed.await?;
        app.merchants.invalidate(&id);
        Ok(changed)
    }
}

/// A merchant's settings as the audit log shows them.
fn shown(row: &merchant::Model) -> Value {
    json!({
        "latePaymentPolicy": row.late_payment_policy.to_value(),
        "settlementCycle": row.settlement_cycle.to_value(),
        "settlementDays": row.settlement_days,
        "refundApprovalAboveMinor": row.refund_approval_above_minor,
        "refundApprovalRoles": row.refund_approval_roles,
    })
}

//! Who is asking.

use async_graphql::{Context, Object};
use entity::{membership, merchant};

use super::{ApiKey, Merchant, Role, Scope, StaffMember, auth};
use crate::auth::model::{Actor, Who};
use crate::error::Error;
use crate::graphql::scalars::Timestamp;
use crate::graphql::{Ask, Nullable};
use crate::second_factor;
use crate::second_factor::schema::SecondFactor;

/// Who is asking 当前身份: a member of staff or an API key, and the merchant that they act for.
#[derive(Clone, Debug)]
pub struct Viewer(pub Actor);

/// Who is asking 当前身份: a member of staff or an API key, and the merchant that they act for.
#[Object]
impl Viewer {
    /// The member of staff; null for an API key.
    async fn staff(&self, ctx: &Context<'_>) -> Nullable<StaffMember> {
        let Who::Staff { staff_id, .. } = self.0.who else {
            return None;
        };
        let found = auth(ctx)
            .maybe_find_staff(self.0.merchant_id, staff_id)
            .await;
        let found = found.transpose()?;
        Some(found.map(|row| StaffMember::seen_by(row, &self.0)))
    }

    /// The API key; null for a member of staff.
    async fn api_key(&self, ctx: &Context<'_>) -> Nullable<ApiKey> {
        let Who::ApiKey(id) = self.0.who else {
            return None;
        };
        let found = auth(ctx).maybe_find_api_key(self.0.merchant_id, id).await;
        Some(found.transpose()?.map(ApiKey))
    }

    /// The second factor 二次验证 of the member of staff; null for an API key.
    async fn second_factor(&self, ctx: &Context<'_>) -> Nullable<SecondFactor> {
        let Who::Staff { staff_id, .. } = self.0.who else {
            return None;
        };
        let standing = second_factor::service::standing(ctx.app(), staff_id).await;
        Some(standing.map(SecondFactor))
    }

    /// The merchant that everything is read from and written to. To act for another one, ask
    /// `tokenRefresh` with its id.
    async fn merchant(&self, ctx: &Context<'_>) -> Result<Merchant, Error> {
        auth(ctx)
            .find_merchant(self.0.merchant_id)
            .await
            .map(Merchant)
    }

    /// The role in this merchant; null for an API key.
    async fn role(&self) -> Option<Role> {
        match self.0.who {
            Who::Staff { role, .. } => Some(role.into()),
            Who::ApiKey(_) | Who::PublishableKey(_) | Who::Link | Who::System => None,
        }
    }

    /// What they may do 权限.
    async fn scopes(&self) -> Vec<Scope> {
        self.0.scopes.iter().map(Into::into).collect()
    }

    /// Every merchant that the person may switch to, this one included, who joined first comes first;
    /// empty for an API key.
    async fn memberships(&self, ctx: &Context<'_>) -> Result<Vec<Membership>, Error> {
        let Who::Staff { staff_id, .. } = self.0.who else {
            return Ok(Vec::new());
        };
        let rows = auth(ctx).list_memberships(staff_id).await?;
        Ok(rows
            .into_iter()
            .map(|(membership, merchant)| Membership {
                membership,
                merchant,
            })
            .collect())
    }
}

/// A membership 任职: the role that a person has in one merchant.
#[derive(Clone, Debug)]
pub struct Membership {
    membership: membership::Model,
    merchant: merchant::Model,
}

/// A membership 任职: the role that a person has in one merchant.
#[Object]
impl Membership {
    /// The merchant.
    async fn merchant(&self) -> Merchant {
        Merchant(self.merchant.clone())
    }

    /// The role there.
    async fn role(&self) -> Role {
        self.membership.role.into()
    }

    /// Since when.
    async fn joined_at(&self) -> Timestamp {
        self.membership.created_at.into()
    }
}

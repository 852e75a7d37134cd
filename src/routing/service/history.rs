//! Keeps and reads the versions of routing policies.

use entity::MerchantId;
use entity::channel::PaymentMethod;
use entity::routing_policy;
use entity::routing_policy_version::{Column, Entity, Model};
use sea_orm::{ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel, QueryFilter};

use crate::app::App;
use crate::db::newest_first;
use crate::error::Error;
use crate::paging::{Page, Paging};
use crate::routing::model::Policy;

/// A version of a policy, and what it said.
#[derive(Clone, Debug)]
pub struct PolicyVersion {
    /// The row.
    pub row: Model,
    /// What it said; without targets, that there is no policy.
    pub policy: Policy,
}

/// Where a version stands in the history of its method.
#[must_use]
pub fn cursor(version: &PolicyVersion) -> String {
    version.row.version.to_string()
}

/// The versions of a method's policy, the newest first; also of one that was removed.
pub async fn history(
    app: &App,
    merchant_id: MerchantId,
    method: PaymentMethod,
    paging: &Paging,
) -> Result<Page<PolicyVersion>, Error> {
    let of = Entity::of(merchant_id).filter(Column::Method.eq(method));
    let versions = newest_first::<_, _, i64>(of, Column::Version, paging)?;
    let rows = versions.all(&app.db.reads(merchant_id)).await?;
    let page = Page::of(rows, paging);
    let items = page.items.into_iter().map(read);
    Ok(Page {
        items: items.collect::<Result<_, _>>()?,
        has_previous: page.has_previous,
        has_next: page.has_next,
    })
}

/// Keeps what a policy says from now on.
pub(super) async fn keep(
    txn: &DatabaseTransaction,
    row: &routing_policy::Model,
    policy: &Policy,
) -> Result<(), DbErr> {
    let version = Model {
        merchant_id: row.merchant_id,
        method: row.method,
        version: row.version,
        changed_by: row.updated_by.clone(),
        changed_at: row.updated_at,
        policy: serde_json::to_string(policy).map_err(|error| DbErr::Custom(error.to_string()))?,
    };
    Entity::insert(version.into_active_model())
        .exec_without_returning(txn)
        .await?;
    Ok(())
}

fn read(row: Model) -> Result<PolicyVersion, Error> {
    let policy = serde_json::from_str(&row.policy).map_err(|error| {
        let version = row.version;
        Error::internal(format!(
            "version {version} of a policy cannot be read: {error}"
        ))
    })?;
    Ok(PolicyVersion { row, policy })
}

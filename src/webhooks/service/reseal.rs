//! Seals webhooks' secrets and notify keys again when the master key has changed.

use entity::{notify_key, webhook_endpoint};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, QueryFilter};

use super::{notify, secrets};
use crate::app::App;
use crate::error::Error;
use crate::seal::Resealed;

/// Seals everything of webhooks under the master key of now; nothing else of it changes. Each is written only
/// where it still is what was read.
pub async fn reseal(app: &App) -> Result<Resealed, Error> {
    use webhook_endpoint::Column;
    let mut done = Resealed::default();
    for row in webhook_endpoint::Entity::sealed()
        .all(app.db.reads_across())
        .await?
    {
        let bound_to = secrets::binding(row.merchant_id, row.id);
        let kept = [
            (Column::SealedSecret, Some(&row.sealed_secret)),
            (
                Column::SealedPreviousSecret,
                row.sealed_previous_secret.as_ref(),
            ),
        ];
        for (column, sealed) in kept {
            let Some(sealed) = sealed else { continue };
            let again = app.key.reseal(sealed, &bound_to)?;
            if let Some(again) = done.count(again, &format!("{column:?} of {}", row.id)) {
                webhook_endpoint::Entity::update_of(row.merchant_id)
                    .filter(Column::Id.eq(row.id))
                    .filter(column.eq(sealed.clone()))
                    .col_expr(column, Expr::value(again))
                    .exec(&app.db.writes(row.merchant_id))
                    .await?;
            }
        }
    }
    for row in notify_key::Entity::sealed()
        .all(app.db.reads_across())
        .await?
    {
        let again = app
            .key
            .reseal(&row.sealed_key, &notify::binding(row.merchant_id))?;
        if let Some(again) = done.count(again, &format!("notify key of {}", row.merchant_id)) {
            notify_key::Entity::update_of(row.merchant_id)
                .filter(notify_key::Column::SealedKey.eq(row.sealed_key.clone()))
                .col_expr(notify_key::Column::SealedKey, Expr::value(again))
                .exec(&app.db.writes(row.merchant_id))
                .await?;
        }
    }
    Ok(done)
}

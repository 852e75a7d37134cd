//! Seals the keys of chains again when the master key has changed. The chains stay as they are.

use entity::audit_head;
use sea_orm::sea_query::Expr;

use super::seal::bound_to;
use crate::app::App;
use crate::error::Error;
use crate::seal::Resealed;

/// Seals the key of every merchant's chain under the master key of now. No seal changes: that is why a chain has
/// a key of its own.
pub async fn reseal(app: &App) -> Result<Resealed, Error> {
    let mut done = Resealed::default();
    for head in audit_head::Entity::all_merchants()
        .all(app.db.reads_across())
        .await?
    {
        let bound_to = bound_to(head.merchant_id);
        let again = app.key.reseal(&head.sealed_key, &bound_to)?;
        if let Some(again) = done.count(again, &bound_to) {
            audit_head::Entity::update_of(head.merchant_id)
                .col_expr(audit_head::Column::SealedKey, Expr::value(again))
                .exec(app.db.writer())
                .await?;
        }
    }
    Ok(done)
}

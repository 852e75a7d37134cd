//! Seals signing keys again when the master key has changed.

use entity::signing_key;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::keys::bound_to;
use crate::app::App;
use crate::error::Error;
use crate::seal::Resealed;

/// Seals the keys that may still sign or verify under the master key of now; nobody opens the others any
/// more. Tokens stay as they are.
pub async fn reseal(app: &App) -> Result<Resealed, Error> {
    let alive = signing_key::Entity::alive(app.clock.instant());
    let mut done = Resealed::default();
    for row in alive.all(app.db.reads_across()).await? {
        let again = app
            .key
            .reseal(&row.sealed_private_key, &bound_to(&row.id))?;
        let of = format!("signing key {}", row.id);
        if let Some(again) = done.count(again, &of) {
            signing_key::Entity::update_many()
                .filter(signing_key::Column::Id.eq(&row.id))
                .col_expr(signing_key::Column::SealedPrivateKey, Expr::value(again))
                .exec(app.db.writer())
                .await?;
        }
    }
    Ok(done)
}

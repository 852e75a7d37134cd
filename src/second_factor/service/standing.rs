//! How a person's second factor stands, and sealing all of them again.

use entity::{Instant, StaffId, recovery_code, second_factor};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, PaginatorTrait, QueryFilter};

use super::bound_to;
use super::code::rests_until;
use crate::app::App;
use crate::error::Error;
use crate::seal::Resealed;

/// How a person's second factor stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Since when it counts; none where there is none.
    pub confirmed_at: Option<Instant>,
    /// When the one was made that waits to be confirmed.
    pub pending_at: Option<Instant>,
    /// Until when no code is looked at.
    pub blocked_until: Option<Instant>,
    /// Until when no money leaves by it.
    pub rests_until: Option<Instant>,
    /// Recovery codes that are not used.
    pub recovery_codes_left: u64,
}

/// How a person's second factor stands.
pub async fn standing(app: &App, staff_id: StaffId) -> Result<Standing, Error> {
    let row = second_factor::Entity::of_staff(staff_id)
        .one(app.db.reads_across())
        .await?;
    let Some(row) = row else {
        return Ok(Standing::default());
    };
    let left = recovery_code::Entity::of_staff(staff_id)
        .filter(recovery_code::Column::UsedAt.is_null())
        .count(app.db.reads_across())
        .await?;
    let now = app.clock.instant();
    Ok(Standing {
        confirmed_at: row.confirmed_at,
        pending_at: row.pending_at,
        blocked_until: row.blocked_until.filter(|until| until.0 > now.0),
        rests_until: rests_until(app, &row),
        recovery_codes_left: left,
    })
}

/// Seals all second factors again under the master key of now.
pub async fn reseal(app: &App) -> Result<Resealed, Error> {
    let mut done = Resealed::default();
    let rows = second_factor::Entity::all()
        .all(app.db.reads_across())
        .await?;
    for row in rows {
        let bound = bound_to(row.staff_id);
        let of = format!("second factor of {}", row.staff_id);
        for (column, sealed) in [
            (second_factor::Column::SealedSecret, &row.sealed_secret),
            (second_factor::Column::PendingSecret, &row.pending_secret),
        ] {
            let Some(sealed) = sealed else { continue };
            let again = app.key.reseal(sealed, &bound)?;
            if let Some(again) = done.count(again, &of) {
                // Not where it was replaced meanwhile.
                second_factor::Entity::update_of_staff(row.staff_id)
                    .filter(column.eq(sealed.clone()))
                    .col_expr(column, Expr::value(again))
                    .exec(app.db.writer())
                    .await?;
            }
        }
    }
    Ok(done)
}

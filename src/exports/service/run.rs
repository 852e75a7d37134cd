//! Writes a file: page by page, piece by piece, under the lease of who writes it.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use entity::event::EventKind;
use entity::export::{Column, Entity, ExportFailure, ExportState, Model};
use entity::{Instant, export_piece};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue, ColumnTrait, EntityTrait, QueryFilter, UpdateMany};
use tokio::time::timeout;

use super::claim::{give_up, held_until};
use super::file::kept_bytes;
use super::link::actor_of;
use super::rows::{Reader, Rows, language};
use crate::app::App;
use crate::auth::model::Scope;
use crate::auth::service::Auth;
use crate::error::Error;
use crate::exports::model::{File, Style, Wanted, scopes};
use crate::{crash, events};

/// How long a piece is. One is read at a time, on both ways.
const PIECE: usize = 262_144;

/// How often progress is written and told at the most.
const PROGRESS_EVERY: TimeDelta = TimeDelta::seconds(1);

/// Why a file is not written on.
enum Stop {
    /// It never will be.
    Failed(ExportFailure),
    /// It was called off, or another instance has it.
    Lost,
    /// This instance stops: another one takes it up.
    Leaving,
    /// Something is wrong here; it is taken up again when the lease is over.
    Broken(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Broken(error)
    }
}

/// Writes the file of an export that was claimed, to its end.
pub async fn run(app: &App, auth: &Auth, claimed: Model) -> Result<(), Error> {
    let mut job = Job {
        app,
        told_at: app.clock.now(),
        pending: Vec::new(),
        room: 0,
        row: claimed,
    };
    match job.write_file(auth).await {
        Ok(()) | Err(Stop::Lost) => Ok(()),
        Err(Stop::Failed(why)) => job.fail(why).await,
        Err(Stop::Leaving) => job.leave().await,
        Err(Stop::Broken(error)) => Err(error),
    }
}

/// A file under way.
struct Job<'a> {
    app: &'a App,
    /// The export, as this instance has written it.
    row: Model,
    /// What is not kept yet.
    pending: Vec<u8>,
    /// How many bytes the merchant's other files leave to this one.
    room: u64,
    /// When progress was told.
    told_at: DateTime<Utc>,
}

impl Job<'_> {
    async fn write_file(&mut self, auth: &Auth) -> Result<(), Stop> {
        let app = self.app;
        let wanted: Wanted = serde_json::from_str(&self.row.wanted)
            .map_err(|error| Error::internal(error.to_string()))?;
        let masked = self.look_at_requester(auth, &wanted).await?;
        self.row.masked = Some(masked);
        self.room = self.look_for_room().await?;
        let mut reader = Reader::open(app, &self.row, &wanted, masked).await?;
        // Half of the lease: it is written how long the file will be before another instance takes this one for gone.
        let limit = Duration::from_millis(app.settings.exports.lease_ms / 2);
        self.row.rows_total = in_time(limit, reader.count()).await;
        self.keep(false, false).await?;
        let (kind, format) = (self.row.kind, self.row.format);
        let style = self.style().await?;
        let mut file = File::begin(kind, format, &reader.headings(), style).map_err(not_written)?;
        while let Some(rows) = reader.next().await? {
            if app.shutdown.is_cancelled() {
                return Err(Stop::Leaving);
            }
            self.row.rows_done += i64::try_from(rows.len()).unwrap_or_default();
            file = self.add(file, rows).await?;
            let is_time = app.clock.now() - self.told_at >= PROGRESS_EVERY;
            if is_time || self.pending.len() >= PIECE {
                self.keep(false, is_time).await?;
                crash::point("export.piece");
            }
        }
        file.finish().map_err(not_written)?;
        self.pending.append(&mut file.take().map_err(not_written)?);
        self.measure(&file)?;
        crash::point("export.finishing");
        self.keep(true, true).await
    }

    /// Whether personal data is to be masked. Who asked for it must still be allowed to see the list; they see in
    /// the file no more than they could then, nor than they may now.
    async fn look_at_requester(&self, auth: &Auth, wanted: &Wanted) -> Result<bool, Stop> {
        let not_allowed = Stop::Failed(ExportFailure::NotAllowed);
        let requester = actor_of(self.row.merchant_id, &self.row.requested_by);
        let actor = match auth.recheck(&requester, None).await {
            Ok(actor) => actor,
            Err(Error::Unauthenticated) => return Err(not_allowed),
            Err(error) => return Err(error.into()),
        };
        let mut needed = scopes(self.row.kind, &wanted.columns);
        needed.push(Scope::ExportsWrite);
        if !needed.into_iter().all(|scope| actor.may(scope)) {
            return Err(not_allowed);
        }
        Ok(!(self.row.requested_personal && actor.may(Scope::PersonalRead)))
    }

    /// How much room the merchant's other files leave.
    async fn look_for_room(&self) -> Result<u64, Error> {
        let (app, row) = (self.app, &self.row);
        let others = kept_bytes(
            &app.db.reads(row.merchant_id),
            row.merchant_id,
            Some(row.id),
        )
        .await?;
        let most = app.settings.exports.most_kept_bytes;
        Ok(most.saturating_sub(others))
    }

    async fn style(&self) -> Result<Style, Error> {
        let merchant = crate::merchant::find(self.app, self.row.merchant_id).await?;
        Ok(Style {
            zone: merchant.zone,
            currency: merchant.currency,
            language: language(&self.row),
        })
    }

    /// Writes rows, away from the threads that serve.
    async fn add(&mut self, mut file: File, rows: Rows) -> Result<File, Stop> {
        let written = tokio::task::spawn_blocking(move || {
            for row in &rows {
                file.write_row(row)?;
            }
            let bytes = file.take()?;
            Ok::<_, std::io::Error>((file, bytes))
        });
        let (file, mut bytes) = written
            .await
            .map_err(|error| Error::internal(error.to_string()))?
            .map_err(not_written)?;
        self.pending.append(&mut bytes);
        self.measure(&file)?;
        Ok(file)
    }

    fn measure(&mut self, file: &File) -> Result<(), Stop> {
        self.row.bytes = i64::try_from(file.bytes()).unwrap_or(i64::MAX);
        if file.bytes() > self.app.settings.exports.max_bytes {
            return Err(Stop::Failed(ExportFailure::TooLarge));
        }
        let stored = u64::try_from(self.row.stored_bytes).unwrap_or_default();
        if stored + self.pending.len() as u64 > self.room {
            return Err(Stop::Failed(ExportFailure::NoSpace));
        }
        Ok(())
    }

    /// Keeps the pieces that are full, and how far it is; at the end the last piece, and that it is done. One
    /// transaction, which holds only under the last lease.
    async fn keep(&mut self, is_end: bool, tells: bool) -> Result<(), Stop> {
        let app = self.app;
        let full = match is_end {
            true => self.pending.len(),
            false => self.pending.len() / PIECE * PIECE,
        };
        let rest = self.pending.split_off(full);
        let kept = std::mem::replace(&mut self.pending, rest);
        let pieces: Vec<&[u8]> = kept.chunks(PIECE).collect();
        let count = i32::try_from(pieces.len()).map_err(|_| too_long())?;
        let before = self.row.pieces;
        self.row.pieces += count;
        self.row.stored_bytes += i64::try_from(kept.len()).unwrap_or_default();
        let (row, pieces) = (&self.row, &pieces);
        let is_ours = app
            .write(row.merchant_id, |txn| async move {
                let now = app.clock.instant();
                let written = progress(app, row, is_end).exec(&*txn).await?;
                if written.rows_affected == 0 {
                    return Ok(false);
                }
                for (no, bytes) in (before..).zip(pieces.iter()) {
                    let piece = export_piece::ActiveModel {
                        merchant_id: ActiveValue::Set(row.merchant_id),
                        export_id: ActiveValue::Set(row.id),
                        no: ActiveValue::Set(no),
                        bytes: ActiveValue::Set(bytes.to_vec()),
                    };
                    export_piece::Entity::insert(piece)
                        .exec_without_returning(&*txn)
                        .await?;
                }
                if tells {
                    let kind = match is_end {
                        true => EventKind::ExportFinished,
                        false => EventKind::ExportProgressed,
                    };
                    events::record(&txn, &app.ids, now, row.merchant_id, kind, row.id).await?;
                }
                Ok::<_, Error>(true)
            })
            .await?;
        if tells {
            self.told_at = app.clock.now();
        }
        if is_ours { Ok(()) } else { Err(Stop::Lost) }
    }

    async fn fail(&self, why: ExportFailure) -> Result<(), Error> {
        let (app, row) = (self.app, &self.row);
        app.write(row.merchant_id, |txn| async move {
            give_up(app, &txn, row, why).await?;
            Ok::<_, Error>(())
        })
        .await
    }

    /// Gives it back, so that nobody has to wait until the lease is over.
    async fn leave(&self) -> Result<(), Error> {
        let now = self.app.clock.instant();
        ours(&self.row)
            .col_expr(Column::NextAt, Expr::value(Some(now)))
            .col_expr(Column::Attempts, Expr::value(self.row.attempts - 1))
            .exec(&self.app.db.writes(self.row.merchant_id))
            .await?;
        Ok(())
    }
}

/// An update that holds only while this is the last claim of an export that is not over.
fn ours(row: &Model) -> UpdateMany<Entity> {
    Entity::update_of(row.merchant_id)
        .filter(Column::Id.eq(row.id))
        .filter(Column::Lease.eq(row.lease))
        .filter(Column::State.eq(ExportState::Running))
}

fn progress(app: &App, row: &Model, is_end: bool) -> UpdateMany<Entity> {
    let now = app.clock.instant();
    let next_at = (!is_end).then(|| held_until(app));
    let total = if is_end {
        Some(row.rows_done)
    } else {
        row.rows_total
    };
    let update = ours(row)
        .col_expr(Column::RowsTotal, Expr::value(total))
        .col_expr(Column::RowsDone, Expr::value(row.rows_done))
        .col_expr(Column::Bytes, Expr::value(row.bytes))
        .col_expr(Column::StoredBytes, Expr::value(row.stored_bytes))
        .col_expr(Column::Pieces, Expr::value(row.pieces))
        .col_expr(Column::Masked, Expr::value(row.masked))
        .col_expr(Column::NextAt, Expr::value(next_at))
        .col_expr(Column::UpdatedAt, Expr::value(now));
    if !is_end {
        return update;
    }
    let kept = TimeDelta::seconds(app.settings.exports.kept_s);
    update
        .col_expr(Column::State, Expr::value(ExportState::Done))
        .col_expr(Column::FinishedAt, Expr::value(Some(now)))
        .col_expr(Column::ExpiresAt, Expr::value(Some(Instant(now.0 + kept))))
}

/// How many rows there are, where that is told in time. A file is written without it as well.
async fn in_time(
    limit: Duration,
    count: impl Future<Output = Result<Option<i64>, Error>>,
) -> Option<i64> {
    match timeout(limit, count).await {
        Ok(Ok(total)) => total,
        Ok(Err(error)) => {
            tracing::warn!(?error, "the rows of an export were not counted");
            None
        }
        Err(_) => None,
    }
}

fn not_written(error: std::io::Error) -> Stop {
    Stop::Broken(Error::internal(error.to_string()))
}

fn too_long() -> Stop {
    Stop::Failed(ExportFailure::TooLarge)
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use super::*;

    #[tokio::test]
    async fn a_count_that_fails_or_takes_long_is_done_without() {
        let limit = Duration::from_millis(5);
        assert_eq!(in_time(limit, ready(Ok(Some(7)))).await, Some(7));
        let broken = ready(Err(Error::internal(
            "canceling statement due to statement timeout",
        )));
        assert_eq!(in_time(limit, broken).await, None);
        assert_eq!(in_time(limit, pending()).await, None);
    }
}

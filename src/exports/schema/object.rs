//! An export as clients see it, and lists of exports.

use async_graphql::{Context, ID};
use entity::export::{self, ExportState as State};

use super::enums::{ExportFailure, ExportFormat, ExportKind, ExportLanguage, ExportState};
use crate::error::Error;
use crate::exports::model::columns::Heading;
use crate::exports::model::{Wanted, failure, file_name, percent};
use crate::exports::service;
use crate::graphql::connection::connection;
use crate::graphql::plain::{Lean, plain_object};
use crate::graphql::scalars::Timestamp;
use crate::graphql::{Ask, Nullable};

/// An export.
#[derive(Clone, Debug)]
pub struct Export {
    /// The row.
    pub row: export::Model,
}

impl From<export::Model> for Export {
    fn from(row: export::Model) -> Self {
        Self { row }
    }
}

impl Export {
    fn made_at(&self) -> Timestamp {
        let at = chrono::DateTime::from_timestamp_millis(self.row.id.made_at_ms());
        Timestamp(at.unwrap_or_default())
    }

    fn percent(&self) -> Option<i32> {
        match self.row.state {
            State::Done | State::Expired => Some(100),
            _ => percent(self.row.rows_done, self.row.rows_total),
        }
    }
}

plain_object! {
    /// An export 导出: a list that is written into a file, in the background.
    Export(self) {
        /// The global id.
        id / "id": ID = ID(self.row.id.to_string());
        /// Which list.
        kind / "kind": ExportKind = self.row.kind.into();
        /// What the file is.
        format / "format": ExportFormat = self.row.format.into();
        /// The language of its headings and words.
        language / "language": ExportLanguage = self.row.language.into();
        /// Where it stands 导出状态.
        state / "state": ExportState = self.row.state.into();
        /// How many rows the file has or will have 总行数; null until that is known, and for the ledger until it
        /// is done.
        rows / "rows": Option<i64> = self.row.rows_total;
        /// How many rows are written 已导出行数.
        rows_done / "rowsDone": i64 = self.row.rows_done;
        /// How much of it is written, in percent; null where that cannot be told.
        progress / "progress": Option<i32> = self.percent();
        /// How long the file is, in bytes, as far as it is written.
        bytes / "bytes": i64 = self.row.bytes;
        /// Whether names and telephone numbers of buyers are masked in the file 是否脱敏: they are where whoever
        /// asked for it may not see them. Null until it is begun.
        masked / "masked": Option<bool> = self.row.masked;
        /// Who asked for it: an id of staff or of an API key, or `system`.
        requested_by / "requestedBy": &str = self.row.requested_by.as_str();
        /// When it was asked for.
        created_at / "createdAt": Timestamp = self.made_at();
        /// When it was last begun.
        started_at / "startedAt": Option<Timestamp> = self.row.started_at.map(Timestamp::from);
        /// When it was over, whatever became of it.
        finished_at / "finishedAt": Option<Timestamp> = self.row.finished_at.map(Timestamp::from);
        /// When the file is removed 过期时间.
        expires_at / "expiresAt": Option<Timestamp> = self.row.expires_at.map(Timestamp::from);
        /// Why it failed, for programs.
        failure / "failure": Option<ExportFailure> = self.row.failure.map(Into::into);
    }
    {
        /// Its columns, in order: their names, as in JSON.
        async fn columns(&self) -> Result<Vec<String>, Error> {
            let wanted: Wanted = serde_json::from_str(&self.row.wanted)
                .map_err(|error| Error::internal(error.to_string()))?;
            Ok(wanted.columns)
        }

        /// Why it failed, for people, in the language of `Accept-Language`.
        async fn error(&self, ctx: &Context<'_>) -> Option<String> {
            let most = ctx.app().settings.exports.max_bytes;
            let words = failure(self.row.failure?, most);
            Some(words.in_language(ctx.locale()).to_owned())
        }

        /// What the file is called 文件名.
        async fn file_name(&self, ctx: &Context<'_>) -> Result<String, Error> {
            let merchant = crate::merchant::find(ctx.app(), self.row.merchant_id).await?;
            Ok(file_name(&self.row, merchant.zone))
        }

        /// A new link to the file 下载链接, for an hour: whoever has it may download the file, so treat it as a
        /// secret. It ends sooner where you may not see the file any more, and each download is in the audit log
        /// as one by your link. Null until the file is there and when it is gone. Needs the scopes of the list and,
        /// where it tells buyers in clear, `personal:read`.
        async fn url(&self, ctx: &Context<'_>) -> Nullable<String> {
            let is_kept = self.row.expires_at.is_some_and(|until| until.0 > ctx.app().clock.now());
            if self.row.state != State::Done || !is_kept {
                return None;
            }
            Some(link(ctx, &self.row).await)
        }
    }
}

async fn link(ctx: &Context<'_>, row: &export::Model) -> Result<String, Error> {
    let (app, actor) = (ctx.app(), ctx.actor()?);
    let mut needed = service::needed(row)?.into_iter();
    if let Some(scope) = needed.find(|scope| !actor.may(*scope)) {
        return Err(Error::Forbidden {
            scope: scope.name(),
        });
    }
    let merchant = crate::merchant::find(app, row.merchant_id).await?;
    Ok(service::sign(app, &merchant, row, actor))
}

connection! {
    /// A list of exports.
    ExportConnection
    /// An export in a list.
    ExportEdge
    /// The export.
    node: Lean<Export>
}

/// A column that a file may have.
#[derive(Clone, Copy, Debug, async_graphql::SimpleObject)]
pub struct ExportColumn {
    /// Its name, as `columns` takes it, and as it stands in JSON.
    pub name: &'static str,
    /// What stands above it, in Chinese.
    pub heading_zh: &'static str,
    /// What stands above it, in English.
    pub heading_en: &'static str,
}

impl From<Heading> for ExportColumn {
    fn from(heading: Heading) -> Self {
        Self {
            name: heading.name,
            heading_zh: heading.zh,
            heading_en: heading.en,
        }
    }
}

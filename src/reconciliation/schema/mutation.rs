//! The mutations of reconciliation.

use async_graphql::{Context, Object};

use super::inputs::{ReconciliationImportInput, ReconciliationItemResolveInput};
use super::item::ReconciliationItem;
use super::run::ReconciliationRun;
use crate::auth::model::Scope;
use crate::error::Error;
use crate::graphql::payload::{answer, payload};
use crate::graphql::plain::Lean;
use crate::graphql::scalars::read_id;
use crate::graphql::{Ask, Needs};
use crate::reconciliation::model::{ImportRefusal, ResolveRefusal};
use crate::reconciliation::service::{self, NewBill};

payload! {
    /// What `reconciliationImport` did.
    ReconciliationImportPayload {
        /// The run; the first one where the same bill was imported before.
        run: Lean<ReconciliationRun>,
    }
    /// Why a bill was not imported. Nothing was written.
    ReconciliationImportError / ReconciliationImportErrorCode from ImportRefusal {
        /// There is no such channel.
        ChannelNotFound,
        /// The day is not over in Shanghai, and so its bill is not complete.
        DayNotOver,
        /// It has more bytes (16 MiB, unpacked) or rows (100,000) than are read.
        TooLarge,
        /// It is no bill of this format, or not all of it.
        NotABill,
        /// It lacks a column; the message names it.
        ColumnMissing,
        /// A row cannot be read; the message names its line and column, and what would be right.
        RowUnreadable,
        /// It is of another day.
        WrongDay,
        /// It is in another currency than the merchant's.
        WrongCurrency,
        /// Its own sums are not those of its rows.
        SumsDisagree,
    }
}

payload! {
    /// What `reconciliationItemResolve` did.
    ReconciliationItemResolvePayload {
        /// The item, settled.
        item: Lean<ReconciliationItem>,
    }
    /// Why an item was not settled.
    ReconciliationItemResolveError / ReconciliationItemResolveErrorCode from ResolveRefusal {
        /// There is no such item.
        NotFound,
        /// It was settled before, which is for good.
        AlreadyResolved,
        /// It is a second payment, which its refund settles.
        RefundPending,
        /// There is no note.
        NoteMissing,
        /// The note is too long.
        NoteTooLong,
    }
}

/// The mutations of reconciliation.
#[derive(Debug, Default)]
pub struct ReconciliationMutation;

#[Object]
impl ReconciliationMutation {
    /// Imports a channel's daily bill 导入账单, and compares it with payments, refunds and fees here; the list of
    /// transfers with payouts, and with the small amounts that checked bank accounts. The same
    /// bill again gives the same run; another bill of the day makes a new one, and lists what it finds
    /// again only once. Needs `reconciliation:write`.
    #[graphql(guard = "Needs(Scope::ReconciliationWrite)")]
    async fn reconciliation_import(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: ReconciliationImportInput,
    ) -> Result<ReconciliationImportPayload, Error> {
        let refused = |refusal| ReconciliationImportPayload::refused(&refusal, ctx.locale());
        let Ok(channel_id) = read_id("channelId", &input.channel_id) else {
            return Ok(refused(ImportRefusal::ChannelNotFound));
        };
        let bill = NewBill {
            channel_id,
            format: input.format.into(),
            day: input.day.0,
            source: input.bill.into(),
        };
        let (app, actor) = (ctx.app().clone(), ctx.actor()?.clone());
        let done = ctx
            .app()
            .finish(async move { service::import(&app, &actor, bill).await });
        let told = |run| ReconciliationImportPayload {
            run: Some(Lean(ReconciliationRun::from(run))),
            user_errors: Vec::new(),
        };
        answer(done.await?, told, refused)
    }

    /// Settles a reconciliation item 处理差异, for good. It moves no money. Needs `reconciliation:write`.
    #[graphql(guard = "Needs(Scope::ReconciliationWrite)")]
    async fn reconciliation_item_resolve(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: ReconciliationItemResolveInput,
    ) -> Result<ReconciliationItemResolvePayload, Error> {
        let refused = |refusal| ReconciliationItemResolvePayload::refused(&refusal, ctx.locale());
        let Ok(item_id) = read_id("itemId", &input.item_id) else {
            return Ok(refused(ResolveRefusal::NotFound));
        };
        let (app, actor) = (ctx.app().clone(), ctx.actor()?.clone());
        let (resolution, note) = (input.resolution.into(), input.note);
        let done = ctx.app().finish(async move {
            service::resolve(&app, &actor, item_id, resolution, &note).await
        });
        let told = |item| ReconciliationItemResolvePayload {
            item: Some(Lean(ReconciliationItem::from(item))),
            user_errors: Vec::new(),
        };
        answer(done.await?, told, refused)
    }
}

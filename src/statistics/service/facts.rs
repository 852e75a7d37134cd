//! Loads what orders and refunds count by: one statement for each table.

use std::collections::HashMap;

use entity::ledger_entry::{Direction, LedgerAccount};
use entity::ledger_transaction::{LedgerSource, LedgerStep};
use entity::refund::{RefundKind, RefundStatus};
use entity::{
    ChannelId, Instant, LedgerTransactionId, MerchantId, OrderId, ProductId, RefundId, TierId,
    ledger_entry, ledger_transaction, order, order_line, payment, refund, refund_line,
};
use sea_orm::sea_query::SimpleExpr;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, QueryFilter, QueryOrder, QuerySelect};

use crate::app::App;
use crate::db::any_of;
use crate::statistics::model::{GivenBack, Line, Sale};

/// A refund of an order, with what it did when it succeeded and when it was returned.
#[derive(Clone, Debug)]
pub(super) struct Returned {
    pub id: RefundId,
    pub order_id: OrderId,
    pub succeeded: Option<GivenBack>,
    pub reversed: Option<GivenBack>,
}

/// Where facts are read: outside of any transaction, or in a snapshot.
pub(super) struct Facts<'a, C> {
    pub app: &'a App,
    pub db: &'a C,
    pub merchant_id: MerchantId,
}

/// Which orders: these, or a stretch of ids.
#[derive(Clone, Copy, Debug)]
pub(super) enum Which<'a> {
    These(&'a [OrderId]),
    Between(OrderId, OrderId),
}

impl Which<'_> {
    fn of<T: ColumnTrait>(self, app: &App, column: T) -> SimpleExpr {
        match self {
            Self::These(ids) => any_of(&app.db, column, ids),
            Self::Between(first, last) => column.between(first, last),
        }
    }
}

type OrderRow = (
    OrderId,
    ChannelId,
    Option<String>,
    i64,
    i64,
    Option<Instant>,
    Option<TierId>,
);

impl<C: ConnectionTrait> Facts<'_, C> {
    /// A page of all orders, after one and before another.
    pub async fn page(
        &self,
        after: OrderId,
        before: OrderId,
        limit: u64,
    ) -> Result<Vec<(OrderId, Sale)>, DbErr> {
        let rows: Vec<OrderRow> = order::Entity::of(self.merchant_id)
            .filter(order::Column::Id.gt(after))
            .filter(order::Column::Id.lt(before))
            .order_by_asc(order::Column::Id)
            .limit(limit)
            .select_only()
            .columns(ORDER)
            .into_tuple()
            .all(self.db)
            .await?;
        let (Some(first), Some(last)) = (rows.first(), rows.last()) else {
            return Ok(Vec::new());
        };
        let which = Which::Between(first.0, last.0);
        self.sales(rows, which).await
    }

    /// Some orders.
    pub async fn orders(&self, ids: &[OrderId]) -> Result<HashMap<OrderId, Sale>, DbErr> {
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let which = Which::These(ids);
        let rows: Vec<OrderRow> = order::Entity::of(self.merchant_id)
            .filter(which.of(self.app, order::Column::Id))
            .select_only()
            .columns(ORDER)
            .into_tuple()
            .all(self.db)
            .await?;
        Ok(self.sales(rows, which).await?.into_iter().collect())
    }

    async fn sales(
        &self,
        rows: Vec<OrderRow>,
        which: Which<'_>,
    ) -> Result<Vec<(OrderId, Sale)>, DbErr> {
        let mut lines = self.lines(which).await?;
        let fees = self.fees(which).await?;
        let sale = |row: OrderRow| {
            let (id, channel_id, country, amount_minor, discount_minor, paid_at, tier_id) = row;
            let sale = Sale {
                made_ms: id.made_at_ms(),
                channel_id,
                country: country.unwrap_or_default(),
                tier_id: tier_id.unwrap_or(TierId(0)),
                amount_minor,
                discount_minor,
                paid_ms: paid_at.map(|at| at.0.timestamp_millis()),
                fee_minor: fees.get(&id).copied().unwrap_or(0),
                lines: lines.remove(&id).unwrap_or_default(),
            };
            (id, sale)
        };
        Ok(rows.into_iter().map(sale).collect())
    }

    async fn lines(&self, which: Which<'_>) -> Result<HashMap<OrderId, Vec<Line>>, DbErr> {
        use order_line::Column;
        let rows: Vec<(OrderId, i16, ProductId, String, i32, i64, i64)> =
            order_line::Entity::of(self.merchant_id)
                .filter(which.of(self.app, Column::OrderId))
                .order_by_asc(Column::OrderId)
                .order_by_asc(Column::LineNo)
                .select_only()
                .columns([
                    Column::OrderId,
                    Column::LineNo,
                    Column::ProductId,
                    Column::Category,
                    Column::Quantity,
                    Column::UnitPriceMinor,
                    Column::DiscountMinor,
                ])
                .into_tuple()
                .all(self.db)
                .await?;
        let mut lines: HashMap<OrderId, Vec<Line>> = HashMap::new();
        for (order_id, line_no, product_id, category, quantity, unit_price_minor, discount_minor) in
            rows
        {
            let quantity = i64::from(quantity);
            lines.entry(order_id).or_default().push(Line {
                line_no,
                product_id,
                quantity,
                category,
                total_minor: unit_price_minor.saturating_mul(quantity),
                discount_minor,
            });
        }
        Ok(lines)
    }

    async fn fees(&self, which: Which<'_>) -> Result<HashMap<OrderId, i64>, DbErr> {
        use payment::Column;
        let rows: Vec<(OrderId, i64)> = payment::Entity::of(self.merchant_id)
            .filter(which.of(self.app, Column::OrderId))
            .select_only()
            .columns([Column::OrderId, Column::FeeMinor])
            .into_tuple()
            .all(self.db)
            .await?;
        Ok(rows.into_iter().collect())
    }

    /// Refunds of a stretch of orders that have succeeded, also where the bank returned them.
    pub async fn refunds_of(&self, first: OrderId, last: OrderId) -> Result<Vec<Returned>, DbErr> {
        self.refunds(refund::Column::OrderId.between(first, last))
            .await
    }

    /// Some refunds, those of extra payments left out.
    pub async fn refunds_by_id(&self, ids: &[RefundId]) -> Result<Vec<Returned>, DbErr> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        self.refunds(any_of(&self.app.db, refund::Column::Id, ids))
            .await
    }

    async fn refunds(&self, which: SimpleExpr) -> Result<Vec<Returned>, DbErr> {
        use refund::Column;
        let rows: Vec<(
            RefundId,
            OrderId,
            i64,
            RefundStatus,
            Option<Instant>,
            Instant,
        )> = refund::Entity::of(self.merchant_id)
            .filter(which)
            .filter(Column::Kind.eq(RefundKind::Order))
            .filter(Column::SucceededAt.is_not_null())
            .select_only()
            .columns([
                Column::Id,
                Column::OrderId,
                Column::AmountMinor,
                Column::State,
                Column::SucceededAt,
                Column::UpdatedAt,
            ])
            .into_tuple()
            .all(self.db)
            .await?;
        let ids: Vec<RefundId> = rows.iter().map(|row| row.0).collect();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut lines = self.refund_lines(&ids).await?;
        let fees = self.returned_fees(&ids).await?;
        let mut returned = Vec::new();
        for (id, order_id, amount_minor, state, succeeded_at, updated_at) in rows {
            let lines = lines.remove(&id).unwrap_or_default();
            let step = |at: Instant, step| GivenBack {
                at_ms: at.0.timestamp_millis(),
                amount_minor,
                fee_minor: fees.get(&(id, step)).copied().unwrap_or(0),
                lines: lines.clone(),
            };
            returned.push(Returned {
                id,
                order_id,
                succeeded: succeeded_at.map(|at| step(at, Step::Settled)),
                // Nothing becomes of a refund that was returned: it was the last change.
                reversed: (state == RefundStatus::Reversed)
                    .then(|| step(updated_at, Step::Reversed)),
            });
        }
        Ok(returned)
    }

    async fn refund_lines(
        &self,
        ids: &[RefundId],
    ) -> Result<HashMap<RefundId, Vec<(i16, i64)>>, DbErr> {
        use refund_line::Column;
        let rows: Vec<(RefundId, i16, i64)> = refund_line::Entity::of(self.merchant_id)
            .filter(any_of(&self.app.db, Column::RefundId, ids))
            .order_by_asc(Column::RefundId)
            .order_by_asc(Column::LineNo)
            .select_only()
            .columns([Column::RefundId, Column::LineNo, Column::AmountMinor])
            .into_tuple()
            .all(self.db)
            .await?;
        let mut lines: HashMap<RefundId, Vec<(i16, i64)>> = HashMap::new();
        for (id, line_no, minor) in rows {
            lines.entry(id).or_default().push((line_no, minor));
        }
        Ok(lines)
    }

    /// What refunds returned of fees when they succeeded, and what was taken again when one was returned. The
    /// ledger says it: a refund's row forgets what it returned once it is returned itself.
    async fn returned_fees(
        &self,
        ids: &[RefundId],
    ) -> Result<HashMap<(RefundId, Step), i64>, DbErr> {
        use ledger_transaction::Column;
        let sources: Vec<i64> = ids.iter().map(|id| id.0).collect();
        let transactions: Vec<(LedgerTransactionId, i64, LedgerStep)> =
            ledger_transaction::Entity::of(self.merchant_id)
                .filter(Column::Source.eq(LedgerSource::Refund))
                .filter(any_of(&self.app.db, Column::SourceId, &sources))
                .filter(Column::Step.is_in([LedgerStep::Settled, LedgerStep::Reversed]))
                .select_only()
                .columns([Column::Id, Column::SourceId, Column::Step])
                .into_tuple()
                .all(self.db)
                .await?;
        let ids: Vec<LedgerTransactionId> = transactions.iter().map(|row| row.0).collect();
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let entries: Vec<(LedgerTransactionId, Direction, i64)> =
            ledger_entry::Entity::of(self.merchant_id)
                .filter(any_of(
                    &self.app.db,
                    ledger_entry::Column::TransactionId,
                    &ids,
                ))
                .filter(ledger_entry::Column::Account.eq(LedgerAccount::FeeIncome))
                .select_only()
                .columns([
                    ledger_entry::Column::TransactionId,
                    ledger_entry::Column::Direction,
                    ledger_entry::Column::AmountMinor,
                ])
                .into_tuple()
                .all(self.db)
                .await?;
        let steps: HashMap<LedgerTransactionId, (RefundId, Step)> = transactions
            .into_iter()
            .map(|(id, source, step)| (id, (RefundId(source), Step::of(step))))
            .collect();
        let mut fees = HashMap::new();
        for (id, direction, minor) in entries {
            let Some(key) = steps.get(&id) else {
                continue;
            };
            // A fee comes back as a debit of what was earned by fees, and is taken again as a credit.
            let returns = (key.1 == Step::Settled) == (direction == Direction::Debit);
            *fees.entry(*key).or_insert(0) += if returns { minor } else { -minor };
        }
        Ok(fees)
    }
}

/// Which of a refund's two steps count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Step {
    Settled,
    Reversed,
}

impl Step {
    fn of(step: LedgerStep) -> Self {
        if step == LedgerStep::Reversed {
            Self::Reversed
        } else {
            Self::Settled
        }
    }
}

/// What is read of an order.
const ORDER: [order::Column; 7] = [
    order::Column::Id,
    order::Column::ChannelId,
    order::Column::Country,
    order::Column::AmountMinor,
    order::Column::DiscountMinor,
    order::Column::PaidAt,
    order::Column::TierId,
];

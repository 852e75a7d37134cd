//! Sums up a month's fees: what was taken in it, and what refunds of it returned.

use std::collections::BTreeMap;

use entity::channel::PaymentMethod;
use entity::ledger_entry::{Direction, LedgerAccount};
use entity::ledger_transaction::LedgerSource;
use entity::{
    ChannelId, LedgerTransactionId, MerchantId, ledger_entry, ledger_transaction, payment, refund,
};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ActiveEnum, ColumnTrait, EntityTrait, FromQueryResult, JoinType, QueryFilter, QuerySelect,
    QueryTrait, RelationDef, Select,
};

use super::taken::credited_in;
use crate::app::App;
use crate::error::Error;
use crate::sums::sum_of;
use crate::time_range::TimeRange;

/// What a statement has a row for each of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dimensions {
    /// Each channel.
    pub channel: bool,
    /// Each method.
    pub method: bool,
    /// Each country.
    pub country: bool,
}

/// A row of a statement, in minor units.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatementRow {
    /// The channel, where rows are by channel.
    pub channel_id: Option<ChannelId>,
    /// The method, where rows are by method.
    pub method: Option<PaymentMethod>,
    /// The country, where rows are by country and it is known.
    pub country: Option<String>,
    /// How many payments were credited.
    pub payments: i64,
    /// What they were.
    pub base_minor: i64,
    /// What they cost.
    pub fee_minor: i64,
    /// What refunds returned of fees, also of earlier months.
    pub returned_minor: i64,
}

/// A statement.
#[derive(Clone, Debug)]
pub struct Statement {
    /// Its rows, the largest fee first.
    pub rows: Vec<StatementRow>,
    /// Their sum.
    pub totals: StatementRow,
}

/// What one statement of SQL sums up for a row.
#[derive(Clone, Debug, FromQueryResult)]
struct Part {
    channel_id: Option<ChannelId>,
    method: Option<PaymentMethod>,
    country: Option<String>,
    payments: Option<i64>,
    base_minor: Option<i64>,
    fee_minor: Option<i64>,
    returned_minor: Option<i64>,
}

/// What tells rows apart: channel, method, country.
type Key = (Option<i64>, Option<String>, Option<String>);

/// Sums up the fees of a span. Whatever happens later changes nothing in it: payments count by when they
/// were credited, what was returned by when its refund succeeded, and what was taken again of it by when the
/// bank sent the refund back.
pub async fn statement(
    app: &App,
    merchant_id: MerchantId,
    range: &TimeRange,
    by: Dimensions,
) -> Result<Statement, Error> {
    let db = &app.db.reads(merchant_id);
    let taken = taken(merchant_id, range, by).into_model::<Part>();
    let returned = returned(merchant_id, range, by).into_model::<Part>();
    let (taken, returned) = futures_util::try_join!(taken.all(db), returned.all(db))?;
    let mut rows: BTreeMap<Key, StatementRow> = BTreeMap::new();
    for part in taken.into_iter().chain(returned) {
        let key = (
            part.channel_id.map(|id| id.0),
            part.method.map(|method| method.to_value()),
            part.country.clone(),
        );
        let row = rows.entry(key).or_insert_with(|| StatementRow {
            channel_id: part.channel_id,
            method: part.method,
            country: part.country.clone(),
            ..StatementRow::default()
        });
        row.payments += part.payments.unwrap_or(0);
        row.base_minor += part.base_minor.unwrap_or(0);
        row.fee_minor += part.fee_minor.unwrap_or(0);
        row.returned_minor += part.returned_minor.unwrap_or(0);
    }
    let mut rows: Vec<StatementRow> = rows.into_values().collect();
    rows.sort_by_key(|row| std::cmp::Reverse((row.fee_minor, row.base_minor)));
    let mut totals = StatementRow::default();
    for row in &rows {
        totals.payments += row.payments;
        totals.base_minor += row.base_minor;
        totals.fee_minor += row.fee_minor;
        totals.returned_minor += row.returned_minor;
    }
    Ok(Statement { rows, totals })
}

/// What was taken.
fn taken(merchant_id: MerchantId, range: &TimeRange, by: Dimensions) -> Select<payment::Entity> {
    let column = |column| (payment::Entity, column);
    grouped(payment::Entity::of(merchant_id), by)
        .filter(credited_in(range))
        .expr_as(
            Expr::col(column(payment::Column::OrderId)).count(),
            "payments",
        )
        .expr_as(
            sum_of(Expr::col(column(payment::Column::PaidMinor))),
            "base_minor",
        )
        .expr_as(
            sum_of(Expr::col(column(payment::Column::FeeMinor))),
            "fee_minor",
        )
}

/// What refunds returned when they succeeded, less what was taken again when the bank sent one back. The
/// ledger says how much, and when: unlike a refund's row it is never edited.
fn returned(
    merchant_id: MerchantId,
    range: &TimeRange,
    by: Dimensions,
) -> Select<ledger_transaction::Entity> {
    use ledger_transaction::{Column, Entity};
    let to_entry: RelationDef = Entity::belongs_to(ledger_entry::Entity)
        .from((Column::MerchantId, Column::Id))
        .to((
            ledger_entry::Column::MerchantId,
            ledger_entry::Column::TransactionId,
        ))
        .into();
    let to_refund: RelationDef = Entity::belongs_to(refund::Entity)
        .from((Column::MerchantId, Column::SourceId))
        .to((refund::Column::MerchantId, refund::Column::Id))
        .into();
    let to_payment: RelationDef = refund::Entity::belongs_to(payment::Entity)
        .from((refund::Column::MerchantId, refund::Column::OrderId))
        .to((payment::Column::MerchantId, payment::Column::OrderId))
        .into();
    let first =
        |at: chrono::DateTime<chrono::Utc>| LedgerTransactionId::first_at(at.timestamp_millis());
    let amount = || Expr::col((ledger_entry::Entity, ledger_entry::Column::AmountMinor));
    let debits = Expr::case(
        ledger_entry::Column::Direction.eq(Direction::Debit),
        amount(),
    )
    .finally(Expr::value(0_i64).sub(amount()));
    let select = Entity::of(merchant_id)
        .join(JoinType::InnerJoin, to_entry)
        .join(JoinType::InnerJoin, to_refund)
        .join(JoinType::InnerJoin, to_payment)
        .filter(Column::Id.gte(first(range.from)))
        .filter(Column::Id.lt(first(range.to)))
        .filter(Column::Source.eq(LedgerSource::Refund))
        .filter(ledger_entry::Column::Account.eq(LedgerAccount::FeeIncome));
    grouped(select, by).expr_as(sum_of(debits), "returned_minor")
}

/// Groups by the payment's dimensions; one that is not asked for is null.
fn grouped<E: EntityTrait>(select: Select<E>, by: Dimensions) -> Select<E> {
    let dimensions = [
        (
            by.channel,
            payment::Column::ChannelId,
            "channel_id",
            "BIGINT",
        ),
        (by.method, payment::Column::Method, "method", "TEXT"),
        (by.country, payment::Column::Country, "country", "TEXT"),
    ];
    let mut select = select.select_only();
    for (wanted, column, name, kind) in dimensions {
        if wanted {
            let column = Expr::col((payment::Entity, column));
            select = select.expr_as(column.clone(), name);
            QueryTrait::query(&mut select).add_group_by([column]);
        } else {
            select = select.expr_as(Expr::cust(format!("CAST(NULL AS {kind})")), name);
        }
    }
    select
}

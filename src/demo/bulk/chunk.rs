//! Complete orders with everything that belongs to them, ready for a database.

use entity::{
    channel_health, channel_health_change, channel_latency, channel_traffic, coupon, incident,
    ledger_balance, ledger_checkpoint, ledger_entry, ledger_transaction, member, member_day,
    offer_counter, order, order_line, order_point, order_timeline, payment, payout, payout_record,
    payout_schedule, payout_terms, point_entry, point_lot, reconciliation_item, reconciliation_run,
    redemption, refund, refund_line, reward, reward_redemption, settlement, tier_change,
};
use sqlx::Error;

use super::row::Row;
use crate::demo::history::{Ending, Plan, Posted, Remembered};

/// A database that is loaded into.
pub trait Target: Send + 'static {
    /// What rows are written through.
    type Connection: Send;
    /// How it takes the rows of a table.
    type Rows<R: Row>: Rows<R, Connection = Self::Connection>;
}

/// Rows of one table, ready for a database.
pub trait Rows<R: Row>: Default + Send + 'static {
    /// What they are written through.
    type Connection;
    /// Adds a row.
    fn push(&mut self, row: &R);
    /// Writes them.
    fn run(
        self,
        connection: &mut Self::Connection,
    ) -> impl Future<Output = Result<(), Error>> + Send;
}

/// Complete orders, and what the histories leave behind that end with them.
pub struct Chunk<T: Target> {
    count: u64,
    orders: T::Rows<order::Model>,
    lines: T::Rows<order_line::Model>,
    timeline: T::Rows<order_timeline::Model>,
    payments: T::Rows<payment::Model>,
    refunds: T::Rows<refund::Model>,
    refund_lines: T::Rows<refund_line::Model>,
    runs: T::Rows<reconciliation_run::Model>,
    items: T::Rows<reconciliation_item::Model>,
    settlements: T::Rows<settlement::Model>,
    payouts: T::Rows<payout::Model>,
    payout_records: T::Rows<payout_record::Model>,
    payout_terms: T::Rows<payout_terms::Model>,
    schedules: T::Rows<payout_schedule::Model>,
    entries: T::Rows<ledger_entry::Model>,
    transactions: T::Rows<ledger_transaction::Model>,
    checkpoints: T::Rows<ledger_checkpoint::Model>,
    balances: T::Rows<ledger_balance::Model>,
    hours: T::Rows<channel_traffic::Model>,
    times: T::Rows<channel_latency::Model>,
    health: T::Rows<channel_health::Model>,
    changes: T::Rows<channel_health_change::Model>,
    incidents: T::Rows<incident::Model>,
    coupons: T::Rows<coupon::Model>,
    redemptions: T::Rows<redemption::Model>,
    counters: T::Rows<offer_counter::Model>,
    members: T::Rows<member::Model>,
    days: T::Rows<member_day::Model>,
    lots: T::Rows<point_lot::Model>,
    point_entries: T::Rows<point_entry::Model>,
    order_points: T::Rows<order_point::Model>,
    tier_changes: T::Rows<tier_change::Model>,
    rewards: T::Rows<reward::Model>,
    reward_redemptions: T::Rows<reward_redemption::Model>,
}

impl<T: Target> Default for Chunk<T> {
    fn default() -> Self {
        Self {
            count: 0,
            orders: Default::default(),
            lines: Default::default(),
            timeline: Default::default(),
            payments: Default::default(),
            refunds: Default::default(),
            refund_lines: Default::default(),
            runs: Default::default(),
            items: Default::default(),
            settlements: Default::default(),
            payouts: Default::default(),
            payout_records: Default::default(),
            payout_terms: Default::default(),
            schedules: Default::default(),
            entries: Default::default(),
            transactions: Default::default(),
            checkpoints: Default::default(),
            balances: Default::default(),
            hours: Default::default(),
            times: Default::default(),
            health: Default::default(),
            changes: Default::default(),
            incidents: Default::default(),
            coupons: Default::default(),
            redemptions: Default::default(),
            counters: Default::default(),
            members: Default::default(),
            days: Default::default(),
            lots: Default::default(),
            point_entries: Default::default(),
            order_points: Default::default(),
            tier_changes: Default::default(),
            rewards: Default::default(),
            reward_redemptions: Default::default(),
        }
    }
}

impl<T: Target> Chunk<T> {
    /// Adds an order.
    pub fn push(&mut self, plan: &Plan) {
        self.count += 1;
        self.orders.push(&plan.order);
        plan.lines.iter().for_each(|row| self.lines.push(row));
        plan.timeline.iter().for_each(|row| self.timeline.push(row));
        plan.payment.iter().for_each(|row| self.payments.push(row));
        plan.refunds.iter().for_each(|row| self.refunds.push(row));
        let refund_lines = plan.refund_lines.iter();
        refund_lines.for_each(|row| self.refund_lines.push(row));
        plan.item.iter().for_each(|row| self.items.push(row));
        plan.postings.iter().for_each(|posted| self.post(posted));
    }

    /// Adds what a history leaves behind.
    pub fn end(&mut self, ending: &Ending) {
        let books = &ending.books;
        let settlements = books.settlements.iter();
        settlements.for_each(|row| self.settlements.push(row));
        let out = &books.paid_out;
        out.payouts.iter().for_each(|row| self.payouts.push(row));
        let records = out.records.iter();
        records.for_each(|row| self.payout_records.push(row));
        out.terms.iter().for_each(|row| self.payout_terms.push(row));
        out.schedule.iter().for_each(|row| self.schedules.push(row));
        books.postings.iter().for_each(|posted| self.post(posted));
        let checkpoints = books.checkpoints.iter();
        checkpoints.for_each(|row| self.checkpoints.push(row));
        self.balances.push(&books.balance);
        ending.runs.iter().for_each(|row| self.runs.push(row));
        ending.items.iter().for_each(|row| self.items.push(row));
        ending.hours.iter().for_each(|row| self.hours.push(row));
        ending.times.iter().for_each(|row| self.times.push(row));
        let watched = &ending.watched;
        watched.health.iter().for_each(|row| self.health.push(row));
        watched
            .changes
            .iter()
            .for_each(|row| self.changes.push(row));
        let incidents = watched.incidents.iter();
        incidents.for_each(|row| self.incidents.push(row));
        let redeemed = &ending.redeemed;
        redeemed
            .coupons
            .iter()
            .for_each(|row| self.coupons.push(row));
        let redemptions = redeemed.redemptions.iter();
        redemptions.for_each(|row| self.redemptions.push(row));
        let counters = redeemed.counters.iter();
        counters.for_each(|row| self.counters.push(row));
        ending.members.iter().for_each(|row| self.members.push(row));
        self.remember(&ending.remembered);
    }

    fn remember(&mut self, rest: &Remembered) {
        rest.days.iter().for_each(|row| self.days.push(row));
        rest.lots.iter().for_each(|row| self.lots.push(row));
        let entries = rest.entries.iter();
        entries.for_each(|row| self.point_entries.push(row));
        rest.orders
            .iter()
            .for_each(|row| self.order_points.push(row));
        let changes = rest.changes.iter();
        changes.for_each(|row| self.tier_changes.push(row));
        let treated = &rest.treated;
        treated
            .rewards
            .iter()
            .for_each(|row| self.rewards.push(row));
        let redemptions = treated.redemptions.iter();
        redemptions.for_each(|row| self.reward_redemptions.push(row));
    }

    fn post(&mut self, (transaction, entries): &Posted) {
        self.transactions.push(transaction);
        entries.iter().for_each(|row| self.entries.push(row));
    }

    /// How many orders it holds.
    pub fn orders(&self) -> u64 {
        self.count
    }

    /// Writes everything; rows come after those that they refer to, and entries before the transaction that
    /// seals them.
    pub async fn run(self, connection: &mut T::Connection) -> Result<(), Error> {
        self.orders.run(connection).await?;
        self.lines.run(connection).await?;
        self.timeline.run(connection).await?;
        self.payments.run(connection).await?;
        self.refunds.run(connection).await?;
        self.refund_lines.run(connection).await?;
        self.runs.run(connection).await?;
        self.items.run(connection).await?;
        self.settlements.run(connection).await?;
        self.payouts.run(connection).await?;
        self.payout_records.run(connection).await?;
        self.payout_terms.run(connection).await?;
        self.schedules.run(connection).await?;
        self.entries.run(connection).await?;
        self.transactions.run(connection).await?;
        self.checkpoints.run(connection).await?;
        self.balances.run(connection).await?;
        self.hours.run(connection).await?;
        self.times.run(connection).await?;
        self.health.run(connection).await?;
        self.changes.run(connection).await?;
        self.incidents.run(connection).await?;
        self.coupons.run(connection).await?;
        self.redemptions.run(connection).await?;
        self.counters.run(connection).await?;
        self.members.run(connection).await?;
        self.days.run(connection).await?;
        self.lots.run(connection).await?;
        self.point_entries.run(connection).await?;
        self.order_points.run(connection).await?;
        self.tier_changes.run(connection).await?;
        self.rewards.run(connection).await?;
        self.reward_redemptions.run(connection).await
    }
}

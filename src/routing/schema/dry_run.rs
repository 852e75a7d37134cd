//! Where orders of the past would have gone, as clients see it.

use std::sync::Arc;

use entity::{ChannelId, channel};
use rust_decimal::Decimal;

use crate::channels::schema::Channel;
use crate::graphql::plain::{Lean, plain_object};
use crate::graphql::scalars::{DecimalText, Timestamp};
use crate::money::{Currency, Money};
use crate::routing::model::Sum;
use crate::routing::service::DryRun;

/// A dry run, with the currency of its amounts.
#[derive(Clone, Debug)]
pub struct RoutingDryRun {
    run: DryRun,
    channels: Vec<Arc<channel::Model>>,
    currency: Currency,
}

impl RoutingDryRun {
    /// What a dry run found.
    #[must_use]
    pub fn of(run: DryRun, currency: Currency) -> Self {
        Self {
            channels: run.channels.iter().cloned().map(Arc::new).collect(),
            run,
            currency,
        }
    }

    fn some(&self, sum: Sum) -> RoutingDryRunOrders {
        RoutingDryRunOrders {
            sum,
            all: self.run.replay.all.count,
            currency: self.currency,
        }
    }

    fn channel(&self, id: ChannelId) -> Option<Channel> {
        let row = self.channels.iter().find(|row| row.id == id)?;
        let row = Arc::clone(row);
        Some(Channel { row })
    }

    /// Those of its moves for which something holds, together.
    fn summed(&self, holds: impl Fn(ChannelId, Option<ChannelId>) -> bool) -> RoutingDryRunOrders {
        let mut all = Sum::default();
        for ((from, to), sum) in &self.run.replay.moves {
            if holds(*from, *to) {
                all.count += sum.count;
                all.paid += sum.paid;
                all.amount_minor = all.amount_minor.saturating_add(sum.amount_minor);
            }
        }
        self.some(all)
    }

    fn by_channel(&self) -> Vec<Lean<RoutingDryRunChannel>> {
        let (was, would) = (&self.run.replay.was, &self.run.replay.would);
        let named =
            |row: &&Arc<channel::Model>| was.contains_key(&row.id) || would.contains_key(&row.id);
        let rows = self.channels.iter().filter(named);
        rows.map(|row| {
            let was = was.get(&row.id).copied().unwrap_or_default();
            let would = would.get(&row.id).copied().unwrap_or_default();
            Lean(RoutingDryRunChannel {
                channel: Channel {
                    row: Arc::clone(row),
                },
                was: self.some(was),
                would: self.some(would),
            })
        })
        .collect()
    }

    fn matrix(&self) -> Vec<Lean<RoutingDryRunMove>> {
        let moves = self.run.replay.moves.iter();
        moves
            .filter_map(|((from, to), sum)| {
                Some(Lean(RoutingDryRunMove {
                    from: self.channel(*from)?,
                    to: to.and_then(|to| self.channel(to)),
                    orders: self.some(*sum),
                }))
            })
            .collect()
    }
}

plain_object! {
    /// Where orders of the past would have gone 路由试运行. It looks at the last orders of one method, at most
    /// ninety days old. How channels were is not considered, nor the payers' devices, which are not known any
    /// more; channels' limits are those of now, and a limit for the day counts what these orders paid. What
    /// chance decides is drawn anew, the same in each dry run.
    RoutingDryRun(self) {
        /// The orders that were looked at.
        orders / "orders": Lean<RoutingDryRunOrders> = Lean(self.some(self.run.replay.all));
        /// When the first of them was made; null where there are none.
        since / "since": Option<Timestamp> = self.run.since.map(Timestamp);
        /// When the last of them was made.
        until / "until": Option<Timestamp> = self.run.until.map(Timestamp);
        /// Those that would have gone through another channel than they did.
        moved / "moved": Lean<RoutingDryRunOrders> =
            Lean(self.summed(|from, to| to.is_some_and(|to| to != from)));
        /// Those that no channel would have taken.
        unrouted / "unrouted": Lean<RoutingDryRunOrders> =
            Lean(self.summed(|_, to| to.is_none()));
        /// Each channel that takes part, in the order of the payment page.
        channels / "channels": Vec<Lean<RoutingDryRunChannel>> = self.by_channel();
        /// From which channel to which, also where that is the same.
        moves / "moves": Vec<Lean<RoutingDryRunMove>> = self.matrix();
    }
}

/// Some of the orders of a dry run.
#[derive(Clone, Copy, Debug)]
pub struct RoutingDryRunOrders {
    sum: Sum,
    all: u32,
    currency: Currency,
}

/// A part of a whole, in millionths; none of nothing.
fn share(part: u32, all: u32) -> Option<DecimalText> {
    let (part, all) = (i64::from(part), i64::from(all));
    let ppm = (2 * part * 1_000_000 + all).checked_div(2 * all)?;
    Some(DecimalText(Decimal::new(ppm, 6).normalize()))
}

plain_object! {
    /// Some of the orders of a dry run.
    RoutingDryRunOrders(self) {
        /// How many.
        count / "count": i32 = i32::try_from(self.sum.count).unwrap_or(i32::MAX);
        /// What was to be paid for them.
        amount / "amount": Money = Money::of_minor(self.sum.amount_minor, self.currency);
        /// Their share in all orders that were looked at: 0.25 is a quarter. Null where there are none.
        share / "share": Option<DecimalText> = share(self.sum.count, self.all);
    }
}

/// A channel in a dry run.
#[derive(Clone, Debug)]
pub struct RoutingDryRunChannel {
    channel: Channel,
    was: RoutingDryRunOrders,
    would: RoutingDryRunOrders,
}

plain_object! {
    /// A channel in a dry run.
    RoutingDryRunChannel(self) {
        /// The channel.
        channel / "channel": Lean<Channel> = Lean(self.channel.clone());
        /// The orders that it took.
        was / "was": Lean<RoutingDryRunOrders> = Lean(self.was);
        /// The orders that it would have taken.
        would / "would": Lean<RoutingDryRunOrders> = Lean(self.would);
        /// The share of the orders that it took which were paid 成功率: 0.9 is 90 %. Null where it took none.
        success_rate / "successRate": Option<DecimalText> =
            share(self.was.sum.paid, self.was.sum.count);
    }
}

/// Orders that went through one channel and would have gone through another, or the same.
#[derive(Clone, Debug)]
pub struct RoutingDryRunMove {
    from: Channel,
    to: Option<Channel>,
    orders: RoutingDryRunOrders,
}

plain_object! {
    /// Orders that went through one channel and would have gone through another, or the same.
    RoutingDryRunMove(self) {
        /// The channel that they took.
        from / "from": Lean<Channel> = Lean(self.from.clone());
        /// The channel that they would have taken; null where none would have taken them.
        to / "to": Option<Lean<Channel>> = self.to.clone().map(Lean);
        /// Which.
        orders / "orders": Lean<RoutingDryRunOrders> = Lean(self.orders);
    }
}

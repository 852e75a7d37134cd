//! The hours of a week, as clients see them.

use super::measures::Shown;
use super::row::StatisticsRange;
use crate::graphql::plain::{Lean, plain_object};
use crate::graphql::scalars::Timestamp;
use crate::money::Money;
use crate::routing::schema::enums::Weekday;
use crate::statistics::model::{Cell, Heatmap};

/// An hour of the week.
#[derive(Clone, Copy, Debug)]
pub struct HeatmapCell {
    cell: Cell,
    shown: Shown,
}

plain_object! {
    /// An hour of the week 周×时, over a time.
    HeatmapCell(self) {
        /// The day of the week.
        weekday / "weekday": Weekday = Weekday::of_number(self.cell.weekday);
        /// The hour of the day, from 0 to 23.
        hour / "hour": i32 = i32::try_from(self.cell.hour).unwrap_or_default();
        /// Orders that were made 下单笔数.
        orders / "orders": i64 = self.cell.measures.orders;
        /// Orders that were paid 支付笔数.
        paid_orders / "paidOrders": i64 = self.cell.measures.paid_orders;
        /// What was paid 实付金额.
        paid / "paid": Money = self.shown.money(self.cell.measures.paid_minor());
    }
}

/// When in the week business is done.
#[derive(Clone, Debug)]
pub struct HourlyHeatmap {
    of: Heatmap,
    cells: Vec<HeatmapCell>,
}

impl HourlyHeatmap {
    /// A week as it is shown.
    pub fn of(mut of: Heatmap, shown: Shown) -> Self {
        let cells = std::mem::take(&mut of.cells).into_iter();
        Self {
            of,
            cells: cells.map(|cell| HeatmapCell { cell, shown }).collect(),
        }
    }
}

plain_object! {
    /// When in the week business is done 时段热力图, on the merchant's clock.
    HourlyHeatmap(self) {
        /// Everything that happened before this is in it; null where the statistics are being built for the
        /// first time, and every figure is zero.
        as_of / "asOf": Option<Timestamp> = self.of.as_of.map(Timestamp::from);
        /// The time zone that its hours follow.
        time_zone / "timeZone": String = self.of.zone.name().to_owned();
        /// Of which time: what was asked for, widened to whole hours.
        range / "range": Lean<StatisticsRange> = Lean(StatisticsRange(self.of.range));
        /// All 168 hours of the week, from Monday at midnight on. They sum exactly to the totals of the time.
        cells / "cells": &[HeatmapCell] = &self.cells;
    }
}

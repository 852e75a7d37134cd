//! A day beside the same weekday of weeks before.

use entity::ChannelId;

use super::usual::{Compared, Floor, compared};
use crate::statistics::model::Measures;

/// Over how many weeks the band is drawn, and how many of them say what is usual.
pub const WEEKS: usize = 8;
const RECENT: usize = 4;

/// Pieces and money: a quarter of what is usual is no news, nor are three orders.
const PIECES: Floor = Floor {
    per_mille: 250,
    least: 3,
};
/// A hundred of the currency's minor units ten times.
const MONEY: Floor = Floor {
    per_mille: 250,
    least: 1_000,
};
/// Five points of a hundred, in millionths.
const SHARE: Floor = Floor {
    per_mille: 0,
    least: 50_000,
};
/// All of them, in millionths.
const WHOLE: i64 = 1_000_000;
/// How many orders make a share worth a word.
const LEAST_ORDERS: i64 = 20;

/// The figures of a day, of everything or of a channel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DayFigures {
    /// The day's.
    pub day: Measures,
    /// Those of the same weekday before, the newest first, back to the first order; none where the day is not
    /// over, which nobody can judge by whole ones.
    pub before: Vec<Measures>,
}

/// Each figure beside what is usual.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Figures {
    /// Orders that were made.
    pub orders: Compared,
    /// Orders that were paid.
    pub paid_orders: Compared,
    /// What was paid, in minor units.
    pub paid: Compared,
    /// What was given back, in minor units.
    pub refunded: Compared,
    /// What a paid order came to, in minor units.
    pub average: Compared,
    /// The share of orders that were paid, in millionths.
    pub success: Compared,
}

/// A channel's day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelBrief {
    /// The channel.
    pub channel_id: ChannelId,
    /// Its figures.
    pub figures: Figures,
}

/// A day in figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brief {
    /// Of everything.
    pub figures: Figures,
    /// Of each channel that was used, the one with most first.
    pub channels: Vec<ChannelBrief>,
}

/// Sets a day beside those before.
#[must_use]
pub fn brief(all: &DayFigures, channels: Vec<(ChannelId, DayFigures)>) -> Brief {
    let mut channels: Vec<ChannelBrief> = channels
        .into_iter()
        .filter(|(_, of)| of.day.orders > 0 || of.before.iter().any(|day| day.orders > 0))
        .map(|(channel_id, of)| ChannelBrief {
            channel_id,
            figures: figures(&of),
        })
        .collect();
    channels.sort_by_key(|it| (std::cmp::Reverse(it.figures.paid.value), it.channel_id));
    Brief {
        figures: figures(all),
        channels,
    }
}

fn figures(of: &DayFigures) -> Figures {
    let whole = |figure: fn(&Measures) -> i64, floor| {
        let before: Vec<i64> = of.before.iter().map(figure).collect();
        compared(Some(figure(&of.day)), &before, RECENT, floor)
    };
    // A day without a quotient is no day to compare with.
    let part = |figure: &dyn Fn(&Measures) -> Option<i64>, floor| {
        let before: Vec<i64> = of.before.iter().filter_map(figure).collect();
        compared(figure(&of.day), &before, RECENT, floor)
    };
    let success = |of: &Measures| of.success_ppm().filter(|_| of.orders >= LEAST_ORDERS);
    let mut told = Figures {
        orders: whole(|of| of.orders, PIECES),
        paid_orders: whole(|of| of.paid_orders, PIECES),
        paid: whole(Measures::paid_minor, MONEY),
        // What a bank returned is no reason for praise: below zero is none.
        refunded: whole(|of| of.refunded_minor.max(0), MONEY),
        average: part(&Measures::average_minor, MONEY),
        success: part(&success, SHARE),
    };
    // Of few orders the share is shown, though nobody judges it.
    told.success.value = of.day.success_ppm();
    told.refunded.value = Some(of.day.refunded_minor);
    // More than all is not usual.
    told.success.band = told.success.band.map(|(low, high)| (low, high.min(WHOLE)));
    told
}

#[cfg(test)]
mod tests {
    use super::super::usual::Verdict;
    use super::*;

    fn day(orders: i64, converted: i64, paid_minor: i64) -> Measures {
        Measures {
            orders,
            converted,
            paid_orders: converted,
            gross_minor: paid_minor,
            ..Measures::default()
        }
    }

    #[test]
    fn a_day_on_which_nobody_could_pay_is_told_by_its_share_and_its_sum() {
        let of = DayFigures {
            day: day(100, 30, 30_000),
            before: vec![day(100, 90, 90_000); WEEKS],
        };
        let told = brief(
            &of,
            vec![
                (ChannelId(1), of.clone()),
                (ChannelId(2), DayFigures::default()),
            ],
        );
        assert_eq!(told.figures.orders.verdict, Verdict::Usual);
        assert_eq!(told.figures.success.verdict, Verdict::UnusuallyLow);
        assert_eq!(told.figures.paid.verdict, Verdict::UnusuallyLow);
        assert_eq!(told.figures.average.verdict, Verdict::Usual);
        assert_eq!(told.channels.len(), 1, "an unused channel is not told of");
        let before = [100, 99, 98, 97, 96, 95, 94, 93].map(|paid| day(100, paid, 90_000));
        let of = DayFigures {
            before: before.to_vec(),
            ..of
        };
        let band = brief(&of, Vec::new()).figures.success.band;
        assert_eq!(
            band.map(|(_, high)| high),
            Some(WHOLE),
            "nobody pays more often than always"
        );
    }

    #[test]
    fn a_day_on_which_a_bank_returned_a_refund_is_as_usual() {
        let refunded = |minor| Measures {
            refunded_minor: minor,
            ..day(100, 90, 90_000)
        };
        let of = DayFigures {
            day: refunded(-50_000),
            before: vec![refunded(0); WEEKS],
        };
        let told = brief(&of, Vec::new()).figures.refunded;
        assert_eq!((told.value, told.verdict), (Some(-50_000), Verdict::Usual));
    }

    #[test]
    fn a_share_of_few_orders_is_shown_and_not_judged() {
        let of = DayFigures {
            day: day(3, 0, 0),
            before: vec![day(4, 4, 4_000); WEEKS],
        };
        let told = brief(&of, Vec::new()).figures.success;
        assert_eq!(
            (told.value, told.verdict),
            (Some(0), Verdict::NotEnoughData)
        );
    }
}

//! Which figure a picture shows, and how it is called.

use crate::locale::Locale;

/// A figure of the statistics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "see `Measures` in the schema")]
pub enum Measure {
    Orders,
    Converted,
    PaidOrders,
    Gross,
    Discounts,
    #[default]
    Paid,
    Refunds,
    Refunded,
    Fees,
    Net,
    AverageOrderValue,
    SuccessRate,
    AveragePaySeconds,
}

/// What a figure is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// By the piece.
    Pieces,
    /// Money.
    Money,
    /// A share, of one.
    Share,
    /// Seconds.
    Seconds,
}

impl Measure {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::Orders,
        Self::Converted,
        Self::PaidOrders,
        Self::Gross,
        Self::Discounts,
        Self::Paid,
        Self::Refunds,
        Self::Refunded,
        Self::Fees,
        Self::Net,
        Self::AverageOrderValue,
        Self::SuccessRate,
        Self::AveragePaySeconds,
    ];

    /// The field of the schema's `Measures` that holds it.
    #[must_use]
    pub const fn field(self) -> &'static str {
        match self {
            Self::Orders => "orders",
            Self::Converted => "converted",
            Self::PaidOrders => "paidOrders",
            Self::Gross => "gross",
            Self::Discounts => "discounts",
            Self::Paid => "paid",
            Self::Refunds => "refunds",
            Self::Refunded => "refunded",
            Self::Fees => "fees",
            Self::Net => "net",
            Self::AverageOrderValue => "averageOrderValue",
            Self::SuccessRate => "successRate",
            Self::AveragePaySeconds => "averagePaySeconds",
        }
    }

    /// The value of the schema's `StatisticsMeasure` that means it: `PAID_ORDERS`.
    #[must_use]
    pub fn value(self) -> String {
        let mut value = String::new();
        for letter in self.field().chars() {
            if letter.is_ascii_uppercase() {
                value.push('_');
            }
            value.push(letter.to_ascii_uppercase());
        }
        value
    }

    /// The figure of a name, written as the field or as the enum's value.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|measure| measure.field() == name || measure.value() == name)
    }

    /// What it is counted in.
    #[must_use]
    pub const fn counted(self) -> Counted {
        match self {
            Self::Orders | Self::Converted | Self::PaidOrders | Self::Refunds => Counted::Pieces,
            Self::Gross
            | Self::Discounts
            | Self::Paid
            | Self::Refunded
            | Self::Fees
            | Self::Net
            | Self::AverageOrderValue => Counted::Money,
            Self::SuccessRate => Counted::Share,
            Self::AveragePaySeconds => Counted::Seconds,
        }
    }

    /// Whether its parts add up to the whole.
    #[must_use]
    pub const fn adds_up(self) -> bool {
        !matches!(
            self,
            Self::AverageOrderValue | Self::SuccessRate | Self::AveragePaySeconds
        )
    }

    /// Whether it tells what payments cost, which not everybody may see.
    #[must_use]
    pub const fn tells_fees(self) -> bool {
        matches!(self, Self::Fees | Self::Net)
    }

    /// Its name, for people.
    #[must_use]
    pub const fn title(self, locale: Locale) -> &'static str {
        let (en, zh) = match self {
            Self::Orders => ("Orders", "下单数"),
            Self::Converted => ("Orders that were paid", "支付成功的订单"),
            Self::PaidOrders => ("Paid orders", "支付订单数"),
            Self::Gross => ("Gross sales", "订单金额"),
            Self::Discounts => ("Discounts", "优惠金额"),
            Self::Paid => ("Paid", "实付金额"),
            Self::Refunds => ("Refunds", "退款笔数"),
            Self::Refunded => ("Refunded", "退款金额"),
            Self::Fees => ("Fees", "手续费"),
            Self::Net => ("Net", "净收入"),
            Self::AverageOrderValue => ("Average order value", "客单价"),
            Self::SuccessRate => ("Success rate", "支付成功率"),
            Self::AveragePaySeconds => ("Time to pay", "平均支付时长"),
        };
        match locale {
            Locale::En => en,
            Locale::ZhCn => zh,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_found_by_either_of_its_names() {
        for measure in Measure::ALL {
            assert_eq!(Measure::of_name(measure.field()), Some(measure));
            assert_eq!(Measure::of_name(&measure.value()), Some(measure));
        }
        assert_eq!(
            Measure::of_name("AVERAGE_ORDER_VALUE"),
            Some(Measure::AverageOrderValue)
        );
        assert_eq!(Measure::of_name("profit"), None);
    }
}

//! The hours of a week.

use charts_rs::{Color, HeatmapChart, Result};
use rust_decimal::Decimal;

use super::frame;
use super::straight::drawn;
use crate::charts::model::picture::Picture;
use crate::charts::model::scale::Scale;
use crate::locale::Locale;

const DAYS_EN: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const DAYS_ZH: [&str; 7] = ["周一", "周二", "周三", "周四", "周五", "周六", "周日"];

/// The hours of a week, Monday above, midnight on the left.
pub fn week(picture: &Picture, values: &[Decimal], theme: &str) -> Result<String> {
    let scale = Scale::of(picture.unit, picture.plot.reach(), picture.look.locale);
    let days = match picture.look.locale {
        Locale::En => DAYS_EN,
        Locale::ZhCn => DAYS_ZH,
    };
    let cells = values.iter().enumerate().filter_map(|(place, value)| {
        // Rows are counted from below.
        let cell = (6 - place / 24) * 24 + place % 24;
        Some((cell, drawn(*value, &scale)?))
    });
    let hours = (0..24).map(|hour| hour.to_string());
    let days = days.iter().rev().map(|day| (*day).to_owned());
    let mut chart =
        HeatmapChart::new_with_theme(cells.collect(), hours.collect(), days.collect(), theme);
    frame(&mut chart.base, picture);
    let colors: [&str; 5] = if picture.look.is_dark {
        ["#1f2937", "#1e3a5f", "#1d4ed8", "#3b82f6", "#bfdbfe"]
    } else {
        ["#f3f4f6", "#dbeafe", "#93c5fd", "#3b82f6", "#1e40af"]
    };
    chart.heatmap_series.min_font_color = "#111827".into();
    chart.heatmap_series.max_font_color = "#f9fafb".into();
    chart.heatmap_series.colors = colors.map(Color::from).to_vec();
    if picture.plot.is_empty() {
        chart.heatmap_series.max = 1.0;
    }
    // A figure in each cell is read only where it is short.
    chart.series.label.formatter = if picture.look.width >= 700 {
        "{c}"
    } else {
        " "
    }
    .to_owned();
    chart.legend.show = Some(false);
    chart.svg()
}

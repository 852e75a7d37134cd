//! A ring of shares.

use charts_rs::{PieChart, Position, Result, Series};
use rust_decimal::Decimal;

use super::frame;
use super::straight::drawn;
use crate::charts::model::picture::Picture;
use crate::charts::model::scale::{Scale, percent, written};

/// A ring, and beside it each slice's name with its figure and its share. What is below zero has no slice.
pub fn ring(picture: &Picture, slices: &[(String, Decimal)], theme: &str) -> Result<String> {
    let locale = picture.look.locale;
    let (width, height) = (picture.look.width, picture.look.height);
    let scale = Scale::of(picture.unit, picture.plot.reach(), locale);
    let sum: Decimal = slices.iter().map(|(_, value)| *value).sum();
    let series = slices.iter().map(|(name, value)| {
        // Of what is not above zero nothing is a share.
        let share = value.checked_div(sum).filter(|_| sum > Decimal::ZERO);
        let share = share.map(percent);
        let figure = written(*value, picture.unit, locale);
        let name = format!("{name}  {figure}  {}", share.unwrap_or_default());
        let slice = drawn((*value).max(Decimal::ZERO), &scale);
        Series::new_nullable(name.trim_end().to_owned(), vec![slice])
    });
    let mut chart = PieChart::new_with_theme(series.collect(), theme);
    frame(&mut chart.base, picture);
    chart.rose_type = Some(false);
    chart.series.label.formatter = "{d}".to_owned();
    // What is thinner is read beside the ring, and everything where there is no room around it.
    chart.min_show_label_angle = if width < 700 { 361.0 } else { 14.0 };
    chart.legend.show = Some(true);
    chart.legend.position = Some(Position::Right);
    chart.legend.margin = None;
    let room = if width < 700 {
        (width - 300) / 3
    } else {
        width / 4
    };
    let radius = (height * 3 / 10).min(room).max(30);
    chart.radius = f32::from(radius);
    chart.inner_radius = f32::from(radius * 3 / 5);
    chart.border_radius = Some(0.0);
    chart.svg()
}

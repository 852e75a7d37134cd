//! Lines, columns and bars.

use charts_rs::{
    BarChart, HorizontalBarChart, LineChart, Position, Result, Series, Symbol, YAxisConfig,
};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::frame;
use crate::charts::model::picture::{Picture, Strand};
use crate::charts::model::scale::{Scale, written};

/// Lines over time.
pub fn lines(
    picture: &Picture,
    labels: &[String],
    strands: &[Strand],
    theme: &str,
) -> Result<String> {
    let scale = scale_of(picture);
    let mut series: Vec<Series> = strands
        .iter()
        .map(|strand| Series {
            // A line needs two points: one that stands alone has a mark.
            symbol: strand.has_lone_value().then_some(Symbol::Circle(3.0, None)),
            ..series_of(strand, &scale)
        })
        .collect();
    if let [only] = series.as_mut_slice() {
        only.fill = Some(true);
    }
    let mut chart = LineChart::new_with_theme(series, labels.to_vec(), theme);
    frame(&mut chart.base, picture);
    chart.legend.show = Some(strands.len() > 1);
    chart.series.fill_opacity = Some(0.12);
    axis(&mut chart.y_axis_configs, &scale, picture);
    chart.svg()
}

/// Columns over time; several for one time stand on each other, and what they are compared with beside them.
pub fn columns(
    picture: &Picture,
    labels: &[String],
    strands: &[Strand],
    theme: &str,
) -> Result<String> {
    let scale = scale_of(picture);
    let now = strands.iter().filter(|strand| !strand.is_before).count();
    let series = strands.iter().map(|strand| Series {
        stack: (now > 1 && !strand.is_before).then(|| "now".to_owned()),
        ..series_of(strand, &scale)
    });
    let mut chart = BarChart::new_with_theme(series.collect(), labels.to_vec(), theme);
    frame(&mut chart.base, picture);
    chart.legend.show = Some(strands.len() > 1);
    chart.radius = (now == 1).then_some(2.0);
    axis(&mut chart.y_axis_configs, &scale, picture);
    chart.svg()
}

/// Bars from the left, the first above. The figures stand with the labels, to the last digit.
pub fn bars(
    picture: &Picture,
    labels: &[String],
    strands: &[Strand],
    theme: &str,
) -> Result<String> {
    let scale = scale_of(picture);
    // Rows are counted from below.
    let series = strands.iter().map(|strand| {
        let mut series = series_of(strand, &scale);
        series.data.reverse();
        series
    });
    let labelled = labels.iter().enumerate().rev().map(|(place, label)| {
        let value = strands
            .first()
            .and_then(|strand| strand.values.get(place).copied()?);
        match value {
            Some(value) => {
                format!(
                    "{label}  {}",
                    written(value, picture.unit, picture.look.locale)
                )
            }
            None => label.clone(),
        }
    });
    let mut chart = HorizontalBarChart::new_with_theme(series.collect(), labelled.collect(), theme);
    frame(&mut chart.base, picture);
    chart.legend.show = Some(strands.len() > 1);
    chart.series_label_position = Some(Position::Right);
    chart.margin.right = 36.0;
    axis(&mut chart.y_axis_configs, &scale, picture);
    chart.svg()
}

fn scale_of(picture: &Picture) -> Scale {
    Scale::of(picture.unit, picture.plot.reach(), picture.look.locale)
}

fn series_of(strand: &Strand, scale: &Scale) -> Series {
    let values = strand
        .values
        .iter()
        .map(|value| value.and_then(|value| drawn(value, scale)));
    let mut series = Series::new_nullable(strand.name.clone(), values.collect());
    if strand.is_before {
        series.stroke_dash_array = Some("5,4".to_owned());
        // Grey: it is the background of what is asked for.
        series.index = Some(8);
    }
    series
}

/// A value as the chart draws it: a place on the paper, no longer a figure.
pub fn drawn(value: Decimal, scale: &Scale) -> Option<f32> {
    value.checked_div(scale.divisor)?.to_f32()
}

fn axis(configs: &mut [YAxisConfig], scale: &Scale, picture: &Picture) {
    let is_below = |value: &Decimal| value.is_sign_negative() && !value.is_zero();
    let is_negative = picture.plot.values().iter().any(is_below);
    let (end, count) = scale.steps(picture.plot.reach(), picture.unit);
    for config in configs {
        config.formatter = Some(scale.formatter());
        if !is_negative {
            config.min = Some(0.0);
            config.max = end.to_f32();
            config.split_number = count;
        }
    }
}

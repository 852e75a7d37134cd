//! Draws a picture as SVG.

mod round;
mod straight;
mod theme;
mod week;

use charts_rs::{ChartBase, TextConfig};

use self::theme::theme;
use super::picture::{Picture, Plot};
use crate::locale::Locale;

/// Why a picture could not be drawn: a fault of ours.
#[derive(Debug, thiserror::Error)]
#[error("a picture could not be drawn: {0}")]
pub struct Undrawn(String);

impl From<charts_rs::Error> for Undrawn {
    fn from(error: charts_rs::Error) -> Self {
        Self(error.to_string())
    }
}

/// Draws a picture as SVG: a text that nothing else belongs to.
pub fn draw(picture: &Picture) -> Result<String, Undrawn> {
    let theme = theme(picture.look.is_dark)?;
    let svg = match &picture.plot {
        Plot::Lines(labels, strands) => straight::lines(picture, labels, strands, theme)?,
        Plot::Columns(labels, strands) => straight::columns(picture, labels, strands, theme)?,
        Plot::Bars(labels, strands) => straight::bars(picture, labels, strands, theme)?,
        Plot::Ring(slices) => round::ring(picture, slices, theme)?,
        Plot::Week(values) => week::week(picture, values, theme)?,
    };
    Ok(named(&svg, picture))
}

/// Size, title and note; and that there is nothing, where there is nothing.
fn frame(base: &mut ChartBase, picture: &Picture) {
    base.width = f32::from(picture.look.width);
    base.height = f32::from(picture.look.height);
    base.title.text.clone_from(&picture.title);
    base.sub_title.text.clone_from(&picture.note);
    if picture.plot.is_empty() {
        let text = match picture.look.locale {
            Locale::En => "Nothing in this time",
            Locale::ZhCn => "所选时间内没有数据",
        };
        let mut font = base.sub_title.font.clone();
        font.size = 18.0;
        base.texts.push(TextConfig {
            text: text.to_owned(),
            font,
            ..TextConfig::default()
        });
    }
}

/// Says in words what a picture shows, for who cannot see it.
fn named(svg: &str, picture: &Picture) -> String {
    let words = format!("{}. {}", picture.title, picture.note);
    let words = words
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;");
    svg.replacen(
        "<svg ",
        &format!("<svg role=\"img\" aria-label=\"{words}\" "),
        1,
    )
}

//! The two looks, light and dark, and what a text is wide.

use std::sync::LazyLock;

use charts_rs::{
    Align, Box, Color, LegendCategory, Symbol, Theme, add_fonts, add_theme, get_theme,
};

use super::Undrawn;

/// The fonts that a text is shown in, on whichever machine it is looked at; all but the first two show Chinese.
/// It is also the name of the font that it is measured by.
pub const FONTS: &str = "Helvetica Neue, Arial, PingFang SC, Hiragino Sans GB, Microsoft YaHei, Noto Sans CJK SC, \
                         Noto Sans SC, Source Han Sans SC, WenQuanYi Micro Hei, sans-serif";

/// What letters are wide, and that everything else is as wide as a Chinese character; nobody sees it. See
/// `assets/charts/README.md`.
const MEASURE: &[u8] = include_bytes!("../../../../assets/charts/measure.ttf");

const COLORS: [&str; 9] = [
    "#3b82f6", "#10b981", "#f59e0b", "#ef4444", "#8b5cf6", "#06b6d4", "#ec4899", "#84cc16",
    "#94a3b8",
];

const LIGHT: &str = "yigate-light";
const DARK: &str = "yigate-dark";

static LOOKS: LazyLock<Result<(), String>> = LazyLock::new(|| {
    add_fonts(&[MEASURE]).map_err(|error| error.to_string())?;
    add_theme(
        LIGHT,
        look("light", "#ffffff", "#111827", "#6b7280", "#e5e7eb"),
    );
    add_theme(
        DARK,
        look("dark", "#111827", "#f3f4f6", "#9ca3af", "#374151"),
    );
    Ok(())
});

/// The name of a look.
pub fn theme(is_dark: bool) -> Result<&'static str, Undrawn> {
    LOOKS.as_ref().map_err(|error| Undrawn(error.clone()))?;
    Ok(if is_dark { DARK } else { LIGHT })
}

fn look(of: &str, paper: &str, ink: &str, faint: &str, rule: &str) -> Theme {
    let mut theme = Theme::clone(&get_theme(of));
    let (ink, faint, rule): (Color, Color, Color) = (ink.into(), faint.into(), rule.into());
    theme.font_family = FONTS.to_owned();
    theme.background_color = paper.into();
    theme.margin = 16.0.into();
    theme.title.align = Align::Left;
    theme.title.font.color = ink;
    theme.title.font.size = 17.0;
    theme.sub_title.align = Align::Left;
    theme.sub_title.font.color = faint;
    theme.sub_title.font.size = 12.0;
    theme.legend.font.color = ink;
    theme.legend.font.size = 12.0;
    theme.legend.align = Align::Left;
    theme.legend.category = LegendCategory::RoundRect;
    theme.legend.margin = Some(Box {
        top: 54.0,
        bottom: 12.0,
        ..Box::default()
    });
    theme.x_axis.font.color = faint;
    theme.x_axis.font.size = 12.0;
    theme.x_axis.stroke_color = rule;
    theme.y_axis.font.color = faint;
    theme.y_axis.font.size = 12.0;
    theme.grid.stroke_color = rule;
    theme.series.colors = COLORS.map(Color::from).to_vec();
    theme.series.label.font.color = ink;
    theme.series.label.font.size = 12.0;
    theme.series.stroke_width = 2.0;
    theme.series.symbol = Some(Symbol::None);
    theme
}

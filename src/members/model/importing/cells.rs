//! What stands in the cells of a file of members, however people write it.

use chrono::NaiveDate;

use crate::error::Problem;
use crate::locale::Locale;
use crate::members::model::Birthday;

/// The numbers of a date, in whatever signs stand between them.
fn numbers(cell: &str) -> Option<Vec<u32>> {
    let cell = cell.trim_start_matches('-').trim_end_matches('日');
    if cell.len() == 8 && cell.bytes().all(|digit| digit.is_ascii_digit()) {
        let parts = [cell.get(..4)?, cell.get(4..6)?, cell.get(6..)?];
        return parts.into_iter().map(|part| part.parse().ok()).collect();
    }
    let parts = cell.split(['-', '/', '.', '年', '月']);
    parts.map(|part| part.trim().parse().ok()).collect()
}

/// A birthday: with a year, or a month and a day alone.
pub(super) fn read_birthday(cell: &str) -> Result<Birthday, Problem> {
    match numbers(cell).as_deref() {
        Some([year, month, day]) => Ok(Birthday {
            month: *month,
            day: *day,
            year: i32::try_from(*year).ok(),
        }),
        Some([month, day]) => Ok(Birthday {
            month: *month,
            day: *day,
            year: None,
        }),
        _ => Err(Problem::new(
            "must be a date such as 1990-02-28, or 02-28 where the year is not known.",
            "须为日期，如 1990-02-28；不知年份时写 02-28。",
        )),
    }
}

/// A day.
pub(super) fn read_day(cell: &str) -> Result<NaiveDate, Problem> {
    let day = match numbers(cell).as_deref() {
        Some([year, month, day]) => i32::try_from(*year)
            .ok()
            .and_then(|year| NaiveDate::from_ymd_opt(year, *month, *day)),
        _ => None,
    };
    day.ok_or_else(|| {
        Problem::new(
            "must be a date such as 2024-05-01.",
            "须为日期，如 2024-05-01。",
        )
    })
}

/// Yes or no.
pub(super) fn read_consent(cell: &str) -> Result<bool, Problem> {
    match cell.to_lowercase().as_str() {
        "true" | "yes" | "y" | "1" | "是" | "同意" => Ok(true),
        "false" | "no" | "n" | "0" | "否" | "不同意" => Ok(false),
        _ => Err(Problem::new("must be yes or no.", "须为是或否。")),
    }
}

/// A language.
pub(super) fn read_locale(cell: &str) -> Result<Locale, Problem> {
    match cell.to_lowercase().replace('_', "-").as_str() {
        "zh" | "zh-cn" | "zh-hans" | "中文" | "简体中文" => Ok(Locale::ZhCn),
        "en" | "en-us" | "en-gb" | "英文" | "english" => Ok(Locale::En),
        _ => Err(Problem::new("must be zh-CN or en.", "须为 zh-CN 或 en。")),
    }
}

/// Tags, divided by semicolons or bars.
pub(super) fn read_tags(cell: &str) -> Vec<String> {
    let tags = cell.split([';', '；', '|', '、']).map(str::trim);
    tags.filter(|tag| !tag.is_empty())
        .map(str::to_owned)
        .collect()
}

//! What is to be written, and whether it can be meant.

use entity::SegmentId;
use entity::message::Model;

use super::quiet::Quiet;
use super::template::Wording;
use crate::invalid::{Invalid, check_name};

/// The longest name, in characters.
const LONGEST_NAME: usize = 60;
/// The longest title, placeholders and all.
const LONGEST_TITLE: usize = 100;
/// The longest text.
const LONGEST_BODY: usize = 2_000;
/// Within how many days somebody who comes back may count as having come for it.
pub const EFFECT_DAYS: std::ops::RangeInclusive<i32> = 1..=90;

/// Titles and texts in both languages, with placeholders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Texts {
    /// The title in Chinese.
    pub title: String,
    /// The text in Chinese.
    pub body: String,
    /// The title in English.
    pub title_en: Option<String>,
    /// The text in English.
    pub body_en: Option<String>,
}

impl Texts {
    /// The texts of a message.
    #[must_use]
    pub fn of(row: &Model) -> Self {
        Self {
            title: row.title.clone(),
            body: row.body.clone(),
            title_en: row.title_en.clone(),
            body_en: row.body_en.clone(),
        }
    }

    /// Checks and understands them: Chinese there must be, English in full or not at all.
    pub fn read(&self) -> Result<Wording, Invalid> {
        check_text("title", &self.title, LONGEST_TITLE, false)?;
        check_text("body", &self.body, LONGEST_BODY, true)?;
        match (&self.title_en, &self.body_en) {
            (Some(title), Some(body)) => {
                check_text("titleEn", title, LONGEST_TITLE, false)?;
                check_text("bodyEn", body, LONGEST_BODY, true)?;
            }
            (None, None) => {}
            (title, _) => {
                let field = if title.is_none() { "titleEn" } else { "bodyEn" };
                return Err(Invalid::new(
                    field,
                    "is missing: English has a title and a text, or neither.",
                    "缺失：英文标题与正文须同时填写或同时留空。",
                ));
            }
        }
        Wording::read(self)
    }
}

/// Whether a text is there, not too long, and without control characters; a text of several lines has line ends.
fn check_text(field: &str, text: &str, longest: usize, lines: bool) -> Result<(), Invalid> {
    let is_letter = |letter: char| !letter.is_control() || (lines && letter == '\n');
    let is_fine =
        !text.trim().is_empty() && text.chars().count() <= longest && text.chars().all(is_letter);
    if is_fine {
        return Ok(());
    }
    Err(Invalid::new(
        field,
        format!("is text of 1 to {longest} characters."),
        format!("须为 1 至 {longest} 个字符的文本。"),
    ))
}

/// A message that is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageDraft {
    /// What the merchant calls it.
    pub name: String,
    /// To whom.
    pub segment_id: SegmentId,
    /// What is written.
    pub texts: Texts,
    /// When nobody is written to.
    pub quiet: Option<Quiet>,
    /// Within how many days who comes back counts.
    pub effect_days: i32,
}

impl MessageDraft {
    /// What a message is now.
    #[must_use]
    pub fn of(row: &Model) -> Self {
        Self {
            name: row.name.clone(),
            segment_id: row.segment_id,
            texts: Texts::of(row),
            quiet: Quiet::of(row),
            effect_days: row.effect_days,
        }
    }

    /// Checks it; what cannot be meant is named. Whether there is such a segment is the service's to say.
    pub fn check(&self) -> Result<(), Invalid> {
        check_name("name", &self.name, LONGEST_NAME)?;
        self.texts.read()?;
        if EFFECT_DAYS.contains(&self.effect_days) {
            return Ok(());
        }
        let (least, most) = (EFFECT_DAYS.start(), EFFECT_DAYS.end());
        Err(Invalid::new(
            "effectDays",
            format!("is from {least} to {most}."),
            format!("须为 {least} 至 {most}。"),
        ))
    }

    /// A row that says so, otherwise the same.
    #[must_use]
    pub fn written(&self, row: &Model) -> Model {
        let trimmed = |text: &str| text.trim().to_owned();
        Model {
            name: trimmed(&self.name),
            segment_id: self.segment_id,
            title: trimmed(&self.texts.title),
            body: trimmed(&self.texts.body),
            title_en: self.texts.title_en.as_deref().map(trimmed),
            body_en: self.texts.body_en.as_deref().map(trimmed),
            quiet_from: self.quiet.map(|quiet| quiet.from),
            quiet_to: self.quiet.map(|quiet| quiet.until),
            effect_days: self.effect_days,
            ..row.clone()
        }
    }
}

/// What is to be changed of a message; what is missing stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MessageChange {
    /// What the merchant calls it.
    pub name: Option<String>,
    /// To whom.
    pub segment_id: Option<SegmentId>,
    /// The title in Chinese.
    pub title: Option<String>,
    /// The text in Chinese.
    pub body: Option<String>,
    /// The title in English; none for no English.
    pub title_en: Option<Option<String>>,
    /// The text in English.
    pub body_en: Option<Option<String>>,
    /// When nobody is written to; none for no quiet hours.
    pub quiet: Option<Option<Quiet>>,
    /// Within how many days who comes back counts.
    pub effect_days: Option<i32>,
}

impl MessageChange {
    /// What a message is to be, checked.
    pub fn applied(&self, row: &Model) -> Result<MessageDraft, Invalid> {
        let now = MessageDraft::of(row);
        let draft = MessageDraft {
            name: self.name.clone().unwrap_or(now.name),
            segment_id: self.segment_id.unwrap_or(now.segment_id),
            texts: Texts {
                title: self.title.clone().unwrap_or(now.texts.title),
                body: self.body.clone().unwrap_or(now.texts.body),
                title_en: self.title_en.clone().unwrap_or(now.texts.title_en),
                body_en: self.body_en.clone().unwrap_or(now.texts.body_en),
            },
            quiet: self.quiet.unwrap_or(now.quiet),
            effect_days: self.effect_days.unwrap_or(now.effect_days),
        };
        draft.check()?;
        Ok(draft)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts() -> Texts {
        Texts {
            title: "好久不见".to_owned(),
            body: "{name}，回来看看\n新品".to_owned(),
            title_en: None,
            body_en: None,
        }
    }

    fn told(texts: &Texts) -> String {
        texts.read().expect_err("a refusal").field
    }

    #[test]
    fn chinese_there_must_be_and_english_in_full_or_not_at_all() {
        assert!(texts().read().is_ok());
        let english = |title: Option<&str>, body: Option<&str>| Texts {
            title_en: title.map(str::to_owned),
            body_en: body.map(str::to_owned),
            ..texts()
        };
        assert!(english(Some("Hi"), Some("{name}")).read().is_ok());
        assert_eq!(told(&english(Some("Hi"), None)), "bodyEn");
        assert_eq!(told(&english(None, Some("Hi"))), "titleEn");
        assert_eq!(told(&english(Some("Hi"), Some("{who}"))), "bodyEn");
        let with = |title: &str, body: &str| Texts {
            title: title.to_owned(),
            body: body.to_owned(),
            ..texts()
        };
        assert_eq!(told(&with(" ", "x")), "title");
        assert_eq!(told(&with("a\nb", "x")), "title");
        assert_eq!(told(&with("a", "")), "body");
        assert_eq!(told(&with("a", &"字".repeat(2_001))), "body");
        assert_eq!(told(&with("{x}", "a")), "title");
    }
}

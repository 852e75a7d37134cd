//! `Invalid`: a field of an input that cannot be meant, by its path, and what is wrong with it in both languages.

use crate::error::{Error, Problem};
use crate::locale::Locale;

/// A field of an input that cannot be meant. Slices' refusals carry it as their `Invalid`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    /// Which, by its path in the input.
    pub field: String,
    /// What is wrong with it, and what would be right.
    pub problem: Problem,
}

impl Invalid {
    /// A field that cannot be meant; the sentences begin with its name.
    #[must_use]
    pub fn new(field: impl Into<String>, en: impl AsRef<str>, zh: impl AsRef<str>) -> Self {
        let field = field.into();
        let problem = Problem::new(
            format!("`{field}` {}", en.as_ref()),
            format!("`{field}` {}", zh.as_ref()),
        );
        Self { field, problem }
    }

    /// As [`Self::new`], where what is wrong has been put into words.
    #[must_use]
    pub fn because(field: impl Into<String>, problem: &Problem) -> Self {
        Self::new(field, &problem.en, &problem.zh)
    }
}

/// What cannot be read is the merchant's to mend, too.
impl From<Error> for Invalid {
    fn from(error: Error) -> Self {
        match error {
            Error::BadInput { field, problem } => Self::because(field, &problem),
            other => Self {
                field: String::new(),
                problem: Problem::new(other.message(Locale::En), other.message(Locale::ZhCn)),
            },
        }
    }
}

/// Whether a text can be a name: not blank, no control characters, so long at the most.
pub fn check_name(field: &str, text: &str, longest: usize) -> Result<(), Invalid> {
    check(field, text, longest, |letter| !letter.is_control())
}

/// As [`check_name`], of a text that may have several lines.
pub fn check_text(field: &str, text: &str, longest: usize) -> Result<(), Invalid> {
    check(field, text, longest, |letter| {
        !letter.is_control() || letter == '\n'
    })
}

fn check(
    field: &str,
    text: &str,
    longest: usize,
    is_letter: impl Fn(char) -> bool,
) -> Result<(), Invalid> {
    let is_fine =
        !text.trim().is_empty() && text.chars().count() <= longest && text.chars().all(is_letter);
    if is_fine {
        return Ok(());
    }
    Err(Invalid::new(
        field,
        format!("is 1 to {longest} characters of text."),
        format!("须为 1 至 {longest} 个字符。"),
    ))
}

//! What names a member, and what is changed of it.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::birthday::Birthday;
use super::contact::{clean_email, clean_phone};
use super::hiding::hidden;
use super::number::check_new_member_no;
use super::tags::clean_tags;
use crate::error::Problem;
use crate::invalid::Invalid;
use crate::locale::Locale;

/// Characters of a name.
const LONGEST_NAME: usize = 80;
/// Characters of a remark.
const LONGEST_REMARK: usize = 500;

/// What names a member: it is sealed where it is kept, and each part is as the checks leave it.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// The name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The telephone number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// The e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The year of birth; month and day stand in the member's row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birth_year: Option<i32>,
    /// What the shop has noted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remark: Option<String>,
}

hidden!(Profile, MemberDraft, MemberChange);

impl Profile {
    /// Whether it says nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A name as it is kept; none where nothing is left of it.
pub fn clean_name(text: &str) -> Result<Option<String>, Problem> {
    clean_text(text, LONGEST_NAME, char::is_control)
}

/// A remark as it is kept; none where nothing is left of it.
pub fn clean_remark(text: &str) -> Result<Option<String>, Problem> {
    clean_text(text, LONGEST_REMARK, |letter| {
        letter.is_control() && letter != '\n'
    })
}

fn clean_text(
    text: &str,
    longest: usize,
    is_wrong: impl Fn(char) -> bool,
) -> Result<Option<String>, Problem> {
    let text = text.trim();
    if text.chars().count() > longest || text.chars().any(is_wrong) {
        return Err(Problem::new(
            format!("must be at most {longest} characters, without control characters"),
            format!("最多 {longest} 个字符，且不含控制字符。"),
        ));
    }
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

/// Who a member is: all that is set of them by hand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Who {
    /// What names them.
    pub profile: Profile,
    /// The birthday's month and day, as rows keep it.
    pub birthday: Option<i32>,
    /// Their tags, in order.
    pub tags: Vec<String>,
    /// The language that they are written to in.
    pub locale: Option<Locale>,
}

/// A member to be made.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct MemberDraft {
    /// The shop's own number; one is made where it is missing.
    pub member_no: Option<String>,
    /// Who they are.
    pub change: MemberChange,
    /// Whether they agree to be written to.
    pub consent: bool,
    /// Where they agreed.
    pub consent_source: Option<String>,
}

impl MemberDraft {
    /// Checks everything, and brings it into the form in which it is kept.
    pub fn check(mut self, today: NaiveDate) -> Result<Self, Invalid> {
        if let Some(no) = &self.member_no {
            check_new_member_no(no).map_err(|problem| Invalid::because("memberNo", &problem))?;
        }
        self.change = self.change.check(today)?;
        if let Some(source) = &self.consent_source {
            self.consent_source = clean_source("consentSource", source)?;
        }
        Ok(self)
    }
}

/// Characters of where somebody agreed.
const LONGEST_SOURCE: usize = 80;

/// Where somebody agreed to be written to, or took it back, as it is kept.
pub fn clean_source(field: &str, text: &str) -> Result<Option<String>, Invalid> {
    let clean = clean_text(text, LONGEST_SOURCE, char::is_control);
    clean.map_err(|problem| Invalid::because(field, &problem))
}

/// What is to be changed of a member: what is missing stays, and an inner none takes away.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct MemberChange {
    /// The name.
    pub name: Option<Option<String>>,
    /// The telephone number.
    pub phone: Option<Option<String>>,
    /// The e-mail address.
    pub email: Option<Option<String>>,
    /// The birthday.
    pub birthday: Option<Option<Birthday>>,
    /// What the shop has noted.
    pub remark: Option<Option<String>>,
    /// All their tags.
    pub tags: Option<Vec<String>>,
    /// The language that they are written to in.
    pub locale: Option<Option<Locale>>,
    /// The day on which they joined.
    pub joined_on: Option<NaiveDate>,
}

/// A text that is given: nothing of it, or what a check makes of it.
type Given = Option<Option<String>>;

fn checked(
    field: &str,
    given: Given,
    clean: impl Fn(&str) -> Result<Option<String>, Problem>,
) -> Result<Given, Invalid> {
    let Some(Some(text)) = given else {
        return Ok(given);
    };
    if text.trim().is_empty() {
        return Ok(Some(None));
    }
    let clean = clean(&text);
    clean
        .map(Some)
        .map_err(|problem| Invalid::because(field, &problem))
}

impl MemberChange {
    /// Checks everything that is given, and brings it into the form in which it is kept. An empty text is none.
    pub fn check(self, today: NaiveDate) -> Result<Self, Invalid> {
        if let Some(Some(birthday)) = self.birthday {
            let checked = birthday.check(today);
            checked.map_err(|problem| Invalid::because("birthday", &problem))?;
        }
        if self.joined_on.is_some_and(|day| day > today) {
            let problem = Problem::new("must not lie in the future", "不能晚于今天。");
            return Err(Invalid::because("joinedOn", &problem));
        }
        let tags = self.tags.map(|tags| clean_tags("tags", &tags));
        Ok(Self {
            name: checked("name", self.name, clean_name)?,
            phone: checked("phone", self.phone, |text| clean_phone(text).map(Some))?,
            email: checked("email", self.email, |text| clean_email(text).map(Some))?,
            remark: checked("remark", self.remark, clean_remark)?,
            tags: tags.transpose()?,
            ..self
        })
    }

    /// Applies what was checked to who a member was. Returns who they are, and which fields are others now.
    #[must_use]
    pub fn apply(&self, before: &Who) -> (Who, Vec<&'static str>) {
        let mut who = before.clone();
        let profile = &mut who.profile;
        for (slot, given) in [
            (&mut profile.name, &self.name),
            (&mut profile.phone, &self.phone),
            (&mut profile.email, &self.email),
            (&mut profile.remark, &self.remark),
        ] {
            if let Some(given) = given {
                slot.clone_from(given);
            }
        }
        if let Some(birthday) = self.birthday {
            profile.birth_year = birthday.and_then(|birthday| birthday.year);
            who.birthday = birthday.map(Birthday::number);
        }
        if let Some(tags) = &self.tags {
            who.tags.clone_from(tags);
        }
        if let Some(locale) = self.locale {
            who.locale = locale;
        }
        let changed = differences(before, &who);
        (who, changed)
    }
}

/// The names of the fields in which two differ.
fn differences(before: &Who, after: &Who) -> Vec<&'static str> {
    let (old, new) = (&before.profile, &after.profile);
    let born = (before.birthday, old.birth_year) != (after.birthday, new.birth_year);
    let fields = [
        ("name", old.name != new.name),
        ("phone", old.phone != new.phone),
        ("email", old.email != new.email),
        ("birthday", born),
        ("remark", old.remark != new.remark),
        ("tags", before.tags != after.tags),
        ("locale", before.locale != after.locale),
    ];
    let fields = fields.into_iter().filter(|(_, differs)| *differs);
    fields.map(|(field, _)| field).collect()
}

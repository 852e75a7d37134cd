//! What clients send about members.

use async_graphql::{Enum, ID, InputObject, MaybeUndefined};

use crate::graphql::plain::plain_scalars;
use crate::graphql::scalars::LocalDate;
use crate::locale::Locale;
use crate::members::model::{Birthday, MemberChange, MemberDraft, hidden};

hidden!(MemberCreateInput, MemberUpdateInput);

/// The language that a member is written to in 会员语言.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Locale")]
pub enum MemberLocale {
    /// 简体中文: Simplified Chinese.
    ZhCn,
    /// 英文: English.
    En,
}

plain_scalars!(MemberLocale);

/// A birthday 生日.
#[derive(Clone, Copy, Debug, InputObject)]
pub struct MemberBirthdayInput {
    /// The month, 1 to 12.
    pub month: i32,
    /// The day, from 1; 29 February is one.
    pub day: i32,
    /// The year, where it is known.
    pub year: Option<i32>,
}

impl From<MemberBirthdayInput> for Birthday {
    fn from(input: MemberBirthdayInput) -> Self {
        // What is no month and no day is refused by the check.
        let number = |number: i32| u32::try_from(number).unwrap_or_default();
        Self {
            month: number(input.month),
            day: number(input.day),
            year: input.year,
        }
    }
}

/// A member to be made 新建会员. Texts that are empty are none.
#[derive(Clone, InputObject)]
pub struct MemberCreateInput {
    /// Your own number 会员号: 1 to 64 letters, digits, or any of `. _ | - @ +`. One is made where it is missing.
    pub member_no: Option<String>,
    /// The name, at most 80 characters.
    pub name: Option<String>,
    /// The telephone number: `13800000000`, `+86 138 0000 0000` and `+14155550123` are understood.
    pub phone: Option<String>,
    /// The e-mail address.
    pub email: Option<String>,
    /// The birthday.
    pub birthday: Option<MemberBirthdayInput>,
    /// What your staff are to know, at most 500 characters.
    pub remark: Option<String>,
    /// Tags 标签, at most 20 of at most 40 characters.
    pub tags: Option<Vec<String>>,
    /// The language that they are written to in; the merchant's where it is missing.
    pub locale: Option<MemberLocale>,
    /// The day on which they joined 入会日期; today where it is missing.
    pub joined_on: Option<LocalDate>,
    /// Whether they agree to be written to 同意营销.
    #[graphql(default = false)]
    pub consent: bool,
    /// Where they agreed, such as 门店签署, at most 80 characters.
    pub consent_source: Option<String>,
}

impl MemberCreateInput {
    pub(super) fn read(self) -> MemberDraft {
        MemberDraft {
            member_no: self.member_no,
            change: MemberChange {
                name: self.name.map(Some),
                phone: self.phone.map(Some),
                email: self.email.map(Some),
                birthday: self.birthday.map(|birthday| Some(birthday.into())),
                remark: self.remark.map(Some),
                tags: self.tags,
                locale: self.locale.map(|locale| Some(locale.into())),
                joined_on: self.joined_on.map(|day| day.0),
            },
            consent: self.consent,
            consent_source: self.consent_source,
        }
    }
}

/// What is to be changed of a member 修改会员; what is missing stays, and null takes away.
#[derive(Clone, InputObject)]
pub struct MemberUpdateInput {
    /// Which.
    pub id: ID,
    /// The version that they have, as you know it, so that nobody's change is lost.
    pub expected_version: i32,
    /// The name.
    pub name: MaybeUndefined<String>,
    /// The telephone number.
    pub phone: MaybeUndefined<String>,
    /// The e-mail address.
    pub email: MaybeUndefined<String>,
    /// The birthday.
    pub birthday: MaybeUndefined<MemberBirthdayInput>,
    /// What your staff are to know.
    pub remark: MaybeUndefined<String>,
    /// All tags that they are to have; an empty list for none.
    pub tags: Option<Vec<String>>,
    /// The language that they are written to in; null for the merchant's.
    pub locale: MaybeUndefined<MemberLocale>,
    /// The day on which they joined.
    pub joined_on: Option<LocalDate>,
}

impl MemberUpdateInput {
    pub(super) fn read(self) -> MemberChange {
        MemberChange {
            name: given(self.name),
            phone: given(self.phone),
            email: given(self.email),
            birthday: given(self.birthday).map(|birthday| birthday.map(Into::into)),
            remark: given(self.remark),
            tags: self.tags,
            locale: given(self.locale).map(|locale| locale.map(Into::into)),
            joined_on: self.joined_on.map(|day| day.0),
        }
    }
}

/// What was given, which may be nothing; none where nothing was said.
fn given<T>(input: MaybeUndefined<T>) -> Option<Option<T>> {
    match input {
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => Some(None),
        MaybeUndefined::Value(value) => Some(Some(value)),
    }
}

/// Whether a member agrees to be written to 营销同意.
#[derive(Clone, Debug, InputObject)]
pub struct MemberConsentSetInput {
    /// Which.
    pub id: ID,
    /// Whether they agree from now on.
    pub consent: bool,
    /// Where they said so, such as 短信退订, at most 80 characters. It is kept in their history.
    pub source: Option<String>,
}

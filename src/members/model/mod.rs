//! Who members are, which numbers they have, and which of them are wanted.

mod birthday;
mod contact;
mod filter;
mod invalid;
mod number;
mod profile;
mod refusal;
mod tags;
#[cfg(test)]
mod tests;

pub use birthday::Birthday;
pub(in crate::members) use contact::tail;
pub use contact::{clean_email, clean_phone, read_contact};
pub use filter::{
    Contact, Hashed, Likeness, MemberFilter, MemberSort, MemberSortField, SpentRange,
};
pub use invalid::Invalid;
pub use number::check_member_no;
pub use profile::{
    MemberChange, MemberDraft, Profile, Who, clean_name, clean_remark, clean_source,
};
pub use refusal::{ConsentRefusal, CreateRefusal, UpdateRefusal};
pub use tags::{LONGEST_TAG, MOST_TAGS, clean_tag, clean_tags};

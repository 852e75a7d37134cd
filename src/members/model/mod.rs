//! Who members are, which numbers they have, and which of them are wanted.

mod birthday;
mod contact;
mod erasing;
mod filter;
mod hiding;
mod importing;
mod merging;
mod number;
mod profile;
mod refusal;
mod tags;
#[cfg(test)]
mod tests;
mod timeline;
mod whose;

pub use birthday::Birthday;
pub use contact::{clean_email, clean_phone, read_contact};
pub(in crate::members) use contact::{kept_before, tail};
pub use erasing::{EraseRefusal, read_reason};
pub use filter::{
    Contact, Hashed, Likeness, MemberFilter, MemberSort, MemberSortField, SpentRange,
};
pub(crate) use hiding::hidden;
pub use importing::{FileRefusal, MemberFile, Row, Rows, Wrong, WrongRow, read_rows, unpack};
pub use merging::{
    MergeRefusal, MovedPoints, NewEntry, Standing, Versions, become_one, check_merge,
    join_profiles, move_points,
};
pub use number::{ERASED, check_member_no, check_new_member_no};
pub use profile::{
    MemberChange, MemberDraft, Profile, Who, clean_name, clean_remark, clean_source,
};
pub use refusal::{ConsentRefusal, CreateRefusal, UpdateRefusal};
pub use tags::{LONGEST_TAG, MOST_TAGS, clean_tag, clean_tags};
pub use timeline::{
    NoPlace, Place, Source, name_of_change, name_of_gift, name_of_points, name_of_reward,
    name_of_source, name_of_tier,
};
pub use whose::Whose;

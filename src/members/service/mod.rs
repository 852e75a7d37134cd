//! Does what is done with members.

mod add;
mod consent;
mod create;
mod figures;
mod list;
mod paid;
mod person;
mod profile;
mod reseal;
mod tags;
mod update;
mod wanted;

pub use add::{find_or_add, find_or_add_many};
pub use consent::consent_set;
pub use create::create;
pub use figures::{Figures, Visit, lock, tally};
pub use list::{
    Bought, bought_since, count, cursor, find_by_no, find_by_nos, find_many, id_of, list,
    maybe_find, page_of,
};
pub use paid::mark_paid;
pub use person::{
    Doing, NewMember, change_member, locale_of, locale_text, lock_surviving, new_member,
    set_consent, who_is, write_change,
};
pub use profile::{
    likeness_of_contact, likeness_of_name, open_profiles, read_profile, read_profiles,
    write_profile,
};
pub use reseal::reseal;
pub use tags::{read_tags, write_tags};
pub use update::update;
pub use wanted::wanted;

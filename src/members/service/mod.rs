//! Does what is done with members.

mod add;
mod changes;
mod consent;
mod create;
mod data;
mod duplicates;
mod erase;
mod figures;
mod import;
mod list;
mod merge;
mod paid;
mod person;
mod profile;
mod reseal;
mod search;
mod survivor;
mod tags;
mod timeline;
mod update;
mod wanted;
mod windows;

pub use add::{find_or_add, find_or_add_many};
pub use changes::{Change, note, note_many};
pub use consent::consent_set;
pub use create::create;
pub use data::{Held, hand_out};
pub use duplicates::{Duplicates, Reached, duplicates};
pub use erase::{Erasure, erase};
pub use figures::{Figures, Visit, tally};
pub use import::{Report, find_import, import, import_dry, list_imports};
pub use list::{
    Bought, bought_since, count, find_by_no, find_by_nos, find_many, find_surviving, id_of,
    id_of_whose, maybe_find,
};
pub use merge::{Merger, merge};
pub use paid::mark_paid;
pub use person::{
    Doing, NewMember, change_member, locale_of, locale_text, new_member, set_consent, who_is,
};
pub use profile::{
    likeness_of_contact, likeness_of_name, open as open_profile, open_profiles, read_profile,
    seal as seal_profile, write as write_profiles, write_profile,
};
pub use reseal::reseal;
pub use search::{cursor, list, page_of};
pub use survivor::{lock, survivor};
pub use tags::{read_tags, write_tags};
pub use timeline::{Happened, Named, What, timeline};
pub use update::update;
pub use wanted::wanted;
pub use windows::{SUMMED_WINDOWS, SummedWindow, hold_on, sum_windows};

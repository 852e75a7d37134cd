//! Decides what a picture asks for, and what is drawn of the answer. Values become places on paper here, in
//! `drawing` alone; figures that are read stay decimals.

pub mod drawing;
mod labels;
pub mod measure;
mod picture;
mod question;
mod reading;
mod scale;
mod wish;
mod words;

pub use drawing::{Undrawn, draw};
pub use measure::Measure;
pub use picture::{Look, Picture, Plot};
pub use reading::{MOST_TIMES, NoPicture, picture_of, too_many_times};
pub use wish::{Kind, Wish};

//! Decides what counts where, what a question reads, and what becomes of what was read.

mod answer;
mod buckets;
pub mod calendar;
mod comparison;
mod contribution;
mod heatmap;
mod measures;
mod people;
mod products;
mod query;
mod spans;
mod times;

pub use answer::{Read, Readings, TooManyRows, answer, fits};
pub use buckets::{Bucket, Buckets, CUTS, Place};
pub use comparison::{Comparison, Shift};
pub use contribution::{GivenBack, Line, Sale, given_back, made, paid, taken_back};
pub use heatmap::{Cell, Heatmap, heatmap};
pub use measures::{Base, Measure, Measures, Wanted};
pub use people::{People, Stretch, stretches, tells_people};
pub use products::{ALL_CHANNELS, ProductBucket, ProductSpans, Products, Sold, product_spans};
pub use query::{Answer, Dimension, Filter, Grain, Key, MOST_ROWS, Question, Row};
pub use spans::{Spans, spans};

//! What is written, to whom, when, and how a message goes from draft to sent, decided without a database.

mod consent;
mod counts;
mod draft;
mod effect;
mod filter;
mod language;
mod lifecycle;
mod quiet;
mod refusal;
mod template;

pub use consent::may_be_written_to;
pub use counts::{counted, reached};
pub use draft::{EFFECT_DAYS, MessageChange, MessageDraft, Texts};
pub use effect::{Compared, Effect, EffectSpan, Visits, span};
pub use filter::MessageFilter;
pub use language::language;
pub use lifecycle::{begun, canceled, editable, finished, scheduled};
pub use quiet::Quiet;
pub use refusal::{CancelRefusal, CreateRefusal, SendRefusal, UpdateRefusal};
pub use template::{Rendered, Template, Values, Wording};

//! Keeps answers, ready to be told, for as long as nothing was counted since: many people open one dashboard.
//!
//! What is kept stands under everything that it depends on: whose it is, the question with its span resolved,
//! what is selected, who may see fees, the language. Beside it stands the position that was read before its
//! buckets were. Whoever asks reads the position first, as ever, and is told what is kept only where that is
//! of the same build and not behind: another instance may have counted meanwhile, and the database knows.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_graphql::parser::types::Field;
use async_graphql::registry::Registry;
use async_graphql::{
    Context, ContextSelectionSet, InputType, OutputType, Positioned, ServerResult, Value,
};
use entity::channel;
use moka::policy::EvictionPolicy;
use moka::sync::Cache;
use tokio::sync::OwnedMutexGuard;

use super::measures::Shown;
use crate::error::Error;
use crate::graphql::Ask;
use crate::graphql::plain::{Lean, PlainObject};
use crate::graphql::ready::{Flat, Ready};
use crate::graphql::scalars::Timestamp;
use crate::statistics::service::Source;

/// How long an answer is kept that nobody asks for.
const IDLE: Duration = Duration::from_secs(3_600);
/// About how much an answer weighs beside its texts.
const OVERHEAD: usize = 512;
/// The field that is told anew each time.
const ANEW: &str = "asOf";

/// How long it is waited for who makes the same answer: they may be somebody whom nobody polls for a while, such as
/// a peer that takes nothing.
const PATIENCE: Duration = Duration::from_secs(2);

type Turns = HashMap<Arc<str>, Arc<tokio::sync::Mutex<()>>>;

/// Answers that are kept. A clone is cheap.
#[derive(Clone, Debug)]
pub struct Answers(Option<Arc<Parts>>);

#[derive(Debug)]
struct Parts {
    kept: Cache<Arc<str>, Kept>,
    /// Who makes an answer; the others wait for it.
    turns: Mutex<Turns>,
}

#[derive(Clone, Debug)]
enum Kept {
    Ready(Arc<Entry>),
    /// Something in it has to be waited for: it is made anew for each.
    Unfit,
}

#[derive(Debug)]
struct Entry {
    generation: i16,
    seq: i64,
    channels: Arc<Vec<Arc<channel::Model>>>,
    ready: Ready,
}

impl Entry {
    /// Whether it holds at least what is asked for.
    fn is_fresh(&self, source: &Source<'_>) -> bool {
        source.served.generation == Some(self.generation)
            && source.served.seq <= self.seq
            && source.channels == self.channels
    }
}

impl Kept {
    fn weight(&self) -> usize {
        match self {
            Self::Ready(entry) => entry.ready.bytes(),
            Self::Unfit => 0,
        }
    }
}

/// What there is for a question.
enum Found {
    Ready(Arc<Entry>),
    Unfit,
    Nothing,
}

impl Answers {
    /// Keeps answers of so many bytes; none where that is nothing.
    #[must_use]
    pub fn new(bytes: u64) -> Self {
        let weigh = |key: &Arc<str>, kept: &Kept| {
            let weight = key.len() + kept.weight() + OVERHEAD;
            u32::try_from(weight).unwrap_or(u32::MAX)
        };
        let parts = || Parts {
            kept: Cache::builder()
                .max_capacity(bytes)
                .weigher(weigh)
                .eviction_policy(EvictionPolicy::lru())
                .time_to_idle(IDLE)
                .build(),
            turns: Mutex::default(),
        };
        Self((bytes > 0).then(|| Arc::new(parts())))
    }
}

impl Parts {
    fn find(&self, key: &str, source: &Source<'_>) -> Found {
        match self.kept.get(key) {
            Some(Kept::Ready(entry)) if entry.is_fresh(source) => Found::Ready(entry),
            Some(Kept::Unfit) => Found::Unfit,
            _ => Found::Nothing,
        }
    }

    /// Waits until nobody else makes this answer.
    async fn turn(&self, key: &Arc<str>) -> Turn<'_> {
        let lock = Arc::clone(self.turns().entry(Arc::clone(key)).or_default());
        let mut turn = Turn {
            parts: self,
            key: Arc::clone(key),
            lock,
            held: None,
        };
        let held = Arc::clone(&turn.lock).lock_owned();
        turn.held = tokio::time::timeout(PATIENCE, held).await.ok();
        turn
    }

    fn turns(&self) -> std::sync::MutexGuard<'_, Turns> {
        self.turns.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A turn at making an answer, or a place in the row for it.
struct Turn<'a> {
    parts: &'a Parts,
    key: Arc<str>,
    lock: Arc<tokio::sync::Mutex<()>>,
    held: Option<OwnedMutexGuard<()>>,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.held = None;
        let mut turns = self.parts.turns();
        // The map's and this one: nobody else waits.
        if Arc::strong_count(&self.lock) == 2 {
            turns.remove(&self.key);
        }
    }
}

/// An answer: ready, or made for one.
#[derive(Debug)]
pub enum Told<T> {
    /// It is JSON already.
    Ready(Value),
    /// It is written as usual.
    Made(Lean<T>),
}

impl<T: PlainObject> OutputType for Told<T> {
    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        T::create_type_info(registry)
    }

    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        match self {
            Self::Ready(value) => Ok(value.clone()),
            Self::Made(made) => made.resolve(ctx, field).await,
        }
    }
}

/// Tells what is kept, or makes it and keeps it. `question` names everything that the answer depends on beside
/// who asks and what is selected. Of many who ask at once, one makes it.
pub async fn tell<T: PlainObject>(
    ctx: &Context<'_>,
    question: &str,
    shown: Shown,
    source: &Source<'_>,
    make: impl Future<Output = Result<T, Error>> + Send,
) -> Result<Told<T>, Error> {
    let as_of = source.served.as_of.map(Timestamp::from).to_value();
    let Some(flat) = Flat::of(ctx) else {
        return Ok(Told::Made(Lean(make.await?)));
    };
    let parts = ctx.data_opt::<Answers>().and_then(|it| it.0.as_deref());
    let (Some(parts), Some(generation)) = (parts, source.served.generation) else {
        let made = make.await?;
        return Ok(match Ready::write(&made, &flat, ctx, ANEW) {
            Some(ready) => Told::Ready(ready.told(&as_of)),
            None => Told::Made(Lean(made)),
        });
    };
    let (merchant_id, locale) = (ctx.actor()?.merchant_id, ctx.locale());
    let key = format!(
        "{merchant_id} {locale:?} {shown:?} {question} {}",
        flat.text()
    );
    let key: Arc<str> = key.into();
    let metrics = &ctx.app().metrics;
    let ready = |entry: &Entry| Ok(Told::Ready(entry.ready.told(&as_of)));
    let mut found = parts.find(&key, source);
    let mut turn = None;
    if matches!(found, Found::Nothing) {
        turn = Some(parts.turn(&key).await);
        found = parts.find(&key, source);
    }
    if let Found::Ready(entry) = found {
        metrics.statistics_hits.inc();
        return ready(&entry);
    }
    metrics.statistics_misses.inc();
    let is_unfit = matches!(found, Found::Unfit);
    if is_unfit {
        turn = None;
    }
    let made = make.await?;
    if is_unfit {
        return Ok(Told::Made(Lean(made)));
    }
    let Some(written) = Ready::write(&made, &flat, ctx, ANEW) else {
        parts.kept.insert(key, Kept::Unfit);
        return Ok(Told::Made(Lean(made)));
    };
    let entry = Arc::new(Entry {
        generation,
        seq: source.served.seq,
        channels: Arc::clone(&source.channels),
        ready: written,
    });
    parts.kept.insert(key, Kept::Ready(Arc::clone(&entry)));
    drop(turn);
    ready(&entry)
}

//! Subscribers who ask for the same and may see the same: one execution tells all of them.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use async_graphql::Name;
use async_graphql::parser::types::ExecutableDocument;
use entity::MerchantId;
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use tokio::sync::broadcast;
use tokio::task::AbortHandle;

use super::after::After;
use super::pace::Pace;
use super::rendering::{Asked, Rendered, render};
use super::{Course, Told};
use crate::auth::model::Scopes;
use crate::graphql::gateway::{Caller, Gateway, Prepared};
use crate::locale::Locale;

/// How many answers wait for the slowest of a group. Who is further behind is told the rest apart.
const WAITING: usize = 128;
/// How long a group waits for its slowest: a moment, since most are only not scheduled yet.
const PATIENCE: [Duration; 3] = [
    Duration::ZERO,
    Duration::from_millis(1),
    Duration::from_millis(4),
];

/// What subscribers of a group have in common.
#[derive(Clone, Debug)]
pub struct Key {
    merchant_id: Option<MerchantId>,
    scopes: Option<Scopes>,
    locale: Locale,
    /// The same while anybody holds it: documents are kept by their text.
    document: Arc<ExecutableDocument>,
    operation_name: Option<String>,
    /// All but the one that says where to continue.
    variables: String,
}

impl Key {
    /// What somebody has in common with others.
    pub fn of(prepared: &Prepared, caller: &Caller, after: &After) -> Self {
        let actor = caller.actor.as_ref();
        let variables = prepared.variables.iter();
        let variables: Vec<(&Name, _)> = variables
            .filter(|(name, _)| !after.is_variable(name))
            .collect();
        Self {
            merchant_id: actor.map(|actor| actor.merchant_id),
            scopes: actor.map(|actor| actor.scopes),
            locale: caller.info.locale,
            document: Arc::clone(&prepared.document),
            operation_name: prepared.operation_name.clone(),
            variables: serde_json::to_string(&variables).unwrap_or_default(),
        }
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.document, &other.document)
            && self.merchant_id == other.merchant_id
            && self.scopes == other.scopes
            && self.locale == other.locale
            && self.operation_name == other.operation_name
            && self.variables == other.variables
    }
}

impl Eq for Key {}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Arc::as_ptr(&self.document).hash(state);
        self.merchant_id.hash(state);
        self.variables.hash(state);
    }
}

/// The groups of this instance.
#[derive(Clone, Default)]
pub struct Groups(Arc<Mutex<HashMap<Key, Weak<Group>>>>);

impl Groups {
    /// The group of a key; one that follows from `head` on is made where there is none.
    pub fn join(&self, gateway: &Gateway, key: Key, asked: Asked, head: i64) -> Arc<Group> {
        // Outlives the lock, which the end of a group takes, too.
        let known;
        let mut groups = self.lock();
        known = groups.get(&key).and_then(Weak::upgrade);
        if let Some(group) = known.as_ref().filter(|group| !group.task.is_finished()) {
            return Arc::clone(group);
        }
        let group = Arc::new(Group::start(self, gateway, key.clone(), asked, head));
        groups.insert(key, Arc::downgrade(&group));
        group
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Weak<Group>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One execution, and whoever listens to it. It ends when the last one leaves.
pub struct Group {
    /// How far it is.
    pub course: Arc<Course>,
    gateway: Gateway,
    asked: Arc<Asked>,
    told: broadcast::WeakSender<Arc<Told>>,
    task: AbortHandle,
    groups: Groups,
    key: Key,
}

impl Group {
    fn start(groups: &Groups, gateway: &Gateway, key: Key, asked: Asked, head: i64) -> Self {
        let pace = Pace::of_merchant(gateway, &asked);
        let course = Arc::new(Course::new(head, None, pace));
        let asked = Arc::new(asked);
        let (sender, _) = broadcast::channel(WAITING);
        let told = sender.downgrade();
        let answers = render(gateway, &asked, &course);
        let task = tokio::spawn(run(answers, Arc::clone(&course), sender));
        Self {
            course,
            gateway: gateway.clone(),
            asked,
            told,
            task: task.abort_handle(),
            groups: groups.clone(),
            key,
        }
    }

    /// What is told from here on.
    pub fn listen(&self) -> broadcast::Receiver<Arc<Told>> {
        match self.told.upgrade() {
            Some(sender) => sender.subscribe(),
            // It is over: a channel that is closed already.
            None => broadcast::channel(1).1,
        }
    }

    /// What was told behind a number, up to another, at somebody's expense; before it how things are, where
    /// it opens.
    pub fn replay(
        &self,
        after: i64,
        until: i64,
        opens: bool,
        pace: Pace,
    ) -> BoxStream<'static, Told> {
        let course = Course::new(after, Some(until), pace);
        let course = Arc::new(if opens { course.opening() } else { course });
        let rendered = render(&self.gateway, &self.asked, &course);
        rendered.map(|rendered| rendered.told).boxed()
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.task.abort();
        let mut groups = self.groups.lock();
        // Another may stand in its place by now.
        if groups
            .get(&self.key)
            .is_some_and(|known| known.strong_count() == 0)
        {
            groups.remove(&self.key);
        }
    }
}

/// Tells a group's answers, one after the other.
async fn run(
    mut answers: BoxStream<'static, Rendered>,
    course: Arc<Course>,
    sender: broadcast::Sender<Arc<Told>>,
) {
    let mut is_patient = true;
    while let Some(Rendered { told, errors }) = answers.next().await {
        let Some(at) = told.cursor else {
            return course.end(Some((told, errors)));
        };
        is_patient = wait_for_slowest(&sender, is_patient).await;
        course.reach(at.0);
        // Nobody listens at the moment: whoever comes has it told apart.
        let _ = sender.send(Arc::new(told));
    }
    course.end(None);
}

/// Waits a moment where the slowest is far behind, unless that was in vain before: one who does not read at all
/// holds up nobody. Whether to wait the next time.
async fn wait_for_slowest(sender: &broadcast::Sender<Arc<Told>>, is_patient: bool) -> bool {
    let is_full = || sender.len() >= WAITING;
    for patience in PATIENCE.into_iter().filter(|_| is_patient) {
        if !is_full() {
            break;
        }
        tokio::time::sleep(patience).await;
    }
    !is_full()
}

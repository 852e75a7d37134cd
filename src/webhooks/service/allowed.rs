//! What an endpoint may be sent: what whoever sets it up may see.

use entity::event::EventKind;
use sea_orm::ActiveEnum;

use crate::auth::model::{Actor, Scope};
use crate::webhooks::model::{CreateRefusal, is_personal, is_told, scope_of};

/// The kinds as they are kept. Who has something sent must be allowed to see it: else a key that may set up
/// webhooks alone could read everything.
pub(super) fn types(actor: &Actor, kinds: &[EventKind]) -> Result<String, CreateRefusal> {
    let mut names: Vec<String> = kinds.iter().map(ActiveEnum::to_value).collect();
    names.sort_unstable();
    names.dedup();
    if names.iter().any(|name| !is_told(name)) {
        return Err(CreateRefusal::TypeNotSent);
    }
    let kept = names.join(" ");
    match lacks(actor, &kept) {
        Some(scope) => Err(CreateRefusal::ScopeMissing { scope }),
        None => Ok(kept),
    }
}

/// A scope that an actor lacks to see what an endpoint is sent, whose kinds are kept so; none where they may see all. What
/// names a person is told to who asks for it by its name, and may see that.
pub(super) fn lacks(actor: &Actor, kept: &str) -> Option<&'static str> {
    use sea_orm::Iterable;
    let all = || EventKind::iter().map(|kind| kind.to_value()).collect();
    let sent: Vec<String> = if kept.is_empty() {
        all()
    } else {
        kept.split(' ').map(str::to_owned).collect()
    };
    let personal = !kept.is_empty() && sent.iter().any(|name| is_personal(name));
    if personal && !actor.may(Scope::PersonalRead) {
        return Some(Scope::PersonalRead.name());
    }
    let wanted = sent.iter().filter(|name| is_told(name));
    let missing = wanted
        .map(|name| scope_of(name))
        .find(|scope| !actor.may(*scope));
    missing.map(Scope::name)
}

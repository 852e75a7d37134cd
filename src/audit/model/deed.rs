//! What is told of a deed: who, what, to what, what changed; cut to a size, and never a secret.

use std::borrow::Cow;
use std::sync::Arc;

use entity::audit_entry::{self, AuditActor, AuditOutcome};
use entity::{AuditEntryId, Instant, MerchantId, StaffId};
use serde_json::{Map, Value};

use crate::auth::model::{Actor, Origin, Who};

/// Characters of a value that an entry keeps.
const LONGEST_VALUE: usize = 500;
/// Characters of a program's name that an entry keeps.
const LONGEST_PROGRAM: usize = 300;

/// Who an entry is about, and from where they came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct By {
    /// In which merchant.
    pub merchant_id: MerchantId,
    /// What kind of actor.
    pub kind: AuditActor,
    /// Who.
    pub actor: String,
    /// From where.
    pub origin: Option<Arc<Origin>>,
}

impl By {
    /// A member of staff who is only about to act.
    #[must_use]
    pub fn staff(merchant_id: MerchantId, staff_id: StaffId, origin: &Origin) -> Self {
        Self {
            merchant_id,
            kind: AuditActor::Staff,
            actor: staff_id.to_string(),
            origin: Some(Arc::new(origin.clone())),
        }
    }
}

impl From<&Actor> for By {
    fn from(actor: &Actor) -> Self {
        Self {
            merchant_id: actor.merchant_id,
            kind: match actor.who {
                Who::Staff { .. } => AuditActor::Staff,
                Who::ApiKey(_) | Who::PublishableKey(_) => AuditActor::ApiKey,
                Who::System => AuditActor::System,
                Who::Link => AuditActor::Nobody,
            },
            actor: actor.name(),
            origin: actor.origin.clone(),
        }
    }
}

/// What was done, or tried.
#[derive(Clone, Debug, PartialEq)]
pub struct Deed {
    action: Cow<'static, str>,
    target: Option<String>,
    before: Map<String, Value>,
    after: Map<String, Value>,
    denial: Option<Cow<'static, str>>,
}

impl Deed {
    /// A deed by the name of its root field, such as `payoutCreate`.
    #[must_use]
    pub fn of(action: impl Into<Cow<'static, str>>) -> Self {
        Self {
            action: action.into(),
            target: None,
            before: Map::new(),
            after: Map::new(),
            denial: None,
        }
    }

    /// What it was done to: a global id.
    #[must_use]
    pub fn on(mut self, target: impl ToString) -> Self {
        self.target = Some(target.to_string());
        self
    }

    /// What changed: of two objects, the fields that differ. Secrets and personal data in full have no place in
    /// either.
    #[must_use]
    pub fn changed(mut self, before: Value, after: Value) -> Self {
        (self.before, self.after) = (fields(before), fields(after));
        let (before, after) = (self.before.clone(), self.after.clone());
        // What is missing is nothing, and nothing is no change from nothing.
        let is_other = |others: &Map<String, Value>, name: &String, value: &Value| {
            others.get(name).unwrap_or(&Value::Null) != value
        };
        self.before
            .retain(|name, value| is_other(&after, name, value));
        self.after
            .retain(|name, value| is_other(&before, name, value));
        self
    }

    /// What there is now that was not there before.
    #[must_use]
    pub fn made(self, after: Value) -> Self {
        self.changed(Value::Null, after)
    }

    /// What there was and is no longer.
    #[must_use]
    pub fn gone(self, before: Value) -> Self {
        self.changed(before, Value::Null)
    }

    /// That it was denied, and the code of why.
    #[must_use]
    pub fn denied(mut self, reason: impl Into<Cow<'static, str>>) -> Self {
        self.denial = Some(reason.into());
        self
    }

    /// The root field.
    #[must_use]
    pub fn action(&self) -> &str {
        &self.action
    }

    /// The entry that tells of it.
    #[must_use]
    pub fn entry(&self, by: &By, id: AuditEntryId, now: Instant) -> audit_entry::Model {
        let origin = by.origin.as_deref();
        let program = origin.and_then(|origin| origin.user_agent.as_deref());
        audit_entry::Model {
            merchant_id: by.merchant_id,
            id,
            actor_kind: by.kind,
            actor: by.actor.clone(),
            action: self.action.clone().into_owned(),
            outcome: if self.denial.is_some() {
                AuditOutcome::Denied
            } else {
                AuditOutcome::Done
            },
            target: self.target.clone(),
            before: text(&self.before),
            after: text(&self.after),
            reason: self.denial.as_deref().map(str::to_owned),
            ip: origin.and_then(|origin| origin.ip).map(|ip| ip.to_string()),
            user_agent: program.map(|program| cut(program, LONGEST_PROGRAM)),
            request_id: origin.and_then(|origin| origin.request_id.clone()),
            happened_at: now,
        }
    }
}

/// An object's fields; nothing else has any.
fn fields(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

fn text(fields: &Map<String, Value>) -> Option<String> {
    let short = |value: &Value| match value {
        Value::String(text) => Value::String(cut(text, LONGEST_VALUE)),
        Value::Array(_) | Value::Object(_) => {
            let whole = value.to_string();
            if whole.chars().count() > LONGEST_VALUE {
                Value::String(cut(&whole, LONGEST_VALUE))
            } else {
                value.clone()
            }
        }
        other => other.clone(),
    };
    if fields.is_empty() {
        return None;
    }
    let shown: Map<String, Value> = fields
        .iter()
        .map(|(name, value)| (name.clone(), short(value)))
        .collect();
    Some(Value::Object(shown).to_string())
}

/// A text of so many characters at the most, and without NUL, which PostgreSQL does not keep.
fn cut(text: &str, longest: usize) -> String {
    let kept = text.chars().filter(|letter| *letter != '\0');
    if text.chars().count() <= longest {
        return kept.collect();
    }
    kept.take(longest - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn entry(deed: &Deed) -> audit_entry::Model {
        let by = By::from(&Actor::system(MerchantId(1)));
        let now = Instant(chrono::DateTime::UNIX_EPOCH);
        deed.entry(&by, AuditEntryId(1), now)
    }

    #[test]
    fn only_what_changed_is_kept() {
        let deed = Deed::of("channelUpdate").on("chn_1").changed(
            json!({ "name": "微信", "minMinor": 1, "maxMinor": 2, "hint": null }),
            json!({ "name": "微信支付", "minMinor": 1, "devices": "PC", "note": null }),
        );
        let entry = entry(&deed);
        assert_eq!(entry.before.unwrap(), r#"{"maxMinor":2,"name":"微信"}"#);
        assert_eq!(
            entry.after.unwrap(),
            r#"{"devices":"PC","name":"微信支付"}"#
        );
        assert_eq!(entry.outcome, AuditOutcome::Done);
        assert_eq!(entry.target.as_deref(), Some("chn_1"));
    }

    #[test]
    fn long_values_are_cut_and_a_denial_has_its_reason() {
        let long = "长".repeat(2_000);
        let deed = Deed::of("x")
            .made(json!({ "note": long, "list": vec![1; 2_000], "nul": "a\0b" }))
            .denied("OWN_REQUEST");
        let entry = entry(&deed);
        assert!(entry.after.unwrap().chars().count() < 1_100);
        assert_eq!(entry.outcome, AuditOutcome::Denied);
        assert_eq!(entry.reason.as_deref(), Some("OWN_REQUEST"));
    }
}

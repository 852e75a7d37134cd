//! Audit entries, as those see them who watch over security.

use async_graphql::dataloader::DataLoader;
use async_graphql::{Context, Enum, ID, SimpleObject};
use entity::{ApiKeyId, MerchantId, StaffId};
use serde_json::{Map, Value};

use crate::audit::model::AuditFilter;
use crate::audit::service::{self, Shown};
use crate::auth::loader::{Acted, PeopleLoader};
use crate::auth::model::Scope;
use crate::auth::schema::{ApiKey, StaffMember};
use crate::error::Error;
use crate::graphql::connection::connection;
use crate::graphql::node::{Node, NodeRef};
use crate::graphql::plain::{Lean, plain_object, plain_scalars};
use crate::graphql::scalars::Timestamp;
use crate::graphql::{Ask, Nullable};

/// What kind of actor did something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::audit_entry::AuditActor")]
pub enum AuditActorKind {
    /// A member of staff 员工.
    Staff,
    /// A shop's server 接口密钥.
    ApiKey,
    /// Yigate itself, or the platform's staff at its console 系统.
    System,
    /// Somebody who is not signed in 未登录.
    Nobody,
}

/// Whether something was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::audit_entry::AuditOutcome")]
pub enum AuditOutcome {
    /// It was done 已执行.
    Done,
    /// It was denied 已拒绝.
    Denied,
}

plain_scalars!(AuditActorKind, AuditOutcome);

/// Who did something 操作人.
#[derive(Clone, Debug)]
pub struct AuditActor {
    kind: AuditActorKind,
    id: String,
}

plain_object! {
    /// Who did something 操作人, or tried to.
    AuditActor(self) {
        /// What kind of actor.
        kind / "kind": AuditActorKind = self.kind;
        /// The id of a member of staff or of an API key, or `system`; also of one who works here no longer.
        actor_id / "actorId": &str = self.id.as_str();
    }
    {
        /// Their name 名称: a person's, also where they work here no longer, or an API key's.
        async fn name(&self, ctx: &Context<'_>) -> Nullable<String> {
            let loader = ctx.data_unchecked::<DataLoader<PeopleLoader>>();
            loader.load_one(Acted(self.id.clone())).await.transpose()
        }

        /// The member of staff, where they work here still; null for others. Needs `staff:read`.
        async fn staff(&self, ctx: &Context<'_>) -> Nullable<StaffMember> {
            let id = self.id.parse().ok()?;
            let member = async {
                let actor = ctx.actor()?;
                needs(ctx, Scope::StaffRead)?;
                let loader = ctx.data_unchecked::<DataLoader<PeopleLoader>>();
                let found = loader.load_one::<StaffId>(id).await?;
                Ok(found.map(|row| StaffMember::seen_by(row, actor)))
            };
            member.await.transpose()
        }

        /// The API key; null for others. Needs `api-keys:read`.
        async fn api_key(&self, ctx: &Context<'_>) -> Nullable<ApiKey> {
            let id = self.id.parse().ok()?;
            let key = async {
                needs(ctx, Scope::ApiKeysRead)?;
                let loader = ctx.data_unchecked::<DataLoader<PeopleLoader>>();
                Ok(loader.load_one::<ApiKeyId>(id).await?.map(ApiKey))
            };
            key.await.transpose()
        }
    }
}

fn needs(ctx: &Context<'_>, scope: Scope) -> Result<(), Error> {
    if ctx.actor()?.may(scope) {
        return Ok(());
    }
    Err(Error::Forbidden {
        scope: scope.name(),
    })
}

/// A field that changed 变更项.
#[derive(Clone, Debug, PartialEq, Eq, SimpleObject)]
pub struct AuditChange {
    /// Its name, as inputs have it.
    pub field: String,
    /// Its value before 变更前, as JSON; null where there was none.
    pub before: Option<String>,
    /// Its value now 变更后, as JSON; null where there is none.
    pub after: Option<String>,
}

/// Where a request came from 来源.
#[derive(Clone, Debug, PartialEq, Eq, SimpleObject)]
pub struct AuditOrigin {
    /// The IP address 来源 IP.
    pub ip: Option<String>,
    /// The program, as it calls itself.
    pub user_agent: Option<String>,
    /// The request's id, as errors and the gateway's log name it.
    pub request_id: Option<String>,
}

/// An audit entry: who did what.
#[derive(Clone, Debug)]
pub struct AuditEntry {
    shown: Shown,
}

impl From<Shown> for AuditEntry {
    fn from(shown: Shown) -> Self {
        Self { shown }
    }
}

impl AuditEntry {
    fn by(&self) -> AuditActor {
        let row = &self.shown.row;
        AuditActor {
            kind: row.actor_kind.into(),
            id: row.actor.clone(),
        }
    }

    fn changed(&self) -> Vec<AuditChange> {
        let row = &self.shown.row;
        let read = |text: &Option<String>| -> Map<String, Value> {
            let text = text.as_deref().unwrap_or("{}");
            serde_json::from_str(text).unwrap_or_default()
        };
        let (before, after) = (read(&row.before), read(&row.after));
        let gone = before.keys().filter(|field| !after.contains_key(*field));
        let mut fields: Vec<&String> = after.keys().chain(gone).collect();
        fields.sort_unstable();
        let json = |value: Option<&Value>| value.filter(|it| !it.is_null()).map(Value::to_string);
        fields
            .into_iter()
            .map(|field| AuditChange {
                field: field.clone(),
                before: json(before.get(field)),
                after: json(after.get(field)),
            })
            .collect()
    }

    async fn find_target(&self, ctx: &Context<'_>) -> Nullable<Node> {
        let target = self.shown.row.target.as_deref()?;
        let known = NodeRef::of_id(&ID::from(target))?;
        match known.load(ctx).await {
            // It is there no longer.
            Err(Error::NotFound) => None,
            loaded => Some(loaded),
        }
    }
}

plain_object! {
    /// An audit entry 操作日志: who did what, or tried to, when and from where. Never edited, and sealed in a
    /// chain that whoever runs the gateway can prove.
    AuditEntry(self) {
        /// The global id.
        id / "id": ID = ID(self.shown.row.id.to_string());
        /// What 操作: the name of the mutation, such as `refundApprove`.
        action / "action": &str = self.shown.row.action.as_str();
        /// Whether it was done.
        outcome / "outcome": AuditOutcome = self.shown.row.outcome.into();
        /// Why it was denied: a code, such as `FORBIDDEN` or one of the mutation's own.
        reason / "reason": Option<&str> = self.shown.row.reason.as_deref();
        /// What it was done to 操作对象: a global id, also of what is there no longer.
        target_id / "targetId": Option<&str> = self.shown.row.target.as_deref();
        /// When.
        happened_at / "happenedAt": Timestamp = self.shown.row.happened_at.into();
        /// Its place in the merchant's chain of seals 哈希链序号, without gaps; null for the moment until it is
        /// sealed.
        place / "place": Option<i64> = self.shown.seq;
    }
    {
        /// Who 操作人.
        async fn actor(&self) -> AuditActor {
            self.by()
        }

        /// What it was done to, where it is there and has a page of its own; null otherwise.
        async fn target(&self, ctx: &Context<'_>) -> Nullable<Node> {
            self.find_target(ctx).await
        }

        /// What changed 变更内容, by field; without secrets, and with personal data masked. Empty where nothing did.
        async fn changes(&self) -> Vec<AuditChange> {
            self.changed()
        }

        /// From where.
        async fn origin(&self) -> AuditOrigin {
            let row = &self.shown.row;
            AuditOrigin {
                ip: row.ip.clone(),
                user_agent: row.user_agent.clone(),
                request_id: row.request_id.clone(),
            }
        }
    }
}

connection! {
    /// A list of audit entries.
    AuditEntryConnection { merchant_id: MerchantId, filter: AuditFilter }
    /// An audit entry in a list.
    AuditEntryEdge
    /// The entry.
    node: Lean<AuditEntry>
    {
        /// How many entries the filter wants, on all pages. Counted only when it is selected.
        async fn total_count(&self, ctx: &Context<'_>) -> Result<u64, Error> {
            service::count(ctx.app(), self.merchant_id, &self.filter).await
        }
    }
}

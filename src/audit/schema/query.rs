//! The query of the audit log.

use std::net::IpAddr;

use async_graphql::{Context, ID, InputObject, Object};

use super::object::{AuditEntryConnection, AuditOutcome};
use crate::audit::model::AuditFilter;
use crate::audit::service;
use crate::auth::model::Scope;
use crate::error::{Error, Problem};
use crate::graphql::plain::Lean;
use crate::graphql::time_range::TimeRangeInput;
use crate::graphql::{Ask, Needs};
use crate::orders::schema::inputs::Reading;
use crate::orders::schema::query::reading;
use crate::paging::Paging;

/// Values of a condition, at the most.
const MOST_VALUES: usize = 50;
/// Characters of a value, at the most.
const LONGEST_VALUE: usize = 100;

/// Which audit entries are wanted. Everything that is given must hold.
#[derive(Clone, Debug, Default, InputObject)]
pub struct AuditFilterInput {
    /// By any of these, at most 50: ids of members of staff, of API keys, or `system`.
    pub actors: Option<Vec<ID>>,
    /// Any of these mutations by their names, at most 50, such as `refundApprove`.
    pub actions: Option<Vec<String>>,
    /// What was done, or what was denied.
    pub outcome: Option<AuditOutcome>,
    /// Done to this: a global id.
    pub target: Option<ID>,
    /// When.
    pub happened_at: Option<TimeRangeInput>,
    /// From this IP address.
    pub ip: Option<String>,
}

impl AuditFilterInput {
    fn read(self, reading: &Reading) -> Result<AuditFilter, Error> {
        let range = self
            .happened_at
            .map(|range| range.read("filter.happenedAt", reading.now, reading.zone));
        let ip: Option<IpAddr> = match self.ip.map(|text| text.trim().parse()) {
            None => None,
            Some(Ok(ip)) => Some(ip),
            Some(Err(_)) => {
                return Err(Error::bad_input(
                    "filter.ip",
                    "is no IP address.",
                    "不是有效的 IP 地址。",
                ));
            }
        };
        let actors = self
            .actors
            .map(|ids| ids.into_iter().map(|id| id.0).collect());
        Ok(AuditFilter {
            actors: values("filter.actors", actors)?,
            actions: values("filter.actions", self.actions)?,
            outcome: self.outcome.map(Into::into),
            target: values("filter.target", self.target.map(|id| vec![id.0]))?
                .and_then(|mut ids| ids.pop()),
            range: range.transpose()?,
            ip: ip.map(|ip| ip.to_string()),
        })
    }
}

fn values(field: &str, values: Option<Vec<String>>) -> Result<Option<Vec<String>>, Error> {
    let given = values.as_deref().unwrap_or_default();
    if given.len() > MOST_VALUES {
        return Err(Error::LimitExceeded(Problem::new(
            format!("`{field}` takes at most {MOST_VALUES} values."),
            format!("`{field}` 最多 {MOST_VALUES} 个值。"),
        )));
    }
    let is_wrong = |value: &String| value.len() > LONGEST_VALUE || value.contains('\0');
    if given.iter().any(is_wrong) {
        return Err(Error::bad_input(
            field,
            format!("has a value that is longer than {LONGEST_VALUE} characters."),
            format!("含有超过 {LONGEST_VALUE} 个字符的值。"),
        ));
    }
    Ok(values)
}

/// The query of the audit log.
#[derive(Debug, Default)]
pub struct AuditQuery;

#[Object]
impl AuditQuery {
    /// Who did what 操作日志, or tried to, newest first. Needs `audit:read`.
    #[graphql(guard = "Needs(Scope::AuditRead)")]
    #[allow(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn audit_log(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which entries; all where it is missing.")] filter: Option<
            AuditFilterInput,
        >,
        #[graphql(desc = "How many, from the beginning: 1 to 100, 20 where nothing is said.")]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end: 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Lean<AuditEntryConnection>, Error> {
        let paging = Paging::read(first, after, last, before)?;
        let merchant_id = ctx.actor()?.merchant_id;
        let reading = reading(ctx).await?;
        let filter = filter.unwrap_or_default().read(&reading)?;
        let page = service::list(ctx.app(), merchant_id, &filter, &paging).await?;
        Ok(Lean(AuditEntryConnection::page(
            page,
            |shown| shown.row.id.to_string(),
            |shown| Lean(shown.into()),
            merchant_id,
            filter,
        )))
    }
}

//! What a resolver finds in its request: the app, who asks, from where, in which language.

use std::net::IpAddr;
use std::sync::Arc;

use async_graphql::Context;

use crate::app::App;
use crate::auth::model::{Actor, Origin, Scope};
use crate::error::Error;
use crate::locale::Locale;

/// What every request carries beside its document.
#[derive(Clone, Debug)]
pub struct RequestInfo {
    /// Names the request in errors and logs.
    pub id: String,
    /// The language of what people read.
    pub locale: Locale,
    /// Where it came from.
    pub ip: Option<IpAddr>,
    /// With which program, as it calls itself.
    pub user_agent: Option<Arc<str>>,
}

impl RequestInfo {
    /// Where it came from, for the audit log.
    #[must_use]
    pub fn origin(&self) -> Origin {
        Origin {
            ip: self.ip,
            user_agent: self.user_agent.clone(),
            request_id: Some(self.id.clone()),
        }
    }
}

/// Short names for what resolvers need.
pub trait Ask {
    /// The app.
    fn app(&self) -> &App;
    /// Who asks; nobody is an error. A guard has asked for the scope before.
    fn actor(&self) -> Result<&Actor, Error>;
    /// Refuses who lacks a scope.
    fn needs(&self, scope: Scope) -> Result<(), Error>;
    /// The language of what people read.
    fn locale(&self) -> Locale;
    /// Where the request came from.
    fn ip(&self) -> Option<IpAddr>;
    /// Where the request came from, for the audit log.
    fn origin(&self) -> Origin;
}

impl Ask for Context<'_> {
    fn app(&self) -> &App {
        self.data_unchecked::<App>()
    }

    fn actor(&self) -> Result<&Actor, Error> {
        self.data_opt::<Actor>().ok_or(Error::Unauthenticated)
    }

    fn needs(&self, scope: Scope) -> Result<(), Error> {
        if self.actor()?.may(scope) {
            return Ok(());
        }
        Err(Error::Forbidden {
            scope: scope.name(),
        })
    }

    fn locale(&self) -> Locale {
        self.data_opt::<RequestInfo>()
            .map(|info| info.locale)
            .unwrap_or_default()
    }

    fn ip(&self) -> Option<IpAddr> {
        self.data_opt::<RequestInfo>().and_then(|info| info.ip)
    }

    fn origin(&self) -> Origin {
        self.data_opt::<RequestInfo>()
            .map(RequestInfo::origin)
            .unwrap_or_default()
    }
}

/// A nullable field that can fail by itself: an error nulls this field alone, not its parent.
pub type Nullable<T> = Option<Result<T, Error>>;

//! Decides what an actor may do, by the scopes of their role or key.

mod scope;

use std::net::IpAddr;
use std::sync::Arc;

use entity::membership::Role;
use entity::{ApiKeyId, MerchantId, StaffId};

pub use self::scope::{Scope, Scopes};
pub use super::masking::{mask_email, mask_name, mask_phone};

/// Where a request came from, for the audit log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// From which address.
    pub ip: Option<IpAddr>,
    /// With which program, as it calls itself.
    pub user_agent: Option<Arc<str>>,
    /// In which request.
    pub request_id: Option<String>,
}

/// Who is asking, for which merchant, and what they may do.
#[derive(Clone, Debug)]
pub struct Actor {
    /// The merchant that everything is read from and written to.
    pub merchant_id: MerchantId,
    /// The person or program.
    pub who: Who,
    /// What they may do.
    pub scopes: Scopes,
    /// Where the request came from that they act in; none outside a request.
    pub origin: Option<Arc<Origin>>,
}

/// From wherever they come, they are the same.
impl PartialEq for Actor {
    fn eq(&self, other: &Self) -> bool {
        self.merchant_id == other.merchant_id
            && self.who == other.who
            && self.scopes == other.scopes
    }
}

impl Eq for Actor {}

/// A person or a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// A member of staff who signed in.
    Staff {
        /// The login.
        staff_id: StaffId,
        /// The role in the actor's merchant.
        role: Role,
    },
    /// A shop's server.
    ApiKey(ApiKeyId),
    /// A page that everybody reads, with a publishable key: anybody.
    PublishableKey(ApiKeyId),
    /// Whoever has the link to a picture.
    Link,
    /// Yigate itself: a worker, or the demo.
    System,
}

impl Actor {
    /// Yigate itself, acting for a merchant.
    #[must_use]
    pub fn system(merchant_id: MerchantId) -> Self {
        Self {
            merchant_id,
            who: Who::System,
            scopes: Scopes::of(&Scope::ALL),
            origin: None,
        }
    }

    /// The same, in a request that came from somewhere.
    #[must_use]
    pub fn from_origin(self, origin: Origin) -> Self {
        Self {
            origin: Some(Arc::new(origin)),
            ..self
        }
    }

    /// Whether it is a member of staff with a role.
    #[must_use]
    pub fn has_role(&self, wanted: Role) -> bool {
        matches!(self.who, Who::Staff { role, .. } if role == wanted)
    }

    /// The member of staff, where it is one.
    #[must_use]
    pub const fn staff_id(&self) -> Option<StaffId> {
        match self.who {
            Who::Staff { staff_id, .. } => Some(staff_id),
            _ => None,
        }
    }

    /// Whether the actor may do something.
    #[must_use]
    pub fn may(&self, scope: Scope) -> bool {
        self.scopes.allows(scope)
    }

    /// Whether it is anybody, by a publishable key: they ask, change nothing, and stay no longer.
    #[must_use]
    pub const fn is_publishable(&self) -> bool {
        matches!(self.who, Who::PublishableKey(_))
    }

    /// How timelines name the actor.
    #[must_use]
    pub fn name(&self) -> String {
        match self.who {
            Who::Staff { staff_id, .. } => staff_id.to_string(),
            Who::ApiKey(id) | Who::PublishableKey(id) => id.to_string(),
            Who::Link => "link".to_owned(),
            Who::System => "system".to_owned(),
        }
    }
}

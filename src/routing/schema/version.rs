//! The versions of a routing policy, as clients see them.

use super::enums::RoutingStrategy;
use super::policy::RoutingTarget;
use crate::channels::schema::PaymentMethod;
use crate::graphql::connection::connection;
use crate::graphql::plain::{Lean, plain_object};
use crate::graphql::scalars::Timestamp;
use crate::money::Currency;
use crate::routing::service::PolicyVersion;

/// A version of a policy, with the currency of its amounts.
#[derive(Clone, Debug)]
pub struct RoutingPolicyVersion {
    version: PolicyVersion,
    currency: Currency,
}

impl RoutingPolicyVersion {
    /// A version of a merchant whose amounts are in a currency.
    #[must_use]
    pub fn of(version: PolicyVersion, currency: Currency) -> Self {
        Self { version, currency }
    }

    fn is_removal(&self) -> bool {
        self.version.policy.targets.is_empty()
    }

    fn shown(&self) -> Vec<Lean<RoutingTarget>> {
        let row = &self.version.row;
        let targets = self.version.policy.targets.iter().zip(1_i16..);
        targets
            .map(|(target, position)| {
                let row = target.at(row.merchant_id, row.method, position);
                Lean(RoutingTarget::of(row, self.currency))
            })
            .collect()
    }
}

plain_object! {
    /// A version of a routing policy 路由策略版本: who set or removed it, and what it said. It is never edited;
    /// the way back is `routingPolicySet` with what an earlier one said.
    RoutingPolicyVersion(self) {
        /// The method that it is about.
        method / "method": PaymentMethod = self.version.row.method.into();
        /// The version, from 1.
        version / "version": i32 = self.version.row.version;
        /// Who did it: an id of staff or of an API key, or `system`.
        changed_by / "changedBy": &str = self.version.row.changed_by.as_str();
        /// When.
        changed_at / "changedAt": Timestamp = self.version.row.changed_at.into();
        /// How a channel was chosen among the targets that fit; null where the policy was removed.
        strategy / "strategy": Option<RoutingStrategy> =
            (!self.is_removal()).then(|| self.version.policy.strategy.into());
        /// Its targets 路由目标, in their order; none where the policy was removed.
        targets / "targets": Vec<Lean<RoutingTarget>> = self.shown();
    }
}

connection! {
    /// The versions of a routing policy 路由策略历史.
    RoutingPolicyVersionConnection
    /// A version in a list.
    RoutingPolicyVersionEdge
    /// The version.
    node: Lean<RoutingPolicyVersion>
}

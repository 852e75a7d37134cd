//! What there is to be allowed, and what each role is allowed.

use entity::membership::Role;

/// One permission 权限: what a root field asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// See the merchant's own settings.
    MerchantRead,
    /// See orders, their lines and timelines, and their events.
    OrdersRead,
    /// Make orders, as a shop's server does.
    OrdersCreate,
    /// Close and fulfil orders.
    OrdersWrite,
    /// See names and telephone numbers in full.
    PersonalRead,
    /// See payment channels.
    ChannelsRead,
    /// See who works here.
    StaffRead,
    /// See API keys, never their secrets.
    ApiKeysRead,
    /// Make and revoke API keys.
    ApiKeysWrite,
    /// See what does not fit between payment platforms and us.
    ReconciliationRead,
    /// Import bills, and settle what does not fit.
    ReconciliationWrite,
    /// See refunds.
    RefundsRead,
    /// Ask for refunds, and retry them.
    RefundsWrite,
    /// Approve and reject the refunds of others, and say what became of those that nobody knows about.
    RefundsApprove,
    /// See balances, the ledger, fees and settlements.
    LedgerRead,
    /// Set fee rules.
    FeesWrite,
    /// Make and change channels, and how one of them is chosen.
    ChannelsWrite,
    /// Change the merchant's own settings.
    MerchantWrite,
    /// Acknowledge incidents, plan maintenance, say how a channel is.
    IncidentsWrite,
    /// See what a payment page offers; all that a publishable key may.
    CheckoutRead,
    /// See payouts, their terms and their schedule.
    PayoutsRead,
    /// Ask for payouts and call them off, with a second factor.
    PayoutsWrite,
    /// Approve and reject the payouts of others, with a second factor.
    PayoutsApprove,
    /// See bank accounts, masked.
    BankAccountsRead,
    /// Bind and unbind bank accounts, and set the payout schedule, with a second factor.
    BankAccountsWrite,
    /// Invite colleagues, change their roles, and let them go.
    StaffWrite,
    /// See who did what.
    AuditRead,
    /// Have lists written into files; each list needs its own scope, too.
    ExportsWrite,
    /// See webhook endpoints and what was delivered, never their secrets.
    WebhooksRead,
    /// Set up webhook endpoints, and deliver again.
    WebhooksWrite,
    /// See campaigns, coupons and what became of them.
    CampaignsRead,
    /// Make and change campaigns and coupon templates.
    CampaignsWrite,
    /// Hand out coupons, and void them.
    CouponsIssue,
    /// See members.
    MembersRead,
    /// Make, change, import and merge members.
    MembersWrite,
    /// Erase what names a member, for good.
    MembersErase,
    /// Set tiers, how points are earned and spent, rewards, gifts and segments.
    LoyaltyWrite,
    /// Give and take points, and give tiers.
    PointsAdjust,
    /// Take rewards for members, hand them over, and call them off.
    RewardsRedeem,
    /// Write to members.
    MessagesSend,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 40] = [
        Self::MerchantRead,
        Self::OrdersRead,
        Self::OrdersCreate,
        Self::OrdersWrite,
        Self::PersonalRead,
        Self::ChannelsRead,
        Self::StaffRead,
        Self::ApiKeysRead,
        Self::ApiKeysWrite,
        Self::ReconciliationRead,
        Self::ReconciliationWrite,
        Self::RefundsRead,
        Self::RefundsWrite,
        Self::RefundsApprove,
        Self::LedgerRead,
        Self::FeesWrite,
        Self::ChannelsWrite,
        Self::MerchantWrite,
        Self::IncidentsWrite,
        Self::CheckoutRead,
        Self::PayoutsRead,
        Self::PayoutsWrite,
        Self::PayoutsApprove,
        Self::BankAccountsRead,
        Self::BankAccountsWrite,
        Self::StaffWrite,
        Self::AuditRead,
        Self::ExportsWrite,
        Self::WebhooksRead,
        Self::WebhooksWrite,
        Self::CampaignsRead,
        Self::CampaignsWrite,
        Self::CouponsIssue,
        Self::MembersRead,
        Self::MembersWrite,
        Self::MembersErase,
        Self::LoyaltyWrite,
        Self::PointsAdjust,
        Self::RewardsRedeem,
        Self::MessagesSend,
    ];

    /// Its name, as keys and tokens keep it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::MerchantRead => "merchant:read",
            Self::OrdersRead => "orders:read",
            Self::OrdersCreate => "orders:create",
            Self::OrdersWrite => "orders:write",
            Self::PersonalRead => "personal:read",
            Self::ChannelsRead => "channels:read",
            Self::StaffRead => "staff:read",
            Self::ApiKeysRead => "api-keys:read",
            Self::ApiKeysWrite => "api-keys:write",
            Self::ReconciliationRead => "reconciliation:read",
            Self::ReconciliationWrite => "reconciliation:write",
            Self::RefundsRead => "refunds:read",
            Self::RefundsWrite => "refunds:write",
            Self::RefundsApprove => "refunds:approve",
            Self::LedgerRead => "ledger:read",
            Self::FeesWrite => "fees:write",
            Self::ChannelsWrite => "channels:write",
            Self::MerchantWrite => "merchant:write",
            Self::IncidentsWrite => "incidents:write",
            Self::CheckoutRead => "checkout:read",
            Self::PayoutsRead => "payouts:read",
            Self::PayoutsWrite => "payouts:write",
            Self::PayoutsApprove => "payouts:approve",
            Self::BankAccountsRead => "bank-accounts:read",
            Self::BankAccountsWrite => "bank-accounts:write",
            Self::StaffWrite => "staff:write",
            Self::AuditRead => "audit:read",
            Self::ExportsWrite => "exports:write",
            Self::WebhooksRead => "webhooks:read",
            Self::WebhooksWrite => "webhooks:write",
            Self::CampaignsRead => "campaigns:read",
            Self::CampaignsWrite => "campaigns:write",
            Self::CouponsIssue => "coupons:issue",
            Self::MembersRead => "members:read",
            Self::MembersWrite => "members:write",
            Self::MembersErase => "members:erase",
            Self::LoyaltyWrite => "loyalty:write",
            Self::PointsAdjust => "points:adjust",
            Self::RewardsRedeem => "rewards:redeem",
            Self::MessagesSend => "messages:send",
        }
    }

    /// The scope of a name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.name() == name)
    }
}

/// A set of scopes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Scopes(u64);

impl Scopes {
    /// These scopes.
    #[must_use]
    pub fn of(scopes: &[Scope]) -> Self {
        Self(
            scopes
                .iter()
                .fold(0, |bits, scope| bits | (1 << *scope as u32)),
        )
    }

    /// One scope.
    #[must_use]
    pub const fn of_one(scope: Scope) -> Self {
        Self(1 << scope as u32)
    }

    /// What a role may do.
    #[must_use]
    pub fn of_role(role: Role) -> Self {
        const READ: [Scope; 14] = [
            Scope::MerchantRead,
            Scope::OrdersRead,
            Scope::ChannelsRead,
            Scope::StaffRead,
            Scope::ApiKeysRead,
            Scope::ReconciliationRead,
            Scope::RefundsRead,
            Scope::LedgerRead,
            Scope::CheckoutRead,
            Scope::PayoutsRead,
            Scope::BankAccountsRead,
            Scope::WebhooksRead,
            Scope::CampaignsRead,
            Scope::MembersRead,
        ];
        let more: &[Scope] = match role {
            Role::Owner => return Self::of(&Scope::ALL),
            Role::Finance => &[
                Scope::PayoutsWrite,
                Scope::PayoutsApprove,
                Scope::ExportsWrite,
                Scope::OrdersWrite,
                Scope::RefundsWrite,
                Scope::RefundsApprove,
                Scope::ReconciliationWrite,
                Scope::IncidentsWrite,
            ],
            Role::Support => &[
                Scope::OrdersWrite,
                Scope::PersonalRead,
                Scope::RefundsWrite,
                Scope::IncidentsWrite,
                Scope::MembersWrite,
                Scope::PointsAdjust,
                Scope::RewardsRedeem,
            ],
            Role::Marketing => &[
                Scope::CampaignsWrite,
                Scope::CouponsIssue,
                Scope::LoyaltyWrite,
                Scope::MessagesSend,
            ],
            Role::Viewer => &[],
        };
        Self(Self::of(&READ).0 | Self::of(more).0)
    }

    /// Whether a scope is among them.
    #[must_use]
    pub fn allows(self, scope: Scope) -> bool {
        self.0 & (1 << scope as u32) != 0
    }

    /// Whether all of these are among the others.
    #[must_use]
    pub fn is_within(self, others: Self) -> bool {
        self.0 & !others.0 == 0
    }

    /// The scopes, in the order of [`Scope::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL
            .into_iter()
            .filter(move |scope| self.allows(*scope))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_viewer_reads_everything_but_personal_data_and_changes_nothing() {
        let viewer = Scopes::of_role(Role::Viewer);
        assert!(viewer.allows(Scope::OrdersRead));
        assert!(!viewer.allows(Scope::PersonalRead));
        assert!(!viewer.allows(Scope::OrdersWrite));
        assert!(!viewer.allows(Scope::ApiKeysWrite));
    }

    #[test]
    fn every_role_lies_within_the_owners() {
        let owner = Scopes::of_role(Role::Owner);
        for role in [Role::Finance, Role::Support, Role::Marketing, Role::Viewer] {
            assert!(Scopes::of_role(role).is_within(owner));
        }
    }

    #[test]
    fn scopes_read_back_from_their_names() {
        for scope in Scope::ALL {
            assert_eq!(Scope::of_name(scope.name()), Some(scope));
        }
    }
}

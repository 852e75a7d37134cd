//! Decides who may do what to whom, and says why not.

mod refusal;

pub use refusal::{
    AcceptRefusal, ChangeRefusal, EndRefusal, InviteRefusal, PasswordRefusal, RevokeRefusal,
};

use chrono::{DateTime, TimeDelta, Utc};
use entity::membership::{self, Role};
use entity::staff_invitation;

use crate::auth::model::{Actor, Scope, Scopes, Who};
use crate::error::Problem;
use crate::second_factor::service::Stake;

/// How long an invitation is open.
pub const OPEN: TimeDelta = TimeDelta::days(7);
/// Open invitations of a merchant, at the most.
pub const MOST_INVITATIONS: u64 = 100;

/// How an invitation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvitationState {
    /// It can be accepted.
    Open,
    /// It ended by itself.
    Expired,
    /// Somebody works here by it.
    Accepted,
    /// It was taken back.
    Revoked,
}

/// How an invitation is at an instant.
#[must_use]
pub fn state(row: &staff_invitation::Model, now: DateTime<Utc>) -> InvitationState {
    if row.accepted_at.is_some() {
        InvitationState::Accepted
    } else if row.revoked_at.is_some() {
        InvitationState::Revoked
    } else if row.expires_at.0 <= now {
        InvitationState::Expired
    } else {
        InvitationState::Open
    }
}

/// Why nobody may change who works here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forbidden {
    /// Only people decide about people.
    StaffOnly,
    /// The role may do more than whoever decides.
    AboveYou,
}

/// Whether an actor may give a role, or decide about somebody who has it.
pub fn check_above(actor: &Actor, role: Role) -> Result<(), Forbidden> {
    if !matches!(actor.who, Who::Staff { .. }) {
        return Err(Forbidden::StaffOnly);
    }
    if Scopes::of_role(role).is_within(actor.scopes) {
        Ok(())
    } else {
        Err(Forbidden::AboveYou)
    }
}

/// What is at stake where somebody is given a role: whoever may pay out, bind bank accounts or decide about people may
/// move money.
#[must_use]
pub fn stake_of(role: Role) -> Stake {
    let scopes = Scopes::of_role(role);
    let moving = [
        Scope::PayoutsWrite,
        Scope::PayoutsApprove,
        Scope::BankAccountsWrite,
        Scope::StaffWrite,
    ];
    if moving.into_iter().any(|scope| scopes.allows(scope)) {
        Stake::Money
    } else {
        Stake::Ordinary
    }
}

/// Whether an actor still has the role that they act by, among those who work here now: they may have been let go,
/// or have another one, since a moment ago.
pub fn check_still(actor: &Actor, members: &[membership::Model]) -> Result<(), Forbidden> {
    let own = members
        .iter()
        .find(|member| Some(member.staff_id) == actor.staff_id());
    if own.is_some_and(|own| actor.has_role(own.role)) {
        Ok(())
    } else {
        Err(Forbidden::AboveYou)
    }
}

/// Whether a merchant would be left without an owner, were a member to have another role, or none.
#[must_use]
pub fn is_last_owner(members: &[membership::Model], of: &membership::Model) -> bool {
    let owners = members.iter().filter(|member| member.role == Role::Owner);
    of.role == Role::Owner && owners.count() <= 1
}

impl Forbidden {
    fn message(self) -> Problem {
        match self {
            Self::StaffOnly => Problem::new(
                "Only a member of staff can do this, not an API key.",
                "只有员工可以执行此操作，接口密钥不可以。",
            ),
            Self::AboveYou => Problem::new(
                "This role may do more than you may.",
                "该角色的权限超出您本人的权限。",
            ),
        }
    }

    const fn code(self) -> &'static str {
        match self {
            Self::StaffOnly => "STAFF_ONLY",
            Self::AboveYou => "ABOVE_YOU",
        }
    }
}

#[cfg(test)]
mod tests {
    use entity::{ApiKeyId, Instant, MerchantId, StaffId};

    use super::*;

    fn actor(role: Role) -> Actor {
        let who = Who::Staff {
            staff_id: StaffId(1),
            role,
        };
        Actor {
            who,
            scopes: Scopes::of_role(role),
            ..Actor::system(MerchantId(1))
        }
    }

    #[test]
    fn nobody_gives_a_role_above_their_own() {
        for role in Role::ALL {
            assert_eq!(check_above(&actor(Role::Owner), role), Ok(()));
            assert_eq!(check_above(&actor(role), role), Ok(()));
            let viewer = check_above(&actor(Role::Viewer), role);
            let is_below = role == Role::Viewer;
            assert_eq!(viewer.is_ok(), is_below, "{role:?}");
        }
        let key = Actor {
            who: Who::ApiKey(ApiKeyId(1)),
            ..Actor::system(MerchantId(1))
        };
        assert_eq!(check_above(&key, Role::Viewer), Err(Forbidden::StaffOnly));
    }

    #[test]
    fn only_who_may_move_money_is_always_let_in_by_a_code() {
        for role in Role::ALL {
            let moves = matches!(role, Role::Owner | Role::Finance);
            assert_eq!(stake_of(role) == Stake::Money, moves, "{role:?}");
        }
    }

    #[test]
    fn the_last_owner_is_the_only_one() {
        let member = |id, role| membership::Model {
            merchant_id: MerchantId(1),
            staff_id: StaffId(id),
            role,
            created_at: Instant(DateTime::UNIX_EPOCH),
        };
        let mut members = vec![member(1, Role::Owner), member(2, Role::Viewer)];
        assert!(is_last_owner(&members, &members[0]));
        assert!(!is_last_owner(&members, &members[1]));
        members.push(member(3, Role::Owner));
        assert!(!is_last_owner(&members, &members[0]));
    }
}

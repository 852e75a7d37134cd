//! Who works where: memberships with their merchants, and colleagues with their accounts.

use entity::merchant::MerchantStatus;
use entity::{MerchantId, StaffId, membership, merchant, staff};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, JoinType, QueryFilter, QueryOrder,
    QuerySelect, RelationDef,
};

/// The longest list of colleagues that is read at once.
pub(crate) const LONGEST: u64 = 500;

/// A member of staff of a merchant: the role there, and the account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Colleague {
    /// The role, and since when.
    pub membership: membership::Model,
    /// The account.
    pub staff: staff::Model,
}

/// Why no merchant can be acted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoMerchant {
    NotAMember,
    Closed,
}

/// The merchant to act for: the wanted one, or else the first that is not closed.
pub(super) fn choose(
    memberships: &[(membership::Model, merchant::Model)],
    wanted: Option<MerchantId>,
) -> Result<&(membership::Model, merchant::Model), NoMerchant> {
    let mut wanted = memberships
        .iter()
        .filter(|(membership, _)| wanted.is_none_or(|id| id == membership.merchant_id))
        .peekable();
    if wanted.peek().is_none() {
        return Err(NoMerchant::NotAMember);
    }
    wanted
        .find(|(_, merchant)| merchant.status != MerchantStatus::Closed)
        .ok_or(NoMerchant::Closed)
}

/// Every membership of a person with its merchant, the longest first.
pub(super) async fn memberships(
    db: &impl ConnectionTrait,
    staff_id: StaffId,
) -> Result<Vec<(membership::Model, merchant::Model)>, DbErr> {
    let to_merchant: RelationDef = membership::Entity::belongs_to(merchant::Entity)
        .from(membership::Column::MerchantId)
        .to(merchant::Column::Id)
        .into();
    let rows = membership::Entity::of_staff(staff_id)
        .join(JoinType::InnerJoin, to_merchant)
        .order_by_asc(membership::Column::CreatedAt)
        .order_by_asc(membership::Column::MerchantId)
        .select_also(merchant::Entity)
        .all(db)
        .await?;
    let joined = |(membership, merchant): (_, Option<_>)| Some((membership, merchant?));
    Ok(rows.into_iter().filter_map(joined).collect())
}

/// A merchant's members of staff, the longest first; of some ids, or all.
pub(crate) async fn colleagues(
    db: &impl ConnectionTrait,
    merchant_id: MerchantId,
    ids: Option<Vec<StaffId>>,
) -> Result<Vec<Colleague>, DbErr> {
    let to_staff: RelationDef = membership::Entity::belongs_to(staff::Entity)
        .from(membership::Column::StaffId)
        .to(staff::Column::Id)
        .into();
    let mut query = membership::Entity::of(merchant_id).join(JoinType::InnerJoin, to_staff);
    if let Some(ids) = ids {
        query = query.filter(membership::Column::StaffId.is_in(ids));
    }
    let rows = query
        .order_by_asc(membership::Column::CreatedAt)
        .order_by_asc(membership::Column::StaffId)
        .limit(LONGEST)
        .select_also(staff::Entity)
        .all(db)
        .await?;
    Ok(rows
        .into_iter()
        .filter_map(|(membership, staff)| staff.map(|staff| Colleague { membership, staff }))
        .collect())
}

#[cfg(test)]
mod tests {
    use entity::Instant;
    use entity::membership::Role;
    use entity::merchant::LatePaymentPolicy;

    use super::*;

    fn works_for(id: i64, status: MerchantStatus) -> (membership::Model, merchant::Model) {
        let since = Instant(chrono::DateTime::UNIX_EPOCH);
        (
            membership::Model {
                merchant_id: MerchantId(id),
                staff_id: StaffId(1),
                role: Role::Viewer,
                created_at: since,
            },
            merchant::Model {
                id: MerchantId(id),
                name: String::new(),
                time_zone: String::new(),
                currency: String::new(),
                locale: String::new(),
                status,
                late_payment_policy: LatePaymentPolicy::Accept,
                created_at: since,
                settlement_cycle: entity::channel::SettlementCycle::T,
                settlement_days: 1,
                refund_approval_above_minor: None,
                refund_approval_roles: String::new(),
                payout_approval_above_minor: None,
                payout_approval_before_minor: None,
                payout_approval_before_until: None,
            },
        )
    }

    #[test]
    fn the_wanted_merchant_is_chosen_and_a_closed_one_never() {
        use MerchantStatus::{Active, Closed, Suspended};
        let all = [
            works_for(1, Closed),
            works_for(2, Suspended),
            works_for(3, Active),
        ];
        for (wanted, chosen) in [
            (None, Ok(2)),
            (Some(3), Ok(3)),
            (Some(1), Err(NoMerchant::Closed)),
            (Some(4), Err(NoMerchant::NotAMember)),
        ] {
            let found = choose(&all, wanted.map(MerchantId));
            assert_eq!(
                found.map(|(membership, _)| membership.merchant_id.0),
                chosen
            );
        }
        assert_eq!(choose(&[], None), Err(NoMerchant::NotAMember));
        assert_eq!(choose(&all[..1], None), Err(NoMerchant::Closed));
    }
}

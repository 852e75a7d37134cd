//! How far a merchant's statistics have come.

use sea_orm::entity::prelude::*;

use crate::{Instant, MerchantId};

/// What a build holds since figures by product are kept.
pub const WITH_PRODUCTS: i16 = 2;
/// What a build holds since figures by tier are kept.
pub const WITH_TIERS: i16 = 3;
/// What a build holds today: one that holds less is built anew.
pub const SHAPE: i16 = WITH_TIERS;

/// How far a merchant's statistics have come.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "statistics_positions")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// The build that is served.
    pub generation: i16,
    /// The number of the last event that is in it.
    pub seq: i64,
    /// The time zone that its hours and days follow.
    pub time_zone: String,
    /// When the last event that is in it happened; at first, when it was built.
    pub as_of: Instant,
    /// When it was built.
    pub built_at: Instant,
    /// What the build holds: see [`SHAPE`].
    pub shape: i16,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();

/// A position, and what lies ahead of it.
#[derive(Clone, Debug, sea_orm::FromQueryResult)]
pub struct Standing {
    /// The build that is served.
    pub generation: i16,
    /// The number of the last event that is in it.
    pub seq: i64,
    /// The time zone that its hours and days follow.
    pub time_zone: String,
    /// When the last event that is in it happened.
    pub as_of: Instant,
    /// What the build holds.
    pub shape: i16,
    /// The number of the merchant's last event; none before the first.
    pub last_seq: Option<i64>,
    /// When the first of the next events happened that are not in it, as far as they are kept.
    pub next_at: Option<Instant>,
    /// When the first thing happened that was committed and has no number yet.
    pub unnumbered_at: Option<Instant>,
}

/// Of how many of the next events the first instant is looked for: numbers follow commits, and what was committed
/// later may have happened a moment before.
const NEXT: i64 = 100;

impl Entity {
    /// A merchant's position beside its newest event, to be read as [`Standing`].
    #[must_use]
    pub fn standing(merchant_id: MerchantId) -> sea_orm::Select<Self> {
        use crate::{event, event_head};
        use sea_orm::sea_query::{Expr, ExprTrait, Query};
        use sea_orm::{QuerySelect, QueryTrait};
        let head = event_head::Entity::of(merchant_id)
            .select_only()
            .column(event_head::Column::LastSeq)
            .into_query();
        let first = || {
            Query::select()
                .expr(Expr::col((event::Entity, event::Column::OccurredAt)).min())
                .from(event::Entity)
                .and_where(event::Column::MerchantId.eq(merchant_id))
                .to_owned()
        };
        let seq = || Expr::col((event::Entity, event::Column::Seq));
        let position = || Expr::col((Self, Column::Seq));
        let next = first()
            .and_where(seq().gt(position()))
            .and_where(seq().lte(position().add(NEXT)))
            .to_owned();
        let unnumbered = first().and_where(seq().is_null()).to_owned();
        Self::of(merchant_id)
            .select_only()
            .columns([
                Column::Generation,
                Column::Seq,
                Column::TimeZone,
                Column::AsOf,
                Column::Shape,
            ])
            .expr_as(Expr::SubQuery(None, Box::new(head.into())), "last_seq")
            .expr_as(Expr::SubQuery(None, Box::new(next.into())), "next_at")
            .expr_as(
                Expr::SubQuery(None, Box::new(unnumbered.into())),
                "unnumbered_at",
            )
    }

    /// Of all merchants, those with events that their statistics have not counted, with what the position
    /// says, if there is one: the projector's list.
    #[must_use]
    pub fn behind() -> sea_orm::Select<crate::event_head::Entity> {
        use crate::event_head;
        use sea_orm::{Condition, EntityTrait, JoinType, QueryFilter, QuerySelect};
        let to_position = event_head::Entity::belongs_to(Self)
            .from(event_head::Column::MerchantId)
            .to(Column::MerchantId)
            .into();
        let last = sea_orm::sea_query::Expr::col((event_head::Entity, event_head::Column::LastSeq));
        event_head::Entity::find()
            .join(JoinType::LeftJoin, to_position)
            .filter(Condition::any().add(Column::MerchantId.is_null()).add(
                sea_orm::sea_query::ExprTrait::gt(
                    last,
                    sea_orm::sea_query::Expr::col((Self, Column::Seq)),
                ),
            ))
            .select_only()
            .column(event_head::Column::MerchantId)
            .column(event_head::Column::PrunedSeq)
            .column_as(Column::Seq, "seq")
    }

    /// Of all merchants, those that have no statistics, some for another time zone than theirs, or some that
    /// hold less than they should.
    #[must_use]
    pub fn unbuilt() -> sea_orm::Select<crate::merchant::Entity> {
        use crate::merchant;
        use sea_orm::sea_query::{Expr, ExprTrait};
        use sea_orm::{Condition, EntityTrait, JoinType, QueryFilter, QuerySelect};
        let to_position = merchant::Entity::belongs_to(Self)
            .from(merchant::Column::Id)
            .to(Column::MerchantId)
            .into();
        let zone = Expr::col((merchant::Entity, merchant::Column::TimeZone));
        merchant::Entity::find()
            .join(JoinType::LeftJoin, to_position)
            .filter(
                Condition::any()
                    .add(Column::MerchantId.is_null())
                    .add(zone.ne(Expr::col((Self, Column::TimeZone))))
                    .add(Column::Shape.lt(SHAPE)),
            )
            .select_only()
            .column(merchant::Column::Id)
    }
}

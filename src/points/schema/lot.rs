//! Lots, as clients see them.

use async_graphql::dataloader::DataLoader;
use async_graphql::{Context, Enum, ID};
use chrono_tz::Tz;
use entity::point_lot;

use super::entry::made_at;
use crate::error::Error;
use crate::graphql::connection::connection;
use crate::graphql::plain::{Lean, plain_object, plain_scalars};
use crate::graphql::scalars::{LocalDate, Timestamp};
use crate::members::loader::MemberLoader;
use crate::members::schema::Member;
use crate::points::service::last_day;

/// Where points came from 积分来源.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::point_lot::PointOrigin")]
pub enum PointOrigin {
    /// 消费: an order.
    Order,
    /// 人工调整: somebody gave them.
    Adjustment,
    /// 生日礼: the birthday.
    Birthday,
    /// 入会周年礼: the day on which they joined.
    Anniversary,
    /// 退回: they were spent, given back, and had ended meanwhile.
    Restored,
    /// 导入: a balance from elsewhere.
    Import,
}

plain_scalars!(PointOrigin);

/// A lot of points.
#[derive(Clone, Debug)]
pub struct PointLot {
    row: point_lot::Model,
    zone: Tz,
}

impl PointLot {
    /// A lot of a merchant in this zone.
    #[must_use]
    pub const fn of(row: point_lot::Model, zone: Tz) -> Self {
        Self { row, zone }
    }
}

plain_object! {
    /// A lot 积分批次: points that came together, and end together.
    PointLot(self) {
        /// What names it; no node has this id.
        id / "id": ID = ID(self.row.id.to_string());
        /// Where they came from 来源.
        origin / "origin": PointOrigin = self.row.origin.into();
        /// How many came 获得积分.
        earned / "earned": i64 = self.row.earned;
        /// How many are left 剩余积分.
        remaining / "remaining": i64 = self.row.remaining;
        /// When they came 获得时间.
        created_at / "createdAt": Timestamp = made_at(self.row.id.made_at_ms());
        /// From when they can be spent 生效时间; null once they can.
        releases_at / "releasesAt": Option<Timestamp> = self.row.releases_at.map(Timestamp::from);
        /// When they end 失效时间; null for never.
        expires_at / "expiresAt": Option<Timestamp> = self.row.expires_at.map(Timestamp::from);
        /// The last day on which they can be spent 最后有效日; null where they never end.
        last_day / "lastDay": Option<LocalDate> =
            self.row.expires_at.map(|at| LocalDate(last_day(at, self.zone)));
    }
    {
        /// Whose they are.
        async fn member(&self, ctx: &Context<'_>) -> Result<Lean<Member>, Error> {
            let loader = ctx.data_unchecked::<DataLoader<MemberLoader>>();
            let row = loader.load_one(self.row.member_id).await?;
            row.map(|row| Lean(row.into())).ok_or(Error::NotFound)
        }
    }
}

connection! {
    /// A list of lots.
    PointLotConnection
    /// A lot in a list.
    PointLotEdge
    /// The lot.
    node: Lean<PointLot>
}

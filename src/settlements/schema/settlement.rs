//! Settlements, as clients see them.

use async_graphql::dataloader::DataLoader;
use async_graphql::{Context, ID};

use crate::channels::loader::ChannelLoader;
use crate::channels::schema::Channel;
use crate::error::Error;
use crate::graphql::connection::connection;
use crate::graphql::plain::{Lean, plain_object};
use crate::graphql::scalars::{LocalDate, Timestamp};
use crate::money::{Currency, Money};
use crate::settlements::service::Settled;

/// A settlement.
#[derive(Clone, Debug)]
pub struct Settlement {
    /// The row.
    pub row: Settled,
}

plain_object! {
    /// A settlement 结算: money of one channel that became available.
    Settlement(self) {
        /// The global id.
        id / "id": ID = ID(self.row.id.to_string());
        /// How much.
        amount / "amount": Money = Money::of_minor(
            self.row.amount_minor,
            Currency::of_code(&self.row.currency).unwrap_or(Currency::Cny),
        );
        /// Of how many payments.
        payments / "payments": i32 = self.row.payments;
        /// The merchant's day on which it was due 结算日.
        settles_on / "settlesOn": LocalDate = LocalDate(self.row.settles_on.into());
        /// When it became available.
        released_at / "releasedAt": Timestamp = self.row.released_at.into();
    }
    {
        /// The channel that it came through.
        async fn channel(&self, ctx: &Context<'_>) -> Result<Lean<Channel>, Error> {
            let loader = ctx.data_unchecked::<DataLoader<ChannelLoader>>();
            let row = loader.load_one(self.row.channel_id).await?;
            row.map(|row| Lean(Channel { row })).ok_or(Error::NotFound)
        }
    }
}

connection! {
    /// A list of settlements.
    SettlementConnection
    /// A settlement in a list.
    SettlementEdge
    /// The settlement.
    node: Lean<Settlement>
}

//! How fast an execution may follow the events: it pays, and waits for its turn, like a request.

use std::time::Duration;

use super::rendering::Asked;
use crate::error::Error;
use crate::graphql::gateway::{Caller, Gateway};
use crate::throttle::turns::Turn;

/// How long it waits where nobody says how long.
const MOMENT: Duration = Duration::from_millis(100);

/// Who pays for an execution, and what each lot of events costs. Nothing is skipped and nobody is refused where
/// that is spent: the events wait.
#[derive(Debug)]
pub struct Pace {
    gateway: Gateway,
    payer: Caller,
    is_shared: bool,
    cost: u64,
}

impl Pace {
    /// What is told to many is paid by their merchant.
    pub fn of_merchant(gateway: &Gateway, asked: &Asked) -> Self {
        Self {
            gateway: gateway.clone(),
            payer: asked.caller.clone(),
            is_shared: true,
            cost: asked.prepared.cost(),
        }
    }

    /// What is told to one is paid by that one.
    pub fn of_one(gateway: &Gateway, payer: Caller, cost: u64) -> Self {
        Self {
            gateway: gateway.clone(),
            payer,
            is_shared: false,
            cost,
        }
    }

    /// Pays for the next lot of events, and takes a turn among the merchant's requests.
    pub async fn turn(&self) -> Turn {
        loop {
            match self.try_turn().await {
                Ok(turn) => return turn,
                Err(Error::RateLimited { retry_after_ms }) => {
                    tokio::time::sleep(Duration::from_millis(retry_after_ms)).await;
                }
                Err(_) => tokio::time::sleep(MOMENT).await,
            }
        }
    }

    async fn try_turn(&self) -> Result<Turn, Error> {
        let throttle = &self.gateway.throttle;
        match &self.payer.actor {
            Some(actor) if self.is_shared => {
                throttle
                    .charge_merchant(actor.merchant_id, self.cost)
                    .await?;
            }
            _ => self.gateway.charge(&self.payer, self.cost).await?,
        }
        throttle.turn(self.payer.actor.as_ref()).await
    }
}

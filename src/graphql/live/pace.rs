//! How fast an execution may follow the events: it pays, and waits for its turn, like a request.

use std::time::Duration;

use super::rendering::Asked;
use crate::error::Error;
use crate::graphql::gateway::{Caller, Gateway};
use crate::throttle::turns::Turn;

/// How long it waits where nobody says how long, and before it queues for a turn once more.
const MOMENT: Duration = Duration::from_millis(10);

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

    /// Whether many are told.
    pub const fn is_shared(&self) -> bool {
        self.is_shared
    }

    /// Pays for the next lot of events.
    pub async fn pay(&self) {
        while let Err(error) = self.charge().await {
            wait(&error).await;
        }
    }

    /// Takes a turn among the merchant's requests.
    pub async fn turn(&self) -> Turn {
        let payer = self.payer.actor.as_ref();
        loop {
            match self.gateway.throttle.turn(payer).await {
                Ok(turn) => return turn,
                Err(_) => tokio::time::sleep(MOMENT).await,
            }
        }
    }

    async fn charge(&self) -> Result<(), Error> {
        match &self.payer.actor {
            Some(actor) if self.is_shared => {
                let throttle = &self.gateway.throttle;
                throttle.charge_merchant(actor.merchant_id, self.cost).await
            }
            _ => self.gateway.charge(&self.payer, self.cost).await,
        }
    }
}

/// Until there may be enough again.
async fn wait(error: &Error) {
    let wait = match error {
        Error::RateLimited { retry_after_ms } => Duration::from_millis(*retry_after_ms),
        _ => MOMENT,
    };
    tokio::time::sleep(wait).await;
}

//! Lets a request in: it pays what it costs, and waits for its turn among its merchant's.

use super::gateway::{Caller, Gateway, Prepared};
use crate::error::Error;
use crate::throttle::turns::Turn;

/// What every request costs, whatever it asks for: it is paid before its document is looked at, so that what
/// cannot be meant is not free.
const BASE: u64 = 10;

impl Gateway {
    /// Takes the price of looking at a request at all.
    pub(super) async fn knock(&self, caller: &Caller) -> Result<(), Error> {
        self.charge(caller, BASE).await
    }

    /// Takes a price from whoever asks, or says when to ask again.
    pub async fn charge(&self, caller: &Caller, price: u64) -> Result<(), Error> {
        let (actor, ip) = (caller.actor.as_ref(), caller.info.ip);
        self.throttle.charge(actor, ip, price).await
    }

    /// Takes what a request costs to execute, and waits for its merchant's turn, which lasts until it is
    /// dropped. Logging in is paid by the address, whoever asks: a merchant's budget buys many guesses, and
    /// they would stand in the way of everybody who signs in.
    pub async fn admit(&self, caller: &Caller, prepared: &Prepared) -> Result<Turn, Error> {
        let actor = caller.actor.as_ref();
        let payer = actor.filter(|_| !prepared.logs_in());
        self.throttle
            .charge(payer, caller.info.ip, prepared.cost())
            .await?;
        self.throttle.turn(actor).await
    }
}

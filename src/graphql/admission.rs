//! Lets a request in: it pays what it costs, and waits for its turn among its merchant's.

use super::gateway::{Caller, Gateway, Prepared};
use crate::error::Error;
use crate::throttle::turns::Turn;

/// What every request costs, whatever it asks for: it is paid before its document is looked at, so that what
/// cannot be meant is not free.
const BASE: u64 = 10;

impl Gateway {
    /// Takes the price of looking at a request at all, from this instance's own buckets: Redis is asked once,
    /// when it is known what the request costs.
    pub(super) fn knock(&self, caller: &Caller) -> Result<(), Error> {
        let (actor, ip) = (caller.actor.as_ref(), caller.info.ip);
        self.throttle.knock(actor, ip, BASE)
    }

    /// Tells Redis of a request that was looked at and refused. Whether anything is left there changes nothing
    /// any more: the refusal is the answer.
    pub(super) async fn turn_away(&self, caller: &Caller) {
        let (actor, ip) = (caller.actor.as_ref(), caller.info.ip);
        let _ = self.throttle.settle(actor, ip, BASE, 0).await;
    }

    /// Takes a price from whoever asks, or says when to ask again.
    pub async fn charge(&self, caller: &Caller, price: u64) -> Result<(), Error> {
        let (actor, ip) = (caller.actor.as_ref(), caller.info.ip);
        self.throttle.settle(actor, ip, 0, price).await
    }

    /// Takes what a request costs to execute. Logging in is paid by the address, whoever asks: a merchant's
    /// budget buys many guesses, and they would stand in the way of everybody who signs in.
    pub(super) async fn pay(&self, caller: &Caller, prepared: &Prepared) -> Result<(), Error> {
        let payer = caller.actor.as_ref().filter(|_| !prepared.logs_in());
        let (ip, cost) = (caller.info.ip, prepared.cost());
        self.throttle.settle(payer, ip, BASE, cost).await
    }

    /// Takes what a request costs to execute, and waits for its merchant's turn, which lasts until it is
    /// dropped.
    pub async fn admit(&self, caller: &Caller, prepared: &Prepared) -> Result<Turn, Error> {
        self.pay(caller, prepared).await?;
        self.throttle.turn(caller.actor.as_ref()).await
    }
}

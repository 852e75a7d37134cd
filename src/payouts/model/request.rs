//! Whether a payout may be made now, and what arrives of it.

use chrono::{DateTime, TimeDelta, Utc};
use entity::bank_account::{self, BankAccountState};
use entity::channel::{self, ChannelKind};
use entity::merchant::{self, MerchantStatus};
use entity::{ChannelId, PayoutId, payout_challenge};
use serde::Serialize;

use super::{ChallengeRefusal, CreateRefusal, PlayMoney, Terms};
use crate::channels::model::{check_pays_out, plays};
use crate::error::Problem;
use crate::ledger::model::Insufficient;
use crate::money::{Currency, Money};

/// How long a challenge may be signed.
pub const CHALLENGE_FOR: TimeDelta = TimeDelta::minutes(2);
/// The longest note, in characters.
const LONGEST_NOTE: usize = 200;

/// The payout number, as payment platforms know it: the decimal digits of the id.
#[must_use]
pub fn payout_no(id: PayoutId) -> String {
    id.0.to_string()
}

/// The channel that pays out: the one of the terms, or the first enabled one that can. The sandbox moves no money,
/// and stands in for nobody: it pays out where the merchant has no real platform's channel, enabled or not, or where
/// the terms name it. `channels` are in the order of the payment page. That its credentials are new makes no other one
/// pay out: which one does is no surprise.
#[must_use]
pub fn pick_channel<'a>(
    channels: &'a [channel::Model],
    terms: &Terms,
    currency: Currency,
) -> Option<&'a channel::Model> {
    let able = |kind: ChannelKind| match kind {
        ChannelKind::Sandbox => true,
        ChannelKind::EpayV2 => currency == Currency::Cny,
        ChannelKind::EpayV1 => false,
    };
    let mut able = channels.iter().filter(|channel| able(channel.kind));
    if let Some(wanted) = terms.channel_id {
        return able.find(|channel| channel.id == wanted);
    }
    let plays = plays(channels);
    able.find(|channel| channel.enabled && (plays || channel.kind != ChannelKind::Sandbox))
}

/// What is known where a payout is decided.
#[derive(Clone, Copy, Debug)]
pub struct Payable<'a> {
    /// The merchant.
    pub merchant: &'a merchant::Model,
    /// Its terms.
    pub terms: &'a Terms,
    /// The bank account; none where there is no such one.
    pub account: Option<&'a bank_account::Model>,
    /// Whether only the sandbox has checked it, which proves nothing.
    pub checked_by_sandbox: bool,
    /// The channel that would pay out.
    pub channel: Option<&'a channel::Model>,
    /// What left today or is about to, in minor units.
    pub used_today_minor: i64,
    /// What is available through the sandbox alone, in minor units: a real platform pays none of it out.
    pub sandbox_minor: i64,
    /// The currency.
    pub currency: Currency,
}

/// A payout, decided upon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewPayout {
    /// What leaves the balance, in minor units.
    pub amount_minor: i64,
    /// The fee in it, in minor units.
    pub fee_minor: i64,
    /// What arrives, in minor units.
    pub net_minor: i64,
    /// The channel that pays out.
    pub channel_id: ChannelId,
}

impl Payable<'_> {
    fn money(&self, minor: i64) -> Money {
        Money::of_minor(minor, self.currency)
    }

    /// What is left of today's limit, in minor units; none without a limit.
    #[must_use]
    pub fn left_today(&self) -> Option<i64> {
        let max = self.terms.daily_max_minor?;
        Some((max - self.used_today_minor).max(0))
    }

    /// Whether so much is there to leave.
    pub fn check_available(
        &self,
        available_minor: i64,
        wanted_minor: i64,
    ) -> Result<(), ChallengeRefusal> {
        if available_minor < wanted_minor {
            return Err(ChallengeRefusal::InsufficientBalance(Insufficient {
                available_minor,
                wanted_minor,
                currency: self.currency,
            }));
        }
        if available_minor - self.sandbox_minor < wanted_minor {
            let sandbox = self.money(self.sandbox_minor);
            return Err(PlayMoney { sandbox }.into());
        }
        Ok(())
    }

    /// Whether the account takes payouts now.
    pub fn check_account(&self, now: DateTime<Utc>) -> Result<(), ChallengeRefusal> {
        let account = self.account.ok_or(ChallengeRefusal::AccountNotFound)?;
        if account.state != BankAccountState::Verified {
            return Err(ChallengeRefusal::AccountNotVerified);
        }
        let is_real = |channel: &channel::Model| channel.kind != ChannelKind::Sandbox;
        if self.checked_by_sandbox && self.channel.is_some_and(is_real) {
            return Err(ChallengeRefusal::AccountNotProven);
        }
        match account.payable_from {
            Some(from) if from.0 <= now => Ok(()),
            Some(from) => Err(ChallengeRefusal::AccountCoolingOff { until: from.0 }),
            None => Err(ChallengeRefusal::AccountNotVerified),
        }
    }
}

/// Decides whether so much may leave now, and what arrives of it. Whether it is there, the ledger says.
pub fn decide(
    known: &Payable<'_>,
    amount_minor: i64,
    now: DateTime<Utc>,
) -> Result<NewPayout, ChallengeRefusal> {
    if known.merchant.status != MerchantStatus::Active {
        return Err(ChallengeRefusal::MerchantSuspended);
    }
    known.check_account(now)?;
    if amount_minor < 1 {
        return Err(ChallengeRefusal::Invalid {
            field: "amount".to_owned(),
            problem: Problem::new("`amount` must be more than zero.", "`amount` 须大于零。"),
        });
    }
    let terms = known.terms;
    if amount_minor < terms.min_minor {
        let min = known.money(terms.min_minor);
        return Err(ChallengeRefusal::AmountTooSmall { min });
    }
    if amount_minor > terms.max_minor {
        let max = known.money(terms.max_minor);
        return Err(ChallengeRefusal::AmountTooLarge { max });
    }
    if let (Some(max), Some(left)) = (terms.daily_max_minor, known.left_today())
        && amount_minor > left
    {
        return Err(ChallengeRefusal::DailyLimit {
            max: known.money(max),
            left: known.money(left),
        });
    }
    let fee_minor = terms.fee(amount_minor);
    let net_minor = amount_minor - fee_minor;
    if net_minor < 1 {
        let fee = known.money(fee_minor);
        return Err(ChallengeRefusal::NothingArrives { fee });
    }
    let channel = known.channel.ok_or(ChallengeRefusal::NoChannel)?;
    check_pays_out(channel, now)?;
    Ok(NewPayout {
        amount_minor,
        fee_minor,
        net_minor,
        channel_id: channel.id,
    })
}

/// A payout that is asked for: nothing but what was seen and signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CreateDraft {
    /// The challenge.
    pub challenge_id: i64,
    /// Why, in words.
    pub note: Option<String>,
}

impl CreateDraft {
    /// Whether its note can be kept, and told to a payment platform.
    pub fn check(&self) -> Result<(), CreateRefusal> {
        let fits = |note: &str| {
            note.chars().count() <= LONGEST_NOTE && !note.chars().any(char::is_control)
        };
        if self.note.as_deref().is_none_or(fits) {
            Ok(())
        } else {
            Err(CreateRefusal::InvalidNote)
        }
    }
}

/// Whether a challenge may be signed now.
pub fn check_challenge(
    challenge: &payout_challenge::Model,
    now: DateTime<Utc>,
) -> Result<(), CreateRefusal> {
    if challenge.used_at.is_some() {
        return Err(CreateRefusal::ChallengeUsed);
    }
    if challenge.expires_at.0 <= now {
        return Err(CreateRefusal::ChallengeExpired);
    }
    Ok(())
}

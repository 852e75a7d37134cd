//! What mutations of payouts answer.

use super::object::{Payout, PayoutChallenge};
use super::schedule::PayoutSchedule;
use super::terms::PayoutTerms;
use crate::graphql::payload::payload;
use crate::graphql::plain::Lean;
use crate::locale::Locale;
use crate::payouts::model::{
    ApprovalSetRefusal, ApproveRefusal, CancelRefusal, ChallengeRefusal, CreateRefusal,
    RejectRefusal, ScheduleRefusal,
};

payload! {
    /// What `payoutChallengeCreate` did.
    PayoutChallengeCreatePayload {
        /// What is to be signed.
        challenge: PayoutChallenge,
    }
    /// Why no payout could be made now.
    PayoutChallengeCreateError / PayoutChallengeCreateErrorCode from ChallengeRefusal {
        /// The merchant is suspended.
        MerchantSuspended,
        /// An API key asked; only a member of staff can.
        StaffOnly,
        /// There is no such bank account.
        AccountNotFound,
        /// The bank account is not verified, or was unbound.
        AccountNotVerified,
        /// Only the sandbox has checked the bank account, and a real platform would pay out: bind it anew.
        AccountNotProven,
        /// The bank account is too new; the message says from when on payouts go to it.
        AccountCoolingOff,
        /// A field of the input cannot be meant; `field` names it.
        Invalid,
        /// Less than is paid out at once; the message says how much that is.
        AmountTooSmall,
        /// More than is paid out at once; the message says how much that is.
        AmountTooLarge,
        /// The fee would take all of it.
        NothingArrives,
        /// More than is left of the day's limit; the message says how much that is.
        DailyLimit,
        /// No enabled channel pays out.
        NoChannel,
        /// No second factor has agreed to the credentials of the channel that would pay out: set them with a `code`.
        ChannelUnsigned,
        /// The credentials of the channel that would pay out are new; the message says from when on money leaves.
        ChannelCoolingOff,
        /// There is not enough money; the message says how much is available.
        InsufficientBalance,
        /// What is wanted came in through the sandbox, and would leave through a real platform; the message says how
        /// much that is.
        SandboxMoney,
    }
}

/// A refusal, as a quote tells it.
pub(super) fn refusal_told(
    refusal: &ChallengeRefusal,
    locale: Locale,
) -> Option<PayoutChallengeCreateError> {
    PayoutChallengeCreatePayload::refused(refusal, locale)
        .user_errors
        .pop()
}

payload! {
    /// What `payoutCreate` did.
    PayoutCreatePayload {
        /// The payout: PROCESSING, or AWAITING_APPROVAL.
        payout: Lean<Payout>,
    }
    /// Why a payout is not made.
    PayoutCreateError / PayoutCreateErrorCode from CreateRefusal {
        /// There is no such challenge of yours.
        ChallengeNotFound,
        /// The challenge was signed before.
        ChallengeUsed,
        /// The challenge has ended.
        ChallengeExpired,
        /// Something has changed since: the fee, or the channel that pays out, would be another. Ask for a new
        /// challenge.
        ChallengeOutdated,
        /// It cannot be made any more; the message says which rule forbids it.
        Refused,
        /// The note is too long.
        InvalidNote,
        /// The idempotency key was used with another input.
        KeyReused,
        /// The first request with this idempotency key is still under way: send the same again shortly.
        InProgress,
    } with SecondFactor
}

payload! {
    /// What `payoutCancel` did.
    PayoutCancelPayload {
        /// The payout, CANCELED.
        payout: Lean<Payout>,
    }
    /// Why a payout was not called off.
    PayoutCancelError / PayoutCancelErrorCode from CancelRefusal {
        /// There is no such payout.
        NotFound,
        /// It may be on its way to the bank, or has come to its end.
        TooLate,
        /// An API key asked; only a member of staff can.
        StaffOnly,
        /// The idempotency key was used with another input.
        KeyReused,
        /// The first request with this idempotency key is still under way: send the same again shortly.
        InProgress,
    }
}

payload! {
    /// What `payoutApprove` did.
    PayoutApprovePayload {
        /// The payout, PROCESSING.
        payout: Lean<Payout>,
    }
    /// Why a payout was not approved.
    PayoutApproveError / PayoutApproveErrorCode from ApproveRefusal {
        /// The merchant is suspended.
        MerchantSuspended,
        /// There is no such payout.
        NotFound,
        /// It does not wait for approval.
        NotAwaitingApproval,
        /// You asked for it yourself, or set the schedule that did.
        OwnRequest,
        /// It is not what was asked for: somebody has edited it. Reject it.
        NotAsRequested,
        /// The note is too long.
        InvalidNote,
        /// The idempotency key was used with another input.
        KeyReused,
        /// The first request with this idempotency key is still under way: send the same again shortly.
        InProgress,
    } with SecondFactor
}

payload! {
    /// What `payoutReject` did.
    PayoutRejectPayload {
        /// The payout, REJECTED.
        payout: Lean<Payout>,
    }
    /// Why a payout was not rejected.
    PayoutRejectError / PayoutRejectErrorCode from RejectRefusal {
        /// There is no such payout.
        NotFound,
        /// It does not wait for approval.
        NotAwaitingApproval,
        /// You asked for it yourself: call it off.
        OwnRequest,
        /// An API key asked; only a member of staff can.
        StaffOnly,
        /// The note is missing or too long.
        InvalidNote,
        /// The idempotency key was used with another input.
        KeyReused,
        /// The first request with this idempotency key is still under way: send the same again shortly.
        InProgress,
    }
}

payload! {
    /// What `payoutApprovalSet` did.
    PayoutApprovalSetPayload {
        /// The terms, as they are now.
        terms: PayoutTerms,
    }
    /// Why it was not set which payouts wait for a second person.
    PayoutApprovalSetError / PayoutApprovalSetErrorCode from ApprovalSetRefusal {
        /// An amount below zero, in another currency, or with too many decimals; `field` names it.
        InvalidAmount,
    } with SecondFactor
}

payload! {
    /// What `payoutScheduleSet` did.
    PayoutScheduleSetPayload {
        /// The schedule, as it is now.
        schedule: Lean<PayoutSchedule>,
    }
    /// Why the payout schedule was not set.
    PayoutScheduleSetError / PayoutScheduleSetErrorCode from ScheduleRefusal {
        /// There is no such bank account.
        AccountNotFound,
        /// The bank account is not verified, or was unbound.
        AccountNotVerified,
        /// A field of the input cannot be meant; `field` names it.
        Invalid,
        /// Somebody has changed it meanwhile; the message says which version it has now.
        VersionConflict,
    } with SecondFactor
}

//! Why a payout is not made: each reason with the rule's figure.

use chrono::{DateTime, Utc};

use crate::channels::model::NotYet;
use crate::error::{Problem, Refusal};
use crate::idempotency;
use crate::ledger::model::Insufficient;
use crate::money::Money;
use crate::second_factor::model::SecondFactorRefusal;

/// Why a payout could not be made now, whoever asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChallengeRefusal {
    /// The merchant may not act at the moment.
    MerchantSuspended,
    /// A program asked; only a person can.
    StaffOnly,
    /// There is no such bank account.
    AccountNotFound,
    /// It is not verified, or was unbound.
    AccountNotVerified,
    /// Only the sandbox has checked it, and a real platform would pay out.
    AccountNotProven,
    /// It is too new for payouts.
    AccountCoolingOff {
        /// From when on payouts go to it.
        until: DateTime<Utc>,
    },
    /// A field of the input cannot be meant.
    Invalid {
        /// Which.
        field: String,
        /// What is wrong.
        problem: Problem,
    },
    /// Less than is paid out at once.
    AmountTooSmall {
        /// The least amount.
        min: Money,
    },
    /// More than is paid out at once.
    AmountTooLarge {
        /// The highest amount.
        max: Money,
    },
    /// The fee would take all of it.
    NothingArrives {
        /// The fee.
        fee: Money,
    },
    /// More than may leave on one day.
    DailyLimit {
        /// The highest sum of a day.
        max: Money,
        /// What is left of it today.
        left: Money,
    },
    /// None of the merchant's channels pays out.
    NoChannel,
    /// No second factor has agreed to the credentials of the channel that would.
    ChannelUnsigned,
    /// The credentials of the channel that would are new.
    ChannelCoolingOff {
        /// From when on money leaves by them.
        until: DateTime<Utc>,
    },
    /// There is not enough money.
    InsufficientBalance(Insufficient),
    /// There is not enough that did not come in through the sandbox.
    SandboxMoney(PlayMoney),
}

/// Money that came in through the sandbox, which no real platform pays out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlayMoney {
    /// How much of it is available.
    pub sandbox: Money,
}

impl From<PlayMoney> for ChallengeRefusal {
    fn from(money: PlayMoney) -> Self {
        Self::SandboxMoney(money)
    }
}

impl From<NotYet> for ChallengeRefusal {
    fn from(not_yet: NotYet) -> Self {
        match not_yet {
            NotYet::Unsigned => Self::ChannelUnsigned,
            NotYet::CoolingOff { until } => Self::ChannelCoolingOff { until },
        }
    }
}

impl Refusal for ChallengeRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::MerchantSuspended => Problem::new(
                "The merchant is suspended and pays nothing out.",
                "商户已停用，不能提现。",
            ),
            Self::StaffOnly => SecondFactorRefusal::StaffOnly.message(),
            Self::AccountNotFound => {
                Problem::new("There is no such bank account.", "结算账户不存在。")
            }
            Self::AccountNotVerified => Problem::new(
                "Payouts go to verified bank accounts alone.",
                "仅可提现至已验证的结算账户。",
            ),
            Self::AccountNotProven => Problem::new(
                "Only the sandbox has checked this bank account, which proves nothing: unbind it, and bind it anew.",
                "该结算账户仅由沙箱验证，不能证明归属：请解绑后重新绑定。",
            ),
            Self::AccountCoolingOff { until } => Problem::new(
                format!("The bank account is new; payouts go to it from {until:?} on."),
                format!("结算账户处于冷静期，{until:?} 起方可提现。"),
            ),
            Self::Invalid { problem, .. } => problem.clone(),
            Self::AmountTooSmall { min } => limit("At least", "单笔最低提现", *min),
            Self::AmountTooLarge { max } => limit("At most", "单笔最高提现", *max),
            Self::NothingArrives { fee } => Problem::new(
                format!("The fee of {} would take all of it.", shown(*fee)),
                format!("手续费 {} 将扣尽提现金额。", shown(*fee)),
            ),
            Self::DailyLimit { max, left } => Problem::new(
                format!(
                    "At most {} are paid out on one day; {} are left today.",
                    shown(*max),
                    shown(*left)
                ),
                format!("单日提现上限 {}，今日剩余 {}。", shown(*max), shown(*left)),
            ),
            Self::NoChannel => Problem::new(
                "No enabled channel pays out: the sandbox and 易支付 V2 do.",
                "没有已启用且支持提现的渠道（沙箱与易支付 V2 支持）。",
            ),
            Self::ChannelUnsigned => NotYet::Unsigned.message(),
            Self::ChannelCoolingOff { until } => NotYet::CoolingOff { until: *until }.message(),
            Self::InsufficientBalance(insufficient) => insufficient.message(),
            Self::SandboxMoney(PlayMoney { sandbox }) => Problem::new(
                format!(
                    "{} of what is available came in through the sandbox: no real platform pays it out.",
                    shown(*sandbox)
                ),
                format!(
                    "可用余额中有 {} 来自沙箱，不能通过真实渠道提现。",
                    shown(*sandbox)
                ),
            ),
        }
    }

    fn field(&self) -> Option<String> {
        let field = match self {
            Self::Invalid { field, .. } => field,
            Self::AccountNotFound
            | Self::AccountNotVerified
            | Self::AccountNotProven
            | Self::AccountCoolingOff { .. } => "bankAccountId",
            Self::AmountTooSmall { .. }
            | Self::AmountTooLarge { .. }
            | Self::NothingArrives { .. }
            | Self::DailyLimit { .. }
            | Self::InsufficientBalance(_)
            | Self::SandboxMoney(_) => "amount",
            Self::MerchantSuspended
            | Self::StaffOnly
            | Self::NoChannel
            | Self::ChannelUnsigned
            | Self::ChannelCoolingOff { .. } => return None,
        };
        Some(field.to_owned())
    }
}

fn shown(money: Money) -> String {
    format!("{} {}", money.to_decimal(), money.currency.code())
}

fn limit(en: &str, zh: &str, money: Money) -> Problem {
    Problem::new(
        format!("{en} {} are paid out at once.", shown(money)),
        format!("{zh} {}。", shown(money)),
    )
}

/// Why a payout was not made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CreateRefusal {
    /// There is no such challenge of who asks.
    ChallengeNotFound,
    /// It was signed before.
    ChallengeUsed,
    /// It has ended.
    ChallengeExpired,
    /// Something has changed since: the fee, or the channel that pays out, would be another.
    ChallengeOutdated,
    /// What forbids the payout now.
    Refused(ChallengeRefusal),
    /// The note cannot be kept.
    InvalidNote,
    /// The key was used for something else.
    KeyReused,
    /// The key's first request is still under way.
    InProgress,
    /// The code did not prove who asks.
    SecondFactor(SecondFactorRefusal),
}

impl From<SecondFactorRefusal> for CreateRefusal {
    fn from(refusal: SecondFactorRefusal) -> Self {
        Self::SecondFactor(refusal)
    }
}

impl Refusal for CreateRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::ChallengeNotFound => Problem::new(
                "There is no such challenge of yours: ask for one with `payoutChallengeCreate`.",
                "没有此提现确认，请先调用 `payoutChallengeCreate`。",
            ),
            Self::ChallengeUsed => Problem::new(
                "The challenge was signed before; each makes one payout.",
                "该提现确认已使用，每次仅可提现一笔。",
            ),
            Self::ChallengeExpired => Problem::new(
                "The challenge has ended after two minutes; ask for a new one.",
                "该提现确认已过期（两分钟内有效），请重新获取。",
            ),
            Self::ChallengeOutdated => Problem::new(
                "The fee, or the channel that pays out, would be another by now; ask for a new challenge and look at what it says.",
                "手续费或出款渠道已变化，请重新获取提现确认并核对。",
            ),
            Self::Refused(refusal) => refusal.message(),
            Self::InvalidNote => Problem::new(
                "`note` is at most 200 characters of text.",
                "`note` 最多 200 个字符。",
            ),
            Self::KeyReused => idempotency::reused(),
            Self::InProgress => idempotency::in_progress(),
            Self::SecondFactor(refusal) => refusal.message(),
        }
    }

    fn field(&self) -> Option<String> {
        let field = match self {
            Self::KeyReused | Self::InProgress => "idempotencyKey",
            Self::InvalidNote => "note",
            Self::SecondFactor(refusal) => return refusal.field(),
            _ => "challengeId",
        };
        Some(field.to_owned())
    }

    fn denial(&self) -> Option<&'static str> {
        match self {
            Self::SecondFactor(refusal) => refusal.denial(),
            _ => None,
        }
    }
}

/// Why the schedule was not set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScheduleRefusal {
    /// There is no such bank account.
    AccountNotFound,
    /// It is not verified, or was unbound.
    AccountNotVerified,
    /// A field of the input cannot be meant.
    Invalid {
        /// Which.
        field: String,
        /// What is wrong.
        problem: Problem,
    },
    /// Somebody else has changed it meanwhile.
    VersionConflict {
        /// Its version now; 0 where there is none yet.
        current: i32,
    },
    /// The code did not prove who asks.
    SecondFactor(SecondFactorRefusal),
}

impl From<SecondFactorRefusal> for ScheduleRefusal {
    fn from(refusal: SecondFactorRefusal) -> Self {
        Self::SecondFactor(refusal)
    }
}

impl Refusal for ScheduleRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::AccountNotFound => ChallengeRefusal::AccountNotFound.message(),
            Self::AccountNotVerified => ChallengeRefusal::AccountNotVerified.message(),
            Self::Invalid { problem, .. } => problem.clone(),
            Self::VersionConflict { current } => Problem::new(
                format!(
                    "Somebody has changed the schedule meanwhile: it has version {current} now."
                ),
                format!("自动提现设置已被他人修改，当前版本为 {current}。"),
            ),
            Self::SecondFactor(refusal) => refusal.message(),
        }
    }

    fn field(&self) -> Option<String> {
        match self {
            Self::AccountNotFound | Self::AccountNotVerified => Some("bankAccountId".to_owned()),
            Self::Invalid { field, .. } => Some(field.clone()),
            Self::VersionConflict { .. } => Some("expectedVersion".to_owned()),
            Self::SecondFactor(refusal) => refusal.field(),
        }
    }

    fn denial(&self) -> Option<&'static str> {
        match self {
            Self::SecondFactor(refusal) => refusal.denial(),
            _ => None,
        }
    }
}

/// Why it was not set which payouts wait for a second person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApprovalSetRefusal {
    /// An amount that cannot be meant.
    InvalidAmount {
        /// The field.
        field: String,
        /// Why not.
        problem: Problem,
    },
    /// The code did not prove who asks.
    SecondFactor(SecondFactorRefusal),
}

impl From<SecondFactorRefusal> for ApprovalSetRefusal {
    fn from(refusal: SecondFactorRefusal) -> Self {
        Self::SecondFactor(refusal)
    }
}

impl Refusal for ApprovalSetRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::InvalidAmount { problem, .. } => problem.clone(),
            Self::SecondFactor(refusal) => refusal.message(),
        }
    }

    fn field(&self) -> Option<String> {
        match self {
            Self::InvalidAmount { field, .. } => Some(field.clone()),
            Self::SecondFactor(refusal) => refusal.field(),
        }
    }

    fn denial(&self) -> Option<&'static str> {
        match self {
            Self::SecondFactor(refusal) => refusal.denial(),
            _ => None,
        }
    }
}

//! Why a bank account was not bound, confirmed or unbound.

use chrono::{DateTime, Utc};

use crate::channels::model::NotYet;
use crate::error::{Problem, Refusal};
use crate::idempotency;
use crate::second_factor::model::SecondFactorRefusal;

/// Why a bank account was not bound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BindRefusal {
    /// The merchant may not act at the moment.
    MerchantSuspended,
    /// There is no such bank.
    UnknownBank,
    /// The holder's name cannot be meant.
    InvalidHolder {
        /// The most characters.
        longest: usize,
    },
    /// The number cannot be meant.
    InvalidNumber {
        /// What is wrong with it.
        problem: Problem,
    },
    /// The number is another bank's.
    BankMismatch {
        /// That bank in English.
        en: String,
        /// That bank in Chinese.
        zh: String,
    },
    /// It is bound already.
    AlreadyBound,
    /// The merchant has enough.
    TooMany {
        /// The most that are bound at the same time.
        most: u64,
    },
    /// No channel's platform can send a small amount.
    NoChannel,
    /// No second factor has agreed to the credentials of the channel that can.
    ChannelUnsigned,
    /// The credentials of the channel that can are new.
    ChannelCoolingOff {
        /// From when on it sends any.
        until: DateTime<Utc>,
    },
    /// The key was used for something else.
    KeyReused,
    /// The key's first request is still under way.
    InProgress,
    /// The code did not prove it.
    SecondFactor(SecondFactorRefusal),
}

/// Why a bank account was not confirmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfirmRefusal {
    /// There is no such bank account.
    NotFound,
    /// The small amount is not sent yet.
    NotSentYet,
    /// It waits for no amount: it is verified, has failed, or is unbound.
    NotChecking,
    /// The amount cannot be meant.
    InvalidAmount {
        /// What is wrong with it.
        problem: Problem,
    },
    /// It is not the amount that was sent.
    WrongAmount {
        /// How many may be entered yet.
        left: i32,
    },
    /// The code did not prove it.
    SecondFactor(SecondFactorRefusal),
}

/// Why a bank account was not unbound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UnbindRefusal {
    /// There is no such bank account.
    NotFound,
    /// It is unbound.
    AlreadyUnbound,
    /// A payout to it is on the way.
    PayoutOnTheWay,
    /// Automatic payouts go to it.
    ScheduleUsesIt,
    /// The code did not prove it.
    SecondFactor(SecondFactorRefusal),
}

impl From<NotYet> for BindRefusal {
    fn from(not_yet: NotYet) -> Self {
        match not_yet {
            NotYet::Unsigned => Self::ChannelUnsigned,
            NotYet::CoolingOff { until } => Self::ChannelCoolingOff { until },
        }
    }
}

impl From<SecondFactorRefusal> for BindRefusal {
    fn from(refusal: SecondFactorRefusal) -> Self {
        Self::SecondFactor(refusal)
    }
}

impl From<SecondFactorRefusal> for ConfirmRefusal {
    fn from(refusal: SecondFactorRefusal) -> Self {
        Self::SecondFactor(refusal)
    }
}

impl From<SecondFactorRefusal> for UnbindRefusal {
    fn from(refusal: SecondFactorRefusal) -> Self {
        Self::SecondFactor(refusal)
    }
}

fn not_found() -> Problem {
    Problem::new("There is no such bank account.", "未找到该结算账户。")
}

impl Refusal for BindRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::MerchantSuspended => Problem::new(
                "The merchant is suspended and binds no bank account.",
                "商户已停用，不能绑定结算账户。",
            ),
            Self::UnknownBank => Problem::new(
                "There is no such bank; `supportedBanks` lists those there are.",
                "不支持该银行，请从 `supportedBanks` 中选择。",
            ),
            Self::InvalidHolder { longest } => Problem::new(
                format!("The holder's name has 1 to {longest} characters of plain text."),
                format!("户名须为 1 至 {longest} 个字符，且不含特殊符号。"),
            ),
            Self::InvalidNumber { problem } => problem.clone(),
            Self::BankMismatch { en, zh } => Problem::new(
                format!("This is a card of {en}; choose that bank."),
                format!("该卡号属于{zh}，请选择对应的银行。"),
            ),
            Self::AlreadyBound => Problem::new("This account is bound already.", "该账户已绑定。"),
            Self::TooMany { most } => Problem::new(
                format!("A merchant can have at most {most} bank accounts; unbind one first."),
                format!("每个商户最多绑定 {most} 个结算账户，请先解绑一个。"),
            ),
            Self::NoChannel => Problem::new(
                "No open channel can send the small amount that proves an account; the sandbox and 易支付 V2 can.",
                "没有已启用的渠道可用于小额打款验证；沙箱与易支付 V2 渠道支持此功能。",
            ),
            Self::ChannelUnsigned => NotYet::Unsigned.message(),
            Self::ChannelCoolingOff { until } => NotYet::CoolingOff { until: *until }.message(),
            Self::KeyReused => idempotency::reused(),
            Self::InProgress => idempotency::in_progress(),
            Self::SecondFactor(refusal) => refusal.message(),
        }
    }

    fn field(&self) -> Option<String> {
        let field = match self {
            Self::UnknownBank => "bankCode",
            Self::InvalidHolder { .. } => "holder",
            Self::InvalidNumber { .. } | Self::BankMismatch { .. } | Self::AlreadyBound => "number",
            Self::KeyReused | Self::InProgress => "idempotencyKey",
            Self::MerchantSuspended
            | Self::TooMany { .. }
            | Self::NoChannel
            | Self::ChannelUnsigned
            | Self::ChannelCoolingOff { .. } => return None,
            Self::SecondFactor(refusal) => return refusal.field(),
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

impl Refusal for ConfirmRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::NotFound => not_found(),
            Self::NotSentYet => Problem::new(
                "The small amount is not sent yet; try again shortly.",
                "小额打款尚未发出，请稍后再试。",
            ),
            Self::NotChecking => Problem::new(
                "This account waits for no amount: it is verified, has failed, or is unbound.",
                "该账户不在验证中：已验证、验证失败或已解绑。",
            ),
            Self::InvalidAmount { problem } => problem.clone(),
            Self::WrongAmount { left: 0 } => Problem::new(
                "This is not the amount that was sent, for the third time: the account has failed. Bind it anew.",
                "金额不符，已达三次，账户验证失败，请重新绑定。",
            ),
            Self::WrongAmount { left } => Problem::new(
                format!("This is not the amount that was sent; {left} more may be entered."),
                format!("金额与打款不符，还可输入 {left} 次。"),
            ),
            Self::SecondFactor(refusal) => refusal.message(),
        }
    }

    fn field(&self) -> Option<String> {
        match self {
            Self::SecondFactor(refusal) => refusal.field(),
            Self::InvalidAmount { .. } | Self::WrongAmount { .. } => Some("amount".to_owned()),
            Self::NotFound | Self::NotSentYet | Self::NotChecking => Some("id".to_owned()),
        }
    }

    /// A wrong amount is written where it is counted.
    fn denial(&self) -> Option<&'static str> {
        match self {
            Self::SecondFactor(refusal) => refusal.denial(),
            _ => None,
        }
    }
}

impl Refusal for UnbindRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::NotFound => not_found(),
            Self::AlreadyUnbound => {
                Problem::new("This account is unbound already.", "该账户已解绑。")
            }
            Self::PayoutOnTheWay => Problem::new(
                "A payout to this account is on the way; unbind it when that has ended.",
                "该账户有处理中的提现，请在其完成后再解绑。",
            ),
            Self::ScheduleUsesIt => Problem::new(
                "Automatic payouts go to this account; set another one first.",
                "自动提现正在使用该账户，请先更换。",
            ),
            Self::SecondFactor(refusal) => refusal.message(),
        }
    }

    fn field(&self) -> Option<String> {
        match self {
            Self::SecondFactor(refusal) => refusal.field(),
            _ => Some("id".to_owned()),
        }
    }

    fn denial(&self) -> Option<&'static str> {
        match self {
            Self::SecondFactor(refusal) => refusal.denial(),
            _ => None,
        }
    }
}

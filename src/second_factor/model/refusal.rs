//! Why a code was not believed, and why a second factor was not changed.

use chrono::{DateTime, Utc};

use crate::error::{Problem, Refusal};

/// Why a second factor did not prove what it had to. Other slices' refusals carry it as their variant
/// `SecondFactor`; their payloads name it `with SecondFactor`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecondFactorRefusal {
    /// A program asked; only a person can.
    StaffOnly,
    /// The person has none.
    SecondFactorNeeded,
    /// The person has one, and typed no code of it.
    CodeNeeded,
    /// It is not the code of now, nor a recovery code.
    WrongCode,
    /// It was right, and was used before.
    CodeUsed,
    /// There were too many wrong codes.
    SecondFactorBlocked {
        /// Until when no code is looked at.
        until: DateTime<Utc>,
    },
    /// It is too new for money to leave by it.
    SecondFactorResting {
        /// Until when.
        until: DateTime<Utc>,
    },
}

impl Refusal for SecondFactorRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::StaffOnly => Problem::new(
                "Only a member of staff can do this, with a second factor.",
                "此操作只能由员工本人完成二次验证后进行，接口密钥不可用。",
            ),
            Self::SecondFactorNeeded => Problem::new(
                "This needs a second factor: set one up with `totpEnroll` and `totpConfirm`.",
                "此操作需要二次验证，请先通过 `totpEnroll` 与 `totpConfirm` 绑定身份验证器。",
            ),
            Self::CodeNeeded => Problem::new(
                "This takes a code of your second factor: the six digits that the app shows now, or a recovery code.",
                "此操作需要二次验证码：请输入身份验证器当前显示的六位数字，或一个恢复码。",
            ),
            Self::WrongCode => Problem::new(
                "The code is wrong. Enter the six digits that the app shows now, or a recovery code.",
                "验证码错误，请输入身份验证器当前显示的六位数字，或一个恢复码。",
            ),
            Self::CodeUsed => Problem::new(
                "The code was used before: wait until the app shows the next one, or take another recovery code.",
                "该验证码已使用过，请等待身份验证器显示下一个，或换一个恢复码。",
            ),
            Self::SecondFactorBlocked { until } => Problem::new(
                format!("There were too many wrong codes; try again after {until:?}."),
                format!("验证码错误次数过多，请在 {until:?} 之后重试。"),
            ),
            Self::SecondFactorResting { until } => Problem::new(
                format!("This second factor is new; no money leaves by it before {until:?}."),
                format!("二次验证刚刚绑定，为保障资金安全，{until:?} 之后才能动用资金。"),
            ),
        }
    }

    fn field(&self) -> Option<String> {
        matches!(self, Self::CodeNeeded | Self::WrongCode | Self::CodeUsed)
            .then(|| "code".to_owned())
    }

    /// Each but that there is none: whoever has not set one up yet guesses nothing.
    fn denial(&self) -> Option<&'static str> {
        match self {
            Self::StaffOnly => Some("STAFF_ONLY"),
            Self::SecondFactorNeeded => None,
            Self::CodeNeeded => Some("CODE_NEEDED"),
            Self::WrongCode => Some("WRONG_CODE"),
            Self::CodeUsed => Some("CODE_USED"),
            Self::SecondFactorBlocked { .. } => Some("SECOND_FACTOR_BLOCKED"),
            Self::SecondFactorResting { .. } => Some("SECOND_FACTOR_RESTING"),
        }
    }
}

/// Why no second factor was set up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EnrollRefusal {
    /// It is not the person's password.
    WrongPassword,
    /// The one that is there did not prove it.
    SecondFactor(SecondFactorRefusal),
}

/// Why a second factor was not confirmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfirmRefusal {
    /// None waits for it, or it has waited too long.
    NothingToConfirm,
    /// The code did not prove it.
    SecondFactor(SecondFactorRefusal),
}

/// Why a second factor was not taken away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DisableRefusal {
    /// It is not the person's password.
    WrongPassword,
    /// The code did not prove it.
    SecondFactor(SecondFactorRefusal),
}

fn wrong_password() -> Problem {
    Problem::new("The password is wrong.", "密码错误。")
}

impl Refusal for EnrollRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::WrongPassword => wrong_password(),
            Self::SecondFactor(refusal) => refusal.message(),
        }
    }

    fn field(&self) -> Option<String> {
        match self {
            Self::WrongPassword => Some("password".to_owned()),
            Self::SecondFactor(refusal) => refusal.field(),
        }
    }

    fn denial(&self) -> Option<&'static str> {
        match self {
            Self::WrongPassword => Some("WRONG_PASSWORD"),
            Self::SecondFactor(refusal) => refusal.denial(),
        }
    }
}

impl Refusal for ConfirmRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::NothingToConfirm => Problem::new(
                "No second factor waits to be confirmed, or it has waited too long: begin with `totpEnroll`.",
                "没有待确认的身份验证器，或已超时，请重新调用 `totpEnroll`。",
            ),
            Self::SecondFactor(refusal) => refusal.message(),
        }
    }

    fn field(&self) -> Option<String> {
        match self {
            Self::NothingToConfirm => None,
            Self::SecondFactor(refusal) => refusal.field(),
        }
    }

    fn denial(&self) -> Option<&'static str> {
        match self {
            Self::NothingToConfirm => None,
            Self::SecondFactor(refusal) => refusal.denial(),
        }
    }
}

impl Refusal for DisableRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::WrongPassword => wrong_password(),
            Self::SecondFactor(refusal) => refusal.message(),
        }
    }

    fn field(&self) -> Option<String> {
        match self {
            Self::WrongPassword => Some("password".to_owned()),
            Self::SecondFactor(refusal) => refusal.field(),
        }
    }

    fn denial(&self) -> Option<&'static str> {
        match self {
            Self::WrongPassword => Some("WRONG_PASSWORD"),
            Self::SecondFactor(refusal) => refusal.denial(),
        }
    }
}

impl From<SecondFactorRefusal> for EnrollRefusal {
    fn from(refusal: SecondFactorRefusal) -> Self {
        Self::SecondFactor(refusal)
    }
}

impl From<SecondFactorRefusal> for ConfirmRefusal {
    fn from(refusal: SecondFactorRefusal) -> Self {
        Self::SecondFactor(refusal)
    }
}

impl From<SecondFactorRefusal> for DisableRefusal {
    fn from(refusal: SecondFactorRefusal) -> Self {
        Self::SecondFactor(refusal)
    }
}

//! Why nothing was done about somebody.

use super::{Forbidden, MOST_INVITATIONS};
use crate::auth::accounts::{LONGEST_NAME, SHORTEST_PASSWORD};
use crate::auth::password;
use crate::error::{Problem, Refusal};
use crate::second_factor::model::SecondFactorRefusal;

/// Writes the conversion of [`Forbidden`] into a refusal.
macro_rules! forbids {
    ($($refusal:ident),*) => {$(
        impl From<Forbidden> for $refusal {
            fn from(forbidden: Forbidden) -> Self {
                match forbidden {
                    Forbidden::StaffOnly => Self::StaffOnly,
                    Forbidden::AboveYou => Self::AboveYou,
                }
            }
        }
    )*};
}

forbids!(EndRefusal, RevokeRefusal);

/// Writes the conversions into a refusal that holds what a second factor says, and how it is told.
macro_rules! proved {
    ($($refusal:ident),*) => {$(
        impl From<SecondFactorRefusal> for $refusal {
            fn from(refusal: SecondFactorRefusal) -> Self {
                Self::SecondFactor(refusal)
            }
        }

        impl From<Forbidden> for $refusal {
            fn from(forbidden: Forbidden) -> Self {
                match forbidden {
                    Forbidden::StaffOnly => Self::SecondFactor(SecondFactorRefusal::StaffOnly),
                    Forbidden::AboveYou => Self::AboveYou,
                }
            }
        }
    )*};
}

proved!(InviteRefusal, ChangeRefusal);

/// What a second factor says of what is decided about people.
fn unproven(refusal: &SecondFactorRefusal) -> Problem {
    match refusal {
        SecondFactorRefusal::StaffOnly => Forbidden::StaffOnly.message(),
        other => other.message(),
    }
}

/// Why the audit log tells of it.
const fn unproven_code(refusal: &SecondFactorRefusal) -> Option<&'static str> {
    Some(match refusal {
        SecondFactorRefusal::StaffOnly => Forbidden::StaffOnly.code(),
        SecondFactorRefusal::SecondFactorNeeded => "SECOND_FACTOR_NEEDED",
        SecondFactorRefusal::CodeNeeded => "CODE_NEEDED",
        SecondFactorRefusal::WrongCode => "WRONG_CODE",
        SecondFactorRefusal::CodeUsed => "CODE_USED",
        SecondFactorRefusal::SecondFactorBlocked { .. } => "SECOND_FACTOR_BLOCKED",
        SecondFactorRefusal::SecondFactorResting { .. } => "SECOND_FACTOR_RESTING",
    })
}

/// Why nobody was invited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InviteRefusal {
    /// The role may do more than whoever invites.
    AboveYou,
    /// The text is no e-mail address.
    InvalidEmail,
    /// The address is a colleague's.
    AlreadyMember,
    /// There are as many open invitations as there may be.
    TooManyInvitations,
    /// An API key asked, or the code did not prove who did.
    SecondFactor(SecondFactorRefusal),
}

impl Refusal for InviteRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::SecondFactor(refusal) => unproven(refusal),
            Self::AboveYou => Forbidden::AboveYou.message(),
            Self::InvalidEmail => Problem::new("This is not an e-mail address.", "邮箱地址无效。"),
            Self::AlreadyMember => Problem::new(
                "This address is a colleague's: change their role instead.",
                "该邮箱已是本商户员工，请直接修改其角色。",
            ),
            Self::TooManyInvitations => Problem::new(
                format!("A merchant can have at most {MOST_INVITATIONS} open invitations."),
                format!("每个商户最多 {MOST_INVITATIONS} 个未接受的邀请。"),
            ),
        }
    }

    fn field(&self) -> Option<String> {
        match self {
            Self::TooManyInvitations => None,
            Self::SecondFactor(refusal) => refusal.field(),
            Self::AboveYou => Some("role".to_owned()),
            Self::InvalidEmail | Self::AlreadyMember => Some("email".to_owned()),
        }
    }

    fn denial(&self) -> Option<&'static str> {
        match self {
            Self::SecondFactor(refusal) => unproven_code(refusal),
            Self::AboveYou => Some(Forbidden::AboveYou.code()),
            _ => None,
        }
    }
}

/// Why an invitation was not taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RevokeRefusal {
    /// An API key asked.
    StaffOnly,
    /// Its role may do more than whoever takes it back.
    AboveYou,
    /// There is no such invitation.
    NotFound,
    /// It was accepted: remove the member instead.
    AlreadyAccepted,
}

impl Refusal for RevokeRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::StaffOnly => Forbidden::StaffOnly.message(),
            Self::AboveYou => Forbidden::AboveYou.message(),
            Self::NotFound => Problem::new("There is no such invitation.", "未找到该邀请。"),
            Self::AlreadyAccepted => Problem::new(
                "It was accepted: remove the member instead.",
                "邀请已被接受，请改为移除该员工。",
            ),
        }
    }

    fn field(&self) -> Option<String> {
        (!matches!(self, Self::StaffOnly)).then(|| "id".to_owned())
    }

    fn denial(&self) -> Option<&'static str> {
        match self {
            Self::StaffOnly => Some(Forbidden::StaffOnly.code()),
            Self::AboveYou => Some(Forbidden::AboveYou.code()),
            _ => None,
        }
    }
}

/// Why an invitation was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AcceptRefusal {
    /// It is none, or open no longer: one answer for all of that.
    InvalidToken,
    /// The address has an account, and this is not its password.
    WrongPassword,
    /// The account works here already.
    AlreadyMember,
    /// The name is empty or too long.
    InvalidName,
    /// The password is too short or too long.
    InvalidPassword,
    /// The merchant has as many members of staff as it can have.
    TooManyStaff,
}

impl Refusal for AcceptRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::InvalidToken => Problem::new(
                "This invitation is not open any more: ask for another one.",
                "该邀请已失效，请重新索取。",
            ),
            Self::WrongPassword => Problem::new(
                "The address has an account already, and this is not its password.",
                "该邮箱已有账号，且密码不正确。",
            ),
            Self::AlreadyMember => {
                Problem::new("The account works here already.", "该账号已是本商户员工。")
            }
            Self::InvalidName => Problem::new(
                format!("The name must have 1 to {LONGEST_NAME} characters."),
                format!("姓名须为 1 至 {LONGEST_NAME} 个字符。"),
            ),
            Self::InvalidPassword => invalid_password(),
            Self::TooManyStaff => Problem::new(
                "The merchant has as many members of staff as it can have.",
                "该商户的员工数已达上限。",
            ),
        }
    }

    fn field(&self) -> Option<String> {
        let field = match self {
            Self::InvalidToken => "token",
            Self::InvalidName => "name",
            Self::WrongPassword | Self::InvalidPassword => "password",
            Self::AlreadyMember | Self::TooManyStaff => return None,
        };
        Some(field.to_owned())
    }
}

/// Why nothing was done about a member of staff.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangeRefusal {
    /// The member has, or would have, a role that may do more than whoever decides.
    AboveYou,
    /// Nobody of this id works here.
    NotFound,
    /// There would be no owner any more.
    LastOwner,
    /// An API key asked, or the code did not prove who did.
    SecondFactor(SecondFactorRefusal),
}

impl Refusal for ChangeRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::SecondFactor(refusal) => unproven(refusal),
            Self::AboveYou => Forbidden::AboveYou.message(),
            Self::NotFound => Problem::new("Nobody of this id works here.", "未找到该员工。"),
            Self::LastOwner => Problem::new(
                "There would be no owner any more: make another one first.",
                "商户至少须有一名所有者，请先指定另一名所有者。",
            ),
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
            Self::SecondFactor(refusal) => unproven_code(refusal),
            Self::AboveYou => Some(Forbidden::AboveYou.code()),
            Self::LastOwner => Some("LAST_OWNER"),
            Self::NotFound => None,
        }
    }
}

/// Why nobody was signed out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndRefusal {
    /// An API key asked.
    StaffOnly,
    /// The member has a role that may do more than whoever decides.
    AboveYou,
    /// Nobody of this id works here.
    NotFound,
}

impl EndRefusal {
    const fn as_change(self) -> ChangeRefusal {
        match self {
            Self::StaffOnly => ChangeRefusal::SecondFactor(SecondFactorRefusal::StaffOnly),
            Self::AboveYou => ChangeRefusal::AboveYou,
            Self::NotFound => ChangeRefusal::NotFound,
        }
    }
}

impl Refusal for EndRefusal {
    fn message(&self) -> Problem {
        self.as_change().message()
    }

    fn field(&self) -> Option<String> {
        self.as_change().field()
    }

    fn denial(&self) -> Option<&'static str> {
        self.as_change().denial()
    }
}

/// Why a password was not changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordRefusal {
    /// An API key asked.
    StaffOnly,
    /// It is not the password of now.
    WrongPassword,
    /// The new one is too short or too long.
    InvalidPassword,
}

impl Refusal for PasswordRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::StaffOnly => Forbidden::StaffOnly.message(),
            Self::WrongPassword => Problem::new("This is not your password.", "当前密码不正确。"),
            Self::InvalidPassword => invalid_password(),
        }
    }

    fn field(&self) -> Option<String> {
        match self {
            Self::StaffOnly => None,
            Self::WrongPassword => Some("currentPassword".to_owned()),
            Self::InvalidPassword => Some("newPassword".to_owned()),
        }
    }

    fn denial(&self) -> Option<&'static str> {
        match self {
            Self::StaffOnly => Some(Forbidden::StaffOnly.code()),
            Self::WrongPassword => Some("WRONG_PASSWORD"),
            Self::InvalidPassword => None,
        }
    }
}

fn invalid_password() -> Problem {
    let (fewest, most) = (SHORTEST_PASSWORD, password::LONGEST);
    Problem::new(
        format!("The password must have at least {fewest} characters and at most {most} bytes."),
        format!("密码至少 {fewest} 个字符，最多 {most} 字节。"),
    )
}

//! Why nobody was signed in, and why a key was not made: what a merchant can cause by a decision.

use crate::error::{Problem, Refusal};

/// Why nobody was signed in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignInRefusal {
    /// No such account, or another password: one answer for both, which tells nobody who has one.
    #[error("The e-mail address or the password is wrong.")]
    WrongCredentials,
    /// The account has no role in the merchant.
    #[error("This account is not a member of staff of this merchant.")]
    NotAMember,
    /// The merchant is closed.
    #[error("This merchant is closed.")]
    MerchantClosed,
}

impl Refusal for SignInRefusal {
    fn message(&self) -> Problem {
        let zh = match self {
            Self::WrongCredentials => "邮箱或密码错误。",
            Self::NotAMember => "该账号不是此商户的员工。",
            Self::MerchantClosed => "该商户已关闭。",
        };
        Problem::new(self.to_string(), zh)
    }

    fn field(&self) -> Option<String> {
        match self {
            Self::WrongCredentials => None,
            Self::NotAMember | Self::MerchantClosed => Some("merchantId".to_owned()),
        }
    }
}

/// Why a refresh token was not exchanged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RefreshRefusal {
    /// It is unknown, expired, or revoked.
    #[error("The refresh token is not valid any more: sign in again.")]
    InvalidToken,
    /// It was exchanged before. Either somebody stole it or a client sent it twice, and nobody can
    /// tell which: everything that descends from the sign-in has ended.
    #[error(
        "The refresh token was used before, so this sign-in was ended to be safe: sign in again. \
         A client must use each refresh token once, and one at a time."
    )]
    TokenReused,
    /// The account has no role in the merchant.
    #[error("This account is not a member of staff of this merchant.")]
    NotAMember,
    /// The merchant is closed.
    #[error("This merchant is closed.")]
    MerchantClosed,
}

impl Refusal for RefreshRefusal {
    fn message(&self) -> Problem {
        let zh = match self {
            Self::InvalidToken => "刷新令牌已失效，请重新登录。",
            Self::TokenReused => {
                "刷新令牌已被使用过，为安全起见本次登录已终止，请重新登录。每个刷新令牌只能使用一次。"
            }
            Self::NotAMember => "该账号不是此商户的员工。",
            Self::MerchantClosed => "该商户已关闭。",
        };
        Problem::new(self.to_string(), zh)
    }

    fn field(&self) -> Option<String> {
        match self {
            Self::InvalidToken | Self::TokenReused => Some("refreshToken".to_owned()),
            Self::NotAMember | Self::MerchantClosed => Some("merchantId".to_owned()),
        }
    }
}

/// Why nobody was signed out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignOutRefusal {
    /// The text is no refresh token that was ever given out, or it ended long ago.
    #[error("This is not a refresh token.")]
    InvalidToken,
}

impl Refusal for SignOutRefusal {
    fn message(&self) -> Problem {
        Problem::new(self.to_string(), "刷新令牌无效。")
    }

    fn field(&self) -> Option<String> {
        Some("refreshToken".to_owned())
    }
}

/// Why an API key was not made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ApiKeyCreateRefusal {
    /// An API key asked; only a person may make one.
    #[error("Only a member of staff can make an API key.")]
    StaffOnly,
    /// The name is empty or too long.
    #[error("The name must have 1 to {longest} characters.")]
    InvalidName {
        /// The most characters.
        longest: usize,
    },
    /// It would be able to do nothing.
    #[error("Choose at least one scope.")]
    NoScopes,
    /// It would be able to do more than its maker.
    #[error("You do not have the scope `{scope}` yourself.")]
    ScopeNotHeld {
        /// The first scope that the maker lacks.
        scope: &'static str,
    },
    /// Everybody could do it.
    #[error(
        "A publishable key has the scope `checkout:read` alone, not `{scope}`: everybody reads it."
    )]
    NotPublishable {
        /// The first scope that it cannot have.
        scope: &'static str,
    },
    /// An allow-list would keep nobody out: what a publishable key was told is kept by caches.
    #[error(
        "A publishable key works from anywhere: caches hand on what it was told. Leave `allowedIps` out."
    )]
    PublishableFromAnywhere,
    /// An entry of the allow-list is no address.
    #[error("`{entry}` is neither an IP address nor a network such as 203.0.113.0/24.")]
    InvalidAddress {
        /// The entry.
        entry: String,
    },
    /// The allow-list is too long.
    #[error("The allow-list can have at most {most} entries.")]
    TooManyAddresses {
        /// The most entries.
        most: usize,
    },
    /// It would be over before it began.
    #[error("The expiry must be in the future.")]
    ExpiresInPast,
    /// The merchant has enough keys.
    #[error("A merchant can have at most {most} API keys; revoke one first.")]
    TooManyKeys {
        /// The most keys that are not revoked.
        most: u64,
    },
}

impl Refusal for ApiKeyCreateRefusal {
    fn message(&self) -> Problem {
        let zh = match self {
            Self::StaffOnly => "只有员工可以创建接口密钥。".to_owned(),
            Self::InvalidName { longest } => format!("名称须为 1 至 {longest} 个字符。"),
            Self::NoScopes => "请至少选择一个权限。".to_owned(),
            Self::ScopeNotHeld { scope } => format!("您本人没有权限 `{scope}`。"),
            Self::NotPublishable { scope } => {
                format!(
                    "可公开密钥只能有权限 `checkout:read`，不能有 `{scope}`，因为任何人都能读到它。"
                )
            }
            Self::PublishableFromAnywhere => {
                "可公开密钥不能限制来源地址：其结果会被缓存转发给任何人。请勿填写 `allowedIps`。"
                    .to_owned()
            }
            Self::InvalidAddress { entry } => {
                format!("`{entry}` 不是有效的 IP 地址或网段（例如 203.0.113.0/24）。")
            }
            Self::TooManyAddresses { most } => format!("IP 白名单最多 {most} 条。"),
            Self::ExpiresInPast => "到期时间必须晚于当前时间。".to_owned(),
            Self::TooManyKeys { most } => format!("每个商户最多 {most} 个接口密钥，请先撤销一个。"),
        };
        Problem::new(self.to_string(), zh)
    }

    fn field(&self) -> Option<String> {
        match self {
            Self::StaffOnly | Self::TooManyKeys { .. } => None,
            Self::InvalidName { .. } => Some("name".to_owned()),
            Self::NoScopes | Self::ScopeNotHeld { .. } | Self::NotPublishable { .. } => {
                Some("scopes".to_owned())
            }
            Self::PublishableFromAnywhere
            | Self::InvalidAddress { .. }
            | Self::TooManyAddresses { .. } => Some("allowedIps".to_owned()),
            Self::ExpiresInPast => Some("expiresAt".to_owned()),
        }
    }

    fn denial(&self) -> Option<&'static str> {
        match self {
            Self::StaffOnly => Some("STAFF_ONLY"),
            Self::ScopeNotHeld { .. } => Some("SCOPE_NOT_HELD"),
            _ => None,
        }
    }
}

/// Why an API key was not revoked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ApiKeyRevokeRefusal {
    /// The merchant has no such key.
    #[error("There is no such API key.")]
    NotFound,
}

impl Refusal for ApiKeyRevokeRefusal {
    fn message(&self) -> Problem {
        Problem::new(self.to_string(), "未找到该接口密钥。")
    }

    fn field(&self) -> Option<String> {
        Some("id".to_owned())
    }
}

/// Why an account was not made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StaffCreateRefusal {
    /// The text is no e-mail address.
    #[error("This is not an e-mail address.")]
    InvalidEmail,
    /// The name is empty or too long.
    #[error("The name must have 1 to {longest} characters.")]
    InvalidName {
        /// The most characters.
        longest: usize,
    },
    /// The password is too short or too long.
    #[error("The password must have at least {fewest} characters and at most {most} bytes.")]
    InvalidPassword {
        /// The fewest characters.
        fewest: usize,
        /// The most bytes.
        most: usize,
    },
    /// Another account has it.
    #[error("There is an account with this e-mail address already.")]
    EmailTaken,
}

impl Refusal for StaffCreateRefusal {
    fn message(&self) -> Problem {
        let zh = match self {
            Self::InvalidEmail => "邮箱地址无效。".to_owned(),
            Self::InvalidName { longest } => format!("姓名须为 1 至 {longest} 个字符。"),
            Self::InvalidPassword { fewest, most } => {
                format!("密码至少 {fewest} 个字符，最多 {most} 字节。")
            }
            Self::EmailTaken => "该邮箱已被使用。".to_owned(),
        };
        Problem::new(self.to_string(), zh)
    }

    fn field(&self) -> Option<String> {
        match self {
            Self::InvalidName { .. } => Some("name".to_owned()),
            Self::InvalidPassword { .. } => Some("password".to_owned()),
            Self::InvalidEmail | Self::EmailTaken => Some("email".to_owned()),
        }
    }
}

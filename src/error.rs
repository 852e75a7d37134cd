//! What can go wrong, and how a client is told: the one mapping to GraphQL.

use std::sync::Arc;

use async_graphql::ErrorExtensionValues;
use sea_orm::DbErr;

use crate::locale::Locale;

/// A reason why a request as a whole has no answer: a top-level GraphQL error. What a merchant can
/// cause by a decision is no `Error` but a [`Refusal`], and stands in the payload's `userErrors`.
///
/// It does not implement `Display`: the GraphQL library would turn it into an error by itself,
/// without code and with its inner text.
#[derive(Clone, Debug)]
pub enum Error {
    /// Nobody, or nobody who may still act, is asking.
    Unauthenticated,
    /// The asker lacks a scope.
    Forbidden {
        /// The scope that is needed.
        scope: &'static str,
    },
    /// It is not for whoever asks, whatever their scopes.
    Denied(Problem),
    /// There is no such thing, or it belongs to another merchant: one answer for both.
    NotFound,
    /// The request cannot be meant.
    BadInput {
        /// Which argument.
        field: String,
        /// What is wrong with it, and what would be right.
        problem: Problem,
    },
    /// A subscription's cursor is older than what is kept.
    CursorExpired,
    /// More was asked for than is given at once.
    LimitExceeded(Problem),
    /// An operation would cost more than one may.
    TooExpensive {
        /// What it would cost.
        cost: u64,
        /// What one may cost.
        budget: u64,
        /// The field that costs the most by itself.
        field: String,
        /// What that one costs.
        field_cost: u64,
    },
    /// The document is not among those that are trusted.
    NotTrusted,
    /// No document of this hash is known: its text is to be sent with it.
    PersistedNotFound,
    /// Documents are not kept under their hash here.
    PersistedNotSupported,
    /// More was asked for than this user, merchant or address may have now.
    RateLimited {
        /// When it may be asked again.
        retry_after_ms: u64,
    },
    /// The database cannot be reached at the moment. A commit that broke off may have been made.
    Unavailable,
    /// A fault of ours. The chain is logged once; the client learns a request id.
    Internal(Arc<str>),
    /// A fault that the database reported.
    Database(Arc<DbErr>),
}

/// A sentence in the two languages of merchants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// English.
    pub en: String,
    /// Chinese.
    pub zh: String,
}

impl Problem {
    /// A sentence in English and Chinese.
    pub fn new(en: impl Into<String>, zh: impl Into<String>) -> Self {
        Self {
            en: en.into(),
            zh: zh.into(),
        }
    }

    /// The sentence in one language.
    #[must_use]
    pub fn in_language(&self, locale: Locale) -> &str {
        match locale {
            Locale::ZhCn => &self.zh,
            Locale::En => &self.en,
        }
    }
}

impl Error {
    /// A fault of ours, in words for the log.
    pub fn internal(what: impl AsRef<str>) -> Self {
        Self::Internal(Arc::from(what.as_ref()))
    }

    /// An argument that cannot be meant.
    pub fn bad_input(
        field: impl Into<String>,
        en: impl Into<String>,
        zh: impl Into<String>,
    ) -> Self {
        Self::BadInput {
            field: field.into(),
            problem: Problem::new(en, zh),
        }
    }

    /// What stands in `extensions.code`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::Forbidden { .. } | Self::Denied(_) => "FORBIDDEN",
            Self::NotFound => "NOT_FOUND",
            Self::BadInput { .. } => "BAD_USER_INPUT",
            Self::CursorExpired => "CURSOR_EXPIRED",
            Self::LimitExceeded(_) | Self::TooExpensive { .. } => "LIMIT_EXCEEDED",
            Self::NotTrusted => "DOCUMENT_NOT_TRUSTED",
            Self::PersistedNotFound => "PERSISTED_QUERY_NOT_FOUND",
            Self::PersistedNotSupported => "PERSISTED_QUERY_NOT_SUPPORTED",
            Self::RateLimited { .. } => "RATE_LIMITED",
            Self::Unavailable => "UNAVAILABLE",
            Self::Internal(_) => "INTERNAL",
            Self::Database(error) if is_unavailable(error) => "UNAVAILABLE",
            Self::Database(_) => "INTERNAL",
        }
    }

    /// What the client reads: nothing of the inside.
    #[must_use]
    pub fn message(&self, locale: Locale) -> String {
        let (en, zh) = match self {
            Self::Unauthenticated => (
                "Sign in, or send a valid API key.",
                "请先登录，或提供有效的接口密钥。",
            ),
            Self::Forbidden { scope } => {
                return match locale {
                    Locale::En => format!("You need the scope `{scope}` for this."),
                    Locale::ZhCn => format!("此操作需要权限 `{scope}`。"),
                };
            }
            Self::NotFound => ("There is no such thing.", "未找到。"),
            Self::BadInput { field, problem } => {
                return match locale {
                    Locale::En => format!("`{field}`: {}", problem.en),
                    Locale::ZhCn => format!("`{field}`：{}", problem.zh),
                };
            }
            Self::CursorExpired => (
                "The cursor is older than the events that are kept: query the current state, then \
                 subscribe from its cursor.",
                "游标已过期：请先查询当前状态，再从其游标继续订阅。",
            ),
            Self::RateLimited { retry_after_ms } => {
                let seconds = retry_after_ms.div_ceil(1_000);
                return match locale {
                    Locale::En => format!("Too much was asked for: try again in {seconds} s."),
                    Locale::ZhCn => format!("请求过于频繁，请在 {seconds} 秒后重试。"),
                };
            }
            Self::TooExpensive {
                cost,
                budget,
                field,
                field_cost,
            } => {
                return match locale {
                    Locale::En => format!(
                        "The operation costs {cost}, more than {budget}; most of all `{field}`, {field_cost}. \
                         Ask for shorter pages or fewer lists."
                    ),
                    Locale::ZhCn => format!(
                        "操作成本为 {cost}，超过上限 {budget}；其中 `{field}` 最高，为 {field_cost}。\
                         请减少每页条数或列表。"
                    ),
                };
            }
            Self::NotTrusted => (
                "Only documents of a trusted manifest are executed here, by their id.",
                "仅可执行受信任清单中的文档，请使用其编号。",
            ),
            // What Apollo's clients look for, whatever the language.
            Self::PersistedNotFound => ("PersistedQueryNotFound", "PersistedQueryNotFound"),
            Self::PersistedNotSupported => {
                ("PersistedQueryNotSupported", "PersistedQueryNotSupported")
            }
            Self::LimitExceeded(problem) | Self::Denied(problem) => {
                return problem.in_language(locale).to_owned();
            }
            Self::Unavailable => UNAVAILABLE,
            Self::Database(error) if is_unavailable(error) => UNAVAILABLE,
            Self::Internal(_) | Self::Database(_) => (
                "Something went wrong on our side. Quote the request id when you ask about it.",
                "服务内部错误。咨询时请提供请求编号。",
            ),
        };
        match locale {
            Locale::En => en.to_owned(),
            Locale::ZhCn => zh.to_owned(),
        }
    }

    /// Whether doing the same again at once may succeed.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Database(error) if crate::db::is_transient(error))
    }
}

const UNAVAILABLE: (&str, &str) = (
    "The service cannot reach its database at the moment. Try again shortly; a change may have been made \
     all the same, and with the same idempotency key it is not made twice.",
    "服务暂时无法访问数据库，请稍后重试。修改类请求可能已执行，使用相同的幂等键重试不会重复执行。",
);

/// Whether the database could not be reached, as against having refused.
fn is_unavailable(error: &DbErr) -> bool {
    crate::db::is_connection_error(error)
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        Self::Database(Arc::new(error))
    }
}

impl From<Error> for async_graphql::Error {
    fn from(error: Error) -> Self {
        let mut extensions = ErrorExtensionValues::default();
        extensions.set("code", error.code());
        if let Error::BadInput { field, .. } = &error {
            extensions.set("field", field.as_str());
        }
        if let Error::TooExpensive {
            cost,
            budget,
            field,
            field_cost,
        } = &error
        {
            extensions.set("cost", *cost);
            extensions.set("budget", *budget);
            let field = async_graphql::value!({ "field": field, "cost": field_cost });
            extensions.set("mostExpensiveField", field);
        }
        if let Error::RateLimited { retry_after_ms } = &error {
            extensions.set("retryAfterMs", *retry_after_ms);
        }
        Self {
            message: error.message(Locale::En),
            source: Some(Arc::new(error)),
            extensions: Some(extensions),
        }
    }
}

/// A business refusal: a slice's own enum, whose variants become the payload's error codes.
pub trait Refusal: Send + Sync + 'static {
    /// What the merchant reads, with the rule's figure where there is one.
    fn message(&self) -> Problem;

    /// Which field of the input it is about.
    fn field(&self) -> Option<String> {
        None
    }

    /// The code of why, where somebody tried what they must not: then the audit log tells of it.
    fn denial(&self) -> Option<&'static str> {
        None
    }
}

/// Why a service did not do what it was asked: refused by a rule, or failed.
#[derive(Clone, Debug)]
pub enum Failure<R> {
    /// A rule of the business says no; the client is told which.
    Refused(R),
    /// The request as a whole has no answer.
    Failed(Error),
}

impl<R> From<Error> for Failure<R> {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl<R> From<DbErr> for Failure<R> {
    fn from(error: DbErr) -> Self {
        Self::Failed(error.into())
    }
}

/// Whether doing the same again at once may succeed.
pub trait Transient {
    /// True for what the database asks to be tried again, such as a deadlock.
    fn is_transient(&self) -> bool;
}

impl Transient for Error {
    fn is_transient(&self) -> bool {
        Self::is_transient(self)
    }
}

impl<R> Transient for Failure<R> {
    fn is_transient(&self) -> bool {
        matches!(self, Self::Failed(error) if error.is_transient())
    }
}

//! Why something is not done with webhooks: each reason with the rule's figure.

use super::draft::ROTATION_HOURS;
use crate::error::{Problem, Refusal};

/// How the audit log names that somebody may not see what would be sent.
const SCOPE_MISSING: &str = "SCOPE_MISSING";

/// Why an endpoint is not made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CreateRefusal {
    /// A field cannot be meant.
    Invalid {
        /// Which.
        field: &'static str,
        /// What is wrong.
        problem: Problem,
    },
    /// Webhooks are not told of webhooks.
    TypeNotSent,
    /// The asker may not see what would be sent.
    ScopeMissing {
        /// What is missing.
        scope: &'static str,
    },
    /// The merchant has as many as it may.
    TooMany {
        /// How many.
        most: u64,
    },
}

impl Refusal for CreateRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::Invalid { problem, .. } => problem.clone(),
            Self::TypeNotSent => Problem::new(
                "Webhooks are not told of webhooks.",
                "推送地址自身的事件不会被推送。",
            ),
            Self::ScopeMissing { scope } => Problem::new(
                format!("You may not see what would be sent: you need the scope `{scope}`."),
                format!("您无权查看将被推送的内容：需要权限 `{scope}`。"),
            ),
            Self::TooMany { most } => Problem::new(
                format!("A merchant has at most {most} webhook endpoints."),
                format!("每个商户最多 {most} 个推送地址。"),
            ),
        }
    }

    fn field(&self) -> Option<String> {
        match self {
            Self::Invalid { field, .. } => Some((*field).to_owned()),
            Self::TypeNotSent | Self::ScopeMissing { .. } => Some("eventTypes".to_owned()),
            Self::TooMany { .. } => None,
        }
    }

    fn denial(&self) -> Option<&'static str> {
        matches!(self, Self::ScopeMissing { .. }).then_some(SCOPE_MISSING)
    }
}

/// Why an endpoint is not changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UpdateRefusal {
    /// There is no such endpoint.
    NotFound,
    /// It has another version by now.
    VersionConflict {
        /// Which.
        current: i32,
    },
    /// A field cannot be meant.
    Invalid {
        /// Which.
        field: &'static str,
        /// What is wrong.
        problem: Problem,
    },
    /// Webhooks are not told of webhooks.
    TypeNotSent,
    /// The asker may not see what would be sent.
    ScopeMissing {
        /// What is missing.
        scope: &'static str,
    },
}

impl From<CreateRefusal> for UpdateRefusal {
    fn from(refusal: CreateRefusal) -> Self {
        match refusal {
            CreateRefusal::Invalid { field, problem } => Self::Invalid { field, problem },
            CreateRefusal::TypeNotSent => Self::TypeNotSent,
            CreateRefusal::ScopeMissing { scope } => Self::ScopeMissing { scope },
            // Nothing is made by a change.
            CreateRefusal::TooMany { .. } => Self::NotFound,
        }
    }
}

impl Refusal for UpdateRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::NotFound => not_found(),
            Self::VersionConflict { current } => Problem::new(
                format!("It was changed meanwhile: it has version {current} now. Read it again."),
                format!("已被他人修改，当前版本为 {current}，请重新读取。"),
            ),
            Self::Invalid { problem, .. } => problem.clone(),
            Self::TypeNotSent => CreateRefusal::TypeNotSent.message(),
            Self::ScopeMissing { scope } => CreateRefusal::ScopeMissing { scope }.message(),
        }
    }

    fn field(&self) -> Option<String> {
        match self {
            Self::NotFound => Some("id".to_owned()),
            Self::VersionConflict { .. } => Some("expectedVersion".to_owned()),
            Self::Invalid { field, .. } => Some((*field).to_owned()),
            Self::TypeNotSent | Self::ScopeMissing { .. } => Some("eventTypes".to_owned()),
        }
    }

    fn denial(&self) -> Option<&'static str> {
        matches!(self, Self::ScopeMissing { .. }).then_some(SCOPE_MISSING)
    }
}

/// Why an endpoint is not enabled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EnableRefusal {
    /// There is no such endpoint.
    NotFound,
    /// The asker may not see what would be sent.
    ScopeMissing {
        /// What is missing.
        scope: &'static str,
    },
}

impl Refusal for EnableRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::NotFound => not_found(),
            Self::ScopeMissing { scope } => CreateRefusal::ScopeMissing { scope }.message(),
        }
    }

    fn field(&self) -> Option<String> {
        Some("id".to_owned())
    }

    fn denial(&self) -> Option<&'static str> {
        matches!(self, Self::ScopeMissing { .. }).then_some(SCOPE_MISSING)
    }
}

/// Why an endpoint is not disabled, deleted or tried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SwitchRefusal {
    /// There is no such endpoint.
    NotFound,
}

impl Refusal for SwitchRefusal {
    fn message(&self) -> Problem {
        not_found()
    }

    fn field(&self) -> Option<String> {
        Some("id".to_owned())
    }
}

/// Why a secret is not exchanged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RotateRefusal {
    /// There is no such endpoint.
    NotFound,
    /// Both secrets would sign for too long.
    OverlapOutOfRange,
}

impl Refusal for RotateRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::NotFound => not_found(),
            Self::OverlapOutOfRange => Problem::new(
                format!("`overlapHours` is from 0 to {}.", ROTATION_HOURS.end()),
                format!("`overlapHours` 须在 0 至 {} 之间。", ROTATION_HOURS.end()),
            ),
        }
    }

    fn field(&self) -> Option<String> {
        Some(match self {
            Self::NotFound => "id".to_owned(),
            Self::OverlapOutOfRange => "overlapHours".to_owned(),
        })
    }
}

/// Why nothing is sent again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReplayRefusal {
    /// There is no such delivery or endpoint.
    NotFound,
    /// The endpoint is sent nothing.
    EndpointDisabled,
    /// What waits to be sent need not be sent again.
    PendingNotReplayed,
    /// The asker may not see what would be sent.
    ScopeMissing {
        /// What is missing.
        scope: &'static str,
    },
}

impl Refusal for ReplayRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::NotFound => Problem::new("There is no such thing.", "未找到。"),
            Self::EndpointDisabled => Problem::new(
                "The endpoint is disabled: enable it first.",
                "该推送地址已停用，请先启用。",
            ),
            Self::PendingNotReplayed => Problem::new(
                "What is PENDING is sent anyway: name FAILED, DELIVERED or both.",
                "待推送的记录会自动推送，只能选择 FAILED、DELIVERED 或两者。",
            ),
            Self::ScopeMissing { scope } => CreateRefusal::ScopeMissing { scope }.message(),
        }
    }

    fn field(&self) -> Option<String> {
        matches!(self, Self::PendingNotReplayed).then(|| "states".to_owned())
    }

    fn denial(&self) -> Option<&'static str> {
        matches!(self, Self::ScopeMissing { .. }).then_some(SCOPE_MISSING)
    }
}

/// Why a notify key is not set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotifyKeyRefusal {
    /// There is one, and nobody asked for it to be replaced.
    AlreadySet,
}

impl Refusal for NotifyKeyRefusal {
    fn message(&self) -> Problem {
        Problem::new(
            "There is a key already: pass `replace: true`, and give the new one to the shop at once.",
            "已有回调密钥：如需更换请传 `replace: true`，并立即更新商城配置。",
        )
    }

    fn field(&self) -> Option<String> {
        Some("replace".to_owned())
    }
}

fn not_found() -> Problem {
    Problem::new("There is no such webhook endpoint.", "推送地址不存在。")
}

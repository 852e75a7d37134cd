//! Why an export is not made or not called off, and why one failed, in words.

use entity::export::ExportFailure;

use crate::error::{Problem, Refusal};

/// Why an export was not made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CreateRefusal {
    /// A field of the input cannot be meant.
    Invalid {
        /// Which.
        field: String,
        /// What is wrong.
        problem: Problem,
    },
    /// Too many of the merchant's exports wait already.
    QueueFull {
        /// How many may.
        most: u64,
    },
    /// Too many of the merchant's files are kept already.
    TooMany {
        /// How many may be.
        most: u64,
    },
    /// The merchant's files take as much room as they may.
    NoSpace {
        /// How many bytes they may take.
        most: u64,
    },
    /// The key was used for something else.
    KeyReused,
    /// The key's first request is still under way.
    InProgress,
}

impl Refusal for CreateRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::Invalid { problem, .. } => problem.clone(),
            Self::QueueFull { most } => Problem::new(
                format!("{most} exports wait already: wait for one of them, or call one off."),
                format!("已有 {most} 个导出任务在排队：请等待其完成，或取消其中之一。"),
            ),
            Self::TooMany { most } => Problem::new(
                format!("{most} files are kept already: each goes a day after it was written."),
                format!("已保留 {most} 个导出文件：文件在生成一天后自动删除。"),
            ),
            Self::NoSpace { most } => Problem::new(
                format!(
                    "The files that are kept take {most} bytes or more: each goes a day after it was written."
                ),
                format!("已保留的导出文件已达到 {most} 字节：文件在生成一天后自动删除。"),
            ),
            Self::KeyReused => Problem::new(
                "This idempotency key was used with another input.",
                "该幂等键已用于其他请求。",
            ),
            Self::InProgress => Problem::new(
                "The first request with this idempotency key is still under way: send the same again shortly.",
                "使用该幂等键的首个请求仍在处理中，请稍后以相同内容重试。",
            ),
        }
    }

    fn field(&self) -> Option<String> {
        let field = match self {
            Self::Invalid { field, .. } => field.as_str(),
            Self::KeyReused | Self::InProgress => "idempotencyKey",
            Self::QueueFull { .. } | Self::TooMany { .. } | Self::NoSpace { .. } => return None,
        };
        Some(field.to_owned())
    }
}

/// Why an export was not called off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CancelRefusal {
    /// There is no such export.
    NotFound,
    /// It is over already.
    Over,
}

impl Refusal for CancelRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::NotFound => Problem::new("There is no such export.", "导出任务不存在。"),
            Self::Over => Problem::new(
                "The export is over already; there is nothing to call off.",
                "导出任务已结束，无法取消。",
            ),
        }
    }

    fn field(&self) -> Option<String> {
        Some("exportId".to_owned())
    }
}

/// Why an export failed, in words. `most`: how many bytes a file may have.
#[must_use]
pub fn failure(why: ExportFailure, most: u64) -> Problem {
    match why {
        ExportFailure::TooLarge => Problem::new(
            format!(
                "The file would be larger than {most} bytes: choose fewer columns or a shorter span."
            ),
            format!("文件将超过 {most} 字节：请减少列或缩短时间范围。"),
        ),
        ExportFailure::NoSpace => Problem::new(
            "The files that are kept would have taken more room than they may: ask again when others are gone.",
            "已保留的文件占用空间将超过上限：请在其他文件删除后重试。",
        ),
        ExportFailure::NotAllowed => Problem::new(
            "Who asked for it may not see this list any more.",
            "申请人已无权查看该列表。",
        ),
        ExportFailure::GaveUp => Problem::new(
            "It was begun several times and did not come to its end. Ask for it again, or for less.",
            "多次尝试均未完成，请重新导出或缩小范围。",
        ),
    }
}

//! Who is shown the schema: everybody, members of staff, or nobody, as the setting says; and what nobody
//! is shown who comes with a publishable key.

use crate::auth::model::{Actor, Who};
use crate::config::Introspection;
use crate::error::{Error, Problem};

/// Refuses to show the schema to whoever may not see it.
pub fn check(setting: Introspection, actor: Option<&Actor>) -> Result<(), Error> {
    match setting {
        Introspection::Everyone => Ok(()),
        Introspection::Staff if actor.is_some_and(is_staff) => Ok(()),
        Introspection::Staff => Err(Error::Denied(Problem::new(
            "The schema is shown to members of staff who are signed in.",
            "只有已登录的员工可以查看数据模式。",
        ))),
        Introspection::Nobody => Err(Error::Denied(Problem::new(
            "The schema is not shown here.",
            "此处不提供数据模式。",
        ))),
    }
}

/// What whoever read a key in a page is told of all that it is not for.
pub fn not_publishable() -> Error {
    Error::Denied(Problem::new(
        "A publishable key asks what a payment page shows, and nothing else.",
        "可公开密钥只能查询收银台所显示的内容。",
    ))
}

fn is_staff(actor: &Actor) -> bool {
    matches!(actor.who, Who::Staff { .. })
}

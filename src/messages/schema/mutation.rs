//! The mutations of messages.

use async_graphql::{Context, Object};
use entity::message;

use super::inputs::{
    MessageCancelInput, MessageCreateInput, MessageSendInput, MessageUpdateInput, Named,
};
use super::object::Message;
use crate::auth::model::Scope;
use crate::error::{Error, Failure};
use crate::graphql::payload::{answer, payload};
use crate::graphql::plain::Lean;
use crate::graphql::scalars::read_id;
use crate::graphql::{Ask, Needs};
use crate::idempotency;
use crate::messages::model::{CancelRefusal, CreateRefusal, SendRefusal, UpdateRefusal};
use crate::messages::service;

payload! {
    /// What `messageCreate` did.
    MessageCreatePayload {
        /// The message, a DRAFT.
        message: Lean<Message>,
    }
    /// Why a message was not made.
    MessageCreateError / MessageCreateErrorCode from CreateRefusal {
        /// There is no such segment.
        SegmentNotFound,
        /// A field of the input cannot be meant; `field` names it.
        Invalid,
    }
}

payload! {
    /// What `messageUpdate` did.
    MessageUpdatePayload {
        /// The message, as it is now.
        message: Lean<Message>,
    }
    /// Why a message was not changed.
    MessageUpdateError / MessageUpdateErrorCode from UpdateRefusal {
        /// There is no such message.
        NotFound,
        /// It has another version by now: read it again.
        VersionConflict,
        /// It is being sent already, or was.
        AlreadyBegun,
        /// It was canceled.
        Canceled,
        /// There is no such segment.
        SegmentNotFound,
        /// A field of the input cannot be meant; `field` names it.
        Invalid,
    }
}

payload! {
    /// What `messageSend` did.
    MessageSendPayload {
        /// The message, SCHEDULED, or further where it was sent before.
        message: Lean<Message>,
    }
    /// Why a message was not sent.
    MessageSendError / MessageSendErrorCode from SendRefusal {
        /// There is no such message.
        NotFound,
        /// It has another version by now: read it again.
        VersionConflict,
        /// It is being sent already, or was.
        AlreadyBegun,
        /// It was canceled.
        Canceled,
        /// Its segment was taken away.
        SegmentNotFound,
        /// A field of the input cannot be meant; `field` names it.
        Invalid,
        /// The idempotency key was used with another input.
        KeyReused,
        /// The first request with this idempotency key is still under way: send the same again shortly.
        InProgress,
    }
}

payload! {
    /// What `messageCancel` did.
    MessageCancelPayload {
        /// The message, CANCELED.
        message: Lean<Message>,
    }
    /// Why a message was not called off.
    MessageCancelError / MessageCancelErrorCode from CancelRefusal {
        /// There is no such message.
        NotFound,
        /// It was sent to everybody already.
        AlreadySent,
    }
}

/// Does something with a message of the actor's, to its end, and answers with a payload.
macro_rules! done {
    ($ctx:ident, $payload:ident, |$app:ident, $actor:ident| $work:expr) => {{
        let refused = |refusal| $payload::refused(&refusal, $ctx.locale());
        let ($app, $actor) = ($ctx.app().clone(), $ctx.actor()?.clone());
        let done = $ctx.app().finish(async move { $work.await });
        let told = |row: message::Model| $payload {
            message: Some(Lean(row.into())),
            user_errors: Vec::new(),
        };
        answer(done.await?, told, refused)
    }};
}

/// The mutations of messages.
#[derive(Debug, Default)]
pub struct MessageMutation;

#[Object]
impl MessageMutation {
    /// Makes a message 新建消息, a draft that nobody is sent until that is asked for. Needs `messages:send`.
    #[graphql(guard = "Needs(Scope::MessagesSend)")]
    async fn message_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: MessageCreateInput,
    ) -> Result<MessageCreatePayload, Error> {
        done!(ctx, MessageCreatePayload, |app, actor| async {
            let draft = input.read();
            match draft.map_err(|invalid| Failure::Refused(CreateRefusal::from(invalid)))? {
                Named::Read(draft) => service::create(&app, &actor, &draft).await,
                Named::NoSegment => Err(Failure::Refused(CreateRefusal::SegmentNotFound)),
            }
        })
    }

    /// Changes a message 修改消息, until it begins to be sent. Needs `messages:send`.
    #[graphql(guard = "Needs(Scope::MessagesSend)")]
    async fn message_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: MessageUpdateInput,
    ) -> Result<MessageUpdatePayload, Error> {
        done!(ctx, MessageUpdatePayload, |app, actor| async {
            let id =
                read_id("id", &input.id).map_err(|_| Failure::Refused(UpdateRefusal::NotFound))?;
            let version = input.expected_version;
            let wanted = input.read();
            match wanted.map_err(|invalid| Failure::Refused(UpdateRefusal::from(invalid)))? {
                Named::Read(wanted) => service::update(&app, &actor, id, version, &wanted).await,
                Named::NoSegment => Err(Failure::Refused(UpdateRefusal::SegmentNotFound)),
            }
        })
    }

    /// Sends a message 发送消息, at once or at a time: to each member of its segment who agreed to it, once. Where it
    /// waits already it gets the new time. Needs `messages:send`.
    #[graphql(guard = "Needs(Scope::MessagesSend)")]
    async fn message_send(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: MessageSendInput,
    ) -> Result<MessageSendPayload, Error> {
        idempotency::check(&input.idempotency_key)?;
        done!(ctx, MessageSendPayload, |app, actor| async {
            let id =
                read_id("id", &input.id).map_err(|_| Failure::Refused(SendRefusal::NotFound))?;
            let send_at = input.send_at.map(|at| at.0);
            let which = (id, input.expected_version);
            service::send(&app, &actor, &input.idempotency_key, which, send_at).await
        })
    }

    /// Calls a message off 取消发送. One that is being sent stops: whom it reached keep it. A draft is put away. Needs
    /// `messages:send`.
    #[graphql(guard = "Needs(Scope::MessagesSend)")]
    async fn message_cancel(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: MessageCancelInput,
    ) -> Result<MessageCancelPayload, Error> {
        done!(ctx, MessageCancelPayload, |app, actor| async {
            let id =
                read_id("id", &input.id).map_err(|_| Failure::Refused(CancelRefusal::NotFound))?;
            service::cancel(&app, &actor, id).await
        })
    }
}

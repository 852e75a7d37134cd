//! What members are sent, live.

use std::sync::Arc;

use async_graphql::{Context, SimpleObject, Subscription};
use entity::event::EventKind as Kind;
use entity::{MerchantId, MessageRecipientId};
use futures_util::Stream;

use super::object::Message;
use super::recipient::MessageRecipient;
use crate::app::App;
use crate::auth::model::Scope;
use crate::error::Error;
use crate::events::Event;
use crate::graphql::follow::{self, Tell};
use crate::graphql::plain::Lean;
use crate::graphql::scalars::Timestamp;
use crate::graphql::{Ask, Needs};
use crate::members::schema::filter_input::read_member_no;
use crate::members::service as members;
use crate::messages::model::may_be_written_to;
use crate::messages::service;

/// What a member was sent 会员消息, and where to continue.
#[derive(Debug, SimpleObject)]
pub struct MemberMessageEvent {
    /// Pass it as `after` to continue behind this event, on any instance.
    pub cursor: String,
    /// When it was sent.
    pub occurred_at: Timestamp,
    /// The message as it is now.
    pub message: Lean<Message>,
    /// The member who was sent it, with the text as they were sent it; without it where `withdrawn` is true.
    pub recipient: Lean<MessageRecipient>,
    /// Whether they have taken back since that they agree 已撤回营销同意, were erased, or have become a part of another
    /// member: they are not to be written to any more.
    pub withdrawn: bool,
}

/// The subscriptions of messages.
#[derive(Debug, Default)]
pub struct MessageSubscription;

#[Subscription]
impl MessageSubscription {
    /// What members are sent 会员消息, in order, at least once: for a server that hands it on to a member's app. With
    /// `memberNo` it tells of that member alone. With `after` it continues behind that cursor and misses nothing; a cursor
    /// too old is CURSOR_EXPIRED. What is told late may come in the `quietHours` of the message: hand it on behind them.
    /// Whether a member still agrees is looked at when it is told. Title and text are there for who has `personal:read`.
    /// Needs `members:read`.
    #[graphql(guard = "Needs(Scope::MembersRead)")]
    async fn member_message_sent(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The member's number 会员号; all members where it is missing.")]
        member_no: Option<String>,
        #[graphql(desc = "The last cursor that was seen; only new events where it is missing.")]
        after: Option<String>,
    ) -> Result<impl Stream<Item = Result<MemberMessageEvent, Error>> + use<>, Error> {
        if let Some(no) = &member_no {
            read_member_no("memberNo", no)?;
        }
        let teller = Teller {
            app: ctx.app().clone(),
            merchant_id: ctx.actor()?.merchant_id,
            member_no,
        };
        follow::follow(ctx, after, teller).await
    }
}

/// Tells of what was sent to the members that are wanted.
struct Teller {
    app: App,
    merchant_id: MerchantId,
    member_no: Option<String>,
}

impl Tell for Teller {
    type Told = MemberMessageEvent;

    fn cursor(told: &MemberMessageEvent) -> &str {
        &told.cursor
    }

    fn wants(&self, kind: Kind) -> bool {
        kind == Kind::MessageDeliverySent
    }

    /// The events with what was sent: a statement for each kind of thing. Who the number is of is asked each time: they
    /// may be named only now, or have become a part of another member.
    async fn tell(&self, events: &[Arc<Event>]) -> Result<Vec<MemberMessageEvent>, Error> {
        let (app, merchant_id) = (&self.app, self.merchant_id);
        let ids: Vec<MessageRecipientId> = events
            .iter()
            .map(|event| MessageRecipientId(event.subject_id))
            .collect();
        let mut recipients = service::find_recipients(app, merchant_id, &ids).await?;
        if let Some(no) = &self.member_no {
            let member = members::find_by_no(app, merchant_id, no).await?;
            let id = member.map(|member| member.id);
            recipients.retain(|_, row| Some(row.member_id) == id);
        }
        let mut of: Vec<_> = recipients.values().map(|row| row.message_id).collect();
        of.sort_unstable();
        of.dedup();
        let messages = service::find_many(app, merchant_id, &of).await?;
        let whose: Vec<_> = recipients.values().map(|row| row.member_id).collect();
        let whose = members::find_many(app, merchant_id, &whose).await?;
        let told = events.iter().filter_map(|event| {
            let recipient = recipients.get(&MessageRecipientId(event.subject_id))?;
            let message = messages.get(&recipient.message_id)?;
            let member = whose.get(&recipient.member_id);
            let withdrawn = !member.is_some_and(may_be_written_to);
            Some(MemberMessageEvent {
                cursor: event.cursor().to_string(),
                occurred_at: event.occurred_at.into(),
                message: Lean(message.clone().into()),
                recipient: Lean(recipient.clone().into()),
                withdrawn,
            })
        });
        Ok(told.collect())
    }
}

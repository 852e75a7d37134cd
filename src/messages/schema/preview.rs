//! What a message would be, as clients see it.

use async_graphql::Context;

use super::inputs::MessagePreviewInput;
use crate::auth::model::{Scope, mask_name};
use crate::error::Error;
use crate::graphql::Ask;
use crate::graphql::plain::{Lean, plain_object};
use crate::graphql::scalars::read_id;
use crate::members::schema::Member;
use crate::members::schema::inputs::MemberLocale;
use crate::messages::model::Rendered;
use crate::messages::service::{self, Preview, Sample};

/// What a message would be.
#[derive(Clone, Debug)]
pub struct MessagePreview(Preview);

/// What some members would read.
pub(super) async fn previewed(
    ctx: &Context<'_>,
    input: MessagePreviewInput,
) -> Result<MessagePreview, Error> {
    let (app, actor) = (ctx.app(), ctx.actor()?);
    let segment_id = read_id("input.segmentId", &input.segment_id)?;
    let wording = input.texts().read().map_err(|invalid| Error::BadInput {
        field: format!("input.{}", invalid.field),
        problem: invalid.problem,
    })?;
    let shown: fn(&str) -> String = if actor.may(Scope::PersonalRead) {
        str::to_owned
    } else {
        mask_name
    };
    let preview = service::preview(app, actor.merchant_id, segment_id, &wording, shown).await?;
    preview.map(MessagePreview).ok_or(Error::NotFound)
}

fn count(members: u64) -> i64 {
    i64::try_from(members).unwrap_or(i64::MAX)
}

plain_object! {
    /// What a message would be 消息预览, were it sent now.
    MessagePreview(self) {
        /// How many members are in the segment 分群人数.
        size / "size": i64 = count(self.0.size);
        /// How many of them agree to be written to 可发送人数.
        consented / "consented": i64 = count(self.0.consented);
        /// What some of these would read, at most 3 members.
        samples / "samples": Vec<Lean<MessageSample>> =
            self.0.samples.iter().cloned().map(|sample| Lean(MessageSample(sample))).collect();
    }
}

/// What one member would read.
#[derive(Clone, Debug)]
pub struct MessageSample(Sample);

plain_object! {
    /// What one member would read 消息样例.
    MessageSample(self) {
        /// The member.
        member / "member": Lean<Member> = Lean(self.0.member.clone().into());
        /// The language that they would read it in.
        locale / "locale": MemberLocale = self.0.locale.into();
        /// In Chinese.
        zh / "zh": MessageText = MessageText(self.0.zh.clone());
        /// In English; null where there is none.
        en / "en": Option<MessageText> = self.0.en.clone().map(MessageText);
    }
}

/// A title and a text, the placeholders filled in.
#[derive(Clone, Debug)]
pub struct MessageText(Rendered);

plain_object! {
    /// A title and a text, the placeholders filled in 消息内容.
    MessageText(self) {
        /// The title.
        title / "title": &str = self.0.title.as_str();
        /// The text.
        body / "body": &str = self.0.body.as_str();
    }
}

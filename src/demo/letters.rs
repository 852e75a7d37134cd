//! What the coffee chain's marketing has thought of: segments of its members, and a message to those who have not come for
//! a month, made as anybody would.

use entity::membership::Role;
use entity::{SegmentId, membership, tier};
use sea_orm::{ColumnTrait, QueryFilter};

use super::Demo;
use crate::app::App;
use crate::auth::model::{Actor, Scopes, Who};
use crate::error::{Error, Failure, Refusal};
use crate::messages::model::{MessageDraft, Texts};
use crate::segments::model::Rule;
use crate::{messages, segments};

/// How long somebody has not come who is missed.
const MISSED_DAYS: i32 = 30;
/// Within how many days who comes back has come for the message.
const EFFECT_DAYS: i32 = 14;

/// Makes segments, a message that is on its way, and one that is still being written.
pub async fn write(app: &App, demo: &Demo) -> Result<(), Error> {
    let merchant_id = demo.coffee;
    let writer = membership::Entity::of(merchant_id)
        .filter(membership::Column::Role.eq(Role::Marketing))
        .one(&app.db.reads(merchant_id))
        .await?;
    let Some(writer) = writer else {
        return Ok(());
    };
    let actor = Actor {
        merchant_id,
        who: Who::Staff {
            staff_id: writer.staff_id,
            role: Role::Marketing,
        },
        scopes: Scopes::of_role(Role::Marketing),
        origin: None,
    };
    let tiers = tier::Entity::of(merchant_id)
        .filter(tier::Column::Rank.gt(1))
        .all(&app.db.reads(merchant_id))
        .await?;
    let better = Rule::Tier {
        tiers: tiers.iter().map(|tier| tier.id).collect(),
        or_none: false,
    };
    let missed = segment(app, &actor, "沉睡会员", Rule::NotPaidFor(MISSED_DAYS)).await?;
    let regulars = Rule::All(vec![better, Rule::PaidWithin(MISSED_DAYS)]);
    let regulars = segment(app, &actor, "常来的银卡和金卡", regulars).await?;
    segment(app, &actor, "未来一周生日", Rule::BirthdayWithin(7)).await?;
    let letter = message(app, &actor, ("好久不见", missed), WE_MISS_YOU).await?;
    let sent = messages::service::send(app, &actor, "demo-message", (letter, None), None).await;
    sent.map_err(fault)?;
    message(app, &actor, ("冬季新品先尝", regulars), NEW_COFFEES).await?;
    Ok(())
}

/// A title and a text, in Chinese and in English.
type Words = [&'static str; 4];

const WE_MISS_YOU: Words = [
    "{name}，好久不见",
    "您还有 {points} 积分没有用。本周来店，我们请您升杯。",
    "We miss you, {name}",
    "You still have {points} points. Come by this week, and the larger cup is on us.",
];
const NEW_COFFEES: Words = [
    "{tier}先尝：冬季新品",
    "{name}，三款冬季新品本周五上架，欢迎先来尝尝。",
    "For {tier} first: the winter's new coffees",
    "{name}, three new coffees arrive on Friday. Come and taste them first.",
];

async fn segment(app: &App, actor: &Actor, name: &str, rules: Rule) -> Result<SegmentId, Error> {
    let made = segments::service::create(app, actor, name, &rules).await;
    Ok(made.map_err(fault)?.id)
}

async fn message(
    app: &App,
    actor: &Actor,
    (name, segment_id): (&str, SegmentId),
    [title, body, title_en, body_en]: Words,
) -> Result<entity::MessageId, Error> {
    let draft = MessageDraft {
        name: name.to_owned(),
        segment_id,
        texts: Texts {
            title: title.to_owned(),
            body: body.to_owned(),
            title_en: Some(title_en.to_owned()),
            body_en: Some(body_en.to_owned()),
        },
        quiet: None,
        effect_days: EFFECT_DAYS,
    };
    let made = messages::service::create(app, actor, &draft).await;
    Ok(made.map_err(fault)?.id)
}

/// What nobody has thought of wrongly cannot be refused.
fn fault<R: Refusal>(failure: Failure<R>) -> Error {
    match failure {
        Failure::Refused(refusal) => Error::internal(refusal.message().en),
        Failure::Failed(error) => error,
    }
}

//! Reads and sets rules, and says what a payment would cost.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use entity::fee_rule::{Column, Entity, Model};
use entity::{ChannelId, MerchantId, merchant};
use sea_orm::sea_query::LockType;
use sea_orm::{
    ActiveEnum, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryOrder, QuerySelect,
};
use serde_json::{Value, json};

use crate::app::App;
use crate::audit::{self, Deed};
use crate::auth::model::Actor;
use crate::channels::service::maybe_find;
use crate::db::violates_unique;
use crate::error::{Error, Failure};
use crate::fees::model::{self, Assessed, Fee, RuleDraft, RuleSetRefusal, Setting};

/// Every version of a merchant's rules, rule by rule.
pub async fn rules(app: &App, merchant_id: MerchantId) -> Result<Vec<Model>, Error> {
    Ok(in_order(merchant_id)
        .all(&app.db.reads(merchant_id))
        .await?)
}

fn in_order(merchant_id: MerchantId) -> sea_orm::Select<Entity> {
    Entity::of(merchant_id)
        .order_by_asc(Column::Id)
        .order_by_asc(Column::Version)
}

/// What a payment costs.
pub async fn assess(
    app: &App,
    merchant_id: MerchantId,
    payment: &Assessed<'_>,
) -> Result<Fee, Error> {
    let rules = rules(app, merchant_id).await?;
    Ok(model::assess(&rules, payment))
}

/// What a payment would cost, and every version of the merchant's rules.
#[derive(Clone, Debug)]
pub struct Quote {
    /// The fee.
    pub fee: Fee,
    /// The rules that it was chosen from.
    pub rules: Arc<Vec<Model>>,
}

/// What a payment of an amount through a channel would cost at an instant. Another merchant's channel is
/// not found.
pub async fn quote(
    app: &App,
    merchant_id: MerchantId,
    channel_id: ChannelId,
    country: Option<&str>,
    amount_minor: i64,
    at: DateTime<Utc>,
) -> Result<Quote, Error> {
    let channel = maybe_find(app, merchant_id, channel_id).await?;
    let payment = Assessed {
        channel_id,
        method: channel.ok_or(Error::NotFound)?.method,
        country,
        amount_minor,
        at,
    };
    let rules = rules(app, merchant_id).await?;
    Ok(Quote {
        fee: model::assess(&rules, &payment),
        rules: Arc::new(rules),
    })
}

/// Makes a rule, or the next version of one; returns it, and every version of the merchant's rules. Those
/// who set rules of one merchant at the same time wait for each other, so that each sees what the one
/// before made.
pub async fn set(
    app: &App,
    actor: &Actor,
    draft: RuleDraft,
) -> Result<(Model, Vec<Model>), Failure<RuleSetRefusal>> {
    let merchant_id = actor.merchant_id;
    let channel = match draft.channel_id {
        Some(id) => maybe_find(app, merchant_id, id).await?,
        None => None,
    };
    draft.check(channel.as_ref()).map_err(Failure::Refused)?;
    let draft = &draft;
    app.write(merchant_id, |txn| async move {
        set_in(app, &txn, actor, draft).await
    })
    .await
}

async fn set_in(
    app: &App,
    txn: &DatabaseTransaction,
    actor: &Actor,
    draft: &RuleDraft,
) -> Result<(Model, Vec<Model>), Failure<RuleSetRefusal>> {
    // The merchant's row is the lock under which its rules are compared and counted.
    merchant::Entity::of(actor.merchant_id)
        .lock(LockType::NoKeyUpdate)
        .one(txn)
        .await?;
    let mut rules = in_order(actor.merchant_id).all(txn).await?;
    let setting = Setting {
        merchant_id: actor.merchant_id,
        actor: actor.name(),
        id: app.ids.next(),
        now: app.clock.now(),
    };
    let rule = draft.decide(&rules, &setting).map_err(Failure::Refused)?;
    let inserted = Entity::insert(rule.clone().into_active_model())
        .exec_without_returning(txn)
        .await;
    match inserted {
        // The key is the last word on what the version is.
        Err(error) if violates_unique(&error, "fee_rules") => {
            let current = rule.version;
            Err(Failure::Refused(RuleSetRefusal::VersionConflict {
                current,
            }))
        }
        Err(error) => Err(error.into()),
        Ok(_) => {
            let before = rules.iter().rev().find(|known| known.id == rule.id);
            let before = before.map(shown).unwrap_or_default();
            let deed = Deed::of("feeRuleSet").on(model_id(&rule));
            audit::record(app, txn, actor, deed.changed(before, shown(&rule))).await?;
            rules.push(rule.clone());
            Ok((rule, rules))
        }
    }
}

/// The global id of a version of a rule.
fn model_id(rule: &Model) -> String {
    format!("{}.{}", rule.id, rule.version)
}

/// A rule as the audit log shows it.
fn shown(rule: &Model) -> Value {
    json!({
        "name": rule.name,
        "version": rule.version,
        "channelId": rule.channel_id.map(|id| id.to_string()),
        "method": rule.method.map(|method| method.to_value()),
        "country": rule.country,
        "minAmountMinor": rule.min_amount_minor,
        "maxAmountMinor": rule.max_amount_minor,
        "ratePpm": rule.rate_ppm,
        "fixedMinor": rule.fixed_minor,
        "minFeeMinor": rule.min_fee_minor,
        "maxFeeMinor": rule.max_fee_minor,
        "effectiveFrom": rule.effective_from.0,
        "effectiveTo": rule.effective_to.map(|at| at.0),
    })
}

//! Whether rules name what the merchant has: tiers, channels, coupon templates, snapshots.

use std::collections::HashSet;

use entity::segment::SegmentKind;
use entity::{MerchantId, channel, coupon_template, segment, tier};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, Select};

use crate::app::App;
use crate::auth::model::{Actor, Scope};
use crate::db::any_of;
use crate::error::Error;
use crate::invalid::Invalid;
use crate::segments::model::Rule;

/// Refuses rules that tell what whoever asks may not see: how many they hold for would answer for it.
pub fn may_ask(actor: &Actor, rules: &Rule) -> Result<(), Error> {
    for (tells, scope) in [
        (rules.tells_orders(), Scope::OrdersRead),
        (rules.tells_coupons(), Scope::CampaignsRead),
    ] {
        if tells && !actor.may(scope) {
            return Err(Error::Forbidden {
                scope: scope.name(),
            });
        }
    }
    Ok(())
}

/// What rules name, each with its path.
#[derive(Default)]
struct Named {
    tiers: Vec<(String, i64)>,
    channels: Vec<(String, i64)>,
    templates: Vec<(String, i64)>,
    snapshots: Vec<(String, i64)>,
}

impl Named {
    fn of(rules: &Rule) -> Self {
        let mut named = Self::default();
        let _ = rules.walk("rules", 1, &mut |rule, path, _| {
            match rule {
                Rule::Tier { tiers, .. } => {
                    let path = format!("{path}.tierIds");
                    named
                        .tiers
                        .extend(paths(&path, tiers.iter().map(|id| id.0)));
                }
                Rule::FirstChannel(ids) => {
                    named
                        .channels
                        .extend(paths(path, ids.iter().map(|id| id.0)));
                }
                Rule::HoldsCoupon(ids) => {
                    named
                        .templates
                        .extend(paths(path, ids.iter().map(|id| id.0)));
                }
                Rule::InSnapshot(ids) => {
                    named
                        .snapshots
                        .extend(paths(path, ids.iter().map(|id| id.0)));
                }
                _ => {}
            }
            Ok::<(), ()>(())
        });
        named
    }
}

fn paths(path: &str, ids: impl Iterator<Item = i64>) -> Vec<(String, i64)> {
    let ids = ids.enumerate();
    ids.map(|(place, id)| (format!("{path}.{place}"), id))
        .collect()
}

/// Whether rules can be meant, and name only what is the merchant's and there.
pub async fn check(
    app: &App,
    merchant_id: MerchantId,
    rules: &Rule,
) -> Result<Result<(), Invalid>, Error> {
    if let Err(invalid) = rules.check() {
        return Ok(Err(invalid));
    }
    let named = Named::of(rules);
    let tiers = tier::Entity::of(merchant_id).filter(tier::Column::RemovedAt.is_null());
    let snapshots = segment::Entity::of(merchant_id)
        .filter(segment::Column::RemovedAt.is_null())
        .filter(segment::Column::Kind.eq(SegmentKind::Snapshot));
    let strange = [
        strange(app, merchant_id, tiers, tier::Column::Id, &named.tiers)
            .await?
            .map(|path| Invalid::new(path, "is no tier of yours.", "不是您的会员等级。")),
        strange(
            app,
            merchant_id,
            channel::Entity::of(merchant_id),
            channel::Column::Id,
            &named.channels,
        )
        .await?
        .map(|path| Invalid::new(path, "is no channel of yours.", "不是您的支付渠道。")),
        strange(
            app,
            merchant_id,
            coupon_template::Entity::of(merchant_id),
            coupon_template::Column::Id,
            &named.templates,
        )
        .await?
        .map(|path| {
            Invalid::new(
                path,
                "is no coupon template of yours.",
                "不是您的优惠券模板。",
            )
        }),
        strange(
            app,
            merchant_id,
            snapshots,
            segment::Column::Id,
            &named.snapshots,
        )
        .await?
        .map(|path| {
            Invalid::new(
                path,
                "is no snapshot of yours: of segments, rules name snapshots alone.",
                "不是您的静态分群：规则中只能引用静态分群。",
            )
        }),
    ];
    Ok(strange.into_iter().flatten().next().map_or(Ok(()), Err))
}

/// Where the first of these is named that is not there.
async fn strange<E, C>(
    app: &App,
    merchant_id: MerchantId,
    rows: Select<E>,
    column: C,
    named: &[(String, i64)],
) -> Result<Option<String>, Error>
where
    E: EntityTrait,
    C: ColumnTrait,
{
    if named.is_empty() {
        return Ok(None);
    }
    let ids: Vec<i64> = named.iter().map(|(_, id)| *id).collect();
    let known: Vec<i64> = rows
        .filter(any_of(&app.db, column, &ids))
        .select_only()
        .column(column)
        .into_tuple()
        .all(&app.db.reads(merchant_id))
        .await?;
    let known: HashSet<i64> = known.into_iter().collect();
    let first = named.iter().find(|(_, id)| !known.contains(id));
    Ok(first.map(|(path, _)| path.clone()))
}

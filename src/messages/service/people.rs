//! What there is of members to be put into texts, read where it is asked.

use std::collections::HashMap;

use entity::{MemberId, MerchantId, TierId, member, member_profile, tier};
use sea_orm::{ConnectionTrait, DbErr, QueryFilter};

use crate::app::App;
use crate::db::any_of;
use crate::error::Error;
use crate::locale::Locale;
use crate::members::service as members;
use crate::messages::model::{Rendered, Values, Wording};

/// What members and tiers are called.
#[derive(Debug, Default)]
pub(super) struct Called {
    names: HashMap<MemberId, String>,
    tiers: HashMap<TierId, tier::Model>,
}

impl Called {
    /// Reads it for some members; names only where a text holds them.
    pub(super) async fn read(
        app: &App,
        db: &impl ConnectionTrait,
        merchant_id: MerchantId,
        ids: &[MemberId],
        wording: &Wording,
    ) -> Result<Self, Error> {
        let names = if wording.names() {
            names(app, db, merchant_id, ids).await?
        } else {
            HashMap::new()
        };
        let tiers = tier::Entity::of(merchant_id).all(db).await?;
        Ok(Self {
            names,
            tiers: tiers.into_iter().map(|row| (row.id, row)).collect(),
        })
    }

    /// What a member is written in a language; `shown` says how a name is written.
    pub(super) fn render(
        &self,
        wording: &Wording,
        row: &member::Model,
        locale: Locale,
        shown: impl Fn(&str) -> String,
    ) -> Rendered {
        let name = self.names.get(&row.id).map(|name| shown(name));
        let tier = row.tier_id.and_then(|id| self.tiers.get(&id));
        let tier = tier.map(|tier| match (locale, &tier.name_en) {
            (Locale::En, Some(name)) => name.as_str(),
            _ => tier.name.as_str(),
        });
        let values = Values {
            name: name.as_deref(),
            tier,
            points: row.points,
            member_no: &row.member_no,
        };
        wording.render(values, locale)
    }
}

/// The names of some members. One that no key opens is nobody's: it holds up no other.
async fn names(
    app: &App,
    db: &impl ConnectionTrait,
    merchant_id: MerchantId,
    ids: &[MemberId],
) -> Result<HashMap<MemberId, String>, DbErr> {
    let rows = member_profile::Entity::of(merchant_id)
        .filter(any_of(&app.db, member_profile::Column::MemberId, ids))
        .all(db)
        .await?;
    let mut names = HashMap::with_capacity(rows.len());
    for row in rows {
        match members::open_profile(&app.key, &row) {
            Ok(profile) => names.extend(profile.name.map(|name| (row.member_id, name))),
            Err(error) => {
                tracing::error!(member_id = %row.member_id, ?error, "a profile cannot be opened");
            }
        }
    }
    Ok(names)
}

//! What a file tells of members beside their own rows, read for a page at once and only where a column tells it.

use std::collections::HashMap;

use entity::{TierId, member, tier};

use super::rows::Reader;
use crate::auth::model::{mask_email, mask_name, mask_phone};
use crate::error::Error;
use crate::exports::model::columns::{KnownMember, PROFILE_COLUMNS, TAGS_COLUMN, TIER_COLUMN};
use crate::members;
use crate::members::model::Profile;

impl Reader<'_> {
    /// Members, with what some column tells of them.
    pub(super) async fn known(&self, rows: Vec<member::Model>) -> Result<Vec<KnownMember>, Error> {
        let (app, merchant_id, masked) = self.of();
        let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
        let mut profiles = HashMap::new();
        if PROFILE_COLUMNS.iter().any(|column| self.wants(column)) {
            for (id, opened) in members::service::open_profiles(app, merchant_id, &ids).await? {
                match opened {
                    Ok(profile) => drop(profiles.insert(id, profile)),
                    // One that no key opens is an empty cell: it holds up no file.
                    Err(error) => {
                        tracing::error!(member_id = %id, ?error, "a profile cannot be opened")
                    }
                }
            }
        }
        let mut tags = HashMap::new();
        if self.wants(TAGS_COLUMN) {
            let reads = app.db.reads(merchant_id);
            tags = members::service::read_tags(app, &reads, merchant_id, &ids).await?;
        }
        let tiers = self.tiers().await?;
        let currency = crate::merchant::find(app, merchant_id).await?.currency;
        let known = rows.into_iter().map(|row| KnownMember {
            profile: shown(profiles.remove(&row.id).unwrap_or_default(), masked),
            masked,
            tags: tags.remove(&row.id).unwrap_or_default(),
            tier: row.tier_id.and_then(|id| tiers.get(&id).cloned()),
            currency,
            row,
        });
        Ok(known.collect())
    }

    /// What the merchant's tiers are called in the file's language.
    async fn tiers(&self) -> Result<HashMap<TierId, String>, Error> {
        let (app, merchant_id, _) = self.of();
        if !self.wants(TIER_COLUMN) {
            return Ok(HashMap::new());
        }
        let rows = tier::Entity::of(merchant_id)
            .all(&app.db.reads(merchant_id))
            .await?;
        let called = rows.into_iter().map(|row| {
            let name = self.locale().pick(&row.name, row.name_en.as_deref());
            (row.id, name.to_owned())
        });
        Ok(called.collect())
    }
}

/// What names a member, as far as the file may show it.
fn shown(profile: Profile, masked: bool) -> Profile {
    if !masked {
        return profile;
    }
    Profile {
        name: profile.name.as_deref().map(mask_name),
        phone: profile.phone.as_deref().map(mask_phone),
        email: profile.email.as_deref().map(mask_email),
        birth_year: None,
        remark: None,
    }
}

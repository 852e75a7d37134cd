//! Names the tiers, rewards and messages of a page.

use std::collections::HashMap;

use entity::{MessageId, RewardId, TierId, message, reward, tier};
use sea_orm::{DbErr, QueryFilter, QuerySelect};

use super::{Happened, Named, Reading, What};
use crate::db::any_of;

impl Reading<'_> {
    pub(super) async fn names_of_messages(
        &self,
        ids: Vec<MessageId>,
    ) -> Result<HashMap<MessageId, String>, DbErr> {
        use message::{Column, Entity};
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let rows: Vec<(MessageId, String)> = Entity::of(self.merchant_id)
            .filter(any_of(&self.app.db, Column::Id, &ids))
            .select_only()
            .columns([Column::Id, Column::Name])
            .into_tuple()
            .all(&self.db)
            .await?;
        Ok(rows.into_iter().collect())
    }

    /// Names tiers and rewards, all of a page at once.
    pub(super) async fn name(&self, items: &mut [Happened]) -> Result<(), DbErr> {
        let (mut tiers, mut rewards) = (Vec::<TierId>::new(), Vec::<RewardId>::new());
        for item in items.iter() {
            match &item.what {
                What::Tier(row, _) => tiers.extend(row.to_tier_id),
                What::Reward(row, _) => rewards.push(row.reward_id),
                _ => {}
            }
        }
        let mut names: HashMap<i64, Named> = HashMap::new();
        if !tiers.is_empty() {
            use tier::{Column, Entity};
            let rows: Vec<(i64, String, Option<String>)> = Entity::of(self.merchant_id)
                .filter(any_of(&self.app.db, Column::Id, &tiers))
                .select_only()
                .columns([Column::Id, Column::Name, Column::NameEn])
                .into_tuple()
                .all(&self.db)
                .await?;
            names.extend(rows.into_iter().map(|(id, name, en)| (id, (name, en))));
        }
        if !rewards.is_empty() {
            use reward::{Column, Entity};
            let rows: Vec<(i64, String, Option<String>)> = Entity::of(self.merchant_id)
                .filter(any_of(&self.app.db, Column::Id, &rewards))
                .select_only()
                .columns([Column::Id, Column::Name, Column::NameEn])
                .into_tuple()
                .all(&self.db)
                .await?;
            names.extend(rows.into_iter().map(|(id, name, en)| (id, (name, en))));
        }
        for item in items {
            match &mut item.what {
                What::Tier(row, name) => {
                    *name = row.to_tier_id.and_then(|id| names.get(&id.0).cloned());
                }
                What::Reward(row, name) => *name = names.get(&row.reward_id.0).cloned(),
                _ => {}
            }
        }
        Ok(())
    }
}

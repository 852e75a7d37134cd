//! Writes down who the members of a shop are that knows them by name.

use std::collections::HashMap;

use entity::{MemberId, MerchantId, member, member_tag};
use sea_orm::{EntityTrait, IntoActiveModel, QuerySelect};

use super::club::Person;
use crate::app::App;
use crate::error::Error;
use crate::members::service::{seal_profile, write_profiles};

/// How many tags one statement writes.
const TAGS: usize = 5_000;

/// Writes names, telephone numbers and tags of members, by their numbers.
pub async fn tell(
    app: &App,
    merchant_id: MerchantId,
    people: &HashMap<String, Person>,
) -> Result<(), Error> {
    let members: Vec<(MemberId, String)> = member::Entity::of(merchant_id)
        .select_only()
        .columns([member::Column::Id, member::Column::MemberNo])
        .into_tuple()
        .all(&app.db.reads(merchant_id))
        .await?;
    let known = members
        .iter()
        .filter_map(|(id, no)| Some((*id, people.get(no)?)));
    let known: Vec<(MemberId, &Person)> = known.collect();
    let profiles = known
        .iter()
        .map(|(id, person)| seal_profile(&app.key, merchant_id, *id, &person.profile))
        .collect::<Result<Vec<_>, Error>>()?;
    let tags = known.iter().flat_map(|(id, person)| {
        person.tags.iter().map(|tag| member_tag::Model {
            merchant_id,
            member_id: *id,
            tag: (*tag).to_owned(),
        })
    });
    let tags: Vec<member_tag::ActiveModel> = tags.map(IntoActiveModel::into_active_model).collect();
    let (profiles, tags) = (&profiles, &tags);
    app.db
        .transaction_of(merchant_id, |txn| async move {
            write_profiles(&txn, profiles.clone()).await?;
            for some in tags.chunks(TAGS) {
                member_tag::Entity::insert_many(some.to_vec())
                    .exec_without_returning(&*txn)
                    .await?;
            }
            Ok::<_, Error>(())
        })
        .await
}

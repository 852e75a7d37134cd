//! What names members: sealed, opened, and found by keyed hashes.

use std::collections::HashMap;

use entity::member_profile::{ActiveModel, Column, Entity, Model};
use entity::{MemberId, MerchantId};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveValue, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter,
};
use unicode_normalization::UnicodeNormalization;

use crate::app::App;
use crate::db::any_of;
use crate::error::Error;
use crate::members::model::{Contact, Hashed, Likeness, Profile, clean_phone, kept_before, tail};
use crate::seal::MasterKey;

/// What a profile is sealed for.
#[must_use]
pub fn bound_to(merchant_id: MerchantId, id: MemberId) -> String {
    format!("member profile {merchant_id} {id}")
}

/// What is hashed of something that names a person: the same in another merchant, or of another kind, is another text.
fn text(merchant_id: MerchantId, of: Hashed, value: &str) -> String {
    let kind = match of {
        Hashed::Name => "name",
        Hashed::Phone => "phone",
        Hashed::PhoneTail => "phone tail",
        Hashed::Email => "email",
    };
    format!("member {kind}\n{merchant_id}\n{value}")
}

/// A name as it is compared: in lower case, with single spaces, and letters of full width as those of half width.
fn plain_name(name: &str) -> String {
    let name: String = name.nfkc().collect();
    name_before(&name)
}

/// A name as it was compared while width made a difference: who was hashed so is found until they are hashed anew.
fn name_before(name: &str) -> String {
    let words: Vec<&str> = name.split_whitespace().collect();
    words.join(" ").to_lowercase()
}

/// The hashes under which something is kept, in any of the forms in which it was compared, the one of now first.
fn likeness(
    key: &MasterKey,
    merchant_id: MerchantId,
    of: Hashed,
    forms: impl IntoIterator<Item = String>,
) -> Likeness {
    let forms = forms.into_iter();
    let hashes = forms.flat_map(|form| key.keyed_hashes(&text(merchant_id, of, &form)));
    Likeness {
        of,
        hashes: hashes.collect(),
    }
}

/// What somebody of this name is found by.
#[must_use]
pub fn likeness_of_name(key: &MasterKey, merchant_id: MerchantId, name: &str) -> Likeness {
    let (now, before) = (plain_name(name), name_before(name));
    let before = (before != now).then_some(before);
    let forms = std::iter::once(now).chain(before);
    likeness(key, merchant_id, Hashed::Name, forms)
}

/// What somebody who is reached so is found by.
#[must_use]
pub fn likeness_of_contact(
    key: &MasterKey,
    merchant_id: MerchantId,
    contact: &Contact,
) -> Likeness {
    let (of, value, before) = match contact {
        Contact::Phone(phone) => (Hashed::Phone, phone, kept_before(phone)),
        Contact::PhoneTail(digits) => (Hashed::PhoneTail, digits, Vec::new()),
        Contact::Email(email) => (Hashed::Email, email, Vec::new()),
    };
    let forms = std::iter::once(value.clone()).chain(before);
    likeness(key, merchant_id, of, forms)
}

/// The column that keeps the hashes of something.
#[must_use]
pub fn hash_column(of: Hashed) -> Column {
    match of {
        Hashed::Name => Column::NameHash,
        Hashed::Phone => Column::PhoneHash,
        Hashed::PhoneTail => Column::PhoneTailHash,
        Hashed::Email => Column::EmailHash,
    }
}

/// Seals a profile for a member, with the hashes that it is found by.
pub fn seal(
    key: &MasterKey,
    merchant_id: MerchantId,
    id: MemberId,
    profile: &Profile,
) -> Result<Model, Error> {
    let plain = serde_json::to_vec(profile).map_err(|error| Error::internal(error.to_string()))?;
    let hash = |of, value: &str| key.keyed_hash(&text(merchant_id, of, value));
    let name = profile.name.as_deref();
    // A number that was written down before landlines were kept as they are dialled is found as one is written now.
    let phone = profile.phone.as_deref();
    let phone = phone.map(|phone| clean_phone(phone).unwrap_or_else(|_| phone.to_owned()));
    let phone = phone.as_deref();
    Ok(Model {
        merchant_id,
        member_id: id,
        sealed: key.seal(&plain, &bound_to(merchant_id, id))?,
        name_hash: name.map(|name| hash(Hashed::Name, &plain_name(name))),
        phone_hash: phone.map(|phone| hash(Hashed::Phone, phone)),
        phone_tail_hash: phone.map(|phone| hash(Hashed::PhoneTail, tail(phone))),
        email_hash: profile
            .email
            .as_deref()
            .map(|email| hash(Hashed::Email, email)),
    })
}

/// Opens what names a member.
pub fn open(key: &MasterKey, row: &Model) -> Result<Profile, Error> {
    let plain = key.open(&row.sealed, &bound_to(row.merchant_id, row.member_id))?;
    let profile = serde_json::from_slice(&plain);
    profile.map_err(|_| Error::internal("a sealed profile cannot be read"))
}

/// Writes what names a member, in that transaction; of nobody who has no name nothing is kept.
pub async fn write_profile(
    app: &App,
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    id: MemberId,
    profile: &Profile,
) -> Result<(), Error> {
    if profile.is_empty() {
        Entity::delete_of(merchant_id)
            .filter(Column::MemberId.eq(id))
            .exec(txn)
            .await?;
        return Ok(());
    }
    write(txn, vec![seal(&app.key, merchant_id, id, profile)?]).await
}

/// Writes what names members of one merchant, a few statements for many.
pub async fn write(txn: &DatabaseTransaction, rows: Vec<Model>) -> Result<(), Error> {
    /// SQLite binds 32,766 values at the most.
    const MANY: usize = 4_000;
    for some in rows.chunks(MANY) {
        let over = OnConflict::columns([Column::MerchantId, Column::MemberId])
            .update_columns([
                Column::Sealed,
                Column::NameHash,
                Column::PhoneHash,
                Column::PhoneTailHash,
                Column::EmailHash,
            ])
            .to_owned();
        let rows = some.iter().cloned().map(|row| ActiveModel {
            merchant_id: ActiveValue::Set(row.merchant_id),
            member_id: ActiveValue::Set(row.member_id),
            sealed: ActiveValue::Set(row.sealed),
            name_hash: ActiveValue::Set(row.name_hash),
            phone_hash: ActiveValue::Set(row.phone_hash),
            phone_tail_hash: ActiveValue::Set(row.phone_tail_hash),
            email_hash: ActiveValue::Set(row.email_hash),
        });
        Entity::insert_many(rows)
            .on_conflict(over)
            .exec_without_returning(txn)
            .await?;
    }
    Ok(())
}

/// What names members; of each, what was read, or that it cannot be opened. Those without a profile are not among them.
pub async fn open_profiles(
    app: &App,
    merchant_id: MerchantId,
    ids: &[MemberId],
) -> Result<HashMap<MemberId, Result<Profile, Error>>, Error> {
    let rows = Entity::of(merchant_id)
        .filter(any_of(&app.db, Column::MemberId, ids))
        .all(&app.db.reads(merchant_id))
        .await?;
    let opened = rows
        .into_iter()
        .map(|row| (row.member_id, open(&app.key, &row)));
    Ok(opened.collect())
}

/// What names one member, read where its row is locked or wherever else; nothing where there is no profile.
pub async fn read_profile<C: ConnectionTrait>(
    key: &MasterKey,
    conn: &C,
    merchant_id: MerchantId,
    id: MemberId,
) -> Result<Profile, Error> {
    let row = Entity::of(merchant_id)
        .filter(Column::MemberId.eq(id))
        .one(conn)
        .await?;
    row.map_or_else(|| Ok(Profile::default()), |row| open(key, &row))
}

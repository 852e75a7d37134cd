//! The slice against a real database: a stage with two merchants, some people, and a clock that is set.

mod api_keys;
mod forgeries;
mod graphql;
mod keys;
mod sessions;

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use entity::membership::Role;
use entity::merchant::MerchantStatus;
use entity::{membership, merchant, staff};
use sea_orm::{ActiveValue, ColumnTrait, EntityTrait, QueryFilter};

use super::Auth;
use super::accounts::NewMerchant;
use super::model::{Actor, Origin};
use super::service::Session;
use crate::app::App;
use crate::clock::{Clock, Ids};
use crate::config::Settings;
use crate::error::Error;

const PASSWORD: &str = "correct horse";

/// An app on a database of its own, and a merchant with an owner.
pub(super) struct Stage {
    pub(super) app: App,
    pub(super) auth: Auth,
    merchant: merchant::Model,
    owner: staff::Model,
    file: PathBuf,
}

impl Drop for Stage {
    fn drop(&mut self) {
        for end in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{end}", self.file.display()));
        }
    }
}

fn settings(file: &std::path::Path) -> Settings {
    let mut settings = Settings::default();
    settings.database.url = format!("sqlite:{}", file.display());
    settings.secrets.master_key = Some(data_encoding::BASE64.encode(&[7; 32]));
    settings.auth.argon2_memory_kib = 64;
    settings.auth.argon2_rounds = 1;
    settings
}

impl Stage {
    pub(super) async fn set() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("yigate-auth-{}-{number}.db", std::process::id());
        let file = std::env::temp_dir().join(name);
        let clock = Clock::set_at(DateTime::from_timestamp(1_800_000_000, 0).unwrap());
        let ids = Ids::new(clock.clone(), None);
        let app = App::start(settings(&file), clock, ids).await.unwrap();
        app.db.migrate().await.unwrap();
        let auth = Auth::start(&app).await.unwrap();
        let merchant = auth
            .merchant_create(NewMerchant::named("一号店"))
            .await
            .unwrap();
        let owner = auth
            .staff_create("owner@example.com", "张伟", PASSWORD)
            .await
            .unwrap();
        auth.membership_create(merchant.id, owner.id, Role::Owner)
            .await
            .unwrap();
        Self {
            app,
            auth,
            merchant,
            owner,
            file,
        }
    }

    /// A second instance on the same database, by the same clock.
    async fn second_instance(&self) -> Auth {
        let ids = Ids::new(self.app.clock.clone(), None);
        let app = App::start(settings(&self.file), self.app.clock.clone(), ids);
        Auth::start(&app.await.unwrap()).await.unwrap()
    }

    fn pass(&self, seconds: i64) {
        self.app.clock.advance(TimeDelta::seconds(seconds));
    }

    fn now(&self) -> DateTime<Utc> {
        self.app.clock.now()
    }

    async fn sign_in(&self) -> Session {
        let session = self
            .auth
            .sign_in("owner@example.com", PASSWORD, None, &Origin::default())
            .await;
        session.unwrap_or_else(|failure| panic!("{failure:?}"))
    }

    async fn owner_actor(&self) -> Actor {
        self.sign_in().await.actor
    }

    /// Another person with a role in the stage's merchant.
    async fn colleague(&self, email: &str, role: Role) -> staff::Model {
        let staff = self
            .auth
            .staff_create(email, "李娜", PASSWORD)
            .await
            .unwrap();
        self.auth
            .membership_create(self.merchant.id, staff.id, role)
            .await
            .unwrap();
        staff
    }

    /// Another merchant of the owner's.
    async fn another_merchant(&self) -> merchant::Model {
        let merchant = self
            .auth
            .merchant_create(NewMerchant::named("二号店"))
            .await
            .unwrap();
        self.auth
            .membership_create(merchant.id, self.owner.id, Role::Viewer)
            .await
            .unwrap();
        merchant
    }

    /// Removes the owner's membership as another instance would.
    async fn remove_membership(&self) {
        membership::Entity::delete_of(self.merchant.id)
            .filter(membership::Column::StaffId.eq(self.owner.id))
            .exec(self.app.db.writer())
            .await
            .unwrap();
    }

    /// Changes the owner's role as another instance would.
    async fn change_role(&self, role: Role) {
        let changed = membership::ActiveModel {
            role: ActiveValue::Set(role),
            ..Default::default()
        };
        membership::Entity::update_of(self.merchant.id)
            .set(changed)
            .filter(membership::Column::StaffId.eq(self.owner.id))
            .exec(self.app.db.writer())
            .await
            .unwrap();
    }

    /// Changes the merchant's status as another instance would.
    async fn change_status(&self, status: MerchantStatus) {
        let changed = merchant::ActiveModel {
            status: ActiveValue::Set(status),
            ..Default::default()
        };
        merchant::Entity::update_many()
            .set(changed)
            .filter(merchant::Column::Id.eq(self.merchant.id))
            .exec(self.app.db.writer())
            .await
            .unwrap();
    }
}

#[track_caller]
fn assert_nobody(answer: Result<Actor, Error>) {
    assert!(matches!(answer, Err(Error::Unauthenticated)), "{answer:?}");
}

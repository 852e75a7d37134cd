//! Makes merchants, accounts and memberships: for the command line, the demo and tests.

use entity::channel::SettlementCycle;
use entity::membership::Role;
use entity::merchant::{LatePaymentPolicy, MerchantStatus};
use entity::{MerchantId, StaffId, membership, merchant, staff};
use sea_orm::{EntityTrait, IntoActiveModel};

use super::password;
use super::refusal::StaffCreateRefusal;
use super::service::{Auth, normal_email};
use crate::audit;
use crate::db::{Txn, violates_unique};
use crate::error::{Error, Failure};
use crate::money::Currency;

/// Characters of a person's or merchant's name, at the most.
pub(crate) const LONGEST_NAME: usize = 100;
/// Characters of a password, at the fewest.
pub(crate) const SHORTEST_PASSWORD: usize = 8;

/// What a merchant is to be.
#[derive(Clone, Debug)]
pub struct NewMerchant {
    /// Its name.
    pub name: String,
    /// An IANA time zone.
    pub time_zone: String,
    /// ISO 4217.
    pub currency: String,
    /// `zh-CN` or `en`.
    pub locale: String,
    /// What becomes of late payments.
    pub late_payment_policy: LatePaymentPolicy,
}

impl NewMerchant {
    /// A merchant in China.
    #[must_use]
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            time_zone: "Asia/Shanghai".to_owned(),
            currency: "CNY".to_owned(),
            locale: "zh-CN".to_owned(),
            late_payment_policy: LatePaymentPolicy::Accept,
        }
    }
}

impl Auth {
    /// Makes a merchant.
    pub async fn merchant_create(&self, wanted: NewMerchant) -> Result<merchant::Model, Error> {
        check_merchant(&wanted)?;
        let app = self.app();
        let row = merchant::Model {
            id: app.ids.next(),
            name: wanted.name,
            time_zone: wanted.time_zone,
            currency: wanted.currency,
            locale: wanted.locale,
            status: MerchantStatus::Active,
            late_payment_policy: wanted.late_payment_policy,
            created_at: app.clock.instant(),
            settlement_cycle: SettlementCycle::T,
            settlement_days: 1,
            refund_approval_above_minor: None,
            refund_approval_roles: String::new(),
            payout_approval_above_minor: None,
            payout_approval_before_minor: None,
            payout_approval_before_until: None,
        };
        let made = &row;
        let work = |txn: Txn| async move {
            merchant::Entity::insert(made.clone().into_active_model())
                .exec_without_returning(&*txn)
                .await?;
            audit::service::begin(app, &txn, made.id).await
        };
        app.db.transaction_of(made.id, work).await?;
        Ok(row)
    }

    /// The account of an e-mail address, where there is one.
    pub async fn maybe_find_account(&self, email: &str) -> Result<Option<staff::Model>, Error> {
        let found = staff::Entity::of_email(&normal_email(email));
        Ok(found.one(self.app().db.reads_across()).await?)
    }

    /// Makes an account; it may act nowhere until it has a membership.
    pub async fn staff_create(
        &self,
        email: &str,
        name: &str,
        password: &str,
    ) -> Result<staff::Model, Failure<StaffCreateRefusal>> {
        let email = normal_email(email);
        check_staff(&email, name, password).map_err(Failure::Refused)?;
        let row = staff::Model {
            id: self.app().ids.next(),
            email,
            name: name.to_owned(),
            password_hash: self.passwords().hash(password).await?,
            created_at: self.app().clock.instant(),
            signed_out_at: None,
        };
        match self.insert::<staff::Entity>(&row).await {
            Ok(()) => Ok(row),
            Err(Error::Database(error)) if violates_unique(&error, "email") => {
                Err(Failure::Refused(StaffCreateRefusal::EmailTaken))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Gives a person a role in a merchant.
    pub async fn membership_create(
        &self,
        merchant_id: MerchantId,
        staff_id: StaffId,
        role: Role,
    ) -> Result<membership::Model, Error> {
        let row = membership::Model {
            merchant_id,
            staff_id,
            role,
            created_at: self.app().clock.instant(),
        };
        self.insert::<membership::Entity>(&row).await?;
        self.access().memberships_changed();
        Ok(row)
    }

    async fn insert<E>(&self, row: &E::Model) -> Result<(), Error>
    where
        E: EntityTrait,
        E::Model: IntoActiveModel<E::ActiveModel> + Clone + Send + Sync + 'static,
        E::ActiveModel: Send,
    {
        let row = row.clone();
        self.app()
            .db
            .transaction_across(move |txn| {
                let row = row.clone();
                async move {
                    E::insert(row.into_active_model())
                        .exec_without_returning(&*txn)
                        .await?;
                    Ok(())
                }
            })
            .await
    }
}

pub(crate) fn check_staff(
    email: &str,
    name: &str,
    password: &str,
) -> Result<(), StaffCreateRefusal> {
    if !is_address(email) {
        return Err(StaffCreateRefusal::InvalidEmail);
    }
    if name.trim().is_empty() || name.chars().count() > LONGEST_NAME {
        return Err(StaffCreateRefusal::InvalidName {
            longest: LONGEST_NAME,
        });
    }
    if !is_password(password) {
        return Err(StaffCreateRefusal::InvalidPassword {
            fewest: SHORTEST_PASSWORD,
            most: password::LONGEST,
        });
    }
    Ok(())
}

/// Whether a text is an e-mail address.
pub(crate) fn is_address(email: &str) -> bool {
    email.len() <= 254
        && !email.contains(|letter: char| letter.is_whitespace() || letter.is_control())
        && email
            .split_once('@')
            .is_some_and(|(user, host)| !user.is_empty() && !host.is_empty() && !host.contains('@'))
}

/// Whether a text can be a password.
pub(crate) fn is_password(text: &str) -> bool {
    text.chars().count() >= SHORTEST_PASSWORD && text.len() <= password::LONGEST
}

fn check_merchant(wanted: &NewMerchant) -> Result<(), Error> {
    if wanted.name.trim().is_empty() || wanted.name.chars().count() > LONGEST_NAME {
        return Err(Error::bad_input(
            "name",
            "must have 1 to 100 characters.",
            "须为 1 至 100 个字符。",
        ));
    }
    if wanted.time_zone.parse::<chrono_tz::Tz>().is_err() {
        return Err(Error::bad_input(
            "timeZone",
            "is no IANA time zone.",
            "不是有效的时区。",
        ));
    }
    if Currency::of_code(&wanted.currency).is_none() {
        return Err(Error::bad_input(
            "currency",
            "is no currency we know.",
            "不是支持的币种。",
        ));
    }
    if !["zh-CN", "en"].contains(&wanted.locale.as_str()) {
        return Err(Error::bad_input(
            "locale",
            "must be zh-CN or en.",
            "必须是 zh-CN 或 en。",
        ));
    }
    Ok(())
}

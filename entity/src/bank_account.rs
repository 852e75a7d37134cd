//! A bank account 结算账户: where a merchant's money goes, and nowhere else.

use sea_orm::entity::prelude::*;

use crate::{BankAccountId, ChannelId, Instant, MerchantId};

/// Where a bank account stands 账户状态.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(24))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum BankAccountState {
    /// 验证中: the small amount is on its way, or has to be entered.
    Checking,
    /// 已验证: it is the merchant's; payouts go to it after the cooling-off.
    Verified,
    /// 验证失败: the platform refused it, or too many wrong amounts were entered.
    Failed,
    /// 已解绑: nothing goes to it any more.
    Unbound,
}

/// Whose account it is 账户类型.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(24))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum BankAccountKind {
    /// 对私银行卡: a person's debit card.
    PersonalCard,
    /// 对公账户: a company's account.
    Corporate,
}

/// A bank account 结算账户: where a merchant's money goes, and nowhere else.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "bank_accounts")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// The id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: BankAccountId,
    /// Whose account it is.
    pub kind: BankAccountKind,
    /// The bank, as `data/banks.toml` names it.
    pub bank_code: String,
    /// The holder's name, sealed.
    pub sealed_holder: Vec<u8>,
    /// The holder's name, as it is shown.
    pub masked_holder: String,
    /// The account's number, sealed.
    pub sealed_number: Vec<u8>,
    /// A keyed hash of the number: the same number is found by it, and cannot be read from it.
    pub number_hash: Vec<u8>,
    /// The number's last four digits.
    pub last_four: String,
    /// Where it stands.
    pub state: BankAccountState,
    /// The channel whose platform checks it.
    pub channel_id: ChannelId,
    /// Who bound it.
    pub bound_by: String,
    /// When it was bound.
    pub bound_at: Instant,
    /// Counts claims: an answer counts under the last alone.
    pub check_lease: i32,
    /// How often the platform was asked.
    pub check_attempts: i32,
    /// When the platform is asked next; none where it is not.
    pub check_next_at: Option<Instant>,
    /// When the platform was last asked to send the small amount, not only about it.
    pub check_asked_at: Option<Instant>,
    /// A hash of the platform and the account there that the small amount was first sent through: no other is asked
    /// about it. None where it was never sent.
    pub check_through: Option<Vec<u8>>,
    /// When the small amount was sent.
    pub check_sent_at: Option<Instant>,
    /// The small amount that is sent, in minor units; the platform may send another one, and says which.
    pub check_minor: i64,
    /// Wrong amounts that were entered.
    pub check_failures: i32,
    /// What the platform said against it.
    pub check_error: Option<String>,
    /// When it was verified.
    pub verified_at: Option<Instant>,
    /// From when on payouts may go to it: the cooling-off is over.
    pub payable_from: Option<Instant>,
    /// When it was unbound.
    pub unbound_at: Option<Instant>,
    /// Who unbound it.
    pub unbound_by: Option<String>,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();

impl Entity {
    /// All of them: only to seal them again.
    #[must_use]
    pub fn all() -> sea_orm::Select<Self> {
        use sea_orm::EntityTrait;
        Self::find()
    }

    /// Accounts that a platform has to be asked about, of all merchants: the worker's list.
    #[must_use]
    pub fn due(now: Instant) -> sea_orm::Select<Self> {
        use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
        Self::find().filter(Column::CheckNextAt.lte(now))
    }
}

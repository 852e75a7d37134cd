//! A bank account as clients see it, lists of them, and banks.

use std::sync::Arc;

use async_graphql::dataloader::DataLoader;
use async_graphql::{Context, Enum, ID, Object};
use entity::bank_account;

use crate::bank_accounts::loader::BankAccountLoader;
use crate::bank_accounts::model::{Bank, MOST_WRONG, banks, is_payable, mask_number};
use crate::channels::loader::ChannelLoader;
use crate::channels::schema::Channel;
use crate::error::Error;
use crate::graphql::Ask;
use crate::graphql::connection::connection;
use crate::graphql::plain::{Lean, plain_object, plain_scalars};
use crate::graphql::scalars::Timestamp;
use crate::locale::Locale;

/// Where a bank account stands 账户状态.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "bank_account::BankAccountState")]
pub enum BankAccountState {
    /// 验证中: the small amount is on its way, or has to be entered.
    Checking,
    /// 已验证: it is the merchant's; payouts go to it after the cooling-off.
    Verified,
    /// 验证失败: the platform refused it, or three wrong amounts were entered.
    Failed,
    /// 已解绑: nothing goes to it any more.
    Unbound,
}

/// Whose account it is 账户类型.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "bank_account::BankAccountKind")]
pub enum BankAccountKind {
    /// 对私银行卡: a person's debit card.
    PersonalCard,
    /// 对公账户: a company's account.
    Corporate,
}

plain_scalars!(BankAccountState, BankAccountKind);

/// A bank that money can be paid out to.
#[derive(Clone, Debug)]
pub struct SupportedBank(pub &'static Bank);

/// A bank 银行 that money can be paid out to.
#[Object]
impl SupportedBank {
    /// What `bankAccountBind` calls it, such as `ICBC`.
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// Its name, in the language of `Accept-Language`.
    async fn name(&self, ctx: &Context<'_>) -> &str {
        match ctx.locale() {
            Locale::ZhCn => &self.0.zh,
            Locale::En => &self.0.en,
        }
    }

    /// Its name in Chinese.
    async fn chinese_name(&self) -> &str {
        &self.0.zh
    }

    /// Its name in English.
    async fn english_name(&self) -> &str {
        &self.0.en
    }
}

/// A bank account.
#[derive(Clone, Debug)]
pub struct BankAccount {
    /// The row.
    pub row: Arc<bank_account::Model>,
}

impl From<bank_account::Model> for BankAccount {
    fn from(row: bank_account::Model) -> Self {
        Self { row: Arc::new(row) }
    }
}

impl BankAccount {
    /// A bank account by its id, together with all others that are asked for: for what refers to it.
    pub async fn load(ctx: &Context<'_>, id: entity::BankAccountId) -> Result<Lean<Self>, Error> {
        let loader = ctx.data_unchecked::<DataLoader<BankAccountLoader>>();
        let row = loader.load_one(id).await?;
        row.map(|row| Lean(row.into())).ok_or(Error::NotFound)
    }

    fn tries(&self) -> i32 {
        (MOST_WRONG - self.row.check_failures).max(0)
    }
}

plain_object! {
    /// A bank account 结算账户: where the merchant's money goes. Nobody is shown its number or its holder in full.
    BankAccount(self) {
        /// The global id.
        id / "id": ID = ID(self.row.id.to_string());
        /// Whose account it is.
        kind / "kind": BankAccountKind = self.row.kind.into();
        /// The holder's name, masked 户名: `张**`.
        holder / "holder": &str = self.row.masked_holder.as_str();
        /// The number, masked 账号: `**** **** **** 1234`.
        number / "number": String = mask_number(&self.row.last_four);
        /// The number's last four digits.
        last_four / "lastFour": &str = self.row.last_four.as_str();
        /// Where it stands.
        state / "state": BankAccountState = self.row.state.into();
        /// When it was bound.
        bound_at / "boundAt": Timestamp = self.row.bound_at.into();
        /// Who bound it: an id of staff.
        bound_by / "boundBy": &str = self.row.bound_by.as_str();
        /// When the small amount was sent 小额打款时间, which `bankAccountConfirm` wants to know.
        check_sent_at / "checkSentAt": Option<Timestamp> = self.row.check_sent_at.map(Timestamp::from);
        /// How many amounts may be entered yet.
        tries_left / "triesLeft": i32 = self.tries();
        /// Why it failed, in the payment platform's words.
        check_error / "checkError": Option<&str> = self.row.check_error.as_deref();
        /// When it was verified.
        verified_at / "verifiedAt": Option<Timestamp> = self.row.verified_at.map(Timestamp::from);
        /// From when on payouts may go to it: the cooling-off 冷静期 is over.
        payable_from / "payableFrom": Option<Timestamp> = self.row.payable_from.map(Timestamp::from);
        /// When it was unbound.
        unbound_at / "unboundAt": Option<Timestamp> = self.row.unbound_at.map(Timestamp::from);
        /// Who unbound it: an id of staff.
        unbound_by / "unboundBy": Option<&str> = self.row.unbound_by.as_deref();
    }
    {
        /// The bank.
        async fn bank(&self) -> Result<SupportedBank, Error> {
            let bank = banks().of_code(&self.row.bank_code);
            bank.map(SupportedBank)
                .ok_or_else(|| Error::internal("a bank is not known any more"))
        }

        /// Whether payouts may go to it now: it is verified, and the cooling-off is over.
        async fn payable(&self, ctx: &Context<'_>) -> bool {
            is_payable(&self.row, ctx.app().clock.now())
        }

        /// The channel whose payment platform sends the small amount.
        async fn channel(&self, ctx: &Context<'_>) -> Result<Lean<Channel>, Error> {
            let loader = ctx.data_unchecked::<DataLoader<ChannelLoader>>();
            let row = loader.load_one(self.row.channel_id).await?;
            row.map(|row| Lean(Channel { row })).ok_or(Error::NotFound)
        }
    }
}

connection! {
    /// A list of bank accounts.
    BankAccountConnection
    /// A bank account in a list.
    BankAccountEdge
    /// The bank account.
    node: Lean<BankAccount>
}

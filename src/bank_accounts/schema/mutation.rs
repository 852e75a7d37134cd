//! The mutations of bank accounts.

use async_graphql::{Context, ID, InputObject, Object};
use entity::bank_account;

use super::object::{BankAccount, BankAccountKind};
use crate::auth::model::Scope;
use crate::bank_accounts::model::{BindRefusal, BindWish, ConfirmRefusal, UnbindRefusal};
use crate::bank_accounts::service;
use crate::channels::providers::Providers;
use crate::error::{Error, Problem};
use crate::graphql::payload::{answer, payload};
use crate::graphql::plain::Lean;
use crate::graphql::scalars::{MoneyInput, read_id};
use crate::graphql::{Ask, Needs};
use crate::money::Currency;

/// The mutations of bank accounts.
#[derive(Debug, Default)]
pub struct BankAccountMutation;

#[Object]
impl BankAccountMutation {
    /// Binds a bank account 绑定结算账户. A small amount 小额打款 is sent to it; `bankAccountConfirm` wants to know how
    /// much arrived. For members of staff with a second factor. Needs `bank-accounts:write`.
    #[graphql(guard = "Needs(Scope::BankAccountsWrite)")]
    async fn bank_account_bind(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: BankAccountBindInput,
    ) -> Result<BankAccountBindPayload, Error> {
        let (app, actor) = (ctx.app().clone(), ctx.actor()?.clone());
        let providers = ctx.data_unchecked::<Providers>().clone();
        let work = async move {
            let key = input.idempotency_key;
            let code = input.code;
            let wish = BindWish {
                kind: input.kind.into(),
                bank_code: input.bank_code,
                holder: input.holder,
                number: input.number,
            };
            service::bind(&app, &providers, &actor, &key, &code, wish).await
        };
        let refused = |no| BankAccountBindPayload::refused(&no, ctx.locale());
        let told = |row| BankAccountBindPayload {
            bank_account: Some(shown(row)),
            user_errors: Vec::new(),
        };
        answer(ctx.app().finish(work).await?, told, refused)
    }

    /// Confirms a bank account 确认结算账户 by the small amount that arrived. The third wrong one fails it. For members
    /// of staff with a second factor. Needs `bank-accounts:write`.
    #[graphql(guard = "Needs(Scope::BankAccountsWrite)")]
    async fn bank_account_confirm(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: BankAccountConfirmInput,
    ) -> Result<BankAccountConfirmPayload, Error> {
        let refused = |no: ConfirmRefusal| BankAccountConfirmPayload::refused(&no, ctx.locale());
        let (app, actor) = (ctx.app().clone(), ctx.actor()?.clone());
        let Ok(id) = read_id("id", &input.id) else {
            return Ok(refused(ConfirmRefusal::NotFound));
        };
        let merchant = crate::merchant::find(&app, actor.merchant_id).await?;
        let minor = match read_amount(input.amount, merchant.currency) {
            Ok(minor) => minor,
            Err(refusal) => return Ok(refused(refusal)),
        };
        let work = async move { service::confirm(&app, &actor, id, minor, &input.code).await };
        let told = |row| BankAccountConfirmPayload {
            bank_account: Some(shown(row)),
            user_errors: Vec::new(),
        };
        answer(ctx.app().finish(Box::pin(work)).await?, told, refused)
    }

    /// Unbinds a bank account 解绑结算账户: nothing goes to it any more. For members of staff with a second factor.
    /// Needs `bank-accounts:write`.
    #[graphql(guard = "Needs(Scope::BankAccountsWrite)")]
    async fn bank_account_unbind(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: BankAccountUnbindInput,
    ) -> Result<BankAccountUnbindPayload, Error> {
        let refused = |no: UnbindRefusal| BankAccountUnbindPayload::refused(&no, ctx.locale());
        let (app, actor) = (ctx.app().clone(), ctx.actor()?.clone());
        let Ok(id) = read_id("id", &input.id) else {
            return Ok(refused(UnbindRefusal::NotFound));
        };
        let work = async move { service::unbind(&app, &actor, id, &input.code).await };
        let told = |row| BankAccountUnbindPayload {
            bank_account: Some(shown(row)),
            user_errors: Vec::new(),
        };
        answer(ctx.app().finish(work).await?, told, refused)
    }
}

fn shown(row: bank_account::Model) -> Lean<BankAccount> {
    Lean(row.into())
}

fn read_amount(amount: MoneyInput, currency: Currency) -> Result<i64, ConfirmRefusal> {
    let problem = if amount.currency.0 == currency {
        match amount.read("amount") {
            Ok(money) => return Ok(money.minor),
            Err(Error::BadInput { problem, .. }) => problem,
            Err(_) => Problem::new("The amount cannot be meant.", "金额无效。"),
        }
    } else {
        Problem::new(
            format!("The amount is in {}.", currency.code()),
            format!("金额须为 {}。", currency.code()),
        )
    };
    Err(ConfirmRefusal::InvalidAmount { problem })
}

/// Which bank account is bound.
#[derive(InputObject)]
pub struct BankAccountBindInput {
    /// 8 to 128 characters of your choice; the same again returns the same account, and needs no code.
    pub idempotency_key: String,
    /// Whose account it is.
    #[graphql(default_with = "BankAccountKind::PersonalCard")]
    pub kind: BankAccountKind,
    /// The bank's code, as `supportedBanks` tells it.
    pub bank_code: String,
    /// The holder's name, as the bank knows it 户名.
    #[graphql(secret)]
    pub holder: String,
    /// The card's or account's number; blanks and hyphens do not matter.
    #[graphql(secret)]
    pub number: String,
    /// The six digits that your authenticator app shows, or a recovery code.
    #[graphql(secret)]
    pub code: String,
}

/// Which bank account is confirmed.
#[derive(InputObject)]
pub struct BankAccountConfirmInput {
    /// The bank account.
    pub id: ID,
    /// The small amount that arrived.
    pub amount: MoneyInput,
    /// The six digits that your authenticator app shows, or a recovery code. It is spent by a wrong amount, too.
    #[graphql(secret)]
    pub code: String,
}

/// Which bank account is unbound.
#[derive(InputObject)]
pub struct BankAccountUnbindInput {
    /// The bank account.
    pub id: ID,
    /// The six digits that your authenticator app shows, or a recovery code.
    #[graphql(secret)]
    pub code: String,
}

payload! {
    /// What `bankAccountBind` did.
    BankAccountBindPayload {
        /// The bank account, CHECKING.
        bank_account: Lean<BankAccount>,
    }
    /// Why a bank account was not bound.
    BankAccountBindError / BankAccountBindErrorCode from BindRefusal {
        /// The merchant is suspended.
        MerchantSuspended,
        /// There is no such bank.
        UnknownBank,
        /// The holder's name is empty, too long, or no plain text.
        InvalidHolder,
        /// It is no number of a card, or of a company's account; the message says why.
        InvalidNumber,
        /// The card is another bank's; the message says whose.
        BankMismatch,
        /// It is bound already.
        AlreadyBound,
        /// The merchant has as many bank accounts as it can have; unbind one first.
        TooMany,
        /// No open channel's platform can send the small amount; the message says which kinds can.
        NoChannel,
        /// No second factor has agreed to the credentials of the channel that can: set them with a `code`.
        ChannelUnsigned,
        /// The credentials of the channel that can are new; the message says from when on it sends any.
        ChannelCoolingOff,
        /// The idempotency key was used with another input.
        KeyReused,
        /// The first request with this idempotency key is still under way.
        InProgress,
    } with SecondFactor
}

payload! {
    /// What `bankAccountConfirm` did.
    BankAccountConfirmPayload {
        /// The bank account, VERIFIED.
        bank_account: Lean<BankAccount>,
    }
    /// Why a bank account was not confirmed.
    BankAccountConfirmError / BankAccountConfirmErrorCode from ConfirmRefusal {
        /// There is no such bank account.
        NotFound,
        /// The small amount is not sent yet.
        NotSentYet,
        /// It waits for no amount.
        NotChecking,
        /// The amount is in another currency, or has too many decimals.
        InvalidAmount,
        /// It is not the amount that was sent; the message says how many may be entered yet.
        WrongAmount,
    } with SecondFactor
}

payload! {
    /// What `bankAccountUnbind` did.
    BankAccountUnbindPayload {
        /// The bank account, UNBOUND.
        bank_account: Lean<BankAccount>,
    }
    /// Why a bank account was not unbound.
    BankAccountUnbindError / BankAccountUnbindErrorCode from UnbindRefusal {
        /// There is no such bank account.
        NotFound,
        /// It is unbound already.
        AlreadyUnbound,
        /// A payout to it is on the way.
        PayoutOnTheWay,
        /// Automatic payouts go to it.
        ScheduleUsesIt,
    } with SecondFactor
}

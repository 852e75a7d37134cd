//! The queries of bank accounts.

use async_graphql::{Context, Object};

use super::object::{BankAccount, BankAccountConnection, BankAccountState, SupportedBank};
use crate::auth::model::Scope;
use crate::bank_accounts::model::banks;
use crate::bank_accounts::service;
use crate::error::Error;
use crate::graphql::plain::Lean;
use crate::graphql::{Ask, Needs};
use crate::paging::Paging;

/// How many first digits of a card are asked for, at the most: they name its bank, and nobody's account.
const FIRST_DIGITS: usize = 8;

/// The queries of bank accounts.
#[derive(Debug, Default)]
pub struct BankAccountQuery;

#[Object]
impl BankAccountQuery {
    /// The merchant's bank accounts 结算账户, the newest first; numbers and holders are masked. Needs
    /// `bank-accounts:read`.
    #[graphql(guard = "Needs(Scope::BankAccountsRead)")]
    async fn bank_accounts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those that stand so; all where it is missing.")] states: Option<
            Vec<BankAccountState>,
        >,
        #[graphql(desc = "How many, from the beginning: 1 to 100, 20 where nothing is said.")]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end: 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Lean<BankAccountConnection>, Error> {
        let paging = Paging::read(first, after, last, before)?;
        let states = states.map(|states| states.into_iter().map(Into::into).collect::<Vec<_>>());
        let merchant_id = ctx.actor()?.merchant_id;
        let page = service::list(ctx.app(), merchant_id, states.as_deref(), &paging).await?;
        Ok(Lean(BankAccountConnection::page(
            page,
            |row| row.id.to_string(),
            |row| Lean(BankAccount::from(row)),
        )))
    }

    /// The banks that money can be paid out to 支持的银行, the largest first. Needs `bank-accounts:read`.
    #[graphql(guard = "Needs(Scope::BankAccountsRead)")]
    async fn supported_banks(
        &self,
        #[graphql(desc = "Only those whose code or name contains it.")] search: Option<String>,
        #[graphql(
            desc = "Only the bank whose cards begin with these digits 卡号前缀: six to eight are enough, and more are \
                    refused, since a number is nobody's business here. Empty where nobody knows."
        )]
        card_begins_with: Option<String>,
    ) -> Result<Vec<SupportedBank>, Error> {
        let search = search.unwrap_or_default();
        let fits = banks().iter().filter(|bank| bank.fits(&search));
        let Some(digits) = card_begins_with else {
            return Ok(fits.map(SupportedBank).collect());
        };
        if digits.len() > FIRST_DIGITS || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Error::bad_input(
                "cardBeginsWith",
                "is at most 8 digits.",
                "最多 8 位数字。",
            ));
        }
        let bank = banks().of_card(&digits);
        let fits = fits.filter(|one| Some(*one) == bank);
        Ok(fits.map(SupportedBank).collect())
    }
}

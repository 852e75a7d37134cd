//! Corrects a merchant's balance.

use entity::MerchantId;
use entity::ledger_entry::LedgerAccount;
use rust_decimal::Decimal;
use yigate::config::Settings;
use yigate::error::{Failure, Refusal};
use yigate::ledger::model::Adjustment;
use yigate::ledger::service;
use yigate::merchant;
use yigate::money::Money;

use super::{Outcome, Said, join, print, said};

/// A correction, as it was typed.
#[derive(Debug, clap::Args)]
pub struct Wish {
    /// The merchant.
    #[arg(long, value_name = "ID")]
    pub merchant: String,
    /// What is corrected: `available` or `prepaid`.
    #[arg(long)]
    pub account: String,
    /// How much, in the merchant's currency; below zero it is taken: `-12.30`.
    #[arg(long, allow_hyphen_values = true)]
    pub amount: Decimal,
    /// Why; the merchant reads it in its ledger.
    #[arg(long)]
    pub reason: String,
}

/// Corrects a balance, and prints what it is now.
pub async fn adjust(settings: Settings, wish: Wish) -> Outcome {
    let merchant_id: MerchantId = wish.merchant.parse()?;
    let account = read_account(&wish.account)?;
    let app = join(settings).await?;
    let merchant = merchant::find(&app, merchant_id)
        .await
        .map_err(|error| said(&error))?;
    let currency = merchant.currency;
    let adjustment = Adjustment {
        account,
        minor: Money::from_decimal(wish.amount, currency)?.minor,
        reason: wish.reason,
    };
    let made = service::adjust(&app, merchant_id, &adjustment).await;
    let id = made.map_err(|failure| match failure {
        Failure::Refused(refusal) => Said::from(refusal.message().en),
        Failure::Failed(error) => said(&error),
    })?;
    let balances = service::balance(&app, merchant_id)
        .await
        .map_err(|error| said(&error))?;
    app.stop().await;
    let now = Money::of_minor(balances.get(account), currency).to_decimal();
    let code = currency.code();
    print(&format!("{id}  {} is now {now} {code}", wish.account))
}

fn read_account(text: &str) -> Result<LedgerAccount, Said> {
    match text {
        "available" => Ok(LedgerAccount::Available),
        "prepaid" => Ok(LedgerAccount::Prepaid),
        _ => Err("--account is `available` or `prepaid`".into()),
    }
}

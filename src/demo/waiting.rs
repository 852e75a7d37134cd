//! A payout that waits for a second person, asked for as anybody would: so that its signature is right.

use entity::membership::Role;
use entity::{bank_account, staff};

use super::{Demo, TOTP_SECRET};
use crate::app::App;
use crate::auth::model::{Actor, Scopes, Who};
use crate::error::Error;
use crate::payouts::model::CreateDraft;
use crate::payouts::service;
use crate::second_factor::model::{code_at, step_of};

/// More than one person may pay out, in minor units.
const WAITING_MINOR: i64 = 1_280_000;
/// Who asks: the restaurant's finance.
const ASKER: &str = "finance@huixian.example";

/// Has the restaurant's finance ask for a payout, signed with the demo's secret; whether there is one now.
pub async fn ask_for_payout(app: &App, demo: &Demo) -> Result<bool, Error> {
    let merchant_id = demo.restaurant;
    let asker = staff::Entity::of_email(ASKER).one(app.db.reads_across());
    let asker = asker.await?;
    let account = bank_account::Entity::of(merchant_id)
        .one(&app.db.reads(merchant_id))
        .await?;
    let (Some(asker), Some(account)) = (asker, account) else {
        return Ok(false);
    };
    let actor = Actor {
        merchant_id,
        who: Who::Staff {
            staff_id: asker.id,
            role: Role::Finance,
        },
        scopes: Scopes::of_role(Role::Finance),
        origin: None,
    };
    let made = service::create_challenge(app, &actor, account.id, WAITING_MINOR).await;
    let Ok(challenge) = made else {
        return Ok(false);
    };
    let code = code_at(TOTP_SECRET, step_of(app.clock.now()));
    let draft = CreateDraft {
        challenge_id: challenge.id.0,
        note: Some("支付厨房设备尾款".to_owned()),
    };
    let asked = service::create(app, &actor, "demo-payout", &code, &draft).await;
    Ok(asked.is_ok())
}

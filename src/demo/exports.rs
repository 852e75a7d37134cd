//! Three exports of the demo's restaurant, to be followed and downloaded.

use entity::export::{ExportFormat, ExportLanguage};
use entity::membership::Role;
use entity::order::PaymentState;
use entity::staff;

use super::Demo;
use crate::app::App;
use crate::auth::model::{Actor, Scopes, Who};
use crate::error::{Error, Failure};
use crate::exports::model::List;
use crate::exports::service::{Draft, create};
use crate::orders::model::{OrderFilter, OrderSort};
use crate::payouts::model::PayoutFilter;
use crate::refunds::model::RefundFilter;
use crate::time_range::{Preset, TimeRange};

/// Asks for them in the owner's name; the workers write them.
pub async fn ask(app: &App, made: &Demo) -> Result<(), Error> {
    let email = made.logins.first().map_or("", |(email, _)| email.as_str());
    let owner = staff::Entity::of_email(email)
        .one(app.db.reads_across())
        .await?;
    let Some(owner) = owner else {
        return Ok(());
    };
    let merchant = crate::merchant::find(app, made.restaurant).await?;
    let span = |preset| Some(TimeRange::of_preset(preset, app.clock.now(), merchant.zone));
    let orders = OrderFilter {
        payment_state: Some(vec![PaymentState::Paid]),
        created: span(Preset::Last7Days),
        ..OrderFilter::default()
    };
    let refunds = RefundFilter {
        requested: span(Preset::Last90Days),
        ..RefundFilter::default()
    };
    let payouts = PayoutFilter {
        requested: span(Preset::Last90Days),
        ..PayoutFilter::default()
    };
    let actor = Actor {
        merchant_id: made.restaurant,
        who: Who::Staff {
            staff_id: owner.id,
            role: Role::Owner,
        },
        scopes: Scopes::of_role(Role::Owner),
        origin: None,
    };
    let orders = List::Orders {
        filter: orders,
        sort: OrderSort::default(),
    };
    for (key, list, format) in [
        ("demo-orders", orders, ExportFormat::Xlsx),
        ("demo-refunds", List::Refunds(refunds), ExportFormat::Csv),
        ("demo-payouts", List::Payouts(payouts), ExportFormat::Csv),
    ] {
        let draft = Draft {
            list,
            format,
            language: ExportLanguage::ZhCn,
            columns: None,
            asked: key.into(),
        };
        create(app, &actor, key, &draft)
            .await
            .map_err(|failure| match failure {
                Failure::Failed(error) => error,
                Failure::Refused(why) => Error::internal(format!("a demo's export: {why:?}")),
            })?;
    }
    Ok(())
}

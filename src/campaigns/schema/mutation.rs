//! The mutations of campaigns.

use async_graphql::{Context, Object};
use entity::campaign;

use super::inputs::{
    CampaignActivateInput, CampaignCreateInput, CampaignDuplicateInput, CampaignEndInput,
    CampaignPauseInput, CampaignUpdateInput,
};
use super::object::Campaign;
use crate::auth::model::{Actor, Scope};
use crate::campaigns::model::{
    ActivateRefusal, CreateRefusal, DuplicateRefusal, EndRefusal, PauseRefusal, UpdateRefusal,
};
use crate::campaigns::service;
use crate::error::{Error, Failure};
use crate::graphql::payload::{answer, payload};
use crate::graphql::plain::Lean;
use crate::graphql::scalars::read_id;
use crate::graphql::{Ask, Needs};
use crate::money::Currency;

payload! {
    /// What `campaignCreate` did.
    CampaignCreatePayload {
        /// The campaign, a DRAFT.
        campaign: Lean<Campaign>,
    }
    /// Why a campaign was not made.
    CampaignCreateError / CampaignCreateErrorCode from CreateRefusal {
        /// A field of the input cannot be meant; `field` names it.
        Invalid,
    }
}

payload! {
    /// What `campaignUpdate` did.
    CampaignUpdatePayload {
        /// The campaign, as it is now.
        campaign: Lean<Campaign>,
    }
    /// Why a campaign was not changed.
    CampaignUpdateError / CampaignUpdateErrorCode from UpdateRefusal {
        /// There is no such campaign.
        NotFound,
        /// It has another version by now: read it again.
        VersionConflict,
        /// It is over.
        Ended,
        /// It has begun: its start cannot be changed any more.
        AlreadyBegun,
        /// A field of the input cannot be meant; `field` names it.
        Invalid,
    }
}

payload! {
    /// What `campaignActivate` did.
    CampaignActivatePayload {
        /// The campaign: ACTIVE, or SCHEDULED where its start lies ahead.
        campaign: Lean<Campaign>,
    }
    /// Why a campaign was not begun.
    CampaignActivateError / CampaignActivateErrorCode from ActivateRefusal {
        /// There is no such campaign.
        NotFound,
        /// It has another version by now: read it again.
        VersionConflict,
        /// It is over.
        Ended,
        /// Its end lies in the past: change that first.
        PeriodOver,
        /// As many run, are paused, or wait for their start, as may: 500.
        TooManyRunning,
    }
}

payload! {
    /// What `campaignPause` did.
    CampaignPausePayload {
        /// The campaign, PAUSED.
        campaign: Lean<Campaign>,
    }
    /// Why a campaign was not paused.
    CampaignPauseError / CampaignPauseErrorCode from PauseRefusal {
        /// There is no such campaign.
        NotFound,
        /// It is a draft: nobody is given it.
        NotRunning,
        /// It is over.
        Ended,
    }
}

payload! {
    /// What `campaignEnd` did.
    CampaignEndPayload {
        /// The campaign, ENDED.
        campaign: Lean<Campaign>,
    }
    /// Why a campaign was not ended.
    CampaignEndError / CampaignEndErrorCode from EndRefusal {
        /// There is no such campaign.
        NotFound,
    }
}

payload! {
    /// What `campaignDuplicate` did.
    CampaignDuplicatePayload {
        /// The new campaign, a DRAFT.
        campaign: Lean<Campaign>,
    }
    /// Why a campaign was not duplicated.
    CampaignDuplicateError / CampaignDuplicateErrorCode from DuplicateRefusal {
        /// There is no such campaign.
        NotFound,
        /// A field of the input cannot be meant; `field` names it.
        Invalid,
    }
}

/// Does something with a campaign of the actor's, to its end, and answers with a payload.
macro_rules! done {
    ($ctx:ident, $payload:ident, |$app:ident, $actor:ident, $currency:ident| $work:expr) => {{
        let refused = |refusal| $payload::refused(&refusal, $ctx.locale());
        let ($app, $actor, $currency) = who($ctx).await?;
        let done = $ctx.app().finish(async move {
            let row: campaign::Model = $work.await?;
            Ok(Campaign::of(row, $currency)?)
        });
        let told = |campaign| $payload {
            campaign: Some(Lean(campaign)),
            user_errors: Vec::new(),
        };
        answer(done.await?, told, refused)
    }};
}

/// The app, who asks, and the currency of their merchant.
async fn who(ctx: &Context<'_>) -> Result<(crate::app::App, Actor, Currency), Error> {
    let (app, actor) = (ctx.app().clone(), ctx.actor()?.clone());
    let currency = crate::merchant::find(&app, actor.merchant_id).await?;
    Ok((app, actor, currency.currency))
}

/// The mutations of campaigns.
#[derive(Debug, Default)]
pub struct CampaignMutation;

#[Object]
impl CampaignMutation {
    /// Makes a campaign 新建活动, a draft that nobody is given until it is activated. Needs `campaigns:write`.
    #[graphql(guard = "Needs(Scope::CampaignsWrite)")]
    async fn campaign_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: CampaignCreateInput,
    ) -> Result<CampaignCreatePayload, Error> {
        done!(ctx, CampaignCreatePayload, |app, actor, currency| async {
            let draft = input.read(currency, app.clock.instant());
            let draft = draft.map_err(|invalid| Failure::Refused(CreateRefusal::from(invalid)))?;
            service::create(&app, &actor, &draft).await
        })
    }

    /// Changes what a campaign gives 修改活动: a new version, which orders from now on are priced by. What was made
    /// with the version before keeps it. Needs `campaigns:write`.
    #[graphql(guard = "Needs(Scope::CampaignsWrite)")]
    async fn campaign_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: CampaignUpdateInput,
    ) -> Result<CampaignUpdatePayload, Error> {
        done!(ctx, CampaignUpdatePayload, |app, actor, currency| async {
            let id =
                read_id("id", &input.id).map_err(|_| Failure::Refused(UpdateRefusal::NotFound))?;
            let version = input.expected_version;
            let wanted = input.read(currency);
            let wanted =
                wanted.map_err(|invalid| Failure::Refused(UpdateRefusal::from(invalid)))?;
            service::update(&app, &actor, id, version, &wanted).await
        })
    }

    /// Begins a campaign 启动活动, or goes on with a paused one. Where its start lies ahead it is SCHEDULED and begins
    /// by itself. Needs `campaigns:write`.
    #[graphql(guard = "Needs(Scope::CampaignsWrite)")]
    async fn campaign_activate(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: CampaignActivateInput,
    ) -> Result<CampaignActivatePayload, Error> {
        done!(ctx, CampaignActivatePayload, |app, actor, currency| async {
            let id = read_id("id", &input.id)
                .map_err(|_| Failure::Refused(ActivateRefusal::NotFound))?;
            service::activate(&app, &actor, id, input.expected_version).await
        })
    }

    /// Gives a campaign to nobody until it is activated again 暂停活动. Orders that were made with it keep it. It ends
    /// on time all the same. Needs `campaigns:write`.
    #[graphql(guard = "Needs(Scope::CampaignsWrite)")]
    async fn campaign_pause(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: CampaignPauseInput,
    ) -> Result<CampaignPausePayload, Error> {
        done!(ctx, CampaignPausePayload, |app, actor, currency| async {
            let id =
                read_id("id", &input.id).map_err(|_| Failure::Refused(PauseRefusal::NotFound))?;
            service::pause(&app, &actor, id).await
        })
    }

    /// Ends a campaign for good 结束活动; a draft is put away. Orders that were made with it keep it. Needs
    /// `campaigns:write`.
    #[graphql(guard = "Needs(Scope::CampaignsWrite)")]
    async fn campaign_end(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: CampaignEndInput,
    ) -> Result<CampaignEndPayload, Error> {
        done!(ctx, CampaignEndPayload, |app, actor, currency| async {
            let id =
                read_id("id", &input.id).map_err(|_| Failure::Refused(EndRefusal::NotFound))?;
            service::end(&app, &actor, id).await
        })
    }

    /// Makes a draft that gives what another campaign gives 复制活动. Where that has begun, the draft's period begins
    /// now, and is as long. Needs `campaigns:write`.
    #[graphql(guard = "Needs(Scope::CampaignsWrite)")]
    async fn campaign_duplicate(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: CampaignDuplicateInput,
    ) -> Result<CampaignDuplicatePayload, Error> {
        done!(
            ctx,
            CampaignDuplicatePayload,
            |app, actor, currency| async {
                let id = read_id("id", &input.id)
                    .map_err(|_| Failure::Refused(DuplicateRefusal::NotFound))?;
                service::duplicate(&app, &actor, id, &input.name).await
            }
        )
    }
}

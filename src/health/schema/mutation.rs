//! The mutations of incidents, maintenance and states set by hand.

use async_graphql::{Context, ID, InputObject, Object};
use entity::{ChannelId, IncidentId, MaintenanceWindowId};

use super::enums::MaintenanceSource;
use super::incident::Incident;
use super::maintenance::MaintenanceWindow;
use super::manual::{
    self, ChannelHealthOverrideClearInput, ChannelHealthOverrideClearPayload,
    ChannelHealthOverrideInput, ChannelHealthOverridePayload,
};
use crate::auth::model::Scope;
use crate::error::Error;
use crate::graphql::payload::{answer, payload};
use crate::graphql::plain::Lean;
use crate::graphql::scalars::{Timestamp, read_id};
use crate::graphql::{Ask, Needs};
use crate::health::model::incident::AcknowledgeRefusal;
use crate::health::model::maintenance::{CancelRefusal, ScheduleRefusal, WindowDraft};
use crate::health::service::{incidents, maintenance};

/// An incident that somebody knows of 确认故障.
#[derive(Clone, Debug, InputObject)]
pub struct IncidentAcknowledgeInput {
    /// Which.
    pub incident_id: ID,
    /// Anything worth knowing, at most 500 characters.
    pub note: Option<String>,
}

/// A maintenance window to be planned 计划维护.
#[derive(Clone, Debug, InputObject)]
pub struct MaintenanceWindowScheduleInput {
    /// The channel.
    pub channel_id: ID,
    /// When it begins: now, or within a year.
    pub starts_at: Timestamp,
    /// When it ends: at most 7 days later.
    pub ends_at: Timestamp,
    /// Who plans it.
    #[graphql(default_with = "MaintenanceSource::Merchant")]
    pub source: MaintenanceSource,
    /// What is done, at most 500 characters.
    pub note: Option<String>,
}

/// A maintenance window to be called off 取消维护.
#[derive(Clone, Debug, InputObject)]
pub struct MaintenanceWindowCancelInput {
    /// Which.
    pub window_id: ID,
}

payload! {
    /// What `incidentAcknowledge` did.
    IncidentAcknowledgePayload {
        /// The incident, with the first acknowledgement.
        incident: Lean<Incident>,
    }
    /// Why an incident was not acknowledged.
    IncidentAcknowledgeError / IncidentAcknowledgeErrorCode from AcknowledgeRefusal {
        /// There is no such incident.
        NotFound,
        /// It is over.
        AlreadyResolved,
        /// `note` has at most 500 characters.
        InvalidNote,
    }
}

payload! {
    /// What `maintenanceWindowSchedule` did.
    MaintenanceWindowSchedulePayload {
        /// The window.
        window: Lean<MaintenanceWindow>,
    }
    /// Why a window was not planned.
    MaintenanceWindowScheduleError / MaintenanceWindowScheduleErrorCode from ScheduleRefusal {
        /// There is no such channel.
        ChannelNotFound,
        /// It begins in the past.
        InPast,
        /// It does not end after it begins.
        EndsBeforeStart,
        /// It is longer than 7 days.
        TooLong,
        /// It begins in more than a year.
        TooFarAhead,
        /// Another window of the channel holds meanwhile; the message says when.
        Overlaps,
        /// 100 windows of the channel lie ahead, which is as many as are kept.
        TooMany,
        /// `note` has at most 500 characters.
        InvalidNote,
    }
}

payload! {
    /// What `maintenanceWindowCancel` did.
    MaintenanceWindowCancelPayload {
        /// The window.
        window: Lean<MaintenanceWindow>,
    }
    /// Why a window was not called off.
    MaintenanceWindowCancelError / MaintenanceWindowCancelErrorCode from CancelRefusal {
        /// There is no such window.
        NotFound,
        /// It is over.
        AlreadyOver,
    }
}

/// The mutations of incidents.
#[derive(Debug, Default)]
pub struct IncidentMutation;

#[Object]
impl IncidentMutation {
    /// Says that somebody knows of an incident 确认故障. The first who says so stays; said again, nothing
    /// changes. Needs `incidents:write`.
    #[graphql(guard = "Needs(Scope::IncidentsWrite)")]
    async fn incident_acknowledge(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: IncidentAcknowledgeInput,
    ) -> Result<IncidentAcknowledgePayload, Error> {
        let refused = |refusal| IncidentAcknowledgePayload::refused(&refusal, ctx.locale());
        let Ok(id) = read_id::<IncidentId>("incidentId", &input.incident_id) else {
            return Ok(refused(AcknowledgeRefusal::NotFound));
        };
        let (app, actor) = (ctx.app().clone(), ctx.actor()?.clone());
        let work = async move { incidents::acknowledge(&app, &actor, id, input.note).await };
        let told = |row: entity::incident::Model| IncidentAcknowledgePayload {
            incident: Some(Lean(row.into())),
            user_errors: Vec::new(),
        };
        answer(ctx.app().finish(work).await?, told, refused)
    }

    /// Plans a maintenance window 计划维护: the channel is MAINTENANCE meanwhile, and no incident is opened.
    /// Sent twice, the second is told OVERLAPS. Needs `incidents:write`.
    #[graphql(guard = "Needs(Scope::IncidentsWrite)")]
    async fn maintenance_window_schedule(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: MaintenanceWindowScheduleInput,
    ) -> Result<MaintenanceWindowSchedulePayload, Error> {
        let refused = |refusal| MaintenanceWindowSchedulePayload::refused(&refusal, ctx.locale());
        let Ok(id) = read_id::<ChannelId>("channelId", &input.channel_id) else {
            return Ok(refused(ScheduleRefusal::ChannelNotFound));
        };
        let draft = WindowDraft {
            starts_at: input.starts_at.0,
            ends_at: input.ends_at.0,
            source: input.source.into(),
            note: input.note,
        };
        let (app, actor) = (ctx.app().clone(), ctx.actor()?.clone());
        let work = async move { maintenance::schedule(&app, &actor, id, &draft).await };
        let told = |row: entity::maintenance_window::Model| MaintenanceWindowSchedulePayload {
            window: Some(Lean(row.into())),
            user_errors: Vec::new(),
        };
        answer(ctx.app().finish(work).await?, told, refused)
    }

    /// Calls a maintenance window off 取消维护; one under way ends now. Sent again, nothing changes. Needs
    /// `incidents:write`.
    #[graphql(guard = "Needs(Scope::IncidentsWrite)")]
    async fn maintenance_window_cancel(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: MaintenanceWindowCancelInput,
    ) -> Result<MaintenanceWindowCancelPayload, Error> {
        let refused = |refusal| MaintenanceWindowCancelPayload::refused(&refusal, ctx.locale());
        let Ok(id) = read_id::<MaintenanceWindowId>("windowId", &input.window_id) else {
            return Ok(refused(CancelRefusal::NotFound));
        };
        let (app, actor) = (ctx.app().clone(), ctx.actor()?.clone());
        let work = async move { maintenance::cancel(&app, &actor, id).await };
        let told = |row: entity::maintenance_window::Model| MaintenanceWindowCancelPayload {
            window: Some(Lean(row.into())),
            user_errors: Vec::new(),
        };
        answer(ctx.app().finish(work).await?, told, refused)
    }

    /// Sets a channel's state by hand 人工设定状态, for a while: DEGRADED and DOWN open an incident, HEALTHY ends
    /// one. Needs `incidents:write`.
    #[graphql(guard = "Needs(Scope::IncidentsWrite)")]
    async fn channel_health_override(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: ChannelHealthOverrideInput,
    ) -> Result<ChannelHealthOverridePayload, Error> {
        manual::set(ctx, input).await
    }

    /// Lets the figures rule again 取消人工设定: the channel is judged within a few seconds, and until then stays as
    /// it is. Needs `incidents:write`.
    #[graphql(guard = "Needs(Scope::IncidentsWrite)")]
    async fn channel_health_override_clear(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: ChannelHealthOverrideClearInput,
    ) -> Result<ChannelHealthOverrideClearPayload, Error> {
        manual::clear(ctx, input).await
    }
}

//! How a channel is made, and how what payers see of it is changed.

use async_graphql::{Enum, ID, InputObject, MaybeUndefined};
use entity::channel;

use super::credentials::ChannelCredentialsInput;
use super::object::{Channel, ChannelKind, PaymentMethod};
use crate::channels::model::{BadOffer, CreateRefusal, Offer, OfferChange, UpdateRefusal};
use crate::error::{Error, Failure, Problem};
use crate::graphql::payload::payload;
use crate::graphql::plain::{Lean, plain_scalars};
use crate::graphql::scalars::MoneyInput;
use crate::money::Currency;
use crate::orders::schema::enums::PayerDevice;
use crate::orders::schema::inputs::read_money;

/// When the payment page leaves a channel out by itself 自动隐藏.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "channel::HideWhen")]
pub enum HideWhen {
    /// 从不: never; a notice says that it does not work well.
    Never,
    /// 中断时: while it is down or being worked on.
    Down,
    /// 异常时: while it is degraded, too.
    Degraded,
}

plain_scalars!(HideWhen);

/// A channel to be made.
#[derive(Debug, InputObject)]
pub struct ChannelCreateInput {
    /// What you call it, at most 100 characters.
    pub name: String,
    /// Which payment platform it speaks to.
    pub kind: ChannelKind,
    /// What the payer pays with.
    pub method: PaymentMethod,
    /// The account at the payment platform; the sandbox takes none.
    pub credentials: Option<ChannelCredentialsInput>,
    /// The least amount that it takes; no limit where it is missing.
    pub min_amount: Option<MoneyInput>,
    /// The largest amount that it takes; no limit where it is missing.
    pub max_amount: Option<MoneyInput>,
    /// The most that it takes on one day of yours; no limit where it is missing.
    pub daily_limit: Option<MoneyInput>,
    /// The devices that can pay through it; all where it is missing.
    pub devices: Option<Vec<PayerDevice>>,
    /// When the payment page leaves it out by itself.
    #[graphql(default_with = "HideWhen::Never")]
    pub hide_when: HideWhen,
    /// Whether new orders may use it at once.
    #[graphql(default = true)]
    pub enabled: bool,
    /// The six digits that your authenticator app shows, or a recovery code: for a channel through which money leaves
    /// (易支付 V2), where anybody who works here has a second factor.
    #[graphql(secret)]
    pub code: Option<String>,
}

impl ChannelCreateInput {
    /// Reads how the channel is offered; what cannot be meant is refused by its field.
    pub(super) fn offer(&self, currency: Currency) -> Result<Offer, Failure<CreateRefusal>> {
        let money = |field: &str, input: Option<MoneyInput>| {
            let minor = input.map(|input| read_money(input, field, currency));
            minor.transpose().map_err(invalid)
        };
        let all = Offer::named(self.name.as_str());
        let devices = self.devices.as_ref();
        let devices = devices.map(|some| some.iter().map(|one| (*one).into()).collect());
        Ok(Offer {
            min_minor: money("minAmount", self.min_amount)?,
            max_minor: money("maxAmount", self.max_amount)?,
            daily_max_minor: money("dailyLimit", self.daily_limit)?,
            devices: devices.unwrap_or(all.devices),
            hide_when: self.hide_when.into(),
            name: all.name,
        })
    }
}

payload! {
    /// What `channelCreate` did.
    ChannelCreatePayload {
        /// The channel.
        channel: Lean<Channel>,
    }
    /// Why a channel was not made.
    ChannelCreateError / ChannelCreateErrorCode from CreateRefusal {
        /// A field of the input cannot be meant; `field` names it.
        Invalid,
        /// The merchant has 50 channels, which is as many as one may have.
        TooManyChannels,
        /// A channel of this kind needs `credentials`.
        CredentialsMissing,
        /// The credentials are of another kind than the channel; the sandbox takes none.
        CredentialsNotOfKind,
        /// A field of the credentials cannot be used; `field` names it.
        CredentialsUnusable,
    } with SecondFactor
}

/// What is to be changed of a channel; what is missing stays as it is.
#[derive(Debug, InputObject)]
pub struct ChannelUpdateInput {
    /// The channel.
    pub channel_id: ID,
    /// The version that the channel has, as you know it, so that nobody's change is lost.
    pub expected_version: i32,
    /// What you call it, at most 100 characters.
    pub name: Option<String>,
    /// The least amount that it takes; null for no limit.
    pub min_amount: MaybeUndefined<MoneyInput>,
    /// The largest amount that it takes; null for no limit.
    pub max_amount: MaybeUndefined<MoneyInput>,
    /// The most that it takes on one day of yours; null for no limit.
    pub daily_limit: MaybeUndefined<MoneyInput>,
    /// The devices that can pay through it, at least one.
    pub devices: Option<Vec<PayerDevice>>,
    /// When the payment page leaves it out by itself.
    pub hide_when: Option<HideWhen>,
}

impl ChannelUpdateInput {
    /// Reads what is to be changed; what cannot be meant is refused by its field.
    pub(super) fn read(self, currency: Currency) -> Result<OfferChange, Failure<UpdateRefusal>> {
        let money = |field: &str, input: MaybeUndefined<MoneyInput>| match input {
            MaybeUndefined::Undefined => Ok(None),
            MaybeUndefined::Null => Ok(Some(None)),
            MaybeUndefined::Value(input) => {
                let minor = read_money(input, field, currency).map_err(invalid)?;
                Ok::<_, Failure<UpdateRefusal>>(Some(Some(minor)))
            }
        };
        let devices = self.devices;
        Ok(OfferChange {
            name: self.name,
            min_minor: money("minAmount", self.min_amount)?,
            max_minor: money("maxAmount", self.max_amount)?,
            daily_max_minor: money("dailyLimit", self.daily_limit)?,
            devices: devices.map(|some| some.into_iter().map(Into::into).collect()),
            hide_when: self.hide_when.map(Into::into),
        })
    }
}

payload! {
    /// What `channelUpdate` did.
    ChannelUpdatePayload {
        /// The channel, as it is now.
        channel: Lean<Channel>,
    }
    /// Why a channel was not changed.
    ChannelUpdateError / ChannelUpdateErrorCode from UpdateRefusal {
        /// There is no such channel.
        NotFound,
        /// The channel has another version by now: read it again.
        VersionConflict,
        /// A field of the input cannot be meant; `field` names it.
        Invalid,
    }
}

/// What cannot be meant is the merchant's to mend: it stands in `userErrors`, too.
fn invalid<R: From<BadOffer>>(error: Error) -> Failure<R> {
    match error {
        Error::BadInput { field, problem } => Failure::Refused(R::from(BadOffer {
            problem: Problem::new(
                format!("`{field}` {}", problem.en),
                format!("`{field}` {}", problem.zh),
            ),
            field,
        })),
        other => Failure::Failed(other),
    }
}

//! Decides what a payment page shows: which methods, in which order, and what is said of those that are ill.

use entity::channel::{self, HideWhen, PaymentMethod};
use entity::channel_health::HealthState;

use super::choice::Fit;
use crate::error::Problem;

/// A method on a payment page.
#[derive(Clone, Debug)]
pub struct Entry<'a> {
    /// The channel that stands for it: the first of the best off.
    pub channel: &'a channel::Model,
    /// How that one is.
    pub state: HealthState,
    /// Whether it is what the page should offer first.
    pub recommended: bool,
    /// What is wrong, and what to take instead; none where all is well.
    pub notice: Option<Problem>,
}

/// The entries of a page: for each method its channels that fit.
#[must_use]
pub fn arrange<'a>(methods: &[Vec<Fit<'a>>]) -> Vec<Entry<'a>> {
    let all: Vec<_> = methods.iter().filter_map(|fits| stand(fits)).collect();
    let open = |(_, fit): &&(Place, Fit<'a>)| !is_hidden(fit);
    let mut shown: Vec<_> = all.iter().filter(open).copied().collect();
    // An empty page sells nothing.
    if shown.is_empty() {
        shown = all;
    }
    shown.sort_by_key(|(place, fit)| (fit.rank(), *place));
    // What is known to work goes before what nobody knows anything of.
    let healthy = |(_, fit): &&(Place, Fit<'a>)| fit.candidate.state == HealthState::Healthy;
    let first = shown.iter().find(healthy).or(shown.first());
    let first = first.map(|(_, fit)| fit.candidate.channel.method);
    let instead = shown.first().filter(|(_, fit)| fit.rank() == 0);
    let instead = instead.map(|(_, fit)| fit.candidate.channel.method);
    let entries = shown.into_iter().map(|(_, fit)| {
        let (channel, state) = (fit.candidate.channel, fit.candidate.state);
        Entry {
            channel,
            state,
            recommended: first == Some(channel.method) && fit.rank() <= 1,
            notice: notice(state, channel.method, instead),
        }
    });
    entries.collect()
}

type Place = (i32, entity::ChannelId);

/// What stands for a method, and its place: that of its first channel, also where another is better off. The
/// best off of all stands for it, since orders take no worse one: a method is hidden where that one is.
fn stand<'a>(fits: &[Fit<'a>]) -> Option<(Place, Fit<'a>)> {
    let place = fits.iter().map(Fit::place).min()?;
    let best = fits.iter().min_by_key(|fit| (fit.rank(), fit.place()))?;
    Some((place, *best))
}

fn is_hidden(fit: &Fit<'_>) -> bool {
    let when = fit.candidate.channel.hide_when;
    match fit.candidate.state {
        HealthState::Healthy | HealthState::Unknown => false,
        HealthState::Degraded => when == HideWhen::Degraded,
        HealthState::Down | HealthState::Maintenance => when != HideWhen::Never,
    }
}

/// What payers call a method.
#[must_use]
pub fn method_name(method: PaymentMethod) -> Problem {
    let (en, zh) = match method {
        PaymentMethod::WechatPay => ("WeChat Pay", "微信支付"),
        PaymentMethod::Alipay => ("Alipay", "支付宝"),
        PaymentMethod::UnionPay => ("UnionPay", "云闪付"),
        PaymentMethod::Card => ("Bank card", "银行卡"),
        PaymentMethod::QqPay => ("QQ Wallet", "QQ 钱包"),
    };
    Problem::new(en, zh)
}

fn notice(
    state: HealthState,
    method: PaymentMethod,
    instead: Option<PaymentMethod>,
) -> Option<Problem> {
    let name = method_name(method);
    let (en, zh) = match state {
        HealthState::Healthy | HealthState::Unknown => return None,
        HealthState::Degraded => (
            format!("{} may be slow or fail at the moment.", name.en),
            format!("{}当前可能较慢或支付失败。", name.zh),
        ),
        HealthState::Down => (
            format!("{} does not work at the moment.", name.en),
            format!("{}暂时无法使用。", name.zh),
        ),
        HealthState::Maintenance => (
            format!("{} is under maintenance at the moment.", name.en),
            format!("{}正在维护。", name.zh),
        ),
    };
    let (then_en, then_zh) = match instead.map(method_name) {
        Some(other) => (
            format!("Please pay with {}.", other.en),
            format!("建议使用{}付款。", other.zh),
        ),
        None => (
            "If it fails, please try again in a few minutes.".to_owned(),
            "如支付失败，请几分钟后重试。".to_owned(),
        ),
    };
    Some(Problem::new(
        format!("{en} {then_en}"),
        format!("{zh}{then_zh}"),
    ))
}

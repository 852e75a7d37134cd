//! A channel of the simulation: who pays through it, what its platform answers, and how it is judged.

use chrono::{DateTime, TimeDelta, Utc};
use entity::channel_health::{self, HealthState};
use entity::{ChannelId, Instant, MerchantId};

use super::dice::{Dice, Pace};
use super::plan::{Kind, Planted};
use crate::health::model::baseline::{Baseline, Hour};
use crate::health::model::rules::Rules;
use crate::health::model::signs::{Evidence, Probe};
use crate::health::model::state::{Next, judge, unknown};
use crate::health::model::window::{Counts, Window, minute_of};

/// How long a step is, in seconds: as often channels are judged.
const STEP_S: u64 = 2;
/// How long a step is where nothing is planted and nothing is wrong.
const QUIET_STEP_S: u64 = 10;
/// How long a probe is waited for.
const TIMEOUT_S: u64 = 5;
/// How long the month is.
pub const MONTH_S: u64 = 30 * 86_400;
/// How far ahead something can be due, in steps.
const AHEAD: usize = 512;
const WEEK: usize = 168;

/// What kind of shop it is.
pub struct Shop {
    pub name: &'static str,
    /// Attempts an hour, by the hour of the week.
    pub attempts: fn(usize) -> u64,
    /// The share of payers who pay, in millionths.
    pub paying_ppm: u64,
    /// How often its platform is probed, in seconds.
    pub probed_every: Option<u64>,
    /// Whether the payment page leaves it out while it is DOWN.
    pub hidden: bool,
}

/// A change of state.
#[derive(Clone, Copy, Debug)]
pub struct Turned {
    pub at: u64,
    pub from: HealthState,
    pub to: HealthState,
}

/// What a month came to.
pub struct Month {
    pub turned: Vec<Turned>,
    /// How many attempts were made in the two minutes around the beginning of each planted thing.
    pub attempts: Vec<u64>,
}

struct Channel<'a> {
    shop: &'a Shop,
    planted: &'a [Planted],
    /// The first of them that is not over, nor its traces.
    next: usize,
    dice: Dice,
    now: u64,
    window: Window,
    /// What comes in later: payments and errors, by step.
    due: Vec<(u32, u32)>,
    held_back: u32,
    probe: Option<Probe>,
    next_probe: u64,
    /// When a probe is given up that is under way.
    asking: Option<u64>,
    hours: Vec<Hour>,
    hour: Hour,
    baseline: Option<Baseline>,
    /// Arrivals in a step, in a quiet one, in a step of a rush.
    paces: [Pace; 3],
    row: channel_health::Model,
    rules: Rules,
}

fn instant(at: u64) -> Instant {
    // A Monday, 00:00.
    let monday: DateTime<Utc> = "2026-06-01T00:00:00Z".parse().unwrap();
    Instant(monday + TimeDelta::seconds(i64::try_from(at).unwrap()))
}

fn ms(at: u64) -> i64 {
    instant(at).timestamp_millis()
}

/// Lets a month pass.
pub fn month(shop: &Shop, planted: &[Planted], seed: u64) -> Month {
    let mut channel = Channel::open(shop, planted, seed);
    let mut month = Month {
        turned: Vec::new(),
        attempts: vec![0; planted.len()],
    };
    while channel.now < MONTH_S {
        if channel.now.is_multiple_of(3_600) {
            channel.begin_hour();
        }
        channel.window.advance(ms(channel.now));
        // What the step before counted is judged now.
        if let Some((to, _)) = channel.judged() {
            month.turned.push(Turned {
                at: channel.now,
                from: channel.row.state,
                to,
            });
            channel.take(to);
        }
        let step = channel.step();
        let attempts = channel.goes_on(step);
        let today = usize::try_from(channel.now / 86_400).unwrap();
        for day in [today.saturating_sub(1), today] {
            let around = planted[day].from.saturating_sub(60)..planted[day].from + 60;
            if around.contains(&channel.now) {
                month.attempts[day] += attempts;
                break;
            }
        }
        channel.now += step;
    }
    month
}

impl<'a> Channel<'a> {
    fn open(shop: &'a Shop, planted: &'a [Planted], seed: u64) -> Self {
        // Eight weeks before the month, as they were on average.
        let hours = (0..8 * WEEK).map(|hour| {
            let attempts = (shop.attempts)(hour % WEEK);
            Hour {
                back: 0,
                attempts: i64::try_from(attempts).unwrap(),
                paid: i64::try_from(attempts * shop.paying_ppm / 1_000_000).unwrap(),
            }
        });
        Self {
            shop,
            planted,
            next: 0,
            dice: Dice::new(seed),
            now: 0,
            window: Window::at(ms(0)),
            due: vec![(0, 0); AHEAD],
            held_back: 0,
            probe: None,
            next_probe: 0,
            asking: None,
            hours: hours.collect(),
            hour: Hour::default(),
            baseline: None,
            paces: [Pace::of(0); 3],
            row: unknown(MerchantId(1), ChannelId(1), instant(0)),
            rules: Rules::default(),
        }
    }

    fn begin_hour(&mut self) {
        if self.now > 0 {
            self.hours.push(self.hour);
        }
        self.hour = Hour::default();
        let now = self.hours.len();
        let every = |step: usize, count: usize| {
            // As the gateway reads it: an hour in which nothing happened has no row.
            let hours = (1..=count).map(|back| Hour {
                back,
                ..self.hours[now - back * step]
            });
            let active = hours.filter(|hour| hour.attempts + hour.paid > 0);
            Baseline::of(&active.collect::<Vec<_>>())
        };
        self.baseline = every(WEEK, 8)
            .or_else(|| every(24, 56))
            .or_else(|| every(1, 8 * WEEK));
        let attempts = (self.shop.attempts)(now % WEEK);
        let during = |seconds: u64| Pace::of(attempts * seconds * 1_000_000 / 3_600);
        self.paces = [during(STEP_S), during(QUIET_STEP_S), during(5 * STEP_S)];
    }

    fn planted(&self, at: u64) -> Option<&'a Planted> {
        // One a day, which may reach into the next.
        let day = usize::try_from(at / 86_400).ok()?;
        let near = self.planted.get(day.saturating_sub(1)..=day)?;
        near.iter().find(|planted| planted.holds(at))
    }

    /// How long the next step is.
    fn step(&mut self) -> u64 {
        let over = |planted: &Planted| planted.to + 1_800 <= self.now;
        while self.planted.get(self.next).is_some_and(over) {
            self.next += 1;
        }
        let next = self.planted.get(self.next);
        let quiet = matches!(self.row.state, HealthState::Healthy | HealthState::Unknown)
            && self.probe.is_none_or(|probe| probe.failures == 0)
            && self.asking.is_none()
            && self.now.is_multiple_of(QUIET_STEP_S)
            && next.is_none_or(|planted| planted.from > self.now + 60);
        if quiet { QUIET_STEP_S } else { STEP_S }
    }

    /// Judges. Where nothing goes through and nothing is wrong, once a minute is enough.
    fn judged(&mut self) -> Option<Next> {
        let idle = self.window.total() == Counts::default()
            && self.row.state == HealthState::Healthy
            && self.probe.is_some_and(|probe| probe.failures == 0);
        if idle && !self.now.is_multiple_of(60) {
            return None;
        }
        let evidence = Evidence {
            window: &self.window,
            baseline: self.baseline,
            probe: self.probe,
            maintenance: false,
        };
        let judgement = judge(&self.row, &evidence, &self.rules, instant(self.now));
        self.row = judgement.row;
        if let Some((_, cause)) = judgement.next {
            self.row.cause = cause;
        }
        judgement.next
    }

    fn take(&mut self, state: HealthState) {
        self.row.state = state;
        self.row.since = instant(self.now);
    }

    /// A step passes; returns how many asked for a code.
    fn goes_on(&mut self, step: u64) -> u64 {
        let planted = self.planted(self.now);
        let kind = planted.map(|planted| planted.kind);
        let fails_ppm = planted.map_or(0, |planted| planted.fails_ppm(self.now));
        let mut counts = Counts::default();
        let pace = match kind {
            _ if step == QUIET_STEP_S => self.paces[1],
            Some(Kind::Rush) => self.paces[2],
            _ => self.paces[0],
        };
        let mut arrivals = self.dice.arrivals(pace);
        if self.shop.hidden && self.row.state == HealthState::Down {
            arrivals = 0;
        }
        for _ in 0..arrivals {
            self.asked(kind, fails_ppm.max(4_000), &mut counts);
        }
        self.others(kind, &mut counts);
        for part in 0..step / STEP_S {
            self.comes_due(part * STEP_S, kind, &mut counts);
        }
        self.probes(fails_ppm.max(1_000));
        if counts != Counts::default() {
            self.window.add(minute_of(ms(self.now)), counts);
            self.hour.attempts += counts.attempts;
            self.hour.paid += counts.paid;
        }
        u64::from(arrivals)
    }

    /// A payer asks for a code.
    fn asked(&mut self, kind: Option<Kind>, fails_ppm: u64, counts: &mut Counts) {
        let refused_ppm = match kind {
            Some(Kind::Refused) => 1_000_000,
            _ => 10_000,
        };
        if self.dice.happens(refused_ppm) {
            counts.refused += 1;
            return;
        }
        let fails = self.dice.happens(fails_ppm);
        if fails && kind == Some(Kind::Hanging) {
            self.slot(10).1 += 1;
            return;
        }
        counts.attempts += 1;
        counts.errors += i64::from(fails);
        if !fails && self.dice.happens(self.shop.paying_ppm) {
            let after = self.dice.pays_after();
            self.slot(after).0 += 1;
        }
    }

    /// What others do who are no ordinary payers.
    fn others(&mut self, kind: Option<Kind>, counts: &mut Counts) {
        if kind == Some(Kind::Refusals) && self.dice.happens(550_000) {
            counts.refused += 1;
        }
        if kind == Some(Kind::Retrying) && self.dice.happens(160_000) {
            counts.attempts += 1;
        }
    }

    fn slot(&mut self, after_s: u64) -> &mut (u32, u32) {
        let step = (self.now + after_s) / STEP_S;
        &mut self.due[usize::try_from(step).unwrap() % AHEAD]
    }

    fn comes_due(&mut self, after_s: u64, kind: Option<Kind>, counts: &mut Counts) {
        let (mut paid, errors) = std::mem::take(self.slot(after_s));
        counts.attempts += i64::from(errors);
        counts.errors += i64::from(errors);
        match kind {
            Some(Kind::LostCallbacks) => self.held_back += std::mem::take(&mut paid),
            Some(Kind::Unpayable) => paid = 0,
            _ => paid += std::mem::take(&mut self.held_back),
        }
        counts.paid += i64::from(paid);
    }

    fn probes(&mut self, fails_ppm: u64) {
        let Some(every) = self.shop.probed_every else {
            return;
        };
        if self.asking.is_some_and(|until| self.now >= until) {
            self.asking = None;
            self.probe_fails();
        }
        if self.asking.is_some() || self.now < self.next_probe {
            return;
        }
        if self.dice.happens(fails_ppm) {
            // Nothing comes until the time is over.
            self.asking = Some(self.now + TIMEOUT_S);
            return;
        }
        self.next_probe = self.now + self.draw(every);
        self.probe = Some(Probe {
            failures: 0,
            failing_ms: None,
            answered_once: true,
            probed_ms: ms(self.now),
        });
    }

    /// A probe was given up. After the first that fails the next comes soon.
    fn probe_fails(&mut self) {
        let before = self.probe.filter(|probe| probe.failures > 0);
        let failures = 1 + before.map_or(0, |probe| probe.failures);
        let every = self.shop.probed_every.unwrap_or(0);
        let wait = if failures == 1 { every / 3 } else { every };
        self.next_probe = self.now + self.draw(wait);
        self.probe = Some(Probe {
            failures,
            failing_ms: before.map_or(Some(ms(self.now)), |probe| probe.failing_ms),
            answered_once: self.probe.is_some(),
            probed_ms: ms(self.now),
        });
    }

    /// An interval, a tenth more or less, and the second until the prober looks.
    fn draw(&mut self, every: u64) -> u64 {
        every - every / 10 + self.dice.below(every / 5 + 1) + 1
    }
}

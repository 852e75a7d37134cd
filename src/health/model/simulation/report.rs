//! What the simulation found, and what must hold of it.

use std::collections::BTreeMap;
use std::fmt;

use entity::channel_health::HealthState;

use super::channel::{MONTH_S, Month, Shop, Turned};
use super::plan::{Kind, Planted};

/// How long after an outage its traces are still in the figures.
const TRACES_S: u64 = 1_200;

/// How busy a channel was when something was planted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Traffic {
    /// An attempt a second and more.
    Busy,
    /// Ten a minute and more.
    Middling,
    /// One a minute and more.
    Low,
    /// Less.
    None,
}

impl Traffic {
    fn of(attempts: u64) -> Self {
        match attempts {
            45.. => Self::Busy,
            10.. => Self::Middling,
            1.. => Self::Low,
            0 => Self::None,
        }
    }
}

/// What became of outages that are alike.
#[derive(Default)]
struct Seen {
    delays: Vec<u64>,
    missed: usize,
}

/// What the simulation found.
#[derive(Default)]
pub struct Report {
    seen: BTreeMap<(Kind, Traffic, bool), Seen>,
    false_alarms: Vec<String>,
    /// Incidents of each flapping hour.
    flapping: Vec<usize>,
    channels: usize,
}

fn is_bad(state: HealthState) -> bool {
    matches!(state, HealthState::Degraded | HealthState::Down)
}

/// Whether a change opens an incident.
fn opens(turned: &Turned) -> bool {
    is_bad(turned.to) && !is_bad(turned.from)
}

impl Report {
    pub fn add(&mut self, shop: &Shop, planted: &[Planted], month: &Month) {
        self.channels += 1;
        for (one, attempts) in planted.iter().zip(&month.attempts) {
            if !one.kind.is_outage() || one.to > MONTH_S {
                continue;
            }
            let traffic = Traffic::of(*attempts);
            let key = (one.kind, traffic, shop.probed_every.is_some());
            let seen = self.seen.entry(key).or_default();
            let found = month
                .turned
                .iter()
                .find(|turned| is_bad(turned.to) && (one.from..one.to).contains(&turned.at));
            match found {
                Some(turned) => seen.delays.push(turned.at - one.from),
                None => seen.missed += 1,
            }
            if one.kind == Kind::Flapping {
                for hour in [one.from, one.from + 3_600] {
                    let opened = month.turned.iter().filter(|turned| {
                        opens(turned) && (hour..hour + 3_600).contains(&turned.at)
                    });
                    self.flapping.push(opened.count());
                }
            }
        }
        let alarms = month.turned.iter().filter(|turned| {
            opens(turned)
                && !planted.iter().any(|one| {
                    one.kind.is_outage() && (one.from..one.to + TRACES_S).contains(&turned.at)
                })
        });
        self.false_alarms.extend(alarms.map(|turned| {
            let during = planted.iter().find(|one| one.holds(turned.at));
            let (day, at) = (turned.at / 86_400, turned.at % 86_400);
            format!(
                "{} on day {day}, {:02}:{:02}, during {:?}: {:?}",
                shop.name,
                at / 3_600,
                at / 60 % 60,
                during.map(|one| one.kind),
                turned.to
            )
        }));
    }

    /// The goals.
    pub fn holds(&self) {
        for ((kind, traffic, probed), seen) in &self.seen {
            let worst = seen.delays.iter().max().copied().unwrap_or(0);
            let within = match (kind, traffic) {
                // Two intervals of probes, each thirty seconds and a bit, where no traffic says anything.
                (Kind::Full | Kind::Hanging, Traffic::None) if *probed => 70,
                (Kind::Full | Kind::Hanging, Traffic::Busy) => 60,
                (Kind::Full | Kind::Hanging, Traffic::Middling) => 90,
                (Kind::Partial, Traffic::Busy) => 240,
                _ => continue,
            };
            let what = format!("{kind:?}, {traffic:?}, probed: {probed}");
            assert!(
                worst <= within,
                "{what}: seen after {worst} s, not {within}"
            );
            assert_eq!(seen.missed, 0, "{what}");
        }
        assert!(self.false_alarms.len() <= 1, "{:#?}", self.false_alarms);
        assert!(
            self.flapping.iter().all(|alerts| *alerts <= 4),
            "{:?}",
            self.flapping
        );
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "| outage | attempts | probes | planted | missed | median | p95 | worst |"
        )?;
        writeln!(f, "|---|---|---|---|---|---|---|---|")?;
        for ((kind, traffic, probed), seen) in &self.seen {
            let mut delays = seen.delays.clone();
            delays.sort_unstable();
            let at = |per_cent: usize| match delays.len() {
                0 => "–".to_owned(),
                len => format!("{} s", delays[(len - 1) * per_cent / 100]),
            };
            writeln!(
                f,
                "| {kind:?} | {traffic:?} | {} | {} | {} | {} | {} | {} |",
                if *probed { "yes" } else { "no" },
                delays.len() + seen.missed,
                seen.missed,
                at(50),
                at(95),
                at(100),
            )?;
        }
        let months = self.channels;
        writeln!(
            f,
            "{} false alarms in {months} months of a channel",
            self.false_alarms.len()
        )?;
        for alarm in &self.false_alarms {
            writeln!(f, "- {alarm}")?;
        }
        let most = self.flapping.iter().max();
        writeln!(
            f,
            "incidents in a flapping hour: {:?}, at most {most:?}",
            self.flapping
        )
    }
}

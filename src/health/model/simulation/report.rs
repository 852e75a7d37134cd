//! What the simulation found, and what must hold of it.

use std::collections::BTreeMap;
use std::fmt;

use entity::channel_health::HealthState;

use super::channel::{MONTH_S, Month, Shop, Turned};
use super::plan::{Kind, Planted};

/// How long after an outage its traces are still in the figures.
const TRACES_S: u64 = 1_200;

/// How busy a channel was around the beginning of what was planted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Traffic {
    /// Forty-five attempts a minute and more.
    Busy,
    /// Ten a minute and more.
    Middling,
    /// Fewer.
    Low,
    /// None in the minute before and the minute after.
    None,
}

impl Traffic {
    fn of(attempts: u64) -> Self {
        match attempts {
            90.. => Self::Busy,
            20.. => Self::Middling,
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
    /// How long after it was over it was believed to be.
    believed: Vec<u64>,
}

/// What the simulation found.
#[derive(Default)]
pub struct Report {
    seen: BTreeMap<(Kind, Traffic, bool), Seen>,
    false_alarms: Vec<String>,
    /// Incidents of each hour in which a channel flapped or limped.
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
            let at_end = month.turned.iter().rfind(|turned| turned.at < one.to);
            if at_end.is_some_and(|turned| is_bad(turned.to)) {
                let after = month
                    .turned
                    .iter()
                    .find(|turned| turned.at >= one.to && !is_bad(turned.to));
                seen.believed.extend(after.map(|turned| turned.at - one.to));
            }
            if matches!(one.kind, Kind::Flapping | Kind::Limping) {
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
                // With traffic; and with little or none by probes, of which two intervals are as long.
                (Kind::Full | Kind::Hanging | Kind::Limping, Traffic::Busy | Traffic::Middling) => {
                    60
                }
                (Kind::Full | Kind::Hanging | Kind::Limping, _) if *probed => 60,
                (Kind::Flapping, Traffic::Busy | Traffic::Middling) => 60,
                (Kind::Partial, Traffic::Busy) => 240,
                // Payers need minutes to pay, and as many to be missed.
                (Kind::LostCallbacks | Kind::Unpayable, Traffic::Busy | Traffic::Middling) => 300,
                (Kind::Refused, Traffic::Busy | Traffic::Middling) => 420,
                _ => continue,
            };
            let what = format!("{kind:?}, {traffic:?}, probed: {probed}");
            assert!(
                worst <= within,
                "{what}: seen after {worst} s, not {within}"
            );
            assert_eq!(seen.missed, 0, "{what}");
            // What is over is over: half an hour, where it went back and forth before.
            let believed = seen.believed.iter().max().copied().unwrap_or(0);
            assert!(believed <= 2_700, "{what}: not believed for {believed} s");
        }
        assert!(self.false_alarms.len() <= 1, "{:#?}", self.false_alarms);
        assert!(
            self.flapping.iter().all(|alerts| *alerts <= 4),
            "{:?}",
            self.flapping
        );
    }
}

/// What so many per cent did not exceed.
fn told(sorted: &[u64], per_cent: usize) -> String {
    match sorted.len() {
        0 => "–".to_owned(),
        len => format!("{} s", sorted[((len - 1) * per_cent).div_ceil(100)]),
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "| outage | attempts | probes | planted | missed | seen after: median | p95 | worst | \
             believed to be over after: median | worst |"
        )?;
        writeln!(f, "|---|---|---|---|---|---|---|---|---|---|")?;
        for ((kind, traffic, probed), seen) in &self.seen {
            let [delays, believed] = [&seen.delays, &seen.believed].map(|times| {
                let mut times = times.clone();
                times.sort_unstable();
                times
            });
            writeln!(
                f,
                "| {kind:?} | {traffic:?} | {} | {} | {} | {} | {} | {} | {} | {} |",
                if *probed { "yes" } else { "no" },
                delays.len() + seen.missed,
                seen.missed,
                told(&delays, 50),
                told(&delays, 95),
                told(&delays, 100),
                told(&believed, 50),
                told(&believed, 100),
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

//! A member's lots, and what happens to them: each change is a move, which becomes an entry.

use chrono::{DateTime, Utc};
use entity::point_entry::PointKind;
use entity::point_lot::{self, PointOrigin};
use entity::{Instant, PointLotId, member};

/// A change of a lot, or of what is owed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Move {
    /// The lot; none where it is of what is owed alone.
    pub lot_id: Option<PointLotId>,
    /// What happened.
    pub kind: PointKind,
    /// By how many those that can be spent change.
    pub points: i64,
    /// By how many those that cannot be spent yet change.
    pub pending: i64,
    /// By how many those that are owed change.
    pub owed: i64,
    /// How many can be spent afterwards.
    pub balance: i64,
}

/// There are not so many points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotEnough {
    /// How many there are.
    pub available: i64,
}

/// Points that come.
#[derive(Clone, Copy, Debug)]
pub struct Fresh {
    /// The lot's id.
    pub id: PointLotId,
    /// Where they come from.
    pub origin: PointOrigin,
    /// The order, the gift or the entry that they come from.
    pub source_id: Option<i64>,
    /// How many.
    pub points: i64,
    /// From when they can be spent; none for at once.
    pub releases_at: Option<Instant>,
    /// When they end; none for never.
    pub expires_at: Option<Instant>,
}

/// A member's points, as far as their lots are at hand, with what was done to them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purse {
    /// The member as they are now.
    pub member: member::Model,
    /// Lots, first those that end first, and those that never do last.
    pub lots: Vec<point_lot::Model>,
    /// What was done.
    pub moves: Vec<Move>,
    /// Lots that have come since.
    pub fresh: Vec<PointLotId>,
    /// Lots whose points can be spent since.
    pub released: Vec<PointLotId>,
}

/// Whether a lot can be spent from, or could.
fn is_live(lot: &point_lot::Model, now: DateTime<Utc>) -> bool {
    lot.expires_at.is_none_or(|at| at.0 > now)
}

impl Purse {
    /// The purse of a member with these lots.
    #[must_use]
    pub fn of(member: member::Model, lots: Vec<point_lot::Model>) -> Self {
        let mut purse = Self {
            member,
            lots,
            moves: Vec::new(),
            fresh: Vec::new(),
            released: Vec::new(),
        };
        purse.sort();
        purse
    }

    /// Changes a lot by so many points, and writes the move.
    fn shift(&mut self, place: usize, by: i64, owed: i64, kind: PointKind) {
        let lot = &mut self.lots[place];
        lot.remaining += by;
        let (points, pending) = match lot.releases_at {
            Some(_) => (0, by),
            None => (by, 0),
        };
        let lot_id = Some(lot.id);
        self.tell(lot_id, kind, (points, pending, owed));
    }

    fn tell(
        &mut self,
        lot_id: Option<PointLotId>,
        kind: PointKind,
        (points, pending, owed): (i64, i64, i64),
    ) {
        if (points, pending, owed) == (0, 0, 0) {
            return;
        }
        self.member.points += points;
        self.member.points_pending += pending;
        self.member.points_owed += owed;
        self.moves.push(Move {
            lot_id,
            kind,
            points,
            pending,
            owed,
            balance: self.member.points,
        });
    }

    /// Does what is due: what has ended is gone, and what was to be released can be spent.
    pub fn settle(&mut self, now: DateTime<Utc>) {
        for place in 0..self.lots.len() {
            let lot = &self.lots[place];
            if !is_live(lot, now) {
                self.shift(place, -lot.remaining, 0, PointKind::Expired);
                let lot = &mut self.lots[place];
                if lot.releases_at.take().is_some() {
                    self.released.push(lot.id);
                }
            } else if lot.releases_at.is_some_and(|at| at.0 <= now) {
                self.release(place);
            }
        }
    }

    fn release(&mut self, place: usize) {
        let lot = &mut self.lots[place];
        lot.releases_at = None;
        let (id, points) = (lot.id, lot.remaining);
        self.released.push(id);
        self.tell(Some(id), PointKind::Released, (points, -points, 0));
    }

    /// How many can be spent.
    #[must_use]
    pub fn available(&self, now: DateTime<Utc>) -> i64 {
        let live = self.lots.iter().filter(|lot| is_live(lot, now));
        let free = live.filter(|lot| lot.releases_at.is_none());
        free.map(|lot| lot.remaining).sum()
    }

    /// Takes points, first those that end first; all or none of them.
    pub fn spend(
        &mut self,
        points: i64,
        kind: PointKind,
        now: DateTime<Utc>,
    ) -> Result<(), NotEnough> {
        self.settle(now);
        let available = self.available(now);
        if available < points {
            return Err(NotEnough { available });
        }
        self.take(points, kind, false);
        Ok(())
    }

    /// Takes points as far as they are there; the rest is owed.
    pub fn spend_or_owe(&mut self, points: i64, kind: PointKind, now: DateTime<Utc>) {
        self.settle(now);
        let missing = self.take(points, kind, false);
        let missing = self.take(missing, kind, true);
        self.tell(None, kind, (0, 0, missing));
    }

    /// Takes points back that a lot has brought: from it, then from those that end first, then from what cannot be spent
    /// yet; the rest is owed.
    pub fn claw_back(&mut self, own: Option<PointLotId>, points: i64, now: DateTime<Utc>) {
        self.settle(now);
        let mut missing = points;
        let own = self.lots.iter().position(|lot| Some(lot.id) == own);
        if let Some(place) = own {
            let taken = missing.min(self.lots[place].remaining);
            self.shift(place, -taken, 0, PointKind::ClawedBack);
            missing -= taken;
        }
        self.spend_or_owe(missing, PointKind::ClawedBack, now);
    }

    /// Takes from lots that can be spent, or from those that cannot yet; returns how many were not there.
    fn take(&mut self, points: i64, kind: PointKind, pending: bool) -> i64 {
        let mut missing = points;
        for place in 0..self.lots.len() {
            let lot = &self.lots[place];
            if lot.releases_at.is_some() == pending {
                let taken = missing.min(lot.remaining);
                self.shift(place, -taken, 0, kind);
                missing -= taken;
            }
        }
        missing
    }

    /// Points come, as a lot of their own. What is owed is paid of it first.
    pub fn come(&mut self, fresh: Fresh, kind: PointKind) {
        if fresh.points <= 0 {
            return;
        }
        self.lots.push(point_lot::Model {
            merchant_id: self.member.merchant_id,
            id: fresh.id,
            member_id: self.member.id,
            origin: fresh.origin,
            source_id: fresh.source_id,
            earned: fresh.points,
            remaining: 0,
            releases_at: fresh.releases_at,
            expires_at: fresh.expires_at,
        });
        self.fresh.push(fresh.id);
        self.fill(self.lots.len() - 1, fresh.points, kind);
        self.sort();
    }

    /// Points come into a lot. What is owed is paid of them first.
    fn fill(&mut self, place: usize, points: i64, kind: PointKind) {
        self.shift(place, points, 0, kind);
        let repaid = points.min(self.member.points_owed);
        self.shift(place, -repaid, -repaid, PointKind::Repaid);
    }

    /// Gives points back to the lot that they were taken from, as far as it has room and has not ended; the rest comes as
    /// a lot of its own, which ends with that one, or at `until` where that one has ended.
    pub fn give_back(
        &mut self,
        lot_id: Option<PointLotId>,
        points: i64,
        kind: PointKind,
        (now, until): (DateTime<Utc>, Instant),
        next_id: impl FnOnce() -> PointLotId,
    ) {
        let found = self.lots.iter().position(|lot| Some(lot.id) == lot_id);
        let live = found.filter(|place| is_live(&self.lots[*place], now));
        let (mut rest, mut expires_at) = (points, Some(until));
        if let Some(place) = live {
            let lot = &self.lots[place];
            let room = rest.min(lot.earned - lot.remaining);
            expires_at = lot.expires_at;
            rest -= room;
            self.fill(place, room, kind);
        }
        let fresh = Fresh {
            id: next_id(),
            origin: PointOrigin::Restored,
            source_id: None,
            points: rest,
            releases_at: None,
            expires_at,
        };
        self.come(fresh, kind);
    }

    fn sort(&mut self) {
        self.lots.sort_by_key(|lot| {
            let end = lot
                .expires_at
                .map_or(i64::MAX, |at| at.0.timestamp_millis());
            (end, lot.id)
        });
    }
}

/// A part of what was taken: from which lot, or owed, and how many points.
pub type Part = (Option<PointLotId>, i64);

/// Of what was taken, so many points, behind those that have come back before. What is not found among them comes back
/// all the same.
#[must_use]
pub fn parts_of(taken: &[Part], before: i64, points: i64) -> Vec<Part> {
    let (mut skip, mut left) = (before, points);
    let mut parts = Vec::new();
    for (lot_id, of_it) in taken {
        let skipped = skip.min(*of_it);
        skip -= skipped;
        let part = left.min(of_it - skipped);
        if part > 0 {
            parts.push((*lot_id, part));
            left -= part;
        }
    }
    if left > 0 {
        parts.push((None, left));
    }
    parts
}

//! Who wants money back, of which orders, why, and what becomes of it.

use entity::refund::{self, RefundReason, RefundStatus};
use entity::{order, order_line, refund_line};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::books::Books;
use super::funds::Funds;
use super::reasons::{self, FAILURES};
use super::refunds::{ASKABLE, Desk, Wish};
use super::story::{Doer, Happening};
use super::{DAY_MS, HOUR_MS, local_time, numbers};
use crate::channels::provider::RefundAbilities;
use crate::refunds::model::{Part, Verdict};

/// A platform that cannot be asked about refunds, and might pay twice, as 易支付 V1.
const MUTE: RefundAbilities = RefundAbilities {
    idempotent: false,
    query: false,
    at_work_for: chrono::TimeDelta::zero(),
};
/// The last orders of a history show what may become of a refund: every so many paid ones.
const SHOWN_EVERY: u32 = 5;
/// So many orders before its end that begins.
const SHOWN_FROM: usize = 110;

/// What becomes of a refund, given time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Course {
    /// It succeeds, seconds after it was sent.
    Succeeds,
    /// The platform gives no clear answer at first.
    Unclear,
    /// The platform refuses; sent again the next day, it succeeds.
    FailsOnce,
    /// The platform refuses, and nobody sends it again.
    Fails,
    /// It succeeds, and days later the bank returns it.
    Returned,
    /// The second person says no.
    Rejected,
    /// The second person has not decided yet.
    Waits,
    /// It was asked for just now.
    Fresh,
    /// It was asked for just now, and the platform gives no clear answer.
    FreshUnclear,
    /// The platform cannot bring the money to the payer.
    Stuck,
    /// The platform gave no answer, and cannot be asked.
    Silent,
}

/// What the last orders show, in this order.
const SHOWN: [Course; 12] = [
    Course::Stuck,
    Course::Rejected,
    Course::Fails,
    Course::Waits,
    Course::Silent,
    Course::Fresh,
    Course::Succeeds,
    Course::Waits,
    Course::FreshUnclear,
    Course::Fresh,
    Course::Fails,
    Course::Fresh,
];

/// What an order's payment came to.
#[derive(Debug)]
pub struct Settled {
    /// Its money.
    pub funds: Funds,
    /// Its refunds.
    pub refunds: Vec<refund::Model>,
    /// Their lines.
    pub refund_lines: Vec<refund_line::Model>,
}

/// Decides which orders of a history are given back.
#[derive(Debug)]
pub struct Returns {
    rng: ChaCha8Rng,
    shown: usize,
    since_shown: u32,
}

impl Returns {
    /// Chance of its own, so that orders do not depend on what is given back.
    pub fn new(seed: u64, stream: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(stream ^ (1 << 62));
        Self {
            rng,
            shown: 0,
            since_shown: 0,
        }
    }

    /// Tells what is given back of a paid order, `left` orders before the end of the history.
    pub fn tell(
        &mut self,
        books: &mut Books,
        funds: Funds,
        order: &mut order::Model,
        lines: &[order_line::Model],
        happened: &mut Vec<Happening>,
        left: usize,
    ) -> Settled {
        let shown = self.shown(left);
        let rate = if order.late {
            300
        } else {
            books.store.shop.refunds_permille
        };
        let chosen = self.rng.random_range(0..1_000) < rate;
        let mut desk = Desk {
            books,
            rng: &mut self.rng,
            order,
            lines,
            funds,
            happened,
            refunds: Vec::new(),
            refund_lines: Vec::new(),
        };
        if let Some(course) = shown {
            desk.show(course);
        } else if chosen {
            desk.give_back();
        }
        let mut funds = desk.funds;
        funds.release(desk.books, desk.books.until_ms);
        Settled {
            funds,
            refunds: desk.refunds,
            refund_lines: desk.refund_lines,
        }
    }

    fn shown(&mut self, left: usize) -> Option<Course> {
        self.since_shown += 1;
        if left > SHOWN_FROM || self.since_shown < SHOWN_EVERY {
            return None;
        }
        self.since_shown = 0;
        self.shown += 1;
        SHOWN.get(self.shown - 1).copied()
    }
}

impl Desk<'_> {
    /// What happens every day.
    fn give_back(&mut self) {
        let Some(at_ms) = self.comes_back_ms() else {
            return;
        };
        let course = match self.rng.random_range(0..1_000) {
            ..25 => Course::Unclear,
            25..60 => Course::FailsOnce,
            60..68 => Course::Fails,
            68..85 => Course::Returned,
            85..100 => Course::Rejected,
            _ => Course::Succeeds,
        };
        let by = self.somebody();
        let wish = self.wish(at_ms, by);
        let Some(refund) = self.ask(&wish) else {
            return;
        };
        let refund = self.follow(refund, course);
        let ended = refund.updated_at.0.timestamp_millis();
        let partial = refund.amount_minor < self.order.paid_minor;
        let succeeded = refund.state == RefundStatus::Succeeded;
        self.refunds.push(refund);
        if partial && succeeded && self.rng.random_range(0..100) < 20 {
            let at_ms = ended + self.rng.random_range(HOUR_MS / 4..DAY_MS);
            self.give_rest(at_ms);
        }
    }

    /// Who was given a part comes again.
    fn give_rest(&mut self, at_ms: i64) {
        let wish = Wish {
            part: Part::Everything,
            reason: RefundReason::CustomerRequest,
            words: Some("余款一并退回"),
            by: Doer::Owner,
            at_ms,
        };
        if at_ms <= self.books.until_ms
            && let Some(refund) = self.ask(&wish)
        {
            let refund = self.follow(refund, Course::Succeeds);
            self.refunds.push(refund);
        }
    }

    /// What a newcomer should see.
    fn show(&mut self, course: Course) {
        let (from_ms, until_ms) = (self.since_ms() + 1_000, self.books.until_ms);
        let at_ms = match course {
            Course::Fresh => until_ms - self.rng.random_range(1_000..60_000),
            Course::FreshUnclear => until_ms - self.rng.random_range(5_000..40_000),
            // Time enough for somebody to decide.
            _ => from_ms + (until_ms - from_ms) * self.rng.random_range(10..40) / 100,
        };
        if at_ms < from_ms {
            return;
        }
        let waits = matches!(course, Course::Waits | Course::Rejected);
        let by = if waits && self.books.store.crew.clerk.is_some() {
            Doer::Clerk
        } else {
            Doer::Owner
        };
        let mut wish = self.wish(at_ms, by);
        if !waits && self.large() {
            // Not so much that somebody else has to agree.
            wish.part = Part::Amount(self.order.paid_minor / 20 * 2);
        }
        if let Some(refund) = self.ask(&wish) {
            let refund = self.follow(refund, course);
            self.refunds.push(refund);
        }
    }

    /// Whether the whole order is more than one person may give back.
    fn large(&self) -> bool {
        let threshold = self.books.store.merchant.refund_approval_above_minor;
        threshold.is_some_and(|threshold| self.order.paid_minor > threshold)
    }

    /// When anything last happened to the order.
    fn since_ms(&self) -> i64 {
        self.order.updated_at.0.timestamp_millis()
    }

    /// When a buyer comes back, in the hours in which people work; none where that is still to come.
    fn comes_back_ms(&mut self) -> Option<i64> {
        let luck = self.rng.random_range(0..100);
        let shop = self.books.store.shop;
        let after_ms = match (shop.ships, luck) {
            (false, ..72) => self.rng.random_range(600_000..4 * HOUR_MS),
            (false, 72..96) => self.rng.random_range(4 * HOUR_MS..2 * DAY_MS),
            (false, _) => self.rng.random_range(2 * DAY_MS..20 * DAY_MS),
            (true, ..92) => self.rng.random_range(18 * HOUR_MS..9 * DAY_MS),
            (true, _) => self.rng.random_range(9 * DAY_MS..40 * DAY_MS),
        };
        let mut at_ms = self.since_ms() + after_ms;
        let (_, offset_ms) = local_time(shop, at_ms);
        let of_day_ms = (at_ms + offset_ms).rem_euclid(DAY_MS);
        if of_day_ms < 9 * HOUR_MS {
            at_ms += 9 * HOUR_MS - of_day_ms + self.rng.random_range(0..HOUR_MS);
        }
        (at_ms <= self.books.until_ms).then_some(at_ms)
    }

    fn somebody(&mut self) -> Doer {
        if self.books.store.crew.clerk.is_some() && self.rng.random_range(0..100) < 45 {
            Doer::Clerk
        } else {
            Doer::Owner
        }
    }

    fn wish(&mut self, at_ms: i64, by: Doer) -> Wish {
        let (reason, words) = if self.order.late {
            (RefundReason::LatePayment, Some("订单已关闭，顾客已另付"))
        } else {
            reasons::draw(self.rng, self.books.store.shop)
        };
        Wish {
            part: self.part(),
            reason,
            words,
            by,
            at_ms,
        }
    }

    /// Everything, some of a line, or so many yuan.
    fn part(&mut self) -> Part {
        let paid_minor = self.order.paid_minor;
        match self.rng.random_range(0..100) {
            ..26 if paid_minor > 1_000 && !self.order.late => {
                let share = paid_minor * self.rng.random_range(10..60) / 100;
                Part::Amount(share / 100 * 100)
            }
            26..50 if !self.order.late => {
                let line = &self.lines[self.rng.random_range(0..self.lines.len())];
                Part::Lines(vec![(
                    line.line_no,
                    self.rng.random_range(1..=line.quantity),
                )])
            }
            _ => Part::Everything,
        }
    }

    /// Follows a refund to where it stands at the end of the history.
    fn follow(&mut self, mut refund: refund::Model, course: Course) -> refund::Model {
        if refund.state == RefundStatus::AwaitingApproval && !self.decided(&mut refund, course) {
            return refund;
        }
        let number = numbers::provider_refund_no(self.order.method, refund.id);
        let accepted = verdict(RefundStatus::Processing, Some(&number), None);
        let succeeded = verdict(RefundStatus::Succeeded, Some(&number), None);
        let unclear = ("NO_CLEAR_ANSWER", "no answer in time");
        let unclear = verdict(RefundStatus::Unknown, None, Some(unclear));
        let (code, words) = FAILURES[self.rng.random_range(0..FAILURES.len())];
        let failed = person(verdict(RefundStatus::Failed, None, Some((code, words))));
        match course {
            Course::Unclear => self.work(&mut refund, &[unclear, succeeded], ASKABLE),
            Course::Fails => self.work(&mut refund, &[accepted, failed], ASKABLE),
            Course::FailsOnce => {
                self.work(&mut refund, &[failed], ASKABLE);
                self.send_again(&mut refund, &[accepted, succeeded]);
            }
            Course::Returned => {
                self.work(&mut refund, &[accepted, succeeded], ASKABLE);
                self.come_back(&mut refund);
            }
            Course::Fresh => self.work(&mut refund, &[accepted], ASKABLE),
            Course::FreshUnclear => self.work(&mut refund, &[unclear], ASKABLE),
            Course::Stuck => {
                let words = ("ABNORMAL", "退款至原账户失败：用户银行卡已注销");
                let stuck = person(verdict(RefundStatus::Abnormal, Some(&number), Some(words)));
                self.work(&mut refund, &[accepted, stuck], ASKABLE);
            }
            Course::Silent => self.work(&mut refund, &[person(unclear)], MUTE),
            Course::Succeeds | Course::Rejected | Course::Waits => {
                self.work(&mut refund, &[accepted, succeeded], ASKABLE);
            }
        }
        refund
    }

    /// The second person looks at it; whether it goes on.
    fn decided(&mut self, refund: &mut refund::Model, course: Course) -> bool {
        let at_ms = refund.updated_at.0.timestamp_millis();
        let at_ms = at_ms + self.rng.random_range(120_000..2 * HOUR_MS);
        let at_ms = match course {
            Course::Waits => return false,
            Course::Rejected => at_ms.min(self.books.until_ms),
            _ => at_ms,
        };
        if at_ms > self.books.until_ms {
            return false;
        }
        let refusal = (course == Course::Rejected).then_some("已与顾客协商换货，不退款");
        self.decide(refund, at_ms, refusal);
        refusal.is_none()
    }

    fn send_again(&mut self, refund: &mut refund::Model, answers: &[Verdict]) {
        let failed_ms = refund.updated_at.0.timestamp_millis();
        let at_ms = failed_ms + self.rng.random_range(HOUR_MS..30 * HOUR_MS);
        if refund.state == RefundStatus::Failed && at_ms <= self.books.until_ms {
            self.retry(refund, Doer::Owner, at_ms);
            self.work(refund, answers, ASKABLE);
        }
    }

    fn come_back(&mut self, refund: &mut refund::Model) {
        let at_ms = refund.updated_at.0.timestamp_millis();
        let at_ms = at_ms + self.rng.random_range(DAY_MS..4 * DAY_MS);
        if refund.state == RefundStatus::Succeeded && at_ms <= self.books.until_ms {
            self.reverse(refund, at_ms, "银行退票：收款账户已注销");
        }
    }
}

fn verdict(status: RefundStatus, number: Option<&str>, error: Option<(&str, &str)>) -> Verdict {
    Verdict {
        status,
        provider_refund_no: number.map(str::to_owned),
        error: error.map(|(code, words)| (code.to_owned(), words.to_owned())),
        needs_person: false,
    }
}

/// Only a person can go on.
fn person(verdict: Verdict) -> Verdict {
    Verdict {
        needs_person: true,
        ..verdict
    }
}

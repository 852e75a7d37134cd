//! Reads what a list of transfers is compared with: a statement for thousands of rows, never one for each.

use std::collections::BTreeSet;

use entity::{
    BankAccountId, ChannelId, Instant, MerchantId, PayoutId, bank_account, channel, payout,
};
use sea_orm::{ColumnTrait, QueryFilter};

use crate::app::App;
use crate::db::{any_of, any_text_of};
use crate::error::Error;
use crate::reconciliation::model::{
    BillDay, CheckHere, Here, PayoutHere, TransferRow, read_number,
};

/// How many rows one statement asks for.
const SOME: usize = 5_000;

/// Reads all that a list's rows name, of whichever channel, and all that was sent through a channel on its day: one
/// account at the platform may be several channels here.
pub(super) async fn gather_transfers(
    app: &App,
    channel: &channel::Model,
    day: &BillDay,
    rows: &[TransferRow],
) -> Result<Here, Error> {
    let reading = Reading {
        app,
        merchant_id: channel.merchant_id,
        channel_id: channel.id,
        day,
    };
    let mut here = Here::default();
    reading.payouts(rows, &mut here).await?;
    reading.checks(rows, &mut here).await?;
    Ok(here)
}

/// What is read from, and for what.
struct Reading<'a> {
    app: &'a App,
    merchant_id: MerchantId,
    channel_id: ChannelId,
    day: &'a BillDay,
}

impl Reading<'_> {
    /// Payouts by our numbers, by those of the bank behind the platform, and those sent on the day.
    async fn payouts(&self, rows: &[TransferRow], here: &mut Here) -> Result<(), Error> {
        let (db, reads) = (&self.app.db, &self.app.db.reads(self.merchant_id));
        let of_merchant = payout::Entity::of(self.merchant_id);
        let (from, to) = (Instant(self.day.from), Instant(self.day.to));
        let sent = of_merchant
            .clone()
            .filter(payout::Column::ChannelId.eq(self.channel_id))
            .filter(payout::Column::SentAt.gte(from))
            .filter(payout::Column::SentAt.lt(to));
        let mut found = sent.all(reads).await?;
        let ids: BTreeSet<PayoutId> = numbers(rows);
        let ids: Vec<PayoutId> = ids.into_iter().collect();
        for some in ids.chunks(SOME) {
            let named = of_merchant
                .clone()
                .filter(any_of(db, payout::Column::Id, some));
            found.extend(named.all(reads).await?);
        }
        let bank_nos: BTreeSet<&String> = rows.iter().map(|row| &row.bank_no).collect();
        let bank_nos: Vec<String> = bank_nos
            .into_iter()
            .filter(|no| !no.is_empty())
            .cloned()
            .collect();
        for some in bank_nos.chunks(SOME) {
            // Platforms number what they send, each for itself.
            let named = of_merchant
                .clone()
                .filter(payout::Column::ChannelId.eq(self.channel_id))
                .filter(any_text_of(db, payout::Column::ProviderPayoutNo, some));
            found.extend(named.all(reads).await?);
        }
        for payout in found {
            // A claim writes when it sends before it knows that it may.
            let sent_at = payout.sent_at.filter(|_| payout.sent_through.is_some());
            here.add_payout(PayoutHere {
                id: payout.id,
                net_minor: payout.net_minor,
                fee_minor: payout.fee_minor,
                state: payout.state,
                bank_no: payout.provider_payout_no,
                sent_at: sent_at.map(|at| at.0),
                of_channel: payout.channel_id == self.channel_id,
            });
        }
        Ok(())
    }

    /// Bank accounts by our numbers of their checks, and those to which a small amount went on the day.
    async fn checks(&self, rows: &[TransferRow], here: &mut Here) -> Result<(), Error> {
        let (db, reads) = (&self.app.db, &self.app.db.reads(self.merchant_id));
        let of_merchant = bank_account::Entity::of(self.merchant_id);
        let (from, to) = (Instant(self.day.from), Instant(self.day.to));
        let asked = of_merchant
            .clone()
            .filter(bank_account::Column::ChannelId.eq(self.channel_id))
            .filter(bank_account::Column::CheckAskedAt.gte(from))
            .filter(bank_account::Column::CheckAskedAt.lt(to));
        let mut found = asked.all(reads).await?;
        let ids: BTreeSet<BankAccountId> = numbers(rows);
        let ids: Vec<BankAccountId> = ids.into_iter().collect();
        for some in ids.chunks(SOME) {
            let named = of_merchant
                .clone()
                .filter(any_of(db, bank_account::Column::Id, some));
            found.extend(named.all(reads).await?);
        }
        for account in found {
            let check = CheckHere {
                id: account.id,
                amount_minor: account.check_minor,
                sent: account.check_sent_at.is_some(),
                asked_at: account.check_asked_at.map(|at| at.0),
                of_channel: account.channel_id == self.channel_id,
            };
            here.checks.insert(account.id, check);
        }
        Ok(())
    }
}

/// The numbers of ours that rows name.
fn numbers<T: From<i64> + Ord>(rows: &[TransferRow]) -> BTreeSet<T> {
    let numbers = rows.iter().map(|row| read_number(&row.payout_no));
    numbers.flatten().collect()
}

//! Rows of payouts and their bank accounts, as tests write and edit them.

use chrono::TimeDelta;
use entity::bank_account::{self, BankAccountKind, BankAccountState};
use entity::channel::{self, ChannelKind};
use entity::{BankAccountId, ChannelId, Instant, PayoutId, payout};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

use yigate::bank_accounts::service::bound_to;

use super::Merchant;
use super::payouts::Payout;

impl Merchant {
    /// A bank account that payouts may go to.
    pub async fn payable_account(&self) -> BankAccountId {
        self.account_in(BankAccountState::Verified, TimeDelta::zero())
            .await
    }

    /// A bank account in a state, to which payouts go so long from now.
    pub async fn account_in(
        &self,
        state: BankAccountState,
        payable_in: TimeDelta,
    ) -> BankAccountId {
        let app = &self.gateway.app;
        let (id, now): (BankAccountId, Instant) = (app.ids.next(), app.clock.instant());
        let seal = |text: &str| {
            let bound_to = bound_to(self.id, id);
            app.key.seal(text.as_bytes(), &bound_to).expect("sealed")
        };
        let number = format!("6222020200{:09}", id.0.rem_euclid(1_000_000_000));
        let verified = state == BankAccountState::Verified;
        let row = bank_account::Model {
            merchant_id: self.id,
            id,
            bank_code: "ICBC".to_owned(),
            kind: BankAccountKind::PersonalCard,
            masked_holder: "张**".to_owned(),
            sealed_holder: seal("张伟"),
            sealed_number: seal(&number),
            number_hash: app.key.keyed_hash(&number),
            last_four: number[15..].to_owned(),
            state,
            channel_id: self.checking_channel().await,
            bound_by: "system".to_owned(),
            bound_at: now,
            check_lease: 0,
            check_attempts: 0,
            check_next_at: None,
            check_asked_at: None,
            check_through: None,
            check_sent_at: None,
            check_minor: 1,
            check_failures: 0,
            check_error: None,
            verified_at: verified.then_some(now),
            payable_from: verified.then(|| Instant(now.0 + payable_in)),
            unbound_at: (state == BankAccountState::Unbound).then_some(now),
            unbound_by: None,
        };
        bank_account::Entity::insert(row.into_active_model())
            .exec_without_returning(app.db.writer())
            .await
            .expect("a bank account");
        id
    }

    /// Somebody edits a payout's row in the database.
    pub async fn tampers(
        &self,
        id: PayoutId,
        column: payout::Column,
        value: impl Into<sea_orm::Value>,
    ) {
        payout::Entity::update_of(self.id)
            .filter(payout::Column::Id.eq(id))
            .col_expr(column, Expr::value(value))
            .exec(self.gateway.app.db.writer())
            .await
            .expect("the database answers");
    }

    /// A bank account is unbound.
    pub async fn loses_account(&self, id: BankAccountId) {
        let now = self.clock.instant();
        bank_account::Entity::update_of(self.id)
            .filter(bank_account::Column::Id.eq(id))
            .col_expr(
                bank_account::Column::State,
                Expr::value(BankAccountState::Unbound),
            )
            .col_expr(bank_account::Column::UnboundAt, Expr::value(now))
            .exec(self.gateway.app.db.writer())
            .await
            .expect("the database answers");
    }

    /// Somebody writes into a payout's row that a person has agreed to it.
    pub async fn tampers_decision(&self, id: PayoutId, by: entity::StaffId) {
        payout::Entity::update_of(self.id)
            .filter(payout::Column::Id.eq(id))
            .col_expr(payout::Column::DecidedBy, Expr::value(by.to_string()))
            .col_expr(payout::Column::DecidedAt, Expr::value(self.clock.instant()))
            .exec(self.gateway.app.db.writer())
            .await
            .expect("the database answers");
    }

    /// A payout of one yuan that waits for a second person, written into the tables by nobody.
    pub async fn payout_that_waits(&self, account: BankAccountId) -> Payout {
        let app = &self.gateway.app;
        let (id, now): (PayoutId, Instant) = (app.ids.next(), app.clock.instant());
        let row = payout::Model {
            merchant_id: self.id,
            id,
            bank_account_id: account,
            channel_id: self.channel_id,
            currency: "CNY".to_owned(),
            amount_minor: 100,
            fee_minor: 0,
            net_minor: 100,
            state: payout::PayoutStatus::AwaitingApproval,
            origin: payout::PayoutOrigin::Person,
            requested_by: "stf_0000000000000".to_owned(),
            note: None,
            challenge_id: None,
            signature: Vec::new(),
            decided_by: None,
            decided_at: None,
            decision_note: None,
            attempts: 0,
            lease: 0,
            sent_at: None,
            sent_through: None,
            accepted_at: None,
            next_attempt_at: None,
            needs_attention: false,
            provider_payout_no: None,
            error_code: None,
            error: None,
            expected_from_on: None,
            expected_to_on: None,
            paid_at: None,
            returned_at: None,
            closed_at: None,
            closed_by: None,
            returns_fee: false,
            fee_returned_minor: 0,
            updated_at: now,
        };
        payout::Entity::insert(row.into_active_model())
            .exec_without_returning(app.db.writer())
            .await
            .expect("a payout");
        Payout {
            merchant: self.clone(),
            id,
        }
    }
}

impl Merchant {
    /// The channel that checks bank accounts: one of a real platform, where there is one.
    async fn checking_channel(&self) -> ChannelId {
        let real = channel::Entity::of(self.id)
            .filter(channel::Column::Kind.eq(ChannelKind::EpayV2))
            .one(self.gateway.app.db.reads_across())
            .await;
        let real = real.expect("the database answers");
        real.map_or(self.channel_id, |channel| channel.id)
    }
}

//! What a merchant has before its first order: its own row, channels, products, and who packs.

use chrono::{DateTime, TimeDelta, Utc};
use entity::bank_account::{BankAccountKind, BankAccountState};
use entity::channel::{ChannelKind, PaymentMethod, SettlementCycle};
use entity::membership::Role;
use entity::merchant::{LatePaymentPolicy, MerchantStatus};
use entity::{
    BankAccountId, ChannelId, FeeRuleId, Instant, MerchantId, ProductId, StaffId, bank_account,
    channel, fee_rule, membership, merchant, product, staff,
};
use rand::Rng;

use super::club::{self, Club};
use super::history::Doer;
use super::people::Customer;
use super::promotions::{self, Promotions};
use super::shop::{FeeTerm, Regulars, Shop, Way};
use crate::bank_accounts::model::{BindWish, Request, banks};
use crate::bank_accounts::service::seal;
use crate::error::{Error, Refusal};
use crate::seal::MasterKey;

/// How long before it holds a rule's next version is set.
const NOTICE: TimeDelta = TimeDelta::days(7);

/// Who works in a store, as timelines and refunds name them.
#[derive(Clone, Debug)]
pub struct Crew {
    /// Who packs, and gives money back.
    pub owner: String,
    /// Whose refunds always wait for a second person.
    pub clerk: Option<String>,
    /// The second person. Without one nothing waits.
    pub decider: Option<String>,
}

impl Crew {
    /// An owner who does everything.
    #[must_use]
    pub fn alone(owner: StaffId) -> Self {
        Self {
            owner: owner.to_string(),
            clerk: None,
            decider: None,
        }
    }

    /// How a timeline names who did something.
    pub(super) fn name(&self, doer: Doer) -> String {
        let known = match doer {
            Doer::Provider => return "provider".to_owned(),
            Doer::System => return "system".to_owned(),
            Doer::Owner => None,
            Doer::Clerk => self.clerk.as_ref(),
            Doer::Decider => self.decider.as_ref(),
        };
        known.unwrap_or(&self.owner).clone()
    }

    /// The same with a second person, who agrees to large refunds.
    #[must_use]
    pub fn with_decider(mut self, decider: StaffId) -> Self {
        self.decider = Some(decider.to_string());
        self
    }

    /// The same with support staff, whose refunds all wait for the second person.
    #[must_use]
    pub fn with_clerk(mut self, clerk: StaffId) -> Self {
        self.clerk = Some(clerk.to_string());
        self
    }
}

/// A merchant with everything that its orders refer to.
#[derive(Debug)]
pub struct Store {
    /// The pattern that its orders follow.
    pub shop: &'static Shop,
    /// Its own row.
    pub merchant: merchant::Model,
    /// Its channels.
    pub channels: Vec<channel::Model>,
    /// Its products, in the shop's order.
    pub products: Vec<product::Model>,
    /// What its payments cost: every version of its fee rules.
    pub rules: Vec<fee_rule::Model>,
    /// Where its money goes.
    pub bank_accounts: Vec<bank_account::Model>,
    /// Who buys; nobody where the shop does not ask.
    pub customers: Vec<Customer>,
    /// Who works there.
    pub crew: Crew,
    /// What it gives; nothing where nobody has thought of it.
    pub promotions: Promotions,
    /// What it gives to its members; nothing where it has no club.
    pub club: Option<Club>,
}

impl Store {
    /// Opens a store. Ids of its channels, products and fee rules begin at the instant it opened; some of its
    /// rates change in the middle between then and `until`.
    #[must_use]
    pub fn open(
        shop: &'static Shop,
        id: MerchantId,
        name: String,
        opened_at: DateTime<Utc>,
        until: DateTime<Utc>,
        crew: Crew,
        customers: Vec<Customer>,
    ) -> Self {
        let opened_ms = opened_at.timestamp_millis();
        let created_at = Instant(opened_at);
        let merchant = merchant::Model {
            id,
            name,
            time_zone: shop.time_zone.name().to_owned(),
            currency: "CNY".to_owned(),
            locale: "zh-CN".to_owned(),
            status: MerchantStatus::Active,
            late_payment_policy: LatePaymentPolicy::Accept,
            created_at,
            settlement_cycle: SettlementCycle::T,
            settlement_days: 1,
            refund_approval_above_minor: crew.decider.as_ref().map(|_| shop.approval_above_minor),
            refund_approval_roles: match &crew.clerk {
                Some(_) => "SUPPORT".to_owned(),
                None => String::new(),
            },
            payout_approval_above_minor: crew.decider.as_ref().map(|_| shop.approval_above_minor),
            payout_approval_before_minor: None,
            payout_approval_before_until: None,
        };
        let channels: Vec<_> = (1..)
            .zip(shop.channels)
            .map(|(place, way)| channel(way, id, place, created_at))
            .collect();
        let products = (1..).zip(shop.products).map(|(place, one)| product::Model {
            merchant_id: id,
            id: ProductId(ProductId::first_at(opened_ms).0 + place),
            title: one.title.to_owned(),
            category: one.category.to_owned(),
        });
        let changed_at = opened_at + (until - opened_at) / 2;
        let rules = (1..)
            .zip(shop.fees)
            .flat_map(|(place, term)| versions(term, id, place, &channels, opened_at, changed_at));
        Self {
            rules: rules.collect(),
            shop,
            merchant,
            channels,
            bank_accounts: Vec::new(),
            products: products.collect(),
            customers,
            crew,
            promotions: Promotions::default(),
            club: None,
        }
    }

    /// The same with campaigns and coupons, up to `until`.
    pub fn with_promotions(mut self, until: DateTime<Utc>) -> Result<Self, Error> {
        let (id, opened_at) = (self.merchant.id, self.merchant.created_at.0);
        self.promotions = promotions::of(self.shop, id, opened_at, until, &self.crew.owner)?;
        Ok(self)
    }

    /// The same with a club, where the shop knows so many by name.
    #[must_use]
    pub fn with_club(mut self, rng: &mut impl Rng) -> Self {
        if let Regulars::Known(count) = self.shop.crowd.regulars {
            let (id, opened_at) = (self.merchant.id, self.merchant.created_at.0);
            let by = &self.crew.owner;
            self.club = Some(club::of(rng, self.shop, id, opened_at, count, by));
        }
        self
    }

    /// The same with a company's bank account, verified since it opened.
    pub fn with_bank_account(mut self, key: &MasterKey) -> Result<Self, Error> {
        let merchant_id = self.merchant.id;
        let opened_at = self.merchant.created_at;
        let first = BankAccountId::first_at(opened_at.0.timestamp_millis()).0;
        let id = BankAccountId(first + tail(merchant_id));
        let wish = BindWish {
            kind: BankAccountKind::Corporate,
            bank_code: "ICBC".to_owned(),
            holder: format!("{}有限公司", self.merchant.name.replace(' ', "")),
            number: format!(
                "0200{:015}",
                tail(merchant_id) * 7_919 % 1_000_000_000_000_000
            ),
        };
        let request = Request::read(wish, banks())
            .map_err(|refusal| Error::internal(refusal.message().en))?;
        let sealed = seal(key, merchant_id, id, &request)?;
        self.bank_accounts.push(bank_account::Model {
            merchant_id,
            id,
            kind: request.kind,
            bank_code: request.bank_code,
            sealed_holder: sealed.holder,
            masked_holder: sealed.masked_holder,
            sealed_number: sealed.number,
            number_hash: sealed.number_hash,
            last_four: sealed.last_four,
            state: BankAccountState::Verified,
            channel_id: self.channels.first().map_or(ChannelId(0), |one| one.id),
            bound_by: self.crew.owner.clone(),
            bound_at: opened_at,
            check_lease: 1,
            check_attempts: 1,
            check_next_at: None,
            check_asked_at: Some(opened_at),
            check_through: None,
            check_sent_at: Some(opened_at),
            check_minor: 1 + tail(merchant_id) % 99,
            check_failures: 0,
            check_error: None,
            verified_at: Some(opened_at),
            payable_from: Some(opened_at),
            unbound_at: None,
            unbound_by: None,
        });
        Ok(self)
    }

    /// The channel that a method is paid through.
    #[must_use]
    pub fn channel(&self, method: PaymentMethod) -> ChannelId {
        self.channels
            .iter()
            .find(|channel| channel.method == method)
            .or(self.channels.first())
            .map_or(ChannelId(0), |channel| channel.id)
    }
}

/// What tells merchants apart that opened together.
fn tail(id: MerchantId) -> i64 {
    id.0 - MerchantId::first_at(id.made_at_ms()).0
}

fn channel(way: &Way, merchant_id: MerchantId, place: i32, created_at: Instant) -> channel::Model {
    let terms = &way.contract;
    let opened_ms = created_at.0.timestamp_millis();
    channel::Model {
        merchant_id,
        // A shop has fewer than 16 ways to be paid; merchants that opened together differ in their last digits.
        id: ChannelId(ChannelId::first_at(opened_ms).0 + tail(merchant_id) * 16 + i64::from(place)),
        kind: ChannelKind::Sandbox,
        method: way.method,
        name: way.name.to_owned(),
        display_order: place,
        enabled: way.enabled,
        min_minor: None,
        max_minor: way.max_minor,
        sealed_credentials: None,
        created_at,
        updated_at: created_at,
        funds_mode: terms.funds_mode,
        settlement_cycle: terms.settlement.map(|(cycle, _)| cycle),
        settlement_days: terms.settlement.map(|(_, days)| days),
        refund_window_days: terms.refund_window_days,
        refund_max_count: terms.refund_max_count,
        refund_spacing_s: terms.refund_spacing_s,
        refund_partial: true,
        refund_returns_fee: terms.refund_returns_fee,
        refund_arrival_days: terms.refund_arrival_days,
        version: 1,
        daily_max_minor: None,
        devices: channel::ALL_DEVICES.to_owned(),
        hide_when: channel::HideWhen::Never,
        credentials_hint: None,
        credentials_set_at: None,
        sealed_previous_credentials: None,
        previous_credentials_until: None,
        pays_out_from: None,
    }
}

/// A fee rule from the opening on, and its second version.
fn versions(
    term: &FeeTerm,
    merchant_id: MerchantId,
    place: i64,
    channels: &[channel::Model],
    opened_at: DateTime<Utc>,
    changed_at: DateTime<Utc>,
) -> Vec<fee_rule::Model> {
    let of_method = |one: &&channel::Model| term.by_channel && Some(one.method) == term.method;
    let first = fee_rule::Model {
        merchant_id,
        id: FeeRuleId(FeeRuleId::first_at(opened_at.timestamp_millis()).0 + place),
        version: 1,
        name: term.name.to_owned(),
        channel_id: channels.iter().find(of_method).map(|one| one.id),
        method: term.method,
        country: term.country.map(str::to_owned),
        min_amount_minor: term.min_amount_minor,
        max_amount_minor: None,
        rate_ppm: term.tariff.rate_ppm,
        fixed_minor: term.tariff.fixed_minor,
        min_fee_minor: term.tariff.min_minor,
        max_fee_minor: term.tariff.max_minor,
        effective_from: Instant(opened_at),
        effective_to: None,
        created_by: "system".to_owned(),
        created_at: Instant(opened_at),
    };
    let second = term.later.map(|tariff| fee_rule::Model {
        version: 2,
        rate_ppm: tariff.rate_ppm,
        fixed_minor: tariff.fixed_minor,
        min_fee_minor: tariff.min_minor,
        max_fee_minor: tariff.max_minor,
        effective_from: Instant(changed_at),
        created_at: Instant((changed_at - NOTICE).max(opened_at)),
        ..first.clone()
    });
    std::iter::once(first).chain(second).collect()
}

/// A login.
#[must_use]
pub fn login(
    id: StaffId,
    email: String,
    name: String,
    password_hash: String,
    created_at: DateTime<Utc>,
) -> staff::Model {
    staff::Model {
        id,
        email,
        name,
        password_hash,
        created_at: Instant(created_at),
        signed_out_at: None,
    }
}

/// What a login may do in a merchant.
#[must_use]
pub fn member(merchant: &merchant::Model, login: &staff::Model, role: Role) -> membership::Model {
    membership::Model {
        merchant_id: merchant.id,
        staff_id: login.id,
        role,
        created_at: merchant.created_at,
    }
}

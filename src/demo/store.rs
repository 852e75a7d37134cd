//! What a merchant has before its first order: its own row, channels, products, and who packs.

use chrono::{DateTime, Utc};
use entity::channel::{ChannelKind, FundsMode, PaymentMethod, SettlementCycle};
use entity::membership::Role;
use entity::merchant::{LatePaymentPolicy, MerchantStatus};
use entity::{
    ChannelId, Instant, MerchantId, ProductId, StaffId, channel, membership, merchant, product,
    staff,
};

use super::people::Customer;
use super::shop::Shop;

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
    /// Who buys; nobody where the shop does not ask.
    pub customers: Vec<Customer>,
    /// The member of staff who packs, as timelines name one.
    pub packer: String,
}

impl Store {
    /// Opens a store. Ids of its channels and products begin at the instant it opened.
    #[must_use]
    pub fn open(
        shop: &'static Shop,
        id: MerchantId,
        name: String,
        opened_at: DateTime<Utc>,
        packer: StaffId,
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
            refund_approval_above_minor: None,
            refund_approval_roles: String::new(),
        };
        let channels = (1..).zip(shop.channels).map(|(place, way)| channel::Model {
            merchant_id: id,
            id: ChannelId(ChannelId::first_at(opened_ms).0 + i64::from(place)),
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
            funds_mode: FundsMode::Collect,
            settlement_cycle: None,
            settlement_days: None,
            refund_window_days: 365,
            refund_max_count: 50,
            refund_spacing_s: 0,
            refund_partial: true,
            refund_returns_fee: true,
            refund_arrival_days: 3,
        });
        let products = (1..).zip(shop.products).map(|(place, one)| product::Model {
            merchant_id: id,
            id: ProductId(ProductId::first_at(opened_ms).0 + place),
            title: one.title.to_owned(),
            category: one.category.to_owned(),
        });
        Self {
            shop,
            merchant,
            channels: channels.collect(),
            products: products.collect(),
            customers,
            packer: packer.to_string(),
        }
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

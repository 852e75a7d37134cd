//! Typed ids: 64-bit, time-ordered, written with a prefix that says what they name (`ord_…`).

use std::{fmt, str::FromStr};

/// Crockford's base 32 in lower case: no i, l, o, u; sorts like the number.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Milliseconds between 1970 and 2010, where the time inside an id begins: an id of today has 19 digits.
pub const EPOCH_MS: i64 = 1_262_304_000_000;
/// How many low bits of an id tell apart what was made in one millisecond.
pub const TAIL_BITS: u32 = 22;

/// A text that is not an id of the type asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidId;

impl fmt::Display for InvalidId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a valid id")
    }
}

impl std::error::Error for InvalidId {}

/// Writes `value` as `prefix_` and 13 letters.
fn write(prefix: &str, value: i64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut text = [0_u8; 13];
    for (place, letter) in text.iter_mut().enumerate() {
        let shift = 5 * (12 - place);
        let digit = (value.cast_unsigned() >> shift) & 31;
        *letter = ALPHABET[usize::try_from(digit).unwrap_or(0)];
    }
    f.write_str(prefix)?;
    f.write_str("_")?;
    f.write_str(std::str::from_utf8(&text).map_err(|_| fmt::Error)?)
}

/// Reads what [`write`] wrote; anything else is refused.
fn read(prefix: &str, text: &str) -> Result<i64, InvalidId> {
    let letters = text
        .strip_prefix(prefix)
        .and_then(|rest| rest.strip_prefix('_'))
        .ok_or(InvalidId)?;
    if letters.len() != 13 {
        return Err(InvalidId);
    }
    letters.bytes().try_fold(0_i64, |value, letter| {
        let digit = ALPHABET
            .iter()
            .position(|known| *known == letter)
            .ok_or(InvalidId)?;
        let digit = i64::try_from(digit).map_err(|_| InvalidId)?;
        value
            .checked_mul(32)
            .and_then(|value| value.checked_add(digit))
            .ok_or(InvalidId)
    })
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, sea_orm::DeriveValueType,
            serde::Serialize, serde::Deserialize,
        )]
        pub struct $name(pub i64);

        impl $name {
            /// What its text begins with.
            pub const PREFIX: &'static str = $prefix;

            /// The first id of a millisecond; every id made since is not smaller.
            #[must_use]
            pub const fn first_at(unix_ms: i64) -> Self {
                Self(unix_ms.saturating_sub(EPOCH_MS).saturating_mul(1 << TAIL_BITS))
            }

            /// When it was made, in milliseconds since 1970.
            #[must_use]
            pub const fn made_at_ms(self) -> i64 {
                (self.0 >> TAIL_BITS) + EPOCH_MS
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write($prefix, self.0, f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                read($prefix, text).map(Self)
            }
        }

        impl From<$name> for i64 {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl From<i64> for $name {
            fn from(value: i64) -> Self {
                Self(value)
            }
        }
    )*};
}

ids! {
    /// A merchant 商户.
    MerchantId "mer";
    /// A member of staff 员工: one login.
    StaffId "stf";
    /// An API key 接口密钥.
    ApiKeyId "key";
    /// A refresh token.
    RefreshTokenId "rtk";
    /// All refresh tokens that descend from one sign-in.
    TokenFamilyId "fam";
    /// A payment channel 支付渠道.
    ChannelId "chn";
    /// A product or service 商品 that was sold at least once.
    ProductId "prd";
    /// An order 订单.
    OrderId "ord";
    /// An entry of an order's timeline.
    TimelineEntryId "tml";
    /// An event.
    EventId "evt";
    /// A reconciliation item 对账差异.
    ReconciliationItemId "rec";
    /// A reconciliation run 对账批次.
    ReconciliationRunId "run";
    /// A member 会员.
    MemberId "mbr";
    /// A change of who a member is.
    MemberChangeId "mch";
    /// An import of members from a file.
    MemberImportId "imp";
    /// A tier 会员等级.
    TierId "tie";
    /// A change of a member's tier.
    TierChangeId "tch";
    /// A lot of points 积分批次.
    PointLotId "lot";
    /// An entry of the points' ledger 积分流水.
    PointEntryId "pte";
    /// A reward 积分商品.
    RewardId "rwd";
    /// A reward that a member has taken 兑换记录.
    RewardRedemptionId "rrd";
    /// What a member was given for a day of theirs 赠礼记录.
    MemberGrantId "gft";
    /// A segment of members 会员分群.
    SegmentId "seg";
    /// A message to a segment 群发消息.
    MessageId "msg";
    /// What became of a message with one member 发送记录.
    MessageRecipientId "rcp";
    /// A campaign 营销活动.
    CampaignId "cmp";
    /// A coupon template 优惠券模板.
    CouponTemplateId "tpl";
    /// Coupons that were handed out together 发放批次.
    CouponBatchId "cpb";
    /// A coupon 优惠券.
    CouponId "cpn";
    /// A redemption 核销 of a campaign or a coupon in an order.
    RedemptionId "rdm";
    /// A refund 退款.
    RefundId "ref";
    /// A fee rule 费率规则.
    FeeRuleId "fee";
    /// A ledger transaction 记账凭证.
    LedgerTransactionId "ltx";
    /// A settlement 结算.
    SettlementId "set";
    /// A change of a channel's health.
    HealthChangeId "hch";
    /// An incident 渠道故障.
    IncidentId "inc";
    /// A maintenance window 维护窗口.
    MaintenanceWindowId "mnt";
    /// An invitation to work for a merchant.
    InvitationId "inv";
    /// A bank account that payouts go to.
    BankAccountId "bnk";
    /// A payout.
    PayoutId "pay";
    /// What a second factor signs.
    PayoutChallengeId "chl";
    /// An audit entry.
    AuditEntryId "aud";
    /// A webhook endpoint.
    WebhookEndpointId "whk";
    /// A delivery of a webhook.
    WebhookDeliveryId "dlv";
    /// An export 导出: a list that is written into a file.
    ExportId "exp";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_from_its_text() {
        for value in [0, 1, 31, 32, 1 << 40, i64::MAX] {
            let id = OrderId(value);
            assert_eq!(id.to_string().parse(), Ok(id));
        }
    }

    #[test]
    fn another_types_id_is_refused() {
        assert_eq!(ChannelId(7).to_string().parse::<OrderId>(), Err(InvalidId));
    }

    #[test]
    fn a_number_beyond_63_bits_is_refused() {
        assert_eq!("ord_zzzzzzzzzzzzz".parse::<OrderId>(), Err(InvalidId));
    }
}

//! An event: one change of state, written in its transaction and numbered after its commit.

use sea_orm::entity::prelude::*;

use crate::{EventId, Instant, MerchantId};

/// What happened, as subscribers are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(32))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum EventKind {
    /// 下单: an order was made.
    OrderCreated,
    /// 发起支付: an order has a payment code.
    OrderPaymentRequested,
    /// 支付失败: a provider refused an order.
    OrderPaymentFailed,
    /// 支付成功: an order was paid.
    OrderPaid,
    /// 关闭: an order was closed unpaid.
    OrderClosed,
    /// 发货: some or all of an order was delivered.
    OrderFulfilled,
    /// 退款变动: an order's refund state changed.
    OrderRefunded,
    /// 对账差异: something does not fit between a payment platform and us.
    ReconciliationItemOpened,
    /// 差异已处理: a reconciliation item was settled.
    ReconciliationItemResolved,
    /// 对账完成: a daily bill was compared.
    ReconciliationImported,
    /// 申请退款: a refund was asked for.
    RefundRequested,
    /// 退款审批通过: a second person agreed.
    RefundApproved,
    /// 退款驳回: a second person said no.
    RefundRejected,
    /// 退款成功: the payer has the money.
    RefundSucceeded,
    /// 退款失败: the provider refused.
    RefundFailed,
    /// 退款结果未知: the provider gave no clear answer.
    RefundUnknown,
    /// 退款异常: the provider cannot bring the money to the payer.
    RefundAbnormal,
    /// 重试退款: it was sent again under its number.
    RefundRetried,
    /// 退款退回: the bank returned it.
    RefundReversed,
    /// 结算: pending money became available.
    SettlementReleased,
    /// 调账: a balance was corrected.
    BalanceAdjusted,
    /// 新建渠道: a channel was made.
    ChannelCreated,
    /// 渠道变更: a channel's configuration was changed.
    ChannelUpdated,
    /// 路由变更: how a channel is chosen was changed.
    RoutingPolicySet,
    /// 渠道健康变化: a channel is better or worse than before.
    ChannelHealthChanged,
    /// 故障发生: an incident was opened.
    IncidentOpened,
    /// 故障加重: an incident became worse.
    IncidentWorsened,
    /// 故障已确认: somebody knows of an incident.
    IncidentAcknowledged,
    /// 故障恢复: an incident is over.
    IncidentResolved,
    /// 计划维护: a maintenance window was entered, or its payment platform has moved its end.
    MaintenanceScheduled,
    /// 取消维护: a maintenance window was called off.
    MaintenanceCanceled,
    /// 申请提现: a payout was asked for.
    PayoutRequested,
    /// 提现审批通过: a second person agreed.
    PayoutApproved,
    /// 提现驳回: a second person said no.
    PayoutRejected,
    /// 取消提现: a payout was called off before it was sent.
    PayoutCanceled,
    /// 提现到账: the bank has it.
    PayoutPaid,
    /// 提现失败: the payment platform refused.
    PayoutFailed,
    /// 提现结果未知: the payment platform gave no clear answer.
    PayoutUnknown,
    /// 提现退票: the bank returned it.
    PayoutReturned,
    /// 设置自动提现: the payout schedule was set.
    PayoutScheduleSet,
    /// 自动提现未执行: the payout schedule ran, and nothing left.
    PayoutScheduleSkipped,
    /// 设置提现审批: it was set which payouts wait for a second person.
    PayoutApprovalSet,
    /// 绑定账户: a bank account was bound; it is being checked.
    BankAccountBound,
    /// 已打款: the small amount was sent to a bank account, to be entered.
    BankAccountCheckSent,
    /// 验证失败: a bank account was refused, or too many wrong amounts were entered.
    BankAccountCheckFailed,
    /// 账户已验证: a bank account is the merchant's.
    BankAccountVerified,
    /// 解绑账户: nothing goes to a bank account any more.
    BankAccountUnbound,
    /// 邀请员工: somebody was invited to work here.
    StaffInvited,
    /// 员工加入: somebody works here now.
    StaffJoined,
    /// 员工变更: somebody has another role.
    StaffUpdated,
    /// 员工移除: somebody works here no longer.
    StaffRemoved,
    /// 二次验证变更: somebody's second factor, or its recovery codes, were set up, replaced or taken away.
    SecondFactorChanged,
    /// 新建推送地址: a webhook endpoint was made.
    WebhookEndpointCreated,
    /// 推送地址变更: a webhook endpoint or its secret was changed.
    WebhookEndpointUpdated,
    /// 启用推送地址: a webhook endpoint is sent events again.
    WebhookEndpointEnabled,
    /// 停用推送地址: a webhook endpoint is sent nothing any more, by a person or because it failed.
    WebhookEndpointDisabled,
    /// 删除推送地址: a webhook endpoint was deleted.
    WebhookEndpointDeleted,
    /// 申请导出: a list is to be written into a file.
    ExportCreated,
    /// 导出进度: some more of a list was written.
    ExportProgressed,
    /// 导出完成: a file is there.
    ExportFinished,
    /// 导出失败: a list could not be written.
    ExportFailed,
    /// 取消导出: an export was called off.
    ExportCanceled,
    /// 导出过期: a file was removed.
    ExportExpired,
    /// 新建优惠券: a coupon template was made.
    CouponTemplateCreated,
    /// 优惠券变更: a coupon template was changed.
    CouponTemplateUpdated,
    /// 发放优惠券: coupons of a template were given to members.
    CouponIssued,
    /// 生成兑换码: single-use codes of a template were made.
    CouponCodesCreated,
    /// 领取优惠券: a member claimed a coupon.
    CouponClaimed,
    /// 核销优惠券: the order that holds a coupon was paid.
    CouponUsed,
    /// 退回优惠券: a coupon that an order held or had is there again: it was closed, or refunded in full.
    CouponReturned,
    /// 作废优惠券: a coupon was voided.
    CouponVoided,
    /// 新会员: an order named a member for the first time, or somebody made them.
    MemberCreated,
    /// 会员变更: a member's profile was changed.
    MemberUpdated,
    /// 营销同意变更: a member agreed to be written to, or does not any more.
    MemberConsentChanged,
    /// 会员合并: another member became a part of this one.
    MemberMerged,
    /// 删除个人信息: what named a member was erased.
    MemberErased,
    /// 等级变更: a member has another tier.
    MemberTierChanged,
    /// 积分变动: a member has more or fewer points.
    MemberPointsChanged,
    /// 赠礼: a member was given something for the birthday, or the day on which they joined.
    MemberGranted,
    /// 导入会员: members were imported from a file.
    MembersImported,
    /// 设置等级: a tier was set.
    TierSet,
    /// 取消等级: a tier was taken away.
    TierRemoved,
    /// 设置积分规则: how points are earned and spent was set.
    PointsProgramSet,
    /// 设置赠礼: what members are given on a day of theirs was set.
    GrantRuleSet,
    /// 新建积分商品: a reward was made.
    RewardCreated,
    /// 积分商品变更: a reward was changed.
    RewardUpdated,
    /// 兑换: a member took a reward.
    RewardRedemptionCreated,
    /// 兑付: a reward was handed over.
    RewardRedemptionFulfilled,
    /// 取消兑换: a taken reward was called off.
    RewardRedemptionCanceled,
    /// 新建分群: a segment was made.
    SegmentCreated,
    /// 分群变更: a segment was changed.
    SegmentUpdated,
    /// 删除分群: a segment was taken away.
    SegmentRemoved,
    /// 消息待发送: a message is sent at its time.
    MessageScheduled,
    /// 开始发送: a message is being sent.
    MessageStarted,
    /// 发送完成: a message was sent to all.
    MessageFinished,
    /// 取消发送: a message is not sent, or not to any more.
    MessageCanceled,
    /// 消息: a member was written to.
    MessageDeliverySent,
    /// 新建活动: a campaign was made.
    CampaignCreated,
    /// 活动变更: what a campaign gives was changed.
    CampaignUpdated,
    /// 活动待开始: a campaign begins by itself.
    CampaignScheduled,
    /// 活动开始: a campaign is given from now on.
    CampaignActivated,
    /// 活动暂停: a campaign is not given until somebody goes on with it.
    CampaignPaused,
    /// 活动结束: a campaign is over, by a person or its time.
    CampaignEnded,
}

/// An event: one change of state, written in its transaction and numbered after its commit.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "events")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// The id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: EventId,
    /// Its number in the merchant, without gaps; none until it is numbered.
    pub seq: Option<i64>,
    /// What happened.
    pub kind: EventKind,
    /// The row that it happened to; the kind says in which table.
    pub subject_id: i64,
    /// When it happened.
    pub occurred_at: Instant,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();

impl Entity {
    /// Events that no transaction has numbered yet, of all merchants.
    #[must_use]
    pub fn unnumbered() -> sea_orm::Select<Self> {
        use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
        Self::find().filter(Column::Seq.is_null())
    }
}

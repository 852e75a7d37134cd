//! What clients send about exports.

use async_graphql::{ID, InputObject, InputType, OneofObject};
use entity::export::ExportLanguage as Language;

use super::enums::{ExportFormat, ExportLanguage};
use crate::error::Error;
use crate::exports::model::List;
use crate::exports::service::Draft;
use crate::fees::schema::inputs::FeeFilterInput;
use crate::ledger::schema::LedgerFilterInput;
use crate::locale::Locale;
use crate::members::schema::{MemberFilterInput, Seeker};
use crate::orders::model::OrderSort;
use crate::orders::schema::inputs::{OrderFilterInput, Reading};
use crate::orders::schema::query::in_list;
use crate::orders::schema::sort_input::OrderSortInput;
use crate::payouts::schema::inputs::PayoutFilterInput;
use crate::refunds::schema::inputs::RefundFilterInput;

/// Orders, as `orders` lists them.
#[derive(Debug, InputObject)]
pub struct ExportOrdersInput {
    /// Which orders; all where it is missing.
    pub filter: Option<OrderFilterInput>,
    /// Newest first where it is missing.
    pub order_by: Option<OrderSortInput>,
}

/// Refunds, as `refunds` lists them.
#[derive(Debug, InputObject)]
pub struct ExportRefundsInput {
    /// Which refunds; all where it is missing.
    pub filter: Option<RefundFilterInput>,
}

/// The entries of what `ledgerTransactions` lists.
#[derive(Debug, InputObject)]
pub struct ExportLedgerEntriesInput {
    /// Which transactions; all where it is missing.
    pub filter: Option<LedgerFilterInput>,
}

/// Fees, as `fees` lists them.
#[derive(Debug, InputObject)]
pub struct ExportFeesInput {
    /// Which fees; all where it is missing.
    pub filter: Option<FeeFilterInput>,
}

/// Payouts, as `payouts` lists them.
#[derive(Debug, InputObject)]
pub struct ExportPayoutsInput {
    /// Which payouts; all where it is missing.
    pub filter: Option<PayoutFilterInput>,
}

/// Members, as `members` lists them.
#[derive(Debug, InputObject)]
pub struct ExportMembersInput {
    /// Which members; all where it is missing.
    pub filter: Option<MemberFilterInput>,
}

/// Which rows are written: exactly one list, with its own filter.
#[derive(Debug, OneofObject)]
pub enum ExportRowsInput {
    /// 订单: a row for each order. Needs `orders:read`, too.
    Orders(ExportOrdersInput),
    /// 退款: a row for each refund. Needs `refunds:read`, too.
    Refunds(ExportRefundsInput),
    /// 资金流水: a row for each entry of the ledger. Needs `ledger:read`, too.
    LedgerEntries(ExportLedgerEntriesInput),
    /// 手续费: a row for each fee. Needs `ledger:read`, too.
    Fees(ExportFeesInput),
    /// 提现: a row for each payout. Needs `payouts:read`, too, and `bank-accounts:read` where a column tells of the
    /// bank account.
    Payouts(ExportPayoutsInput),
    /// 会员: a row for each member. Needs `members:read`, too, and `orders:read` where a column tells what they bought.
    Members(ExportMembersInput),
}

/// An export to be made 申请导出.
#[derive(Debug, InputObject)]
pub struct ExportCreateInput {
    /// Any text of yours, 8 to 128 characters, new for each export: sent again, the same request returns the
    /// same export.
    pub idempotency_key: String,
    /// Which rows. Spans such as TODAY mean what they mean now; what is made later is not in the file.
    pub rows: ExportRowsInput,
    /// What the file is.
    pub format: ExportFormat,
    /// The language of headings and words; that of `Accept-Language` where it is missing.
    pub language: Option<ExportLanguage>,
    /// Names of columns (`exportColumns` tells them), in the order that is wanted; all where it is missing, of orders
    /// without `memberNo` for who may not see members.
    pub columns: Option<Vec<String>>,
}

impl ExportRowsInput {
    fn read(self, reading: &Reading, seeker: &Seeker<'_>) -> Result<List, Error> {
        Ok(match self {
            Self::Orders(input) => {
                let sort = input.order_by.map(OrderSort::from).unwrap_or_default();
                let filter = input.filter.unwrap_or_default().read(reading)?;
                List::Orders {
                    filter: in_list(filter, sort),
                    sort,
                }
            }
            Self::Refunds(input) => List::Refunds(input.filter.unwrap_or_default().read(reading)?),
            Self::LedgerEntries(input) => {
                let filter = input.filter.unwrap_or_default();
                List::LedgerEntries(filter.read(reading.now, reading.zone)?)
            }
            Self::Fees(input) => List::Fees(input.filter.unwrap_or_default().read(reading)?),
            Self::Payouts(input) => List::Payouts(input.filter.unwrap_or_default().read(reading)?),
            Self::Members(input) => {
                List::Members(input.filter.unwrap_or_default().read(reading, seeker)?)
            }
        })
    }
}

impl ExportCreateInput {
    /// What is to be written.
    pub fn read(
        self,
        reading: &Reading,
        seeker: &Seeker<'_>,
        locale: Locale,
    ) -> Result<Draft, Error> {
        let asked = self.to_value().into_json();
        let asked = asked.map_err(|error| Error::internal(error.to_string()))?;
        Ok(Draft {
            list: self.rows.read(reading, seeker)?,
            format: self.format.into(),
            language: self.language.map_or_else(
                || match locale {
                    Locale::ZhCn => Language::ZhCn,
                    Locale::En => Language::En,
                },
                Into::into,
            ),
            columns: self.columns,
            asked,
        })
    }
}

/// Which export is called off.
#[derive(Clone, Debug, InputObject)]
pub struct ExportCancelInput {
    /// The export.
    pub export_id: ID,
}

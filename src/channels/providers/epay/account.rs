//! Small amounts over 易支付's second generation, which checks no bank account by itself: they are transfers like payouts.

use super::Site;
use super::v2::V2;
use crate::channels::provider::{
    AccountCheck, AccountCheckRequest, PayoutOutcome, PayoutQuery, PayoutRequest, ProviderError,
};
use crate::money::Money;

/// What the payee reads beside it.
const REMARK: &str = "小额打款验证";

impl V2 {
    /// Sends the small amount, or asks what became of it. What the platform does not know it may still be at
    /// work on: it is sent again only much later.
    pub(super) async fn check_account(
        &self,
        site: &Site,
        request: &AccountCheckRequest,
    ) -> Result<AccountCheck, ProviderError> {
        if request.asked_before {
            let query = PayoutQuery {
                payout_no: request.check_no.clone(),
                amount: request.amount,
                now: request.now,
            };
            let outcome = self.query_payout(site, &query).await?;
            if outcome != PayoutOutcome::Unknown || !request.may_send {
                return Ok(read(outcome, request.amount));
            }
        }
        if !request.may_send {
            return Ok(AccountCheck::Processing);
        }
        let payout = PayoutRequest {
            payout_no: request.check_no.clone(),
            bank_code: request.bank_code.clone(),
            holder: request.holder.clone(),
            number: request.number.clone(),
            amount: request.amount,
            remark: REMARK.to_owned(),
            now: request.now,
        };
        let outcome = self.create_payout(site, &payout).await?;
        Ok(read(outcome, request.amount))
    }
}

fn read(outcome: PayoutOutcome, amount: Money) -> AccountCheck {
    match outcome {
        PayoutOutcome::Paid { .. } => AccountCheck::Sent { amount },
        PayoutOutcome::Processing { .. } | PayoutOutcome::Unknown => AccountCheck::Processing,
        PayoutOutcome::Failed { code, message } => AccountCheck::Failed { code, message },
        PayoutOutcome::Returned { message } => AccountCheck::Failed {
            code: "RETURNED".to_owned(),
            message,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Currency;

    #[test]
    fn only_what_has_arrived_is_sent_and_what_nobody_knows_is_under_way() {
        let amount = Money::of_minor(68, Currency::Cny);
        let paid = PayoutOutcome::Paid {
            provider_payout_no: None,
        };
        assert_eq!(read(paid, amount), AccountCheck::Sent { amount });
        assert_eq!(
            read(PayoutOutcome::Unknown, amount),
            AccountCheck::Processing
        );
        let returned = PayoutOutcome::Returned {
            message: "户名不符".to_owned(),
        };
        let failed = AccountCheck::Failed {
            code: "RETURNED".to_owned(),
            message: "户名不符".to_owned(),
        };
        assert_eq!(read(returned, amount), failed);
    }
}

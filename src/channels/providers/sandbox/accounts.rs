//! Bank accounts that sandboxes are asked to check: what a number's digits ask for happens.

use crate::channels::provider::{AccountCheck, AccountCheckRequest, ProviderError};
use crate::money::Money;

/// What is sent where the last two digits are 00: in minor units.
const FOR_ZERO: i64 = 100;

/// Sends as much as the number's last two digits say, unless the four before them ask for something else.
pub(super) fn check(request: &AccountCheckRequest) -> Result<AccountCheck, ProviderError> {
    let digits = request.number.as_bytes();
    let end = digits.len();
    let wish = end
        .checked_sub(6)
        .and_then(|from| digits.get(from..end - 2));
    match wish {
        Some(b"0001") => {
            return Err(ProviderError::Refused {
                code: "SANDBOX_REFUSED".to_owned(),
                message: format!("户名与账号 {} 不符", request.number),
            });
        }
        Some(b"0002") => return Err(unavailable()),
        Some(b"0003") if !request.asked_before => return Err(unavailable()),
        Some(b"0004") if !request.asked_before => return Ok(AccountCheck::Processing),
        Some(b"0005") => {
            return Err(ProviderError::Unreadable(
                "unreadable because the number asks for it".to_owned(),
            ));
        }
        _ => {}
    }
    let last = digits.get(end.saturating_sub(2)..).unwrap_or_default();
    let minor = last
        .iter()
        .fold(0, |sum, byte| sum * 10 + i64::from(byte.wrapping_sub(b'0')));
    let minor = if minor == 0 { FOR_ZERO } else { minor };
    Ok(AccountCheck::Sent {
        amount: Money::of_minor(minor, request.amount.currency),
    })
}

fn unavailable() -> ProviderError {
    ProviderError::Unavailable("unavailable because the number asks for it".to_owned())
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::money::Currency;

    fn asked(number: &str, again: bool) -> Result<AccountCheck, ProviderError> {
        check(&AccountCheckRequest {
            check_no: "1".to_owned(),
            bank_code: "ICBC".to_owned(),
            holder: "张伟".to_owned(),
            number: number.to_owned(),
            amount: Money::of_minor(7, Currency::Cny),
            asked_before: again,
            may_send: true,
            now: DateTime::UNIX_EPOCH,
        })
    }

    fn sent(minor: i64) -> AccountCheck {
        AccountCheck::Sent {
            amount: Money::of_minor(minor, Currency::Cny),
        }
    }

    #[test]
    fn what_is_sent_follows_from_the_number() {
        for (number, minor) in [("12345668", 68), ("12345600", 100), ("12345607", 7)] {
            assert_eq!(asked(number, false).unwrap(), sent(minor), "{number}");
        }
    }

    #[test]
    fn a_number_asks_for_trouble() {
        assert!(matches!(
            asked("99000168", true),
            Err(ProviderError::Refused { .. })
        ));
        assert!(matches!(
            asked("99000268", true),
            Err(ProviderError::Unavailable(_))
        ));
        assert!(matches!(
            asked("99000368", false),
            Err(ProviderError::Unavailable(_))
        ));
        assert_eq!(asked("99000368", true).unwrap(), sent(68));
        assert_eq!(asked("99000468", false).unwrap(), AccountCheck::Processing);
        assert_eq!(asked("99000468", true).unwrap(), sent(68));
        assert!(matches!(
            asked("99000568", true),
            Err(ProviderError::Unreadable(_))
        ));
    }
}

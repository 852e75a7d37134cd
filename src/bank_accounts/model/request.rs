//! Decides whether an account can be meant that somebody wants to bind.

use entity::bank_account::BankAccountKind;

use super::BindRefusal;
use super::banks::{Bank, Banks};
use super::number::{digits, is_luhn};
use crate::error::Problem;

/// The most characters of a holder's name.
const LONGEST_HOLDER: usize = 60;

/// What somebody wants to bind, as it was typed.
#[derive(Clone)]
pub struct BindWish {
    /// Whose account it is.
    pub kind: BankAccountKind,
    /// The bank's code.
    pub bank_code: String,
    /// The holder's name.
    pub holder: String,
    /// The number.
    pub number: String,
}

/// An account that can be meant. `Debug` shows neither holder nor number.
#[derive(Clone)]
pub struct Request {
    /// Whose account it is.
    pub kind: BankAccountKind,
    /// The bank's code.
    pub bank_code: String,
    /// The holder's name.
    pub holder: String,
    /// The number, digits alone.
    pub number: String,
}

impl std::fmt::Debug for BindWish {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BindWish(…)")
    }
}

impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Request(…)")
    }
}

impl Request {
    /// Reads what was typed.
    pub fn read(wish: BindWish, banks: &Banks) -> Result<Self, BindRefusal> {
        let bank = banks
            .of_code(wish.bank_code.trim())
            .ok_or(BindRefusal::UnknownBank)?;
        let holder = wish.holder.trim().to_owned();
        let odd = |letter: char| letter.is_control() || "&<>\"'=".contains(letter);
        let length = holder.chars().count();
        if !(1..=LONGEST_HOLDER).contains(&length) || holder.chars().any(odd) {
            return Err(BindRefusal::InvalidHolder {
                longest: LONGEST_HOLDER,
            });
        }
        let number = digits(&wish.number).ok_or_else(|| {
            invalid(
                "The number consists of digits; blanks and hyphens between them do not matter.",
                "账号只能包含数字，可用空格或短横线分隔。",
            )
        })?;
        match wish.kind {
            BankAccountKind::PersonalCard => card(bank, banks, &number)?,
            BankAccountKind::Corporate => corporate(&number)?,
        }
        Ok(Self {
            kind: wish.kind,
            bank_code: bank.code.clone(),
            holder,
            number,
        })
    }

    /// The number's last four digits.
    #[must_use]
    pub fn last_four(&self) -> &str {
        &self.number[self.number.len().saturating_sub(4)..]
    }
}

fn card(bank: &Bank, banks: &Banks, number: &str) -> Result<(), BindRefusal> {
    if let Some(other) = banks.of_card(number)
        && other.code != bank.code
    {
        return Err(BindRefusal::BankMismatch {
            en: other.en.clone(),
            zh: other.zh.clone(),
        });
    }
    if !bank.takes(number.len()) {
        return Err(invalid(
            format!("A card of this bank does not have {} digits.", number.len()),
            format!("该银行的卡号不是 {} 位。", number.len()),
        ));
    }
    if !is_luhn(number) {
        return Err(invalid(
            "This is no card's number: its check digit is wrong. Was it mistyped?",
            "卡号校验位错误，请核对是否输错。",
        ));
    }
    Ok(())
}

fn corporate(number: &str) -> Result<(), BindRefusal> {
    if (8..=30).contains(&number.len()) {
        return Ok(());
    }
    Err(invalid(
        "A company's account has 8 to 30 digits.",
        "对公账号须为 8 至 30 位数字。",
    ))
}

fn invalid(en: impl Into<String>, zh: impl Into<String>) -> BindRefusal {
    BindRefusal::InvalidNumber {
        problem: Problem::new(en, zh),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bank_accounts::model::banks;

    fn read(kind: BankAccountKind, bank: &str, number: &str) -> Result<Request, BindRefusal> {
        let wish = BindWish {
            kind,
            bank_code: bank.to_owned(),
            holder: " 张伟 ".to_owned(),
            number: number.to_owned(),
        };
        Request::read(wish, banks())
    }

    /// A number with a right check digit.
    fn with_check(digits: &str) -> String {
        let numbers = (0..10).map(|digit| format!("{digits}{digit}"));
        numbers.into_iter().find(|number| is_luhn(number)).unwrap()
    }

    #[test]
    fn a_card_is_one_and_its_banks() {
        use BankAccountKind::PersonalCard;
        let card = with_check("622202020000123456");
        let request = read(PersonalCard, "ICBC", &card).unwrap();
        assert_eq!(
            (request.holder.as_str(), request.number.as_str()),
            ("张伟", &*card)
        );
        assert_eq!(request.last_four(), &card[15..]);
        let spaced = format!("{} {}", &card[..4], &card[4..]);
        assert!(read(PersonalCard, "ICBC", &spaced).is_ok());
        assert!(matches!(
            read(PersonalCard, "ABC", &card),
            Err(BindRefusal::BankMismatch { zh, .. }) if zh == "中国工商银行"
        ));
        assert!(matches!(
            read(PersonalCard, "XXX", &card),
            Err(BindRefusal::UnknownBank)
        ));
        let wrong = [
            with_check("62220202000012345"),
            with_check("6222020200001234567"),
            format!("{}{}", &card[..18], (card.as_bytes()[18] - b'0' + 1) % 10),
            "6222x".to_owned(),
            String::new(),
        ];
        for number in wrong {
            let refused = read(PersonalCard, "ICBC", &number);
            assert!(
                matches!(refused, Err(BindRefusal::InvalidNumber { .. })),
                "{number}"
            );
        }
        // Nobody knows how its cards begin; the small amount proves it.
        assert!(read(PersonalCard, "BOD", &with_check("900001020000123456")).is_ok());
    }

    #[test]
    fn a_companys_account_has_no_check_digit() {
        use BankAccountKind::Corporate;
        for (number, is_one) in [
            ("1234567", false),
            ("12345678", true),
            ("0200001109200123456", true),
            ("6222020200001234568", true),
            (&"1".repeat(31), false),
        ] {
            assert_eq!(read(Corporate, "ICBC", number).is_ok(), is_one, "{number}");
        }
    }
}

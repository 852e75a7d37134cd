//! What names members, in the one way in which it is kept and found.

use chrono::NaiveDate;
use unicode_normalization::UnicodeNormalization;

use super::*;
use crate::locale::Locale;

const fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

const TODAY: NaiveDate = day(2026, 11, 23);

#[test]
fn a_mobile_number_of_the_mainland_is_one_number_however_it_is_written() {
    for text in [
        "13800000000",
        "+8613800000000",
        "+86 138 0000 0000",
        "0086-138-0000-0000",
        "8613800000000",
        " (+86) 138.0000.0000 ",
        "＋86 13800000000",
        "１３８００００００００",
        "（＋８６）１３８－００００－００００",
    ] {
        assert_eq!(clean_phone(text).as_deref(), Ok("13800000000"), "{text}");
    }
}

#[test]
fn other_numbers_keep_their_country_and_what_is_none_is_refused() {
    for (text, wanted) in [
        ("+1 415 555 0123", "+14155550123"),
        ("0044 20 7946 0958", "+442079460958"),
        ("021-6288 8888", "02162888888"),
        ("95588", "95588"),
        // Eleven digits that begin otherwise are no mobile number of the mainland.
        ("+86 21 6288 88888", "+86216288 88888"),
    ] {
        let wanted = wanted.replace(' ', "");
        assert_eq!(clean_phone(text), Ok(wanted), "{text}");
    }
    for wrong in [
        "1234",
        "1234567890123456",
        "138x0000000",
        "+",
        "++8613800000000",
        "١٣٨٠٠٠٠٠٠٠٠",
    ] {
        assert!(clean_phone(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn a_landline_of_the_mainland_is_one_number_with_its_country_and_without() {
    for (home, abroad) in [
        ("010-8888 6666", "+86 10 8888 6666"),
        ("021-6288 8888", "0086-21-62888888"),
        ("(0755) 2662 8888", "＋８６ ７５５ ２６６２ ８８８８"),
        ("0415-388 1234", "+86 415 388 1234"),
        ("021-62888888", "+86 (0)21 6288 8888"),
        ("400-810-8888", "+86 400 810 8888"),
    ] {
        let kept = clean_phone(home).unwrap();
        assert_eq!(clean_phone(abroad).as_ref(), Ok(&kept), "{abroad}");
        assert_eq!(clean_phone(&kept).as_ref(), Ok(&kept));
        let before: String = abroad
            .nfkc()
            .filter(|letter| letter.is_ascii_digit())
            .collect();
        let before = format!("+{}", before.trim_start_matches("00"));
        assert!(kept_before(&kept).contains(&before), "{before}");
    }
    // What only looks like one keeps what it was written with.
    for (text, wanted) in [
        ("86 21 6288 8888", "862162888888"),
        ("+86 21 0288 8888", "+862102888888"),
        ("+86 95588", "+8695588"),
        ("+86 0400 810 8888", "+8604008108888"),
        ("+1 021 6288 8888", "+102162888888"),
    ] {
        assert_eq!(clean_phone(text).as_deref(), Ok(wanted), "{text}");
    }
    for other in ["13800000000", "+14155550123", "95588", "62888888"] {
        let none = kept_before(other);
        assert!(none.is_empty(), "{other}: {none:?}");
    }
}

#[test]
fn an_address_is_kept_in_lower_case_and_what_is_none_is_refused() {
    assert_eq!(
        clean_email(" Wang.Xiaoming+vip@Example.COM ").as_deref(),
        Ok("wang.xiaoming+vip@example.com")
    );
    assert_eq!(
        clean_email("Ｗａｎｇ＠ｅｘａｍｐｌｅ．ｃｏｍ").as_deref(),
        Ok("wang@example.com")
    );
    let long = format!("{}@example.com", "a".repeat(65));
    for wrong in [
        "",
        "wang",
        "@example.com",
        "wang@",
        "wang@example",
        "wang@@example.com",
        ".wang@example.com",
        "wang.@example.com",
        "a..b@example.com",
        "wang@-example.com",
        "wang@exam_ple.com",
        "wang xiao@example.com",
        "王@example.com",
        &long,
    ] {
        assert!(clean_email(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn somebody_is_searched_by_a_whole_number_its_last_four_digits_or_a_whole_address() {
    for (text, wanted) in [
        ("138 0000 1234", Contact::Phone("13800001234".to_owned())),
        ("1234", Contact::PhoneTail("1234".to_owned())),
        (
            "WANG@example.com",
            Contact::Email("wang@example.com".to_owned()),
        ),
    ] {
        assert!(read_contact(text) == Ok(wanted), "{text}");
    }
    for wrong in ["123", "张伟", "wang@"] {
        assert!(read_contact(wrong).is_err(), "{wrong}");
    }
    assert_eq!(tail("13800001234"), "1234");
    assert_eq!(tail("+14155550123"), "0123");
}

#[test]
fn a_birthday_is_a_day_that_there_is_with_or_without_its_year() {
    let born = |month, day, year| Birthday { month, day, year }.check(TODAY).is_ok();
    for (month, day, year) in [
        (2, 29, None),
        (2, 29, Some(2000)),
        (12, 31, Some(1900)),
        (11, 23, Some(2026)),
    ] {
        assert!(born(month, day, year), "{month}-{day} {year:?}");
    }
    for (month, day, year) in [
        (2, 30, None),
        (2, 29, Some(1999)),
        (0, 1, None),
        (13, 1, None),
        (1, 0, None),
        (12, 31, Some(1899)),
        (11, 24, Some(2026)),
    ] {
        assert!(!born(month, day, year), "{month}-{day} {year:?}");
    }
    let leap = Birthday {
        month: 2,
        day: 29,
        year: Some(2000),
    };
    assert_eq!(leap.number(), 229);
    assert!(Birthday::of_number(229, Some(2000)) == Some(leap));
    assert!(Birthday::of_date(day(2000, 2, 29)) == leap);
}

#[test]
fn tags_are_each_kept_once_in_order_and_neither_too_long_nor_too_many() {
    let tags = |texts: &[&str]| {
        let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
        clean_tags("tags", &texts)
    };
    assert_eq!(tags(&[" 常客 ", "VIP", "常客"]).unwrap(), ["VIP", "常客"]);
    assert_eq!(tags(&["ok", ""]).unwrap_err().field, "tags.1");
    assert!(tags(&[&"字".repeat(40)]).is_ok());
    assert_eq!(tags(&[&"字".repeat(41)]).unwrap_err().field, "tags.0");
    let many: Vec<String> = (0..21).map(|no| no.to_string()).collect();
    assert!(clean_tags("tags", &many[..20]).is_ok());
    assert_eq!(clean_tags("tags", &many).unwrap_err().field, "tags");
}

#[test]
fn a_change_leaves_what_it_does_not_name_and_takes_away_what_it_makes_nothing() {
    let change = MemberChange {
        name: Some(Some(" 张伟 ".to_owned())),
        phone: Some(Some("+86 138 0000 0000".to_owned())),
        birthday: Some(Some(Birthday {
            month: 5,
            day: 20,
            year: Some(1990),
        })),
        tags: Some(vec!["常客".to_owned()]),
        locale: Some(Some(Locale::ZhCn)),
        ..MemberChange::default()
    };
    let (who, fields) = change.check(TODAY).unwrap().apply(&Who::default());
    assert_eq!(fields, ["name", "phone", "birthday", "tags", "locale"]);
    assert_eq!(who.profile.name.as_deref(), Some("张伟"));
    assert_eq!(
        (who.birthday, who.profile.birth_year),
        (Some(520), Some(1990))
    );
    let change = MemberChange {
        // An empty text is none.
        phone: Some(Some("  ".to_owned())),
        birthday: Some(Some(Birthday {
            month: 5,
            day: 20,
            year: None,
        })),
        locale: Some(None),
        ..MemberChange::default()
    };
    let (after, fields) = change.check(TODAY).unwrap().apply(&who);
    assert_eq!(fields, ["phone", "birthday", "locale"]);
    assert_eq!(
        (&after.profile.name, &after.tags),
        (&who.profile.name, &who.tags)
    );
    assert_eq!(
        (after.profile.phone.as_deref(), after.profile.birth_year),
        (None, None)
    );
    let (same, fields) = MemberChange::default().apply(&after);
    assert!(same == after && fields.is_empty());
}

#[test]
fn what_cannot_be_meant_is_named_by_its_field() {
    let text = |text: &str| Some(Some(text.to_owned()));
    for (change, field) in [
        (
            MemberChange {
                name: text(&"字".repeat(81)),
                ..MemberChange::default()
            },
            "name",
        ),
        (
            MemberChange {
                phone: text("12"),
                ..MemberChange::default()
            },
            "phone",
        ),
        (
            MemberChange {
                email: text("wang"),
                ..MemberChange::default()
            },
            "email",
        ),
        (
            MemberChange {
                remark: text("a\u{7}b"),
                ..MemberChange::default()
            },
            "remark",
        ),
        (
            MemberChange {
                joined_on: Some(day(2026, 11, 24)),
                ..MemberChange::default()
            },
            "joinedOn",
        ),
        (
            MemberChange {
                birthday: Some(Some(Birthday {
                    month: 2,
                    day: 30,
                    year: None,
                })),
                ..MemberChange::default()
            },
            "birthday",
        ),
    ] {
        let invalid = change.check(TODAY).unwrap_err();
        assert_eq!(invalid.field, field);
        assert!(invalid.problem.zh.contains(field) && invalid.problem.en.contains(field));
    }
    let draft = MemberDraft {
        member_no: Some("王".to_owned()),
        ..MemberDraft::default()
    };
    assert_eq!(draft.check(TODAY).unwrap_err().field, "memberNo");
}

#[test]
fn no_log_shows_what_names_somebody() {
    let profile = Profile {
        name: Some("张伟".to_owned()),
        ..Profile::default()
    };
    let contact = Contact::Phone("13800000000".to_owned());
    let born = Birthday {
        month: 5,
        day: 20,
        year: None,
    };
    let shown = format!("{profile:?} {contact:?} {born:?}");
    assert_eq!(shown, "Profile(…) Contact(…) Birthday(…)");
}

//! Files of members are read as they were meant, and cells that are not are told by line and column.

use super::*;
use crate::locale::Locale;
use crate::members::model::Birthday;

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 29).unwrap()
}

fn read(text: &str) -> Rows {
    read_rows(text, today()).unwrap()
}

#[test]
fn columns_are_known_in_both_languages_in_any_order() {
    let english = read("Phone,member_no,Name,joinedOn\n13800000000,M-1,王小明,2024-05-01\n");
    let chinese = read("手机号码,会员号,姓名,入会日期\r\n138 0000 0000,M-1, 王小明 ,2024/5/1\r\n");
    assert_eq!(english, chinese);
    let row = &english.rows[0];
    assert_eq!((row.line, row.member_no.as_str()), (2, "M-1"));
    assert_eq!(row.change.name, Some(Some("王小明".to_owned())));
    assert_eq!(row.change.joined_on, NaiveDate::from_ymd_opt(2024, 5, 1));
    assert_eq!(row.change.email, None, "what has no column is not set");
}

#[test]
fn cells_are_read_however_people_write_them() {
    for (cell, month, day, year) in [
        ("1990-02-28", 2, 28, Some(1990)),
        ("1990/2/28", 2, 28, Some(1990)),
        ("19900228", 2, 28, Some(1990)),
        ("1990年2月28日", 2, 28, Some(1990)),
        ("02-29", 2, 29, None),
        ("--02-29", 2, 29, None),
        ("2月29日", 2, 29, None),
    ] {
        let rows = read(&format!("会员号,生日\nM-1,{cell}\n"));
        let wanted = Some(Some(Birthday { month, day, year }));
        assert_eq!(
            rows.rows.first().map(|row| row.change.birthday),
            Some(wanted),
            "{cell}"
        );
    }
    for (cell, wanted) in [
        ("是", true),
        ("YES", true),
        ("1", true),
        ("不同意", false),
        ("0", false),
    ] {
        assert_eq!(
            read(&format!("会员号,同意营销\nM-1,{cell}\n")).rows[0].consent,
            Some(wanted)
        );
    }
    let rows = read("member_no,tags,locale\nM-1,老客; 咖啡|老客,zh_CN\nM-2,,\n");
    assert_eq!(
        rows.rows[0].change.tags,
        Some(vec!["咖啡".to_owned(), "老客".to_owned()])
    );
    assert_eq!(rows.rows[0].change.locale, Some(Some(Locale::ZhCn)));
    assert_eq!(
        rows.rows[1].change,
        MemberChange::default(),
        "an empty cell sets nothing"
    );
}

#[test]
fn lines_are_counted_alike_however_they_end() {
    let file = "member_no,name,phone\nM-1,a,abc\nM-2,b,\nM-3,c,def\n";
    let lines = |text: &str| -> Vec<i64> {
        let rows = read(text);
        rows.wrong.iter().map(|wrong| wrong.line).collect()
    };
    assert_eq!(lines(file), [2, 4]);
    assert_eq!(lines(&file.replace('\n', "\r\n")), [2, 4]);
}

#[test]
fn a_row_that_cannot_be_meant_is_told_by_line_and_column_and_stops_no_other() {
    let rows = read(
        "member_no,name,phone,email,birthday,consent\nM-1,a,13800000000,,,\nM-2,b,abc,,,\n,c,,,,\nM-4,d,,no,,\n\
         M-5,e,,,02-30,\nM-6,f,,,,maybe\nM-1,g,,,,\nM 8,h,,,,\nM-9,i\n\nM-10,j,,,,\n",
    );
    let made: Vec<&str> = rows.rows.iter().map(|row| row.member_no.as_str()).collect();
    assert_eq!(made, ["M-1", "M-10"]);
    let told: Vec<(i64, Option<&str>, WrongRow)> = rows
        .wrong
        .iter()
        .map(|wrong| (wrong.line, wrong.column.as_deref(), wrong.code))
        .collect();
    assert_eq!(
        told,
        [
            (3, Some("phone"), WrongRow::Invalid),
            (4, Some("member_no"), WrongRow::NumberMissing),
            (5, Some("email"), WrongRow::Invalid),
            (6, Some("birthday"), WrongRow::Invalid),
            (7, Some("consent"), WrongRow::Invalid),
            (8, Some("member_no"), WrongRow::NumberTwice),
            (9, Some("member_no"), WrongRow::Invalid),
            (10, None, WrongRow::CellCount),
        ]
    );
    assert!(
        rows.wrong
            .iter()
            .all(|wrong| !wrong.en.contains("abc") && !wrong.zh.contains("abc"))
    );
}

#[test]
fn a_file_without_its_columns_or_rows_is_refused_as_a_whole() {
    for (text, refusal) in [
        ("", FileRefusal::Empty),
        ("member_no,name\n", FileRefusal::Empty),
        ("name,phone\na,b\n", FileRefusal::NumberColumnMissing),
        (
            "member_no,points\nM-1,5\n",
            FileRefusal::UnknownColumn("points".to_owned()),
        ),
        (
            "member_no,会员号\nM-1,5\n",
            FileRefusal::ColumnTwice("member_no"),
        ),
    ] {
        assert_eq!(read_rows(text, today()), Err(refusal), "{text:?}");
    }
    let rows = |many: usize| {
        (0..many).fold("member_no\n".to_owned(), |text, no| {
            format!("{text}M-{no}\n")
        })
    };
    assert_eq!(
        read_rows(&rows(MOST_ROWS + 1), today()),
        Err(FileRefusal::TooLarge)
    );
    assert_eq!(read(&rows(MOST_ROWS)).rows.len(), MOST_ROWS);
}

#[test]
fn a_file_is_unpacked_whatever_it_is_written_in() {
    use std::io::Write;
    let pack = |bytes: &[u8]| {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        packer.write_all(bytes).unwrap();
        MemberFile::GzipBase64(data_encoding::BASE64.encode(&packer.finish().unwrap()))
    };
    let text = "会员号\nM-1\n";
    let (gbk, _, _) = encoding_rs::GBK.encode(text);
    for file in [
        MemberFile::Text(format!("\u{feff}{text}")),
        pack(text.as_bytes()),
        pack(&gbk),
    ] {
        assert_eq!(unpack(file).as_deref(), Ok(text));
    }
    assert_eq!(
        unpack(MemberFile::Text("a".repeat(MOST_BYTES + 1))),
        Err(FileRefusal::TooLarge)
    );
    assert_eq!(
        unpack(pack(&vec![b'a'; MOST_BYTES + 1])),
        Err(FileRefusal::TooLarge)
    );
    for wrong in [
        MemberFile::GzipBase64("?".to_owned()),
        MemberFile::GzipBase64("AAAA".to_owned()),
    ] {
        assert!(matches!(unpack(wrong), Err(FileRefusal::Unreadable(_))));
    }
}

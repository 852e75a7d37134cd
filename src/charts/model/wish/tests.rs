//! What is read from an address, and what is refused.

use super::*;

fn read(kind: Kind, text: &str) -> Result<Wish, Error> {
    let pairs: Vec<(String, String)> = url::form_urlencoded::parse(text.as_bytes())
        .into_owned()
        .collect();
    let pairs = pairs
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()));
    Wish::read(kind, pairs, Locale::ZhCn)
}

#[test]
fn what_cannot_be_drawn_is_refused_by_its_field() {
    for (kind, text, field) in [
        (Kind::Line, "", "range"),
        (Kind::Line, "range=TODAY&from=x&to=y", "range"),
        (Kind::Line, "from=2026-11-01T00:00:00Z", "range"),
        (Kind::Line, "range=TODAY&measure=profit", "measure"),
        (Kind::Line, "range=TODAY&width=10", "width"),
        (Kind::Line, "range=TODAY&height=9999", "height"),
        (Kind::Line, "range=TODAY&theme=blue", "theme"),
        (Kind::Line, "range=TODAY&locale=fr", "locale"),
        (Kind::Line, "range=TODAY&colour=red", "colour"),
        (Kind::Line, "range=TODAY&range=TODAY", "range"),
        (Kind::Line, "range=TODAY&top=9", "top"),
        (
            Kind::Line,
            "range=TODAY&dimension=CHANNEL&compareTo=PREVIOUS_PERIOD",
            "compareTo",
        ),
        (
            Kind::Line,
            "range=TODAY&countryUnknown=yes",
            "countryUnknown",
        ),
        (
            Kind::Bar,
            "range=TODAY&dimension=CATEGORY&measure=averageOrderValue",
            "measure",
        ),
        (
            Kind::Line,
            "range=TODAY&categories=酒水&measure=averageOrderValue",
            "measure",
        ),
        (Kind::Bar, "range=TODAY", "grain"),
        (
            Kind::Bar,
            "range=TODAY&grain=DAY&dimension=METHOD&measure=successRate",
            "measure",
        ),
        (Kind::Share, "range=TODAY", "dimension"),
        (
            Kind::Share,
            "range=TODAY&dimension=METHOD&measure=successRate",
            "measure",
        ),
        (
            Kind::Share,
            "range=TODAY&dimension=METHOD&grain=DAY",
            "grain",
        ),
        (Kind::Heatmap, "range=TODAY&measure=fees", "measure"),
        (Kind::Heatmap, "range=TODAY&dimension=METHOD", "dimension"),
    ] {
        match read(kind, text) {
            Err(Error::BadInput { field: told, .. }) => assert_eq!(told, field, "{text}"),
            other => panic!("{text}: {other:?}"),
        }
    }
}

#[test]
fn a_line_is_by_day_where_nobody_says_otherwise() {
    let wish = read(Kind::Line, "range=LAST_30_DAYS&methods=ALIPAY,WECHAT_PAY").expect("a wish");
    assert_eq!(
        wish.variables(),
        json!({
            "range": { "preset": "LAST_30_DAYS" },
            "grain": "DAY",
            "filter": { "methods": ["ALIPAY", "WECHAT_PAY"] },
            "orderBy": "PAID",
        })
    );
}

//! What a payment page shows.

use entity::channel::{HideWhen, PaymentMethod};
use entity::channel_health::HealthState;

use super::{candidate, channel};
use crate::routing::model::{Fit, arrange};

use HealthState::{Degraded, Down, Healthy, Maintenance, Unknown};
use PaymentMethod::{Alipay, Card, WechatPay};

/// Method, state, whether it is recommended, and whether it has a notice.
type Seen = (PaymentMethod, HealthState, bool, bool);

/// What is shown of channels, given by method, place, state and when they hide.
fn shown(channels: &[(PaymentMethod, i32, HealthState, HideWhen)]) -> Vec<Seen> {
    let rows: Vec<_> = channels
        .iter()
        .map(|(method, place, state, hide_when)| {
            let mut row = channel(*place);
            (row.method, row.hide_when) = (*method, *hide_when);
            (row, *state)
        })
        .collect();
    let methods = [WechatPay, Alipay, Card].map(|method| {
        let of = rows.iter().filter(|(row, _)| row.method == method);
        of.map(|(row, state)| Fit {
            candidate: candidate(row, *state),
            weight: 1,
        })
        .collect::<Vec<_>>()
    });
    let methods = methods.into_iter().filter(|fits| !fits.is_empty());
    let entries = arrange(&methods.collect::<Vec<_>>());
    entries
        .iter()
        .map(|it| {
            (
                it.channel.method,
                it.state,
                it.recommended,
                it.notice.is_some(),
            )
        })
        .collect()
}

#[test]
fn methods_are_shown_in_the_place_of_their_first_channel_the_ill_ones_last() {
    let never = HideWhen::Never;
    assert_eq!(
        shown(&[
            (Card, 3, Unknown, never),
            (WechatPay, 1, Down, never),
            (WechatPay, 4, Healthy, never),
            (Alipay, 2, Healthy, never),
        ]),
        [
            (WechatPay, Healthy, true, false),
            (Alipay, Healthy, false, false),
            (Card, Unknown, false, false),
        ]
    );
    assert_eq!(
        shown(&[
            (WechatPay, 1, Maintenance, never),
            (Alipay, 2, Degraded, never),
            (Card, 3, Healthy, never),
        ]),
        [
            (Card, Healthy, true, false),
            (Alipay, Degraded, false, true),
            (WechatPay, Maintenance, false, true),
        ]
    );
    assert_eq!(shown(&[]), []);
}

#[test]
fn what_is_ill_is_left_out_as_the_merchant_wants_and_an_empty_page_never_shown() {
    for (hide_when, state, hidden) in [
        (HideWhen::Never, Down, false),
        (HideWhen::Down, Degraded, false),
        (HideWhen::Down, Down, true),
        (HideWhen::Down, Maintenance, true),
        (HideWhen::Degraded, Degraded, true),
        (HideWhen::Degraded, Down, true),
        (HideWhen::Degraded, Unknown, false),
        (HideWhen::Degraded, Healthy, false),
    ] {
        let ill = (WechatPay, 1, state, hide_when);
        let seen = shown(&[ill, (Alipay, 2, Healthy, HideWhen::Never)]);
        let is_hidden = seen.iter().all(|(method, ..)| *method != WechatPay);
        assert_eq!(is_hidden, hidden, "{hide_when:?} {state:?}");
        // Alone, it is shown.
        let alone = shown(&[ill]);
        assert_eq!(alone.len(), 1, "{hide_when:?} {state:?}");
    }
    // Another channel of the same method stands for it.
    assert_eq!(
        shown(&[
            (WechatPay, 1, Down, HideWhen::Down),
            (WechatPay, 2, Degraded, HideWhen::Never),
        ]),
        [(WechatPay, Degraded, true, true)]
    );
    // One that is worse off does not: orders would not take it.
    assert_eq!(
        shown(&[
            (WechatPay, 1, Degraded, HideWhen::Degraded),
            (WechatPay, 2, Down, HideWhen::Never),
            (Alipay, 3, Healthy, HideWhen::Never),
        ]),
        [(Alipay, Healthy, true, false)]
    );
    assert_eq!(
        shown(&[
            (WechatPay, 1, Degraded, HideWhen::Degraded),
            (WechatPay, 2, Down, HideWhen::Never),
        ]),
        [(WechatPay, Degraded, true, true)]
    );
    // What does not work is recommended to nobody.
    assert_eq!(
        shown(&[(WechatPay, 1, Down, HideWhen::Down)]),
        [(WechatPay, Down, false, true)]
    );
}

#[test]
fn a_notice_says_what_is_wrong_and_what_to_take_instead() {
    let (one, mut two) = (channel(1), channel(2));
    two.method = Alipay;
    let fit = |row, state| Fit {
        candidate: candidate(row, state),
        weight: 1,
    };
    let notice = |methods: &[Vec<Fit<'_>>], method| {
        let entries = arrange(methods);
        let entry = entries.iter().find(|it| it.channel.method == method);
        entry.unwrap().notice.clone().unwrap()
    };
    let both = [vec![fit(&one, Degraded)], vec![fit(&two, Healthy)]];
    let told = notice(&both, WechatPay);
    assert_eq!(
        told.en,
        "WeChat Pay may be slow or fail at the moment. Please pay with Alipay."
    );
    assert_eq!(
        told.zh,
        "微信支付当前可能较慢或支付失败。建议使用支付宝付款。"
    );
    let ill = [vec![fit(&one, Down)], vec![fit(&two, Degraded)]];
    let told = notice(&ill, WechatPay);
    assert_eq!(
        told.en,
        "WeChat Pay does not work at the moment. If it fails, please try again in a few minutes."
    );
    assert_eq!(
        told.zh,
        "微信支付暂时无法使用。如支付失败，请几分钟后重试。"
    );
}

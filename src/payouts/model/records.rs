//! What is told of a payout's way: which step is which entry.

use entity::payout::{self, PayoutStatus};
use entity::payout_record::PayoutRecordKind as Kind;

/// Something that happens to a payout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happened {
    /// What.
    pub kind: Kind,
    /// Who does it; none where the payment platform does.
    pub actor: Option<String>,
    /// What is said.
    pub note: Option<String>,
}

/// What a step from one state to another is, where it is anything that is told. `by` says who says so, where that is not
/// in the payout itself; none where the payment platform does.
#[must_use]
pub fn happened(
    from: Option<PayoutStatus>,
    payout: &payout::Model,
    by: Option<&str>,
) -> Option<Happened> {
    let happened = |kind, actor: Option<&str>, note: Option<&String>| {
        Some(Happened {
            kind,
            actor: actor.map(str::to_owned),
            note: note.cloned(),
        })
    };
    let decider = payout.decided_by.as_deref();
    let Some(from) = from else {
        let by = Some(payout.requested_by.as_str());
        return happened(Kind::Requested, by, payout.note.as_ref());
    };
    if from == payout.state {
        return None;
    }
    let said = payout.error.as_ref();
    match payout.state {
        PayoutStatus::Processing if from == PayoutStatus::AwaitingApproval => {
            happened(Kind::Approved, decider, payout.decision_note.as_ref())
        }
        PayoutStatus::Rejected => happened(Kind::Rejected, decider, payout.decision_note.as_ref()),
        PayoutStatus::Canceled => happened(Kind::Canceled, payout.closed_by.as_deref(), None),
        PayoutStatus::Unknown => happened(Kind::Unknown, by, said),
        PayoutStatus::Paid => happened(Kind::Paid, by, said),
        PayoutStatus::Failed => happened(Kind::Failed, by, said),
        PayoutStatus::Returned => happened(Kind::Returned, by, said),
        PayoutStatus::Processing | PayoutStatus::AwaitingApproval => None,
    }
}

#[cfg(test)]
mod tests {
    use PayoutStatus::{
        AwaitingApproval, Canceled, Failed, Paid, Processing, Rejected, Returned, Unknown,
    };

    use super::*;
    use crate::payouts::model::a_payout;

    #[test]
    fn every_step_that_changes_something_is_told_of_once() {
        for (from, to, told) in [
            (None, Processing, Some(Kind::Requested)),
            (None, AwaitingApproval, Some(Kind::Requested)),
            (Some(AwaitingApproval), Processing, Some(Kind::Approved)),
            (Some(AwaitingApproval), Rejected, Some(Kind::Rejected)),
            (Some(AwaitingApproval), Canceled, Some(Kind::Canceled)),
            (Some(Processing), Canceled, Some(Kind::Canceled)),
            (Some(Processing), Processing, None),
            (Some(Processing), Unknown, Some(Kind::Unknown)),
            (Some(Unknown), Unknown, None),
            (Some(Unknown), Processing, None),
            (Some(Unknown), Paid, Some(Kind::Paid)),
            (Some(Unknown), Failed, Some(Kind::Failed)),
            (Some(Failed), Paid, Some(Kind::Paid)),
            (Some(Paid), Paid, None),
            (Some(Paid), Returned, Some(Kind::Returned)),
        ] {
            let found = happened(from, &a_payout(to), None).map(|it| it.kind);
            assert_eq!(found, told, "{from:?} → {to:?}");
        }
    }

    #[test]
    fn who_runs_the_gateway_is_named_with_their_words() {
        let payout = payout::Model {
            error: Some("后台显示失败".to_owned()),
            ..a_payout(Failed)
        };
        let told = happened(Some(Unknown), &payout, Some("platform"));
        let told = told.map(|it| (it.actor, it.note));
        let wanted = (Some("platform".to_owned()), Some("后台显示失败".to_owned()));
        assert_eq!(told, Some(wanted));
    }
}

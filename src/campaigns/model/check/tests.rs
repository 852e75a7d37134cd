//! Each rule that can be broken, broken.

use super::super::Audience;
use super::*;

fn rules(benefit: Benefit) -> Rules {
    Rules {
        benefit,
        scope: Scope::default(),
        audience: Audience::default(),
        hours: Vec::new(),
        stacking: Stacking::default(),
        limits: Limits::default(),
    }
}

fn field(rules: &Rules) -> Option<String> {
    rules.check().err().map(|invalid| invalid.field)
}

fn steps(steps: &[(i64, i64)]) -> Rules {
    let steps = steps.iter().map(|(threshold, off)| Step {
        threshold_minor: *threshold,
        off_minor: *off,
    });
    rules(Benefit::FullReduction(steps.collect()))
}

#[test]
fn each_step_asks_for_more_and_takes_more_off() {
    assert_eq!(field(&steps(&[(100, 20), (300, 80)])), None);
    let path = |rest: &str| Some(format!("rules.benefit.fullReduction.steps{rest}"));
    for (given, at) in [
        (vec![], path("")),
        (vec![(100, 1); 21], path("")),
        (vec![(0, 1)], path(".0.threshold")),
        (vec![(100, 0)], path(".0.off")),
        (vec![(100, 100)], path(".0.off")),
        (vec![(100, 20), (100, 30)], path(".1.threshold")),
        (vec![(100, 20), (300, 20)], path(".1.off")),
    ] {
        assert_eq!(field(&steps(&given)), at, "{given:?}");
    }
}

#[test]
fn a_discount_leaves_something_to_be_paid() {
    let discount = |off_ppm, threshold_minor, cap_minor| {
        field(&rules(Benefit::Discount {
            off_ppm,
            threshold_minor,
            cap_minor,
        }))
    };
    assert_eq!(discount(200_000, 0, None), None);
    let path = |name: &str| Some(format!("rules.benefit.discount.{name}"));
    assert_eq!(discount(0, 0, None), path("percentOff"));
    assert_eq!(discount(1_000_000, 0, None), path("percentOff"));
    assert_eq!(discount(1, -1, None), path("threshold"));
    assert_eq!(discount(1, 0, Some(0)), path("cap"));
    let every = |cap_minor| {
        let step = Step {
            threshold_minor: 100,
            off_minor: 10,
        };
        field(&rules(Benefit::EveryFull { step, cap_minor }))
    };
    assert_eq!(every(Some(10)), None);
    assert_eq!(
        every(Some(9)),
        Some("rules.benefit.everyFull.cap".to_owned())
    );
}

#[test]
fn hours_groups_limits_and_names_are_checked() {
    let fine = rules(Benefit::Cash { off_minor: 1 });
    let hours = |weekdays, from_minute, to_minute| {
        let mut rules = fine.clone();
        rules.hours = vec![Hours {
            weekdays,
            from_minute,
            to_minute,
        }];
        field(&rules)
    };
    assert_eq!(hours(127, 0, 1_440), None);
    assert_eq!(hours(1, 1_320, 120), None);
    assert_eq!(hours(0, 0, 1_440), Some("rules.hours.0.weekdays".into()));
    assert_eq!(hours(1, 60, 60), Some("rules.hours.0.until".into()));
    let mut other = fine.clone();
    other.stacking.group = Some(" ".to_owned());
    assert_eq!(field(&other), Some("rules.stacking.group".into()));
    other = fine.clone();
    other.stacking.priority = 1_001;
    assert_eq!(field(&other), Some("rules.stacking.priority".into()));
    other = fine.clone();
    other.limits.per_day = Some(0);
    assert_eq!(field(&other), Some("rules.limits.perDay".into()));
    other = fine.clone();
    other.limits.budget_minor = Some(0);
    assert_eq!(field(&other), Some("rules.limits.budget".into()));
    other = fine.clone();
    other.scope.categories = vec!["洗发".to_owned(), String::new()];
    assert_eq!(field(&other), Some("rules.scope.categories.1".into()));
    other = fine;
    other.scope.products = vec!["面膜".to_owned(); 101];
    assert_eq!(field(&other), Some("rules.scope.products".into()));
}

#[test]
fn an_audience_names_a_few_tiers_and_segments_none_of_them_twice_over() {
    let with = |change: fn(&mut Audience)| {
        let mut rules = rules(Benefit::Cash { off_minor: 1 });
        change(&mut rules.audience);
        field(&rules)
    };
    let path = |rest: &str| Some(format!("rules.audience.{rest}"));
    assert_eq!(with(|it| it.tiers = vec![TierId(1); 20]), None);
    assert_eq!(with(|it| it.tiers = vec![TierId(1); 21]), path("tierIds"));
    assert_eq!(
        with(|it| it.segments = vec![SegmentId(1); 21]),
        path("segmentIds")
    );
    assert_eq!(
        with(|it| it.without_segments = vec![SegmentId(1); 21]),
        path("withoutSegmentIds")
    );
    let both = with(|it| {
        it.segments = vec![SegmentId(1), SegmentId(2)];
        it.without_segments = vec![SegmentId(3), SegmentId(2)];
    });
    assert_eq!(both, path("withoutSegmentIds.1"));
}

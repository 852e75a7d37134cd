//! Shares of what was counted, in millionths, and how far they can be trusted: Wilson's interval in integers.

/// One, in millionths.
pub const ONE: i64 = 1_000_000;

/// How sure a bound is, in thousandths of a standard deviation: 1960 leaves 2.5 % on either side, 3000 0.13 %.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sureness(pub u32);

/// Between which shares the true one lies, in millionths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval {
    /// It is hardly less.
    pub lower: i64,
    /// It is hardly more.
    pub upper: i64,
}

/// A share in millionths; none of nothing.
#[must_use]
pub fn share(hits: i64, of: i64) -> Option<i64> {
    (of > 0).then(|| {
        let (hits, of) = (i128::from(hits.clamp(0, of)), i128::from(of));
        i64::try_from(hits * i128::from(ONE) / of).unwrap_or(ONE)
    })
}

/// Wilson's interval of so many hits of so many; from nothing to everything where nothing was counted.
///
/// With s = 10⁶ and z² in millionths, both of its ends are (2ks + z² ∓ √(z⁴ + 4z²·sk(n−k)/n)) / 2(ns + z²).
#[must_use]
pub fn wilson(hits: i64, of: i64, sureness: Sureness) -> Interval {
    if of <= 0 {
        return Interval {
            lower: 0,
            upper: ONE,
        };
    }
    let scale: u128 = 1_000_000;
    let number = |value: i64| u128::try_from(value).unwrap_or(0);
    let (n, k) = (number(of), number(hits.clamp(0, of)));
    let square = u128::from(sureness.0) * u128::from(sureness.0);
    let root = (square * square + 4 * square * scale * k * (n - k) / n).isqrt();
    let (centre, whole) = (2 * k * scale + square, 2 * (n * scale + square));
    let told = |end: u128| i64::try_from(end * scale / whole).map_or(ONE, |end| end.min(ONE));
    Interval {
        lower: told(centre.saturating_sub(root)),
        upper: told(centre + root),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const USUAL: Sureness = Sureness(1_960);

    #[test]
    fn intervals_are_those_of_the_books() {
        // From the formula in real numbers, to four places.
        for (hits, of, lower, upper) in [
            (0, 10, 0, 277_532),
            (1, 10, 17_876, 404_155),
            (5, 10, 236_593, 763_406),
            (10, 10, 722_467, 1_000_000),
            (50, 100, 403_831, 596_168),
            (3, 1_000, 1_020, 8_784),
        ] {
            let told = wilson(hits, of, USUAL);
            let near = |told: i64, exact: i64| (told - exact).abs() <= 60;
            assert!(
                near(told.lower, lower) && near(told.upper, upper),
                "{hits} of {of}: {told:?}"
            );
        }
    }

    #[test]
    fn of_nothing_nothing_is_known() {
        assert_eq!(share(0, 0), None);
        let all = wilson(0, 0, USUAL);
        assert_eq!((all.lower, all.upper), (0, ONE));
    }

    proptest! {
        #[test]
        fn an_interval_holds_its_share(of in 1_i64..1_000_000_000, part in 0_i64..=1_000, sure in 100_u32..5_000) {
            let hits = i64::try_from(i128::from(of) * i128::from(part) / 1_000).unwrap();
            let told = wilson(hits, of, Sureness(sure));
            let exact = share(hits, of).unwrap();
            prop_assert!(told.lower <= exact + 1 && exact <= told.upper + 1, "{told:?} {exact}");
            prop_assert!(0 <= told.lower && told.upper <= ONE);
        }

        #[test]
        fn more_of_the_same_is_surer(of in 1_i64..1_000_000, part in 0_i64..=10) {
            let few = wilson(of * part, of * 10, USUAL);
            let many = wilson(of * part * 9, of * 90, USUAL);
            prop_assert!(few.lower <= many.lower + 1 && many.upper <= few.upper + 1);
        }
    }
}

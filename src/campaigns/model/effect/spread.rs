//! How far an estimate may be off: square roots and the quantiles of Student's distribution, in integers.

/// One, in millionths.
pub const ONE: i128 = 1_000_000;

/// The 97.5 % quantiles of Student's distribution, in millionths, by degrees of freedom from 1 on.
const STUDENT: [i128; 30] = [
    12_706_205, 4_302_653, 3_182_446, 2_776_445, 2_570_582, 2_446_912, 2_364_624, 2_306_004,
    2_262_157, 2_228_139, 2_200_985, 2_178_813, 2_160_369, 2_144_787, 2_131_450, 2_119_905,
    2_109_816, 2_100_922, 2_093_024, 2_085_963, 2_079_614, 2_073_873, 2_068_658, 2_063_899,
    2_059_539, 2_055_529, 2_051_831, 2_048_407, 2_045_230, 2_042_272,
];

/// The 97.5 % quantile of the normal distribution, in millionths.
pub const NORMAL: i128 = 1_959_964;

/// The 97.5 % quantile of Student's distribution, in millionths. Beyond the table by the first terms of its
/// expansion around the normal one, which are right to three decimals there.
#[must_use]
pub fn student(freedom: i64) -> i128 {
    let place = usize::try_from(freedom - 1).unwrap_or(0);
    if let Some(quantile) = STUDENT.get(place) {
        return *quantile;
    }
    let freedom = i128::from(freedom);
    NORMAL + 2_372_210 / freedom + 2_822_400 / (freedom * freedom)
}

/// The square root, rounded down; 0 of what is below zero.
#[must_use]
pub fn root(of: i128) -> i128 {
    u128::try_from(of).map_or(0, |of| i128::try_from(of.isqrt()).unwrap_or(i128::MAX))
}

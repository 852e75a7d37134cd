//! Chance in integers, the same on every machine: SplitMix64.

/// Numbers that look random; the same seed gives the same ones.
pub struct Dice(u64);

/// How many arrivals a step has on average: whole batches, and the rest, as Knuth's method needs them.
#[derive(Clone, Copy)]
pub struct Pace {
    batches: u32,
    batch: u64,
    rest: u64,
}

/// The mean of a batch.
const BATCH_PPM: u64 = 4_000_000;

impl Pace {
    /// So many on average, in millionths.
    pub fn of(mean_ppm: u64) -> Self {
        Self {
            batches: u32::try_from(mean_ppm / BATCH_PPM).unwrap(),
            batch: exp_of_minus(BATCH_PPM),
            rest: exp_of_minus(mean_ppm % BATCH_PPM),
        }
    }
}

/// e to the power of minus so many millionths, scaled by 2³².
fn exp_of_minus(ppm: u64) -> u64 {
    // (1 - x/2^20)^(2^20) by squaring.
    let one = 1_u128 << 60;
    let mut power = one - ((u128::from(ppm) * one / 1_000_000) >> 20);
    for _ in 0..20 {
        power = (power * power) >> 60;
    }
    u64::try_from(power >> 28).unwrap()
}

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 on, below `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// Whether something happens that happens so often, in millionths.
    pub fn happens(&mut self, ppm: u64) -> bool {
        self.below(1_000_000) < ppm
    }

    /// How many arrive in a step.
    pub fn arrivals(&mut self, pace: Pace) -> u32 {
        let mut count = 0;
        for batch in 0..=pace.batches {
            let floor = if batch == 0 { pace.rest } else { pace.batch };
            let mut product = 1_u64 << 32;
            loop {
                product = (product * (self.next() >> 32)) >> 32;
                if product <= floor {
                    break;
                }
                count += 1;
            }
        }
        count
    }

    /// After how many seconds a payer has paid: eight at least, a minute on average, hardly ever above five.
    pub fn pays_after(&mut self) -> u64 {
        let halvings = u64::from(self.next().leading_zeros().min(8));
        8 + 35 * halvings + self.below(35)
    }
}

#[test]
fn arrivals_have_the_mean_and_the_spread_of_chance() {
    let mut dice = Dice::new(1);
    for mean in [10_000, 1_000_000, 10_000_000] {
        let pace = Pace::of(mean);
        let drawn: Vec<u64> = (0..20_000)
            .map(|_| u64::from(dice.arrivals(pace)))
            .collect();
        let sum: u64 = drawn.iter().sum();
        let squares: u64 = drawn.iter().map(|one| one * one).sum();
        let mean_ppm = sum * 50;
        let variance_ppm = squares * 50 - mean_ppm * sum / 20_000;
        for told in [mean_ppm, variance_ppm] {
            assert!(told.abs_diff(mean) * 10 < mean, "{told} of {mean}");
        }
    }
}

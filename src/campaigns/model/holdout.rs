//! Who is not given a campaign, so that its effect can be told 对照组: by a hash, the same whoever asks and whenever.

use entity::CampaignId;

/// Whether the member of a number is one of those who are not given a campaign, of whom there are so many millionths.
/// It goes by the number, which a shop knows before there is a member: who comes for the first time is quoted what
/// they pay.
#[must_use]
pub fn is_held_out(campaign: CampaignId, member_no: &str, share_ppm: i32) -> bool {
    if share_ppm <= 0 {
        return false;
    }
    // Numbers follow each other; mixed twice, those of one campaign say nothing of those of another.
    let hash = mixed(mixed(folded(member_no)) ^ campaign.0.cast_unsigned());
    (hash % 1_000_000) < u64::from(share_ppm.cast_unsigned())
}

/// FNV-1a: all of a text in one number, the same in each version of this program.
fn folded(text: &str) -> u64 {
    let fold = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3);
    text.bytes().fold(0xCBF2_9CE4_8422_2325, fold)
}

/// SplitMix64's finalizer: each bit of the input changes half of those that come out.
const fn mixed(value: u64) -> u64 {
    let value = value.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MANY: i64 = 20_000;

    fn held(campaign: i64, first: i64, share_ppm: i32) -> Vec<bool> {
        (first..first + MANY)
            .map(|member| is_held_out(CampaignId(campaign), &format!("M-{member}"), share_ppm))
            .collect()
    }

    fn count(held: &[bool]) -> i64 {
        i64::try_from(held.iter().filter(|held| **held).count()).unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn as_many_are_held_out_as_was_said(campaign in 1_i64..i64::MAX / 2, first in 1_i64..i64::MAX / 2) {
            let tenth = count(&held(campaign, first, 100_000));
            // Six standard deviations.
            prop_assert!((tenth - MANY / 10).abs() < 255, "{tenth}");
            prop_assert_eq!(count(&held(campaign, first, 0)), 0);
            prop_assert_eq!(count(&held(campaign, first, 1_000_000)), MANY);
        }

        #[test]
        fn who_is_held_out_of_one_campaign_is_so_of_the_next_by_chance_alone(campaign in 1_i64..i64::MAX / 2) {
            let (one, other) = (held(campaign, 1, 500_000), held(campaign + 1, 1, 500_000));
            let both: Vec<bool> = one.iter().zip(&other).map(|(a, b)| *a && *b).collect();
            let both = count(&both);
            prop_assert!((both - MANY / 4).abs() < 370, "{both}");
        }

        #[test]
        fn a_larger_share_holds_out_those_of_a_smaller_one_as_well(member in 1_i64..i64::MAX / 2) {
            let out = |share| is_held_out(CampaignId(7), &member.to_string(), share);
            prop_assert!(!out(100_000) || out(200_000));
        }
    }

    #[test]
    fn who_is_held_out_stays_so_in_each_version_of_this_program() {
        let held = |no: &&str| is_held_out(CampaignId(1 << 40), no, 500_000);
        let all = ["M-1", "M-2", "M-3", "M-4", "M-5", "M-6", "M-7", "M-8"];
        let held: Vec<&str> = all.into_iter().filter(held).collect();
        assert_eq!(held, ["M-1", "M-3", "M-6"]);
    }
}

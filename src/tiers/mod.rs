//! Tiers 会员等级: what it takes to have one, what it brings, and how long it is kept.

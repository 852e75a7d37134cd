//! Rewards 积分商品: what points are given for, while there is some left of it.

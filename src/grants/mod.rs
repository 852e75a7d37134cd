//! Gifts 会员赠礼: what members are given on their birthday, and on the day on which they joined, once a year.

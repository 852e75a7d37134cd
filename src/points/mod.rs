//! Points 积分: earned by what is paid, spent before they end, taken back with a refund. Every change is an entry that is
//! never edited; a member's points are what is left of their lots.

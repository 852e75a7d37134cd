//! What names members, in the one way in which it is kept.

//! Speaks GraphQL: second factors.

pub mod mutation;
pub mod object;

pub use mutation::SecondFactorMutation;
pub use object::SecondFactor;

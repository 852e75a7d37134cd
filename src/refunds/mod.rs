//! Refunds 退款: money back to the payer.

//! Which addresses the client of 易支付 may call, and how a refusal names the setting.

use url::Url;

use super::config::misconfigured;
use crate::channels::provider::ProviderError;
use crate::reach::OutOfReach;
pub use crate::reach::Reach;

/// Refuses a base address that leads into our own network, or that is in clear: V1's key travels in query
/// strings.
pub(super) fn permit(reach: Reach, url: &Url) -> Result<(), ProviderError> {
    reach.permit(url).map_err(|why| {
        misconfigured(match why {
            OutOfReach::NoHost => "base_url: names no host",
            OutOfReach::NotHttps => "base_url: https is required",
            OutOfReach::NotHttp => "base_url: neither https nor http",
            OutOfReach::Private => "base_url: leads to a private address",
        })
    })
}

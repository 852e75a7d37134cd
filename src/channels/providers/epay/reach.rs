//! Which addresses the client of 易支付 may call: a merchant's base address must not lead into our own network.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use super::config::misconfigured;
use crate::channels::provider::ProviderError;

/// What a base address may be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// Public addresses over HTTPS only: V1's key travels in query strings.
    #[default]
    PublicHttps,
    /// Any address, also in clear: for tests, and for a platform inside one's own network.
    Anywhere,
}

impl Reach {
    pub(super) fn permit(self, url: &Url) -> Result<(), ProviderError> {
        let host = url
            .host()
            .ok_or_else(|| misconfigured("base_url: names no host"))?;
        match (self, url.scheme()) {
            (_, "https") | (Self::Anywhere, "http") => {}
            (Self::PublicHttps, "http") => {
                return Err(misconfigured("base_url: https is required"));
            }
            _ => return Err(misconfigured("base_url: neither https nor http")),
        }
        let public = match host {
            Host::Ipv4(address) => is_public(address.into()),
            Host::Ipv6(address) => is_public(address.into()),
            // Names are judged by the addresses that they resolve to, at each call.
            Host::Domain(_) => true,
        };
        if public || self == Self::Anywhere {
            Ok(())
        } else {
            Err(misconfigured("base_url: leads to a private address"))
        }
    }
}

/// A name that resolves to private addresses only.
#[derive(Debug, thiserror::Error)]
#[error("the name leads to a private address")]
pub(super) struct PrivateAddress;

/// Resolves names to public addresses only, so that a name cannot turn private later.
pub(super) struct PublicResolver;

impl Resolve for PublicResolver {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let public: Vec<SocketAddr> = found.filter(|address| is_public(address.ip())).collect();
            if public.is_empty() {
                return Err(PrivateAddress.into());
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}

fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = matches!(
        (a, b, c),
        (0 | 10 | 127, ..)
            | (100, 64..=127, _)
            | (169, 254, _)
            | (172, 16..=31, _)
            | (192, 0, 0)
            | (192, 168, _)
            | (198, 18 | 19, _)
            | (224.., ..)
    );
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    // 2000::/3 is all that is routed; 6to4 and Teredo carry an IPv4 address that nobody checked.
    let segments = address.segments();
    (0x2000..=0x3fff).contains(&segments[0])
        && segments[0] != 0x2002
        && !(segments[0] == 0x2001 && segments[1] == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_our_own_network_are_not_public() {
        for text in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "255.255.255.255",
            "::1",
            "::ffff:127.0.0.1",
            "fd00::1",
            "fe80::1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
        ] {
            assert!(!is_public(text.parse().unwrap()), "{text}");
        }
        for text in ["1.1.1.1", "172.32.0.1", "2606:4700::1111"] {
            assert!(is_public(text.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn a_public_reach_wants_https_and_a_public_host() {
        let permit = |text: &str| Reach::PublicHttps.permit(&Url::parse(text).unwrap());
        assert!(permit("https://pay.example.com/").is_ok());
        for text in [
            "http://pay.example.com/",
            "https://127.0.0.1/",
            "https://[::1]/",
            "https://2130706433/",
        ] {
            assert!(permit(text).is_err(), "{text}");
        }
        assert!(
            Reach::Anywhere
                .permit(&Url::parse("http://127.0.0.1:8080/").unwrap())
                .is_ok()
        );
    }
}

//! Which addresses may be called that a merchant gave: none may lead into our own network.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

/// What an address may be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// Public addresses over HTTPS only.
    #[default]
    PublicHttps,
    /// Any address, also in clear: for tests, and for what is inside one's own network.
    Anywhere,
}

/// Why an address is not called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutOfReach {
    /// It names no host.
    NoHost,
    /// It is in clear.
    NotHttps,
    /// It is of another protocol.
    NotHttp,
    /// It leads into a private network.
    Private,
}

impl Reach {
    /// Whether an address may be called. Names are judged by the addresses that they resolve to, at each
    /// call: see [`PublicResolver`].
    pub fn permit(self, url: &Url) -> Result<(), OutOfReach> {
        let host = url.host().ok_or(OutOfReach::NoHost)?;
        match (self, url.scheme()) {
            (_, "https") | (Self::Anywhere, "http") => {}
            (Self::PublicHttps, "http") => return Err(OutOfReach::NotHttps),
            _ => return Err(OutOfReach::NotHttp),
        }
        let public = match host {
            Host::Ipv4(address) => is_public(address.into()),
            Host::Ipv6(address) => is_public(address.into()),
            Host::Domain(_) => true,
        };
        if public || self == Self::Anywhere {
            Ok(())
        } else {
            Err(OutOfReach::Private)
        }
    }

    /// Has a client call such addresses only, whatever names resolve to at the time.
    pub fn guard(self, builder: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
        let builder = builder
            .redirect(reqwest::redirect::Policy::none())
            // A proxy from the environment would see what is sent, and would resolve names for us.
            .no_proxy();
        match self {
            Self::PublicHttps => builder
                .https_only(true)
                .dns_resolver(PublicResolver(System)),
            Self::Anywhere => builder,
        }
    }
}

/// A name that resolves to private addresses only.
#[derive(Debug, thiserror::Error)]
#[error("the name leads to a private address")]
pub struct PrivateAddress;

/// Whether an error was caused by a name that leads to private addresses.
#[must_use]
pub fn is_private(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if error.is::<PrivateAddress>() {
            return true;
        }
        cause = error.source();
    }
    false
}

/// Asks the system for the addresses of names.
#[derive(Clone, Copy, Debug)]
struct System;

impl Resolve for System {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let found: Vec<SocketAddr> = found.collect();
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// Resolves names to public addresses only. A client connects to what it was told here, so that a name
/// cannot turn private between the look and the call.
struct PublicResolver<R>(R);

impl<R: Resolve> Resolve for PublicResolver<R> {
    fn resolve(&self, name: Name) -> Resolving {
        let found = self.0.resolve(name);
        Box::pin(async move {
            let found = found.await?;
            let public: Vec<SocketAddr> = found.filter(|address| is_public(address.ip())).collect();
            if public.is_empty() {
                return Err(PrivateAddress.into());
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}

/// Whether an address is one of the open internet.
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, d] = address.octets();
    let special = matches!(
        (a, b, c),
        (0 | 10 | 127, ..)
            | (100, 64..=127, _)
            | (169, 254, _)
            | (172, 16..=31, _)
            | (192, 0, 0 | 2)
            | (192, 88, 99)
            | (192, 168, _)
            | (198, 18 | 19, _)
            | (198, 51, 100)
            | (203, 0, 113)
            | (224.., ..)
    );
    // Azure tells its machines their secrets at a public address.
    !special && (a, b, c, d) != (168, 63, 129, 16)
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    // 2000::/3 is all that is routed; 6to4 and Teredo carry an IPv4 address that nobody checked.
    let segments = address.segments();
    (0x2000..=0x3fff).contains(&segments[0])
        && segments[0] != 0x2002
        && !(segments[0] == 0x2001 && matches!(segments[1], 0 | 0xdb8))
        && !(segments[0] == 0x3fff && segments[1] < 0x1000)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn addresses_of_our_own_network_are_not_public() {
        for text in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "100.100.100.200",
            "168.63.129.16",
            "0.0.0.0",
            "192.0.0.192",
            "192.0.2.1",
            "198.18.0.1",
            "198.51.100.7",
            "203.0.113.9",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:a9fe:a9fe",
            "::127.0.0.1",
            "fc00::1",
            "fd00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff::1",
        ] {
            assert!(!is_public(text.parse().unwrap()), "{text}");
        }
        for text in [
            "1.1.1.1",
            "172.32.0.1",
            "100.128.0.1",
            "192.169.0.1",
            "2606:4700::1111",
            "2400:3200::1",
            "::ffff:1.1.1.1",
        ] {
            assert!(is_public(text.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn a_public_reach_wants_https_and_a_public_host() {
        let permit = |text: &str| Reach::PublicHttps.permit(&Url::parse(text).unwrap());
        assert_eq!(permit("https://pay.example.com/"), Ok(()));
        for (text, why) in [
            ("http://pay.example.com/", OutOfReach::NotHttps),
            ("ftp://pay.example.com/", OutOfReach::NotHttp),
            ("https://127.0.0.1/", OutOfReach::Private),
            ("https://[::1]/", OutOfReach::Private),
            ("https://[::ffff:10.0.0.1]/", OutOfReach::Private),
            ("https://2130706433/", OutOfReach::Private),
            ("https://0x7f.1/", OutOfReach::Private),
            ("https://0177.0.0.1/", OutOfReach::Private),
        ] {
            assert_eq!(permit(text), Err(why), "{text}");
        }
        let anywhere = Url::parse("http://127.0.0.1:8080/").unwrap();
        assert_eq!(Reach::Anywhere.permit(&anywhere), Ok(()));
    }

    /// A name that is public when it is looked at, and leads to this machine when it is called.
    #[derive(Clone, Default)]
    struct Rebinding(Arc<AtomicUsize>);

    impl Resolve for Rebinding {
        fn resolve(&self, _name: Name) -> Resolving {
            let public = self.0.fetch_add(1, Ordering::SeqCst) == 0;
            let address = if public { [1, 1, 1, 1] } else { [127, 0, 0, 1] };
            let addresses = vec![SocketAddr::from((address, 0))];
            Box::pin(async move { Ok(Box::new(addresses.into_iter()) as Addrs) })
        }
    }

    #[tokio::test]
    async fn a_name_that_turns_private_is_not_called() {
        let (listener, seen) = {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let port = listener.local_addr().unwrap().port();
            (listener, port)
        };
        let resolver = PublicResolver(Rebinding::default());
        let name = || "shop.example".parse::<Name>().unwrap();
        let first: Vec<SocketAddr> = resolver.resolve(name()).await.unwrap().collect();
        assert_eq!(first[0].ip(), IpAddr::from([1, 1, 1, 1]));
        let client = reqwest::Client::builder()
            .no_proxy()
            .dns_resolver(resolver)
            .build()
            .unwrap();
        let url = format!("http://shop.example:{seen}/");
        let error = client.get(url).send().await.unwrap_err();
        assert!(is_private(&error), "{error:?}");
        let accepted =
            tokio::time::timeout(std::time::Duration::from_millis(50), listener.accept());
        assert!(accepted.await.is_err(), "nobody called");
    }

    #[tokio::test]
    async fn of_several_addresses_the_private_ones_are_left_out() {
        struct Both;
        impl Resolve for Both {
            fn resolve(&self, _name: Name) -> Resolving {
                let both = [[10, 0, 0, 1], [1, 1, 1, 1], [169, 254, 169, 254]];
                let both = both.map(|address| SocketAddr::from((address, 0)));
                Box::pin(async move { Ok(Box::new(both.into_iter()) as Addrs) })
            }
        }
        let found = PublicResolver(Both).resolve("shop.example".parse().unwrap());
        let found: Vec<IpAddr> = found.await.unwrap().map(|address| address.ip()).collect();
        assert_eq!(found, [IpAddr::from([1, 1, 1, 1])]);
    }
}

//! Which addresses an API key may come from: single ones, or networks such as `203.0.113.0/24`.

use std::net::IpAddr;
use std::str::FromStr;

/// One entry of an allow-list: an address, or a network by its first address and length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    length: u32,
}

/// A text that is neither an address nor a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidNetwork;

impl Network {
    /// Whether an address lies in it. An IPv4 address inside IPv6 counts as IPv4.
    #[must_use]
    pub fn contains(self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let same = own.to_bits() ^ other.to_bits();
                same.leading_zeros() >= self.length
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let same = own.to_bits() ^ other.to_bits();
                same.leading_zeros() >= self.length
            }
            _ => false,
        }
    }
}

impl FromStr for Network {
    type Err = InvalidNetwork;

    fn from_str(text: &str) -> Result<Self, InvalidNetwork> {
        let (address, length) = match text.split_once('/') {
            Some((address, length)) => (address, Some(length)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| InvalidNetwork)?;
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let length: u32 = match length {
            None => longest,
            Some(digits) if digits.len() <= 3 && digits.bytes().all(|d| d.is_ascii_digit()) => {
                digits.parse().map_err(|_| InvalidNetwork)?
            }
            Some(_) => return Err(InvalidNetwork),
        };
        if length > longest {
            return Err(InvalidNetwork);
        }
        // `::ffff:203.0.113.7` means the IPv4 address, whatever way a connection writes it.
        match (address, address.to_canonical()) {
            (IpAddr::V6(_), IpAddr::V4(inner)) => Ok(Self {
                address: IpAddr::V4(inner),
                length: length.checked_sub(96).ok_or(InvalidNetwork)?,
            }),
            _ => Ok(Self { address, length }),
        }
    }
}

/// Whether a stored list lets an address in: none lets in any; a list lets in nobody whose address
/// is unknown.
#[must_use]
pub fn lets_in(list: Option<&str>, address: Option<IpAddr>) -> bool {
    let Some(list) = list else {
        return true;
    };
    address.is_some_and(|address| {
        list.split(' ')
            .filter_map(|entry| entry.parse::<Network>().ok())
            .any(|network| network.contains(address))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_holds_its_addresses_and_no_others() {
        for (list, address, inside) in [
            ("203.0.113.7", "203.0.113.7", true),
            ("203.0.113.7", "203.0.113.8", false),
            ("203.0.113.0/24", "203.0.113.255", true),
            ("203.0.113.0/24", "203.0.114.0", false),
            ("203.0.113.9/24", "203.0.113.1", true),
            ("0.0.0.0/0", "8.8.8.8", true),
            ("0.0.0.0/0", "2001:db8::1", false),
            ("2001:db8::/32", "2001:db8:ffff::1", true),
            ("2001:db8::/32", "2001:db9::1", false),
            ("203.0.113.7", "::ffff:203.0.113.7", true),
            ("::ffff:203.0.113.7", "203.0.113.7", true),
            ("198.51.100.1 203.0.113.7", "203.0.113.7", true),
        ] {
            let address = Some(address.parse().unwrap());
            assert_eq!(
                lets_in(Some(list), address),
                inside,
                "{address:?} in {list}"
            );
        }
        assert!(lets_in(None, None));
        assert!(!lets_in(Some("0.0.0.0/0"), None));
        assert!(!lets_in(Some(""), Some("203.0.113.7".parse().unwrap())));
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for text in [
            "",
            "localhost",
            "203.0.113.0/33",
            "203.0.113.0/+8",
            "203.0.113.0/",
            "203.0.113",
            "2001:db8::/129",
            "::ffff:203.0.113.7/24",
        ] {
            assert_eq!(text.parse::<Network>(), Err(InvalidNetwork), "{text}");
        }
    }
}

//! Which devices can pay through a channel, as its row holds them.

use crate::channels::provider::Device;

/// Every device, with its name.
const DEVICES: [(Device, &str); 2] = [(Device::Desktop, "DESKTOP"), (Device::Mobile, "MOBILE")];

/// The devices that a row names; names that are not known here are passed over.
#[must_use]
pub fn read_devices(text: &str) -> Vec<Device> {
    let named = |name: &str| text.split(' ').any(|word| word == name);
    let known = DEVICES.iter().filter(|(_, name)| named(name));
    known.map(|(device, _)| *device).collect()
}

/// How a row names devices: each once, always in the same order.
#[must_use]
pub fn write_devices(devices: &[Device]) -> String {
    let wanted = DEVICES.iter().filter(|(one, _)| devices.contains(one));
    let names: Vec<&str> = wanted.map(|(_, name)| *name).collect();
    names.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_are_written_once_each_and_in_one_order() {
        let both = [Device::Mobile, Device::Desktop, Device::Mobile];
        assert_eq!(write_devices(&both), entity::channel::ALL_DEVICES);
        assert_eq!(write_devices(&[Device::Mobile]), "MOBILE");
        assert_eq!(read_devices("MOBILE WATCH"), [Device::Mobile]);
        assert_eq!(read_devices("DESKTOP MOBILE").len(), 2);
    }
}

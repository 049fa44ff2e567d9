//! How many there are from each address.

use std::collections::HashMap;
use std::net::IpAddr;

/// Counts by address. It remembers nothing of an address from which nobody is there.
#[derive(Debug, Default)]
pub(super) struct Crowd(HashMap<IpAddr, usize>);

impl Crowd {
    /// Counts one more from `address`, unless there are `most` already; returns whether it did.
    pub(super) fn enter(&mut self, address: IpAddr, most: usize) -> bool {
        let here = self.0.get(&address).copied().unwrap_or(0);
        if here >= most {
            return false;
        }
        self.0.insert(address, here + 1);
        true
    }

    /// Counts one less from `address`.
    pub(super) fn leave(&mut self, address: IpAddr) {
        if let Some(here) = self.0.get_mut(&address) {
            *here -= 1;
            if *here == 0 {
                self.0.remove(&address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    #[test]
    fn each_address_has_its_own_share() {
        let [one, other] = [1, 2].map(|last| IpAddr::V4(Ipv4Addr::new(10, 0, 0, last)));
        let mut crowd = Crowd::default();
        assert!(crowd.enter(one, 2) && crowd.enter(one, 2) && !crowd.enter(one, 2));
        assert!(crowd.enter(other, 1) && !crowd.enter(other, 0));
        crowd.leave(one);
        assert!(crowd.enter(one, 2));
        for address in [one, one, other] {
            crowd.leave(address);
        }
        assert!(crowd.0.is_empty(), "nobody is there");
        assert!(!crowd.enter(one, 0) && crowd.0.is_empty(), "nor is one who was not let in");
    }
}

//! Sorting by one compiled sort: the standard library's is compiled anew for every type and comparison, 2 KB each of what
//! the page downloads.

use std::cmp::Ordering;

/// The numbers below `n` in the order in which `compare` puts them; equal ones stay as they are.
pub fn sorted(n: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_unstable_by(|&a, &b| compare(a, b).then(a.cmp(&b)));
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_ones_stay_as_they_are() {
        let keys: Vec<u32> = (0..200).map(|i| i * 7919 % 13).collect();
        let order = sorted(keys.len(), &|a, b| keys[a].cmp(&keys[b]));
        let mut expected: Vec<usize> = (0..keys.len()).collect();
        expected.sort_by_key(|&i| keys[i]);
        assert_eq!(order, expected);
    }
}

//! Whole numbers in proportion to weights, with an exact sum.

/// Splits `total` in proportion to `weights`, none above its cap: largest remainders
/// (Hamilton), ties to the lower position. The sum is `total`, or that of the caps
/// where it is less; a position without weight gets nothing unless the others are full.
///
/// O(n log n) a round; each round but the last fills a cap.
pub(super) fn allot(total: u64, weights: &[f64], caps: &[u64]) -> Vec<u64> {
    let mut shares = vec![0; weights.len()];
    let mut left = total;
    while left > 0 {
        let mut open: Vec<usize> = (0..shares.len()).filter(|&i| shares[i] < caps[i]).collect();
        if open.iter().any(|&i| weights[i] > 0.0) {
            open.retain(|&i| weights[i] > 0.0);
        }
        if open.is_empty() {
            break;
        }
        let sum: f64 = open.iter().map(|&i| weights[i]).sum();
        let quota = |i: usize| {
            if sum > 0.0 { left as f64 * (weights[i] / sum) } else { left as f64 / open.len() as f64 }
        };
        let mut remainders: Vec<(usize, f64)> = Vec::with_capacity(open.len());
        let mut placed = 0;
        for &i in &open {
            let whole = (quota(i) as u64).min(left - placed);
            let given = whole.min(caps[i] - shares[i]);
            remainders.push((i, quota(i) - whole as f64));
            shares[i] += given;
            placed += given;
        }
        let capped = open.iter().any(|&i| shares[i] == caps[i]);
        left -= placed;
        // While caps still bite, proportion first; remainders only when it has come to them.
        if capped && placed > 0 {
            continue;
        }
        remainders.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        for (i, _) in remainders {
            if left > 0 && shares[i] < caps[i] {
                shares[i] += 1;
                left -= 1;
            }
        }
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_exact_and_caps_kept() {
        assert_eq!(allot(10, &[1.0, 1.0, 1.0], &[9, 9, 9]), [4, 3, 3]);
        assert_eq!(allot(10, &[8.0, 1.0, 1.0], &[2, 9, 9]), [2, 4, 4]);
        assert_eq!(allot(10, &[1.0, 0.0], &[4, 9]), [4, 6]);
        assert_eq!(allot(10, &[1.0, 1.0], &[2, 2]), [2, 2]);
        assert_eq!(allot(3, &[], &[]), [0_u64; 0]);
    }
}

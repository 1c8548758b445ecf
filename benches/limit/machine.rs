//! What the machine can do at most, on all threads at once.

use crate::region::SplitMix;

/// Additions a second at random places of a column of `n` f32, one column a thread; the
/// places are read from memory, as edges are.
pub(crate) fn scatter(n: usize) -> f64 {
    const ADDITIONS: usize = 1 << 22;
    let mut random = SplitMix(n as u64);
    let places: Vec<u32> = (0..ADDITIONS).map(|_| (random.unit() * n as f64) as u32).collect();
    let run = || {
        rayon::broadcast(|_| {
            let mut column = vec![0.0f32; n];
            for _ in 0..4 {
                for &place in &places {
                    column[place as usize] += 1.0;
                }
            }
            column[0]
        })
    };
    (4 * ADDITIONS * rayon::current_num_threads()) as f64 / crate::common::seconds(run)
}

/// Bytes read a second from memory, one column of 64 MB a thread.
pub(crate) fn stream() -> f64 {
    const WORDS: usize = 1 << 23;
    let columns = vec![vec![1u64; WORDS]; rayon::current_num_threads()];
    let run = || rayon::broadcast(|thread| columns[thread.index()].iter().sum::<u64>());
    (8 * WORDS * columns.len()) as f64 / crate::common::seconds(run)
}

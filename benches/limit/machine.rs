//! What the machine can do at most, on one thread.

use crate::clock::least;
use crate::region::SplitMix;

/// Places of a column of `n`, at random, as many as edges of a walk.
fn places(n: usize) -> Vec<u32> {
    let mut random = SplitMix(n as u64);
    (0..1 << 22).map(|_| (random.unit() * n as f64) as u32).collect()
}

/// Additions a second at random places of a column of `n` f32; places and weights are read from
/// memory, as edges are.
pub(crate) fn scatter(n: usize) -> f64 {
    let places = places(n);
    let weights = vec![1.0f32; places.len()];
    let mut column = vec![0.0f32; n];
    let [time] = least([&mut || {
        for (&place, &weight) in places.iter().zip(&weights) {
            column[place as usize] += 0.5 * weight;
        }
    }]);
    places.len() as f64 / time
}

/// Reads a second at random places of a column of `n` f32.
pub(crate) fn gather(n: usize) -> f64 {
    let places = places(n);
    let column = vec![1.0f32; n];
    let mut sum = 0.0;
    let [time] = least([&mut || {
        // Four sums, so that no addition waits for the one before.
        let mut sums = [0.0; 4];
        for places in places.chunks_exact(4) {
            for (sum, &place) in sums.iter_mut().zip(places) {
                *sum += column[place as usize];
            }
        }
        sum += sums.iter().sum::<f32>();
    }]);
    std::hint::black_box(sum);
    places.len() as f64 / time
}

/// Bytes read a second from a column of 256 MB.
pub(crate) fn stream() -> f64 {
    let column = vec![1u64; 1 << 25];
    let mut sum = 0;
    let [time] = least([&mut || sum += column.iter().sum::<u64>()]);
    std::hint::black_box(sum);
    (8 * column.len()) as f64 / time
}

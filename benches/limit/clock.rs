//! CPU time, since others use the machine as well.

use std::time::{Duration, Instant};

use cpu_time::ProcessTime;

/// The least CPU time of each run, seconds. They take turns, at least twice and at most
/// eight times, so that all see the same machine.
pub(crate) fn least<const N: usize>(mut runs: [&mut dyn FnMut(); N]) -> [f64; N] {
    let start = Instant::now();
    let mut least = [f64::INFINITY; N];
    for turn in 0..8 {
        if turn >= 2 && start.elapsed() > Duration::from_secs(4) {
            break;
        }
        for (least, run) in least.iter_mut().zip(&mut runs) {
            let start = ProcessTime::now();
            run();
            *least = least.min(start.elapsed().as_secs_f64());
        }
    }
    least
}

/// The least time by the clock on the wall, seconds, in turns likewise.
pub(crate) fn least_wall<const N: usize>(mut runs: [&mut dyn FnMut(); N]) -> [f64; N] {
    let begin = Instant::now();
    let mut least = [f64::INFINITY; N];
    for turn in 0..8 {
        if turn >= 2 && begin.elapsed() > Duration::from_secs(4) {
            break;
        }
        for (least, run) in least.iter_mut().zip(&mut runs) {
            let start = Instant::now();
            run();
            *least = least.min(start.elapsed().as_secs_f64());
        }
    }
    least
}

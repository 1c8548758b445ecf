//! Times of several runs in turns, so that all see the same machine.

use std::time::{Duration, Instant};

use cpu_time::ProcessTime;

/// The least CPU time of each run, seconds, since others use the machine as well.
pub(crate) fn least<const N: usize>(runs: [&mut dyn FnMut(); N]) -> [f64; N] {
    in_turns(runs, |run| {
        let start = ProcessTime::now();
        run();
        start.elapsed()
    })
}

/// The least time of each run by the clock on the wall, seconds.
pub(crate) fn least_wall<const N: usize>(runs: [&mut dyn FnMut(); N]) -> [f64; N] {
    in_turns(runs, |run| {
        let start = Instant::now();
        run();
        start.elapsed()
    })
}

/// At least two turns and at most eight.
fn in_turns<const N: usize>(
    mut runs: [&mut dyn FnMut(); N],
    time: impl Fn(&mut dyn FnMut()) -> Duration,
) -> [f64; N] {
    let start = Instant::now();
    let mut least = [f64::INFINITY; N];
    for turn in 0..8 {
        if turn >= 2 && start.elapsed() > Duration::from_secs(4) {
            break;
        }
        for (least, run) in least.iter_mut().zip(&mut runs) {
            *least = least.min(time(*run).as_secs_f64());
        }
    }
    least
}

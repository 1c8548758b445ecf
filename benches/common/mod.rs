//! What all benches share: sizes by name, one seed, one way to take the time.

use std::time::{Duration, Instant};

use criterion::Criterion;

/// The seed of whatever is drawn.
pub(crate) const SEED: u64 = 1799;

/// How many firms, ten supply edges each.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Size {
    /// 5 000 firms.
    City,
    /// 100 000 firms.
    Province,
    /// 1 000 000 firms.
    Country,
}

impl Size {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::City => "city",
            Self::Province => "province",
            Self::Country => "country",
        }
    }

    pub(crate) fn firms(self) -> usize {
        match self {
            Self::City => 5_000,
            Self::Province => 100_000,
            Self::Country => 1_000_000,
        }
    }
}

/// A city alone where benches are only tried out; the country only where asked for.
pub(crate) fn sizes() -> Vec<Size> {
    let mut sizes = vec![Size::City];
    if !std::env::args().any(|argument| argument == "--test") {
        sizes.push(Size::Province);
    }
    if std::env::var_os("JIEDUI_COUNTRY").is_some() {
        sizes.push(Size::Country);
    }
    sizes
}

/// Few samples, since one run may take seconds.
pub(crate) fn criterion() -> Criterion {
    Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .configure_from_args()
}

/// The shortest of five runs, or of as many as begin within three seconds; seconds.
pub(crate) fn seconds<T>(mut run: impl FnMut() -> T) -> f64 {
    let first = Instant::now();
    let mut shortest = f64::INFINITY;
    for _ in 0..5 {
        let start = Instant::now();
        if start - first > Duration::from_secs(3) {
            break;
        }
        std::hint::black_box(run());
        shortest = shortest.min(start.elapsed().as_secs_f64());
    }
    shortest
}

//! The least that scoring must do: read the columns and add them up.

/// Factors and sides of the built-in registry.
const COLUMNS: usize = 2 * 15;

/// The values of as many candidates as are scored at a time, column after column.
pub(crate) struct Values {
    n: usize,
    columns: Vec<f64>,
    sums: [Vec<f64>; 2],
}

impl Values {
    pub(crate) fn new(n: usize) -> Self {
        let columns = (0..COLUMNS * n).map(|position| (position % 17) as f64 / 17.0).collect();
        Self { n, columns, sums: [vec![0.0; n], vec![0.0; n]] }
    }

    /// One block of candidates: both sides' sums of the columns, and their harmonic mean.
    pub(crate) fn score(&mut self) -> f64 {
        let [anchor, supplier] = &mut self.sums;
        for sums in [&mut *anchor, &mut *supplier] {
            sums.fill(0.0);
        }
        for pair in self.columns.chunks_exact(2 * self.n) {
            let (of_anchor, of_supplier) = pair.split_at(self.n);
            for (sums, column) in [(&mut *anchor, of_anchor), (&mut *supplier, of_supplier)] {
                for (sum, value) in sums.iter_mut().zip(column) {
                    *sum += value;
                }
            }
        }
        anchor.iter().zip(supplier.iter()).map(|(a, s)| 2.0 * a * s / (a + s)).fold(0.0, f64::max)
    }
}

//! The least that scoring must do: read the columns and add them up.

use jiedui::factor::Sides;
use jiedui::model::Side;

/// A column of values, one for each candidate of a block, and where it counts.
struct Column {
    sides: Sides,
    values: Vec<f64>,
}

/// The values of as many candidates as are scored at a time, column after column.
pub(crate) struct Values {
    columns: Vec<Column>,
    sums: [Vec<f64>; 2],
}

impl Values {
    /// `n` candidates of factors that count on these sides: a column each, two for one
    /// with a value of its own for each side.
    pub(crate) fn new(n: usize, factors: impl IntoIterator<Item = Sides>) -> Self {
        let columns = factors.into_iter().flat_map(|sides| match sides {
            Sides::Each => vec![Sides::Anchor, Sides::Supplier],
            sides => vec![sides],
        });
        let values = || (0..n).map(|position| (position % 17) as f64 / 17.0).collect();
        Self {
            columns: columns.map(|sides| Column { sides, values: values() }).collect(),
            sums: [vec![0.0; n], vec![0.0; n]],
        }
    }

    /// One block of candidates: both sides' sums of the columns, and their harmonic mean.
    pub(crate) fn score(&mut self) -> f64 {
        for sums in &mut self.sums {
            sums.fill(0.0);
        }
        for column in &self.columns {
            for (side, sums) in Side::ALL.into_iter().zip(&mut self.sums) {
                if column.sides.include(side) {
                    for (sum, value) in sums.iter_mut().zip(&column.values) {
                        *sum += value;
                    }
                }
            }
        }
        let [anchor, supplier] = &self.sums;
        anchor.iter().zip(supplier).map(|(a, s)| 2.0 * a * s / (a + s)).fold(0.0, f64::max)
    }
}

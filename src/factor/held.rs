//! Factors that somebody else holds.

use std::sync::Arc;

use super::{Column, Factor, Query, Sides};
use crate::network::Network;

/// Every method is passed on: a default in the place of one would forget what the factor says.
macro_rules! pass_on {
    ($($holder:ident),+) => { $(
        impl<F: Factor + ?Sized> Factor for $holder<F> {
            fn name(&self) -> &str {
                (**self).name()
            }

            fn sides(&self) -> Sides {
                (**self).sides()
            }

            fn fill(&self, query: &mut Query<'_>, column: &mut Column) {
                (**self).fill(query, column);
            }

            fn estimate(&self, query: &mut Query<'_>, column: &mut Column) -> f64 {
                (**self).estimate(query, column)
            }

            fn prepare(&self) {
                (**self).prepare();
            }

            fn is_cheap(&self) -> bool {
                (**self).is_cheap()
            }

            fn bound(&self, query: &mut Query<'_>, column: &mut Column) -> bool {
                (**self).bound(query, column)
            }

            fn bound_alike(&self, query: &mut Query<'_>, column: &mut Column) -> bool {
                (**self).bound_alike(query, column)
            }

            fn constant(&self, network: &Network) -> Option<f64> {
                (**self).constant(network)
            }

            fn sample(&self, query: &mut Query<'_>, samples: &mut Vec<f64>) {
                (**self).sample(query, samples);
            }
        }
    )+ };
}

pass_on!(Box, Arc);

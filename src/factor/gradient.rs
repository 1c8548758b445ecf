//! `gradient`: a larger firm leads a smaller one.

use super::{Column, Factor, Query, Sides, Value};
use crate::model::SizeClass;

/// Size gradient (大带小), one value for both sides: by how many size classes the anchor
/// stands above the supplier: 1 → 0.6, 2 → 1, 3 → 0.8, none → 0.
///
/// A department or branch stands for its legal entity. Unknown where either size class
/// is, unless the other alone tells: nobody stands below a micro firm, or above a large one. Own
/// definition, after the practice of 以大带小;
/// ownership (国有带民营) and role (主机带配套) are flags of a recommendation, not
/// numbers. O(1) a candidate.
#[derive(Debug, Clone, Copy, Default)]
pub struct Gradient;

impl Gradient {
    fn value(anchor: Option<SizeClass>, supplier: Option<SizeClass>) -> Option<f64> {
        if anchor == Some(SizeClass::Micro) || supplier == Some(SizeClass::Large) {
            return Some(0.0);
        }
        Some(match (anchor? as u8).saturating_sub(supplier? as u8) {
            0 => 0.0,
            1 => 0.6,
            2 => 1.0,
            _ => 0.8,
        })
    }
}

impl Factor for Gradient {
    fn name(&self) -> &'static str {
        "gradient"
    }

    fn sides(&self) -> Sides {
        Sides::Both
    }

    fn is_cheap(&self) -> bool {
        true
    }

    fn fill(&self, query: &mut Query<'_>, column: &mut Column) {
        let size = |firm| query.profiles.of(firm).size;
        let anchor = size(query.anchor);
        let value = |&firm: &_| Value::from_option(Self::value(anchor, size(firm)));
        column.fill_from(query.candidates.iter().map(value));
    }

    fn bound_alike(&self, query: &mut Query<'_>, column: &mut Column) -> bool {
        let most = match query.profiles.of(query.anchor).size {
            Some(SizeClass::Micro) | None => 0.0,
            Some(_) => 1.0,
        };
        super::fill_alike(self.name(), query, column, most);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_classes_are_best() {
        use SizeClass::{Large, Medium, Micro, Small};
        let [micro, small, medium, large] = [Micro, Small, Medium, Large].map(Some);
        for (anchor, supplier, value) in [
            (large, medium, Some(0.6)),
            (large, small, Some(1.0)),
            (large, micro, Some(0.8)),
            (medium, medium, Some(0.0)),
            (small, large, Some(0.0)),
            (large, None, None),
            (None, micro, None),
            // Whatever the other is.
            (micro, None, Some(0.0)),
            (None, large, Some(0.0)),
        ] {
            assert_eq!(Gradient::value(anchor, supplier), value);
        }
    }
}

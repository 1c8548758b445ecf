//! `gradient`: a larger firm leads a smaller one.

use super::{Column, Factor, Query, Sides, Value};
use crate::model::SizeClass;

/// Size gradient (大带小), one value for both sides: by how many size classes the anchor
/// stands above the supplier: 1 → 0.6, 2 → 1, 3 → 0.8, none → 0.
///
/// A department or branch stands for its legal entity. Unknown where either size class
/// is. Own definition, after the practice of 以大带小;
/// ownership (国有带民营) and role (主机带配套) are flags of a recommendation, not
/// numbers. O(1) a candidate.
#[derive(Debug, Clone, Copy, Default)]
pub struct Gradient;

impl Gradient {
    fn value(anchor: SizeClass, supplier: SizeClass) -> f64 {
        match (anchor as u8).saturating_sub(supplier as u8) {
            0 => 0.0,
            1 => 0.6,
            2 => 1.0,
            _ => 0.8,
        }
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
        let Some(anchor) = size(query.anchor) else { return column.fill(Value::Unknown) };
        let value = |firm| size(firm).map(|supplier| Self::value(anchor, supplier));
        column.fill_from(query.candidates.iter().map(|&firm| Value::from_option(value(firm))));
    }

    fn bound_alike(&self, query: &mut Query<'_>, column: &mut Column) -> bool {
        let most = |anchor| if anchor == SizeClass::Micro { 0.0 } else { 1.0 };
        super::fill_alike(self.name(), query, column, query.profiles.of(query.anchor).size.map(most));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_classes_are_best() {
        use SizeClass::{Large, Medium, Micro, Small};
        assert_eq!(Gradient::value(Large, Medium), 0.6);
        assert_eq!(Gradient::value(Large, Small), 1.0);
        assert_eq!(Gradient::value(Large, Micro), 0.8);
        assert_eq!(Gradient::value(Medium, Medium), 0.0);
        assert_eq!(Gradient::value(Small, Large), 0.0);
    }
}

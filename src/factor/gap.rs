//! `gap`: closes a gap in the region's chain.

use super::{Column, Factor, Query, Sides, Value};

/// Gap filling (补链), for the anchor: the anchor's [`ProductFit`](super::ProductFit) with
/// each thing wanted weighted by wₚ · (1 − share of p bought inside the anchor's region).
///
/// Wants that are only inferred from what the anchor buys count half.
/// The share is that of the anchor's yearly spend on p; a thing that it wants and does
/// not buy at all is a whole gap. Spend at firms of unknown region is left out. The value
/// is 0 where nothing is left to close, whatever the candidate's own region. Unknown
/// without the anchor's region, where every want is bought at unknown regions, or where
/// product fit is unknown. Own definition; the practice is
/// 延链补链强链. O(wants × sources) an anchor, O(wants × products made) a
/// candidate, shared with product fit.
#[derive(Debug, Clone, Copy, Default)]
pub struct Gap;

impl Factor for Gap {
    fn name(&self) -> &'static str {
        "gap"
    }

    fn sides(&self) -> Sides {
        Sides::Anchor
    }

    fn fill(&self, query: &mut Query<'_>, column: &mut Column) {
        if query.network.firm(query.anchor).region.is_none() {
            return column.fill(Value::Unknown);
        }
        let fit = query.scratch.fit(query.taxonomies, query.network, query.anchor);
        let meetings = fit.meet(query.taxonomies, query.network, query.profiles, query.candidates);
        column.fill_from(meetings.iter().map(|met| Value::from_option(met.and_then(|met| met.closed))));
    }

    fn bound(&self, query: &mut Query<'_>, column: &mut Column) -> bool {
        let is_unknown = query.network.firm(query.anchor).region.is_none();
        if !is_unknown {
            let fit = query.scratch.fit(query.taxonomies, query.network, query.anchor);
            let met = |firm: &_| fit.meets_at_most(query.taxonomies, query.profiles, *firm);
            let closed = query.candidates.iter().map(met).map(|met| met.and_then(|met| met.closed));
            column.fill_from(closed.map(Value::from_option));
        }
        true
    }

    fn bound_alike(&self, query: &mut Query<'_>, column: &mut Column) -> bool {
        self.bound(query, column)
    }
}

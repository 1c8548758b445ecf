//! What an anchor wants, and how well a candidate's products meet it.

use super::purchases::Purchases;
use super::slots::Slots;
use super::taxonomy::{Concept, Taxonomies, Taxonomy};
use crate::model::{FirmIx, ProductIx};
use crate::network::Network;

/// A thing wanted: a product or an industry, with its weight.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Want {
    /// Product or industry, by index in its [`Taxonomy`].
    pub concept: Concept,
    /// Importance, above 0.
    pub weight: f64,
}

/// What a firm wants from suppliers.
///
/// Products: its `needs` rows; else the inputs of what it makes, each line of the bill
/// of materials weighted by the product's own weight; else what it buys, by spend.
/// Industries: those of its suppliers by yearly spend, never its own. Spend that is not
/// told counts as the median of what is.
/// Candidates that tell their products are held against the products wanted, the others
/// by industry.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Demand {
    /// Products wanted, by product, each once.
    pub products: Vec<Want>,
    /// Industries wanted, by industry, each once.
    pub industries: Vec<Want>,
}

impl Demand {
    fn of(taxonomies: &Taxonomies, network: &Network, firm: FirmIx, bought: &Purchases) -> Self {
        let catalog = network.catalog();
        let want = |(product, weight): (ProductIx, f64)| (product.index() as Concept, weight);
        let makes = |product: ProductIx| {
            catalog.makes(firm).binary_search_by_key(&product, |&(made, _)| made).is_ok()
        };
        let needs = catalog.needs(firm);
        let mut products: Vec<(Concept, f64)> = if needs.is_empty() {
            let inputs = catalog.makes(firm).iter().flat_map(|&(made, share)| {
                catalog.inputs(made).iter().map(move |&(input, weight)| (input, share * weight))
            });
            // Inputs that the firm makes itself are not wanted.
            inputs.filter(|&(input, _)| !makes(input)).map(want).collect()
        } else {
            needs.iter().copied().map(want).collect()
        };
        if products.is_empty() {
            products = bought.totals().filter(|&(product, _)| !makes(product)).map(want).collect();
        }
        let own = taxonomies.industry(firm);
        let industries = bought.suppliers().iter().filter_map(|&(supplier, spend)| {
            Some((taxonomies.industry(supplier).filter(|&industry| Some(industry) != own)?, spend))
        });
        Self { products: gather(products), industries: gather(industries.collect()) }
    }
}

/// Adds up the weights of each concept, in the order given; drops what weighs nothing.
fn gather(mut wants: Vec<(Concept, f64)>) -> Vec<Want> {
    wants.sort_by_key(|&(concept, _)| concept);
    wants
        .chunk_by(|a, b| a.0 == b.0)
        .map(|same| Want { concept: same[0].0, weight: same.iter().map(|&(_, weight)| weight).sum() })
        .filter(|want| want.weight > 0.0)
        .collect()
}

/// In which terms a candidate is held against the wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Space {
    Products,
    Industries,
}

/// An anchor's wants, ready to be compared with what candidates make.
#[derive(Debug, Default)]
pub(crate) struct Fit {
    demand: Demand,
    products: Likeness,
    industries: Likeness,
    /// The candidates last compared, how each meets the wants, and its best likeness to
    /// each thing wanted.
    candidates: Vec<FirmIx>,
    meetings: Vec<Option<Meeting>>,
    best: Vec<f64>,
}

/// How a candidate meets the wants.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Meeting {
    pub(crate) space: Space,
    /// Σ w · likeness / Σ w over what the candidate makes, each by its best likeness.
    pub(crate) used: f64,
    /// Where its best likenesses begin.
    start: usize,
}

/// Similarity of each thing wanted to concepts, found once per concept.
#[derive(Debug, Default)]
struct Likeness {
    /// The classes above the wants; by slot where the wants below begin, and where the last ones end.
    classes: Slots,
    starts: Vec<usize>,
    /// The wants by class, each by its position.
    below: Vec<(Concept, usize)>,
    /// The things made of which the likeness is known; by slot the likeness to each want.
    made: Slots,
    known: Vec<f64>,
}

/// The most likenesses that are remembered: 8 MB, then they are found anew.
const MOST_LIKENESSES: usize = 1 << 20;

impl Likeness {
    fn prepare(&mut self, taxonomy: &Taxonomy, wants: &[Want]) {
        let Self { classes, starts, below, made, known } = self;
        made.reset(taxonomy.len());
        known.clear();
        below.clear();
        for (position, want) in wants.iter().enumerate() {
            below.extend(taxonomy.ancestors(want.concept).iter().map(|&class| (class, position)));
        }
        below.sort_unstable();
        classes.reset(taxonomy.len());
        starts.clear();
        for (start, &(class, _)) in below.iter().enumerate() {
            if classes.enter(class).1 {
                starts.push(start);
            }
        }
        starts.push(below.len());
    }

    /// The similarity of `made` to each of `wants`.
    fn to(&mut self, taxonomy: &Taxonomy, wants: &[Want], made: Concept) -> &[f64] {
        if self.known.len() > MOST_LIKENESSES {
            self.made.reset(taxonomy.len());
            self.known.clear();
        }
        let (slot, is_new) = self.made.enter(made);
        let start = slot * wants.len();
        if is_new {
            self.known.resize(start + wants.len(), 0.0);
            for &class in taxonomy.ancestors(made) {
                let Some(slot) = self.classes.get(class) else { continue };
                let common = taxonomy.information_content(class);
                for &(_, position) in &self.below[self.starts[slot]..self.starts[slot + 1]] {
                    let want = wants[position].concept;
                    let lin = if want == made { 1.0 } else { taxonomy.lin(common, want, made) };
                    let best = &mut self.known[start + position];
                    *best = best.max(lin);
                }
            }
        }
        &self.known[start..start + wants.len()]
    }
}

impl Fit {
    /// Finds the wants of another anchor.
    pub(crate) fn prepare(
        &mut self,
        taxonomies: &Taxonomies,
        network: &Network,
        anchor: FirmIx,
        bought: &Purchases,
    ) {
        self.demand = Demand::of(taxonomies, network, anchor, bought);
        self.products.prepare(&taxonomies.products, &self.demand.products);
        self.industries.prepare(&taxonomies.industries, &self.demand.industries);
        self.candidates.clear();
        self.meetings.clear();
    }

    /// What the anchor wants.
    pub(crate) fn demand(&self) -> &Demand {
        &self.demand
    }

    /// What the anchor wants in these terms.
    pub(crate) fn wants(&self, space: Space) -> &[Want] {
        match space {
            Space::Products => &self.demand.products,
            Space::Industries => &self.demand.industries,
        }
    }

    /// What `candidate` makes, in the terms in which the anchor wants; `None` where the
    /// two cannot be compared. `visit` sees, for each thing made, its weight and its
    /// likeness to each thing wanted.
    pub(crate) fn compare(
        &mut self,
        taxonomies: &Taxonomies,
        network: &Network,
        candidate: FirmIx,
        mut visit: impl FnMut(Want, &[f64]),
    ) -> Option<Space> {
        let wants = &self.demand.products;
        if !wants.is_empty() {
            let makes = network.catalog().makes(candidate).iter().filter(|&&(_, weight)| weight > 0.0);
            let mut makes_any = false;
            for &(product, weight) in makes {
                let made = Want { concept: product.index() as Concept, weight };
                visit(made, self.products.to(&taxonomies.products, wants, made.concept));
                makes_any = true;
            }
            if makes_any {
                return Some(Space::Products);
            }
        }
        let industry = taxonomies.industry(candidate)?;
        if self.demand.industries.is_empty() {
            return None;
        }
        let made = Want { concept: industry, weight: 1.0 };
        visit(made, self.industries.to(&taxonomies.industries, &self.demand.industries, industry));
        Some(Space::Industries)
    }

    /// Compares the candidates with the wants, unless they are those last compared.
    pub(crate) fn meet(&mut self, taxonomies: &Taxonomies, network: &Network, candidates: &[FirmIx]) {
        if self.candidates == candidates {
            return;
        }
        self.candidates.clear();
        self.candidates.extend_from_slice(candidates);
        let (mut meetings, mut best) = (std::mem::take(&mut self.meetings), std::mem::take(&mut self.best));
        meetings.clear();
        best.clear();
        for &candidate in candidates {
            let start = best.len();
            let (mut used, mut made) = (0.0, 0.0);
            let space = self.compare(taxonomies, network, candidate, |make, likeness| {
                if best.len() == start {
                    best.extend_from_slice(likeness);
                } else {
                    raise(&mut best[start..], likeness);
                }
                used += make.weight * likeness.iter().copied().fold(0.0, f64::max);
                made += make.weight;
            });
            meetings.push(space.map(|space| Meeting { space, used: used / made, start }));
        }
        (self.meetings, self.best) = (meetings, best);
    }

    /// How the candidates last [met](Self::meet) meet the wants, in their order: beside
    /// each the likeness to each thing wanted of the likest thing that it makes.
    pub(crate) fn meetings(&self) -> impl ExactSizeIterator<Item = Option<(Meeting, &[f64])>> {
        self.meetings.iter().map(|meeting| {
            meeting.map(|meeting| {
                let end = meeting.start + self.wants(meeting.space).len();
                (meeting, &self.best[meeting.start..end])
            })
        })
    }
}

/// Raises the best likeness to each thing wanted to that of one more thing made.
fn raise(best: &mut [f64], likeness: &[f64]) {
    for (best, &like) in best.iter_mut().zip(likeness) {
        *best = best.max(like);
    }
}

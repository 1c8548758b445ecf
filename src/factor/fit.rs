//! How what candidates make meets what an anchor wants.

use super::assortment::Assortments;
use super::demand::{Demand, Want};
use super::lines::Line;
use super::open::{Gaps, Open};
use super::profiles::Profiles;
use super::purchases::Purchases;
use super::slots::Slots;
use super::taxonomy::{Concept, Taxonomies, Taxonomy};
use crate::model::{FirmIx, Side};
use crate::network::Network;

/// In which terms a candidate is held against the wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Space {
    Products,
    Industries,
}

/// The same, with what is known of it.
enum Terms {
    /// How it meets the wants at most, as [`Fit::meets_at_most`] has it.
    Products(Meeting),
    Industry(Concept),
}

/// An anchor's wants, ready to be compared with what candidates make.
#[derive(Debug, Default)]
pub(crate) struct Fit {
    demand: Demand,
    products: Likeness,
    industries: Likeness,
    /// The assortments met so far; by slot how a firm that makes it meets the wants, and uses of
    /// what it makes at most.
    assortments: Slots,
    at_most: Vec<Meeting>,
    /// The candidates last compared, and how each meets the wants.
    candidates: Vec<FirmIx>,
    meetings: Vec<Option<Meeting>>,
}

/// How a candidate meets the wants, each likeness counted by how sure the wants are.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Meeting {
    /// Σ w · likeness / Σ w over what the candidate makes, each by its best likeness.
    pub(super) used: f64,
    /// Σ w · likeness / Σ w over what the anchor wants, each by its best likeness.
    pub(super) met: f64,
    /// The same over what is left to close of it; `None` where that is unknown.
    pub(super) closed: Option<f64>,
}

impl Meeting {
    /// The product fit of a side.
    pub(super) fn of(self, side: Side) -> f64 {
        if side == Side::Anchor { self.met } else { self.used }
    }
}

/// Similarity of each thing wanted to concepts, found once per concept.
#[derive(Debug, Default)]
struct Likeness {
    /// The classes above the wants; by slot where the wants below begin, and where the last ones end.
    classes: Slots,
    starts: Vec<usize>,
    /// The wants by class, each by its position.
    below: Vec<(Concept, usize)>,
    /// The sum of the weights of the wants, and what is left to close of them.
    all: f64,
    open: Open,
    /// What likeness to them counts: 1, or [`INFERRED`].
    certainty: f64,
    /// The things made of which the likeness is known; by slot the likeness to each want,
    /// and how a firm that makes this alone meets the wants.
    made: Slots,
    known: Vec<f64>,
    alone: Vec<Meeting>,
}

/// The likeness of one thing made to the wants.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Like<'a> {
    /// To each of them.
    pub(crate) each: &'a [f64],
    /// How a firm that makes nothing else meets them, and uses what it makes.
    alone: &'a Meeting,
}

/// What likeness to a want counts that is only inferred from what the anchor buys: it is met already.
pub(super) const INFERRED: f64 = 0.5;
/// The most likenesses that are remembered: 8 MB, then they are found anew.
const MOST_LIKENESSES: usize = 1 << 20;

impl Likeness {
    fn prepare(&mut self, taxonomy: &Taxonomy, wants: &[Want], open: Open, is_inferred: bool) {
        self.all = wants.iter().map(|want| want.weight).sum();
        self.certainty = if is_inferred { INFERRED } else { 1.0 };
        self.open = open;
        let Self { classes, starts, below, made, known, alone, .. } = self;
        made.reset(taxonomy.len());
        known.clear();
        alone.clear();
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
    fn to(&mut self, taxonomy: &Taxonomy, wants: &[Want], made: Concept) -> Like<'_> {
        if self.known.len() > MOST_LIKENESSES {
            self.made.reset(taxonomy.len());
            self.known.clear();
            self.alone.clear();
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
            let each = &self.known[start..];
            let used = self.certainty * each.iter().copied().fold(0.0, f64::max);
            self.alone.push(Meeting { used, ..self.meeting(wants, each) });
        }
        Like { each: &self.known[start..start + wants.len()], alone: &self.alone[slot] }
    }

    /// How best likenesses meet the wants.
    fn meeting(&self, wants: &[Want], best: &[f64]) -> Meeting {
        let (mut met, mut closed) = (0.0, 0.0);
        for ((want, open), best) in wants.iter().zip(&self.open.wants).zip(best) {
            met += want.weight * best;
            closed += open * best;
        }
        let closed = self.open.share(closed).map(|closed| self.certainty * closed);
        Meeting { used: 0.0, met: self.certainty * (met / self.all), closed }
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
        let gaps = Gaps::of(taxonomies, network, anchor, &self.demand, bought);
        let Demand { products, is_inferred, industries } = &self.demand;
        self.products.prepare(&taxonomies.products, products, gaps.products, *is_inferred);
        self.industries.prepare(&taxonomies.industries, industries, gaps.industries, true);
        self.assortments.reset(0);
        self.at_most.clear();
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
        profiles: &Profiles,
        candidate: FirmIx,
        mut visit: impl FnMut(Want, Like<'_>),
    ) -> Option<Space> {
        let terms = self.terms(taxonomies, profiles, candidate)?;
        match terms {
            Terms::Products(_) => {
                let makes = network.catalog().makes(candidate).iter().filter(|&&(_, weight)| weight > 0.0);
                for &(product, weight) in makes {
                    let made = Want { concept: product.index() as Concept, weight };
                    visit(made, self.products.to(&taxonomies.products, &self.demand.products, made.concept));
                }
                Some(Space::Products)
            }
            Terms::Industry(industry) => {
                let made = Want { concept: industry, weight: 1.0 };
                visit(made, self.industries.to(&taxonomies.industries, &self.demand.industries, industry));
                Some(Space::Industries)
            }
        }
    }

    /// In which terms a candidate is held against the wants: by what it makes, or by its industry where
    /// that is untold or told in words of its own.
    fn terms(&mut self, taxonomies: &Taxonomies, profiles: &Profiles, candidate: FirmIx) -> Option<Terms> {
        let Line { assortment, industry } = profiles.line(candidate);
        let industry = industry.filter(|_| !self.demand.industries.is_empty()).map(Terms::Industry);
        let assortment = assortment.filter(|_| !self.demand.products.is_empty());
        let Some(assortment) = assortment else { return industry };
        let at_most = self.of_assortment(taxonomies, &profiles.assortments, assortment);
        let is_told =
            at_most.met > 0.0 || at_most.used > 0.0 || !profiles.is_in_own_words(taxonomies, assortment);
        industry.filter(|_| !is_told).or(Some(Terms::Products(at_most)))
    }

    /// How each of the candidates meets the wants, in their order; `None` where the two cannot be compared.
    /// Found once, however many factors ask.
    pub(super) fn meet(
        &mut self,
        taxonomies: &Taxonomies,
        network: &Network,
        profiles: &Profiles,
        candidates: &[FirmIx],
    ) -> &[Option<Meeting>] {
        if self.candidates != candidates {
            self.candidates.clear();
            self.candidates.extend_from_slice(candidates);
            let mut meetings = std::mem::take(&mut self.meetings);
            meetings.clear();
            let meeting = |&candidate| self.meeting(taxonomies, network, profiles, candidate);
            meetings.extend(candidates.iter().map(meeting));
            self.meetings = meetings;
        }
        &self.meetings
    }

    /// How one candidate meets the wants.
    fn meeting(
        &mut self,
        taxonomies: &Taxonomies,
        network: &Network,
        profiles: &Profiles,
        candidate: FirmIx,
    ) -> Option<Meeting> {
        let at_most = self.meets_at_most(taxonomies, profiles, candidate)?;
        let (mut used, mut made) = (0.0, 0.0);
        self.compare(taxonomies, network, profiles, candidate, |make, like| {
            used += make.weight * like.alone.used;
            made += make.weight;
        });
        Some(Meeting { used: used / made, ..at_most })
    }

    /// The same without regard to how much a candidate makes of each product: it uses of all of
    /// them together no more than of the best one.
    pub(super) fn meets_at_most(
        &mut self,
        taxonomies: &Taxonomies,
        profiles: &Profiles,
        candidate: FirmIx,
    ) -> Option<Meeting> {
        Some(match self.terms(taxonomies, profiles, candidate)? {
            Terms::Products(at_most) => at_most,
            Terms::Industry(industry) => {
                *self.industries.to(&taxonomies.industries, &self.demand.industries, industry).alone
            }
        })
    }

    fn of_assortment(&mut self, taxonomies: &Taxonomies, all: &Assortments, number: u32) -> Meeting {
        self.assortments.reserve(all.len());
        let (slot, is_new) = self.assortments.enter(number);
        if is_new {
            let wants = &self.demand.products;
            let meeting = match all.products(number) {
                &[product] => *self.products.to(&taxonomies.products, wants, product).alone,
                products => {
                    let (mut used, mut best) = (0.0, vec![0.0; wants.len()]);
                    for &product in products {
                        let like = self.products.to(&taxonomies.products, wants, product);
                        used = f64::max(used, like.alone.used);
                        raise(&mut best, like.each);
                    }
                    Meeting { used, ..self.products.meeting(wants, &best) }
                }
            };
            // A weighted mean of as many values, rounded, may lie above all of them.
            let rounding = f64::EPSILON * (2 * all.products(number).len() + 2) as f64;
            self.at_most.push(Meeting { used: meeting.used * (1.0 + rounding), ..meeting });
        }
        self.at_most[slot]
    }
}

/// Raises the best likeness to each thing wanted to that of one more thing made.
fn raise(best: &mut [f64], likeness: &[f64]) {
    for (best, &like) in best.iter_mut().zip(likeness) {
        *best = if like > *best { like } else { *best };
    }
}

//! `relatedness`: makes what is made beside the things wanted.

use std::ops::Range;

use super::assortment::Assortments;
use super::demand::Demand;
use super::lines::{Line, Lines};
use super::profiles::Profiles;
use super::slots::Slots;
use super::taxonomy::{Concept, Taxonomies};
use super::{Column, Factor, Query, Sides, Value};
use crate::model::FirmIx;

/// Relatedness (产品关联), one value for both sides: how near what the candidate makes is to what the
/// anchor wants, by who makes what. x / (x + 4 m), m the median of the positive x of all lines of
/// business and the calibration's sample of anchors, in [0, 1);
///
/// x = Σₚ wₚ · Σ_q |F(p) ∩ F(q)| / √(|F(p)| · |F(q)|) / Σₚ wₚ
///
/// p runs over the products of the anchor's [`Demand`](super::Demand), q over the products that the
/// candidate makes, its industry and the classes above that; F are the firms that make a product, or
/// the makers of an industry.
///
/// [`ProductFit`](super::ProductFit) asks whether the candidate makes what is wanted, or something of
/// the same class; this asks whether those that make it are like the candidate. That tells who could
/// make it, too, and needs no classes.
///
/// Unknown where it is unknown which products the anchor wants, or which the candidate makes. Not
/// applicable where the wants are only inferred from what the anchor buys: they are met already.
///
/// Sources: Hidalgo, Klinger, Barabási, Hausmann, The Product Space Conditions the Development of
/// Nations, Science 2007, for the idea, with firms in the place of countries; the cosine is that of
/// Sarwar et al., Item-based collaborative filtering recommendation algorithms, WWW 2001. That an
/// industry counts as one more thing made, and the constant, are our own (see *How good is it?*).
///
/// A product wanted costs the products and classes of the lines that make it, once for all
/// anchors, an anchor the things so found, each set of products a look at each, and a candidate O(1).
#[derive(Debug, Clone, Copy, Default)]
pub struct Relatedness;

/// At so many medians the value is half: who is related at all is many, who is closely, few.
const HALF: f64 = 4.0;

impl Factor for Relatedness {
    fn name(&self) -> &'static str {
        "relatedness"
    }

    fn sides(&self) -> Sides {
        Sides::Both
    }

    fn is_cheap(&self) -> bool {
        true
    }

    fn fill(&self, query: &mut Query<'_>, column: &mut Column) {
        let half = HALF * query.constant(self.name());
        let (profiles, taxonomies) = (query.profiles, query.taxonomies);
        let related = query.scratch.related(taxonomies, query.network, profiles, query.anchor);
        if let Some(silence) = related.silence {
            return column.fill(silence);
        }
        let x = query.candidates.iter().map(|&candidate| {
            let x = related.x(profiles.line(candidate), profiles, taxonomies);
            Value::from_option(x.map(|x| super::squash(x, half)))
        });
        column.fill_from(x);
    }

    fn bound_alike(&self, query: &mut Query<'_>, column: &mut Column) -> bool {
        self.fill(query, column);
        true
    }

    fn sample(&self, query: &mut Query<'_>, samples: &mut Vec<f64>) {
        let (profiles, taxonomies) = (query.profiles, query.taxonomies);
        let related = query.scratch.related(taxonomies, query.network, profiles, query.anchor);
        if related.silence.is_none() {
            let lines = profiles.lines.all().iter();
            let x = lines.filter_map(|&line| related.x(line, profiles, taxonomies));
            samples.extend(x.filter(|&x| x > 0.0));
        }
    }
}

/// The firms of which the factor says at least ½ for the query's anchor, and that make something that is
/// made beside its wants: each with its x, in no order.
pub(crate) fn closely_related(query: &mut Query<'_>) -> Vec<(f64, FirmIx)> {
    let half = HALF * query.constant(Relatedness.name());
    let (profiles, taxonomies, lines) = (query.profiles, query.taxonomies, &query.profiles.lines);
    let related = query.scratch.related(taxonomies, query.network, profiles, query.anchor);
    let products = related.things.keys().iter().filter(|&&thing| lines.is_product(thing));
    let mut making: Vec<u32> = products.flat_map(|&product| lines.making(product)).copied().collect();
    making.sort_unstable();
    making.dedup();
    let mut close = Vec::new();
    for number in making {
        if let Some(x) = related.x(lines.line(number), profiles, taxonomies)
            && x >= half
        {
            close.extend(lines.firms(number).iter().map(|&firm| (x, firm)));
        }
    }
    close
}

/// How what is made is related to what an anchor wants.
#[derive(Debug, Default)]
pub(crate) struct Related {
    beside: Beside,
    /// What there is to be said of all candidates alike, if so.
    silence: Option<Value>,
    /// The products wanted, ascending.
    wanted: Vec<Concept>,
    /// The things done by those that make what is wanted; by slot how much they are related to it.
    things: Slots,
    likeness: Vec<f64>,
    /// The industries met so far; by slot the same of each and the classes above it.
    industries: Slots,
    classes: Vec<f64>,
    /// The assortments met so far; by slot the same of all their products.
    assortments: Slots,
    products: Vec<f64>,
}

impl Related {
    /// Finds how things are related to the wants of another anchor.
    pub(super) fn prepare(
        &mut self,
        lines: &Lines,
        assortments: &Assortments,
        taxonomies: &Taxonomies,
        demand: &Demand,
    ) {
        self.silence = match (demand.products.is_empty(), demand.is_inferred) {
            (true, _) => Some(Value::Unknown),
            (false, true) => Some(Value::NotApplicable),
            (false, false) => None,
        };
        self.wanted.clear();
        self.things.reset(lines.n_things());
        self.likeness.clear();
        self.industries.reset(taxonomies.industries.len());
        self.classes.clear();
        self.assortments.reset(assortments.len());
        self.products.clear();
        if self.silence.is_some() {
            return;
        }
        self.wanted.extend(demand.products.iter().map(|want| want.concept));
        let all: f64 = demand.products.iter().map(|want| want.weight).sum();
        for want in &demand.products {
            let share = want.weight / all;
            for &(thing, cosine) in self.beside.of(want.concept, lines, assortments, taxonomies) {
                add(&mut self.things, &mut self.likeness, thing, share * cosine);
            }
        }
    }

    /// How one thing is related to the wants.
    fn thing(&self, thing: Concept) -> f64 {
        self.things.get(thing).map_or(0.0, |slot| self.likeness[slot])
    }

    /// How what firms of a line make and their industry are, x; `None` where they make nothing.
    fn x(
        &mut self,
        Line { assortment, industry }: Line,
        Profiles { lines, assortments, .. }: &Profiles,
        taxonomies: &Taxonomies,
    ) -> Option<f64> {
        let assortment = assortment?;
        let (slot, is_new) = self.assortments.enter(assortment);
        if is_new {
            let products = assortments.products(assortment).iter();
            self.products.push(products.map(|&product| self.thing(product)).sum());
        }
        let Some(industry) = industry else { return Some(self.products[slot]) };
        let (class, is_new) = self.industries.enter(industry);
        if is_new {
            let classes = lines.classes(industry, taxonomies);
            self.classes.push(classes.map(|class| self.thing(class)).sum());
        }
        Some(self.products[slot] + self.classes[class])
    }

    /// Of all products of an assortment the one that is most related to the wants and is none of them, and
    /// how much it is; ties to the first. `None` where none is related, or nothing is to be said.
    pub(crate) fn closest(&self, assortment: u32, assortments: &Assortments) -> Option<(Concept, f64)> {
        let products = assortments.products(assortment).iter().copied();
        let others = products.filter(|product| self.wanted.binary_search(product).is_err());
        let related = others.map(|product| (product, self.thing(product)));
        let closest = related.reduce(|best, next| if next.1 > best.1 { next } else { best });
        closest.filter(|&(_, related)| related > 0.0)
    }

    /// Keeps the memory and forgets what is in it, as if for another network.
    pub(super) fn forget(&mut self) {
        self.beside.forget();
    }
}

/// What is done by those that make a product, found once for all anchors that want it.
#[derive(Debug, Default)]
struct Beside {
    /// The products met so far; by slot where their things are.
    products: Slots,
    ranges: Vec<Range<usize>>,
    /// Things, each with its cosine to the product.
    things: Vec<(Concept, f64)>,
    /// The things of one product; by slot how many of its makers do them.
    common: Slots,
    counts: Vec<f64>,
}

/// The most things that are remembered: 16 MB, then they are found anew.
const MOST_THINGS: usize = 1 << 20;

impl Beside {
    fn forget(&mut self) {
        self.products.reset(0);
        self.ranges.clear();
        self.things.clear();
    }

    fn of(
        &mut self,
        product: Concept,
        lines: &Lines,
        assortments: &Assortments,
        taxonomies: &Taxonomies,
    ) -> &[(Concept, f64)] {
        if self.things.len() > MOST_THINGS {
            self.forget();
        }
        self.products.reserve(taxonomies.products.len());
        let (slot, is_new) = self.products.enter(product);
        if is_new {
            self.common.reset(lines.n_things());
            self.counts.clear();
            for &number in lines.making(product) {
                let makers = lines.firms(number).len() as f64;
                for thing in lines.things(lines.line(number), assortments, taxonomies) {
                    add(&mut self.common, &mut self.counts, thing, makers);
                }
            }
            let (start, makers) = (self.things.len(), lines.doing(product));
            let cosine =
                |(&thing, count): (&Concept, &f64)| (thing, count / libm::sqrt(makers * lines.doing(thing)));
            self.things.extend(self.common.keys().iter().zip(&self.counts).map(cosine));
            self.ranges.push(start..self.things.len());
        }
        &self.things[self.ranges[slot].clone()]
    }
}

/// Adds to the value of a thing.
fn add(things: &mut Slots, values: &mut Vec<f64>, thing: Concept, value: f64) {
    let (slot, is_new) = things.enter(thing);
    if is_new {
        values.push(0.0);
    }
    values[slot] += value;
}

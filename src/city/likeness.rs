//! How well one product does for another, by the classes of both.

use rustc_hash::FxHashMap;

use super::bill::Bill;
use super::unit::Unit;

/// Lin's likeness of products: 1 for the same, 2·I(c) / (I(p) + I(q)) for others, c their
/// narrowest common class and I = −ln((n + 1) / (N + 1)), n how many makers a product or the products
/// of a class have, N all.
///
/// Source: Lin, An Information-Theoretic Definition of Similarity, ICML 1998.
#[derive(Debug)]
pub(super) struct Likeness {
    /// By product its classes, the narrowest first, by number.
    classes: Vec<Vec<u32>>,
    of_product: Vec<f64>,
    of_class: Vec<f64>,
}

/// What an anchor needs: of each product the weight, and its likeness to every product.
#[derive(Debug)]
pub(super) struct Needs {
    rows: Vec<(f64, Vec<f64>)>,
}

impl Likeness {
    pub(super) fn new(bill: &Bill, units: &[Unit]) -> Self {
        let mut numbers: FxHashMap<&str, u32> = FxHashMap::default();
        let mut classes = Vec::with_capacity(bill.lines.len());
        for line in &bill.lines {
            let mut class = line.class();
            let mut above = Vec::new();
            while let Some(name) = class {
                let next = numbers.len() as u32;
                above.push(*numbers.entry(name).or_insert(next));
                class = name.rsplit_once('.').map(|(wider, _)| wider);
            }
            classes.push(above);
        }
        let mut makers = vec![0_u32; bill.lines.len()];
        let mut below = vec![0_u32; numbers.len()];
        let mut all = 0_u32;
        for &(product, _) in units.iter().flat_map(|unit| &unit.makes) {
            makers[product as usize] += 1;
            for &class in &classes[product as usize] {
                below[class as usize] += 1;
            }
            all += 1;
        }
        let information = |count: &u32| libm::log((f64::from(all) + 1.0) / (f64::from(*count) + 1.0));
        Self {
            classes,
            of_product: makers.iter().map(information).collect(),
            of_class: below.iter().map(information).collect(),
        }
    }

    fn of(&self, one: usize, other: usize) -> f64 {
        if one == other {
            return 1.0;
        }
        let common = self.classes[one].iter().find(|class| self.classes[other].contains(class));
        let both = self.of_product[one] + self.of_product[other];
        match common {
            Some(&class) if both > 0.0 => (2.0 * self.of_class[class as usize] / both).min(1.0),
            _ => 0.0,
        }
    }

    /// Needs held against every product. O(needs · products).
    pub(super) fn to(&self, needs: &[(u32, f64)]) -> Needs {
        let row = |need: u32| (0..self.classes.len()).map(|other| self.of(need as usize, other)).collect();
        Needs { rows: needs.iter().map(|&(need, weight)| (weight, row(need))).collect() }
    }
}

impl Needs {
    /// The weighted share of the needs that something made does for.
    pub(super) fn met_by(&self, makes: &[(u32, f64)]) -> f64 {
        let best = |row: &[f64]| makes.iter().map(|&(made, _)| row[made as usize]).fold(0.0, f64::max);
        share(self.rows.iter().map(|(weight, row)| (*weight, best(row))))
    }

    /// The weighted share of what is made that does for some need.
    pub(super) fn used_of(&self, makes: &[(u32, f64)]) -> f64 {
        let best = |made: u32| self.rows.iter().map(|(_, row)| row[made as usize]).fold(0.0, f64::max);
        share(makes.iter().map(|&(made, weight)| (weight, best(made))))
    }
}

fn share(weighted: impl Iterator<Item = (f64, f64)>) -> f64 {
    let (mut met, mut all) = (0.0, 0.0);
    for (weight, value) in weighted {
        met += weight * value;
        all += weight;
    }
    if all > 0.0 { met / all } else { 0.0 }
}

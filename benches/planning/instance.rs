//! Seeded instances of planning, which other programs can be given as files.

use std::fs;
use std::io;
use std::path::Path;

use jiedui::plan::{Constraints, Pair, PlanError, Problem};

/// Scores are drawn in steps of 2⁻²⁰, so that they are whole numbers to everybody.
const SCORES: u64 = 1 << 20;

/// How suppliers are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Draw {
    /// All alike: few anchors want the same one.
    Uniform,
    /// As the cube of a uniform number: a hundredth of the suppliers get a fifth of the wishes.
    Popular,
    /// As `Popular`, and the popular ones score higher with everybody.
    Esteemed,
    /// Every supplier is a candidate of every anchor.
    Complete,
}

/// A family of instances: anchors with a quota, suppliers with one place each.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape {
    pub(crate) anchors: u32,
    pub(crate) quota: u32,
    pub(crate) suppliers: u32,
    /// Candidates an anchor.
    pub(crate) candidates: u32,
    pub(crate) draw: Draw,
}

/// One instance: (anchor, supplier, score in steps of 2⁻²⁰), by anchor.
#[derive(Debug, Clone)]
pub(crate) struct Instance {
    pub(crate) shape: Shape,
    pub(crate) edges: Vec<[u32; 3]>,
}

/// Instances of a thousand nodes or so, whose optima the tests know, by name.
pub(crate) fn golden() -> Vec<(&'static str, Instance)> {
    let shape =
        |anchors, quota, suppliers, candidates, draw| Shape { anchors, quota, suppliers, candidates, draw };
    vec![
        ("golden uniform", Instance::draw(shape(100, 5, 1_000, 20, Draw::Uniform), 1)),
        ("golden popular", Instance::draw(shape(200, 3, 1_000, 15, Draw::Popular), 2)),
        ("golden esteemed", Instance::draw(shape(150, 4, 1_000, 30, Draw::Esteemed), 3)),
        ("golden tight", Instance::draw(shape(200, 5, 1_000, 10, Draw::Uniform), 4)),
        ("golden scarce", Instance::draw(shape(300, 10, 700, 30, Draw::Popular), 5)),
        // Every supplier has more candidates than the exact planner looks at first.
        ("golden complete", Instance::draw(shape(200, 4, 800, 800, Draw::Complete), 6)),
    ]
}

impl Instance {
    pub(crate) fn draw(shape: Shape, seed: u64) -> Self {
        let mut dice = Dice(seed);
        let mut edges = Vec::new();
        let mut taken = vec![u32::MAX; shape.suppliers as usize];
        let esteem: Vec<u64> = (0..shape.suppliers).map(|_| dice.below(SCORES)).collect();
        for anchor in 0..shape.anchors {
            let mut drawn = 0;
            while drawn < shape.candidates {
                let supplier = match shape.draw {
                    Draw::Uniform => dice.below(u64::from(shape.suppliers)),
                    Draw::Complete => u64::from(drawn),
                    Draw::Popular | Draw::Esteemed => {
                        // In 2⁻³², so that millions of suppliers can be drawn.
                        let u = dice.below(1 << 32);
                        let cube = (((u * u) >> 32) * u) >> 32;
                        (cube * u64::from(shape.suppliers)) >> 32
                    }
                } as u32;
                if std::mem::replace(&mut taken[supplier as usize], anchor) == anchor {
                    continue;
                }
                drawn += 1;
                let own = dice.below(SCORES);
                let score = match shape.draw {
                    Draw::Esteemed => (3 * esteem[supplier as usize] + own) / 4,
                    _ => own,
                };
                edges.push([anchor, supplier, score as u32]);
            }
        }
        Self { shape, edges }
    }

    /// As the library takes it.
    pub(crate) fn problem(&self) -> Result<Problem, PlanError> {
        Self::build(self.shape, self.pairs())
    }

    pub(crate) fn pairs(&self) -> Vec<Pair> {
        let pairs = self.edges.iter().map(|&[anchor, supplier, score]| {
            Pair::new(format!("a{anchor:06}"), format!("s{supplier:06}"), f64::from(score) / SCORES as f64)
        });
        pairs.collect()
    }

    pub(crate) fn build(shape: Shape, pairs: Vec<Pair>) -> Result<Problem, PlanError> {
        let mut constraints = Constraints::default();
        constraints.anchor_most = shape.quota;
        Problem::builder().pairs(pairs).build(&constraints)
    }

    /// Writes little-endian 32-bit numbers: anchors, quota, suppliers, edges; then the edges.
    pub(crate) fn write(&self, path: &Path) -> io::Result<()> {
        let Shape { anchors, quota, suppliers, .. } = self.shape;
        let head = [anchors, quota, suppliers, self.edges.len() as u32];
        let numbers = head.iter().chain(self.edges.iter().flatten());
        fs::write(path, numbers.flat_map(|number| number.to_le_bytes()).collect::<Vec<u8>>())
    }
}

/// SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^= mixed >> 31;
        // The upper half of a product: even to 2⁻⁴⁴ for the bounds here.
        ((u128::from(mixed) * u128::from(bound)) >> 64) as u64
    }
}

//! Seeded supplier graphs with heavier tails than a city's.

use jiedui::dataset::Dataset;
use jiedui::model::{Date, Firm, Supply};
use jiedui::network::Network;

/// One supplier–buyer pair, the months since they last traded, below 12, and their yearly
/// value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Edge {
    pub(crate) supplier: u32,
    pub(crate) buyer: u32,
    pub(crate) age: u32,
    pub(crate) value: u32,
}

impl Edge {
    /// The same as a record of firms of these names.
    pub(crate) fn supply(self, supplier: &str, buyer: &str) -> Supply {
        let (date, value) = (Date::month(2024, 12 - i64::from(self.age)).ok(), Some(f64::from(self.value)));
        Supply { date, value, ..Supply::new(supplier, buyer) }
    }
}

/// The pairs of a synthetic region, each once, by supplier and buyer.
#[derive(Debug)]
pub(crate) struct Region {
    pub(crate) firms: usize,
    pub(crate) edges: Vec<Edge>,
}

impl Region {
    /// Ten pairs a firm, heavy-tailed both ways: the k-th firm by rank has about 1/∛k² of the
    /// purchases and 1/√k of the sales of the first.
    pub(crate) fn new(firms: usize, seed: u64) -> Self {
        let mut random = SplitMix(seed);
        let mut edges: Vec<Edge> = Vec::with_capacity(10 * firms);
        while edges.len() < 10 * firms {
            let (supplier, buyer) = (random.firm(firms, 2.0), random.firm(firms, 3.0));
            let age = (random.unit() * 12.0) as u32;
            let value = f64::exp2(random.unit() * 20.0) as u32;
            if supplier != buyer {
                edges.push(Edge { supplier, buyer, age, value });
            }
        }
        edges.sort_unstable();
        edges.dedup_by_key(|edge| (edge.supplier, edge.buyer));
        Self { firms, edges }
    }

    /// What each pair counts: 0.5^(age / 12) · log₂(1 + value / median value).
    pub(crate) fn weights(&self) -> Vec<f64> {
        let mut values: Vec<u32> = self.edges.iter().map(|edge| edge.value).collect();
        values.sort_unstable();
        let median = f64::from(values[values.len() / 2]);
        let weight = |edge: &Edge| {
            f64::exp2(-f64::from(edge.age) / 12.0) * f64::log2(1.0 + f64::from(edge.value) / median)
        };
        self.edges.iter().map(weight).collect()
    }

    /// The `most` firms with the most suppliers, the first of them first.
    pub(crate) fn anchors(&self, most: usize) -> Vec<u32> {
        let mut suppliers = vec![0u32; self.firms];
        self.edges.iter().for_each(|edge| suppliers[edge.buyer as usize] += 1);
        let mut anchors: Vec<u32> =
            (0..self.firms as u32).filter(|&firm| suppliers[firm as usize] > 0).collect();
        anchors.sort_by_key(|&firm| (std::cmp::Reverse(suppliers[firm as usize]), firm));
        anchors.truncate(most);
        anchors
    }

    /// The same as a network, each [`FirmIx`](jiedui::model::FirmIx) the firm's number here.
    pub(crate) fn network(&self) -> Network {
        let mut builder = Dataset::builder();
        let names: Vec<String> = (0..self.firms).map(|firm| format!("{firm:07}")).collect();
        for name in &names {
            builder.add_firm(Firm::new(name.as_str()));
        }
        for edge in &self.edges {
            let [supplier, buyer] = [edge.supplier, edge.buyer].map(|firm| names[firm as usize].as_str());
            builder.add_supply(&edge.supply(supplier, buyer));
        }
        Network::build_as_of(&builder.finish().0, Date::month(2024, 12).ok()).expect("a small region")
    }
}

/// SplitMix64: Steele, Lea, Flood, OOPSLA 2014.
pub(crate) struct SplitMix(pub(crate) u64);

impl SplitMix {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        bits ^ (bits >> 31)
    }

    /// From 0 to below 1.
    pub(crate) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A firm by a rank of that skew; ranks are scattered over the numbers, so that the
    /// great firms are not neighbours in memory.
    fn firm(&mut self, firms: usize, skew: f64) -> u32 {
        let rank = (firms as f64 * self.unit().powf(skew)) as usize;
        // Prime and above every size, so a permutation.
        (rank * 15_485_863 % firms) as u32
    }
}

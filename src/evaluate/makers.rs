//! Who might make what an anchor wants, by what is known to be made beside what.

use rustc_hash::FxHashMap;

use super::Fold;
use crate::model::{FirmIx, Industry, ProductIx};
use crate::network::Network;

/// How makers are scored; [`Baseline`](super::Baseline) says what each is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Score {
    Products,
    ProductCosine,
    MakerCosine,
    Industry,
}

/// What the anchors of a fold want.
#[derive(Debug)]
pub(super) struct Makers {
    score: Score,
    wants: FxHashMap<FirmIx, Vec<(ProductIx, f64)>>,
    /// How many products the firms of an industry make, each as often as it is made.
    of_industry: FxHashMap<Industry, f64>,
}

impl Makers {
    pub(super) fn new(fold: &Fold, score: Score) -> Self {
        let network = fold.network();
        let wants = |anchor: FirmIx| (anchor, fold.wants(anchor).collect());
        let mut of_industry: FxHashMap<Industry, f64> = FxHashMap::default();
        for firm in network.firms() {
            if let Some(industry) = &network.firm(firm).industry {
                *of_industry.entry(industry.clone()).or_default() += n_products(network, firm);
            }
        }
        Self { score, wants: fold.queries().iter().map(|&(anchor, _)| wants(anchor)).collect(), of_industry }
    }

    /// The score of every firm for an anchor of the fold; 0 for others. O(makers of the wants ·
    /// products · their makers + firms).
    pub(super) fn scores(&self, network: &Network, anchor: FirmIx) -> Vec<f64> {
        let wants = self.wants.get(&anchor).map_or(&[][..], Vec::as_slice);
        match self.score {
            Score::Products => network.firms().map(|firm| n_products(network, firm)).collect(),
            Score::ProductCosine => by_product(network, wants),
            Score::MakerCosine => by_maker(network, wants),
            Score::Industry => self.by_industry(network, wants),
        }
    }

    fn by_industry(&self, network: &Network, wants: &[(ProductIx, f64)]) -> Vec<f64> {
        let mut found: FxHashMap<&Industry, f64> = FxHashMap::default();
        for (known, weight) in known_makers(network, wants) {
            if let Some(industry) = &network.firm(known).industry {
                *found.entry(industry).or_default() += weight;
            }
        }
        let score = |firm| {
            let industry = network.firm(firm).industry.as_ref()?;
            let (found, all) = (found.get(industry)?, self.of_industry.get(industry)?);
            Some(n_products(network, firm) * found / all)
        };
        network.firms().map(|firm| score(firm).unwrap_or(0.0)).collect()
    }
}

/// Each maker by how its products are made beside the wants.
fn by_product(network: &Network, wants: &[(ProductIx, f64)]) -> Vec<f64> {
    let catalog = network.catalog();
    let mut scores = vec![0.0; network.n_firms()];
    for &(wanted, weight) in wants {
        let mut beside: FxHashMap<ProductIx, f64> = FxHashMap::default();
        let makers = catalog.makers(wanted);
        for &(product, _) in makers.iter().flat_map(|&maker| catalog.makes(maker)) {
            *beside.entry(product).or_default() += 1.0;
        }
        // By product, so that sums do not depend on how a map is laid out.
        let mut beside: Vec<(ProductIx, f64)> = beside.into_iter().collect();
        beside.sort_unstable_by_key(|&(product, _)| product);
        for (product, common) in beside {
            let others = catalog.makers(product);
            let cosine = cosine(common, makers.len() as f64, others.len() as f64);
            for maker in others {
                scores[maker.index()] += weight * cosine;
            }
        }
    }
    scores
}

/// Each firm by how many products it has in common with the makers of the wants.
fn by_maker(network: &Network, wants: &[(ProductIx, f64)]) -> Vec<f64> {
    let catalog = network.catalog();
    let mut scores = vec![0.0; network.n_firms()];
    let (mut common, mut met) = (vec![0.0; network.n_firms()], Vec::new());
    for (known, weight) in known_makers(network, wants) {
        for &(product, _) in catalog.makes(known) {
            for &maker in catalog.makers(product) {
                if common[maker.index()] == 0.0 {
                    met.push(maker);
                }
                common[maker.index()] += 1.0;
            }
        }
        let own = n_products(network, known);
        for firm in met.drain(..) {
            let common = std::mem::take(&mut common[firm.index()]);
            scores[firm.index()] += weight * cosine(common, own, n_products(network, firm));
        }
    }
    scores
}

/// Who is known to make something wanted, with the weight of it, by product and firm.
fn known_makers<'a>(
    network: &'a Network,
    wants: &'a [(ProductIx, f64)],
) -> impl Iterator<Item = (FirmIx, f64)> + 'a {
    let makers = |&(wanted, weight): &(ProductIx, f64)| {
        network.catalog().makers(wanted).iter().map(move |&maker| (maker, weight))
    };
    wants.iter().flat_map(makers)
}

fn n_products(network: &Network, firm: FirmIx) -> f64 {
    network.catalog().makes(firm).len() as f64
}

fn cosine(common: f64, one: f64, other: f64) -> f64 {
    common / libm::sqrt(one * other)
}

//! Which suppliers compete.

use rustc_hash::FxHashMap;

use super::Bundling;
use crate::model::{FirmId, ProductIx};
use crate::network::Network;

/// Who competes with whom (竞争关系): by default firms of one industry class, and makers of one
/// product. Own definition, the plainest that the data allow: firms of which neither is known
/// do not compete.
///
/// A product counts as it is named, not with its wider classes: two makers of castings may be
/// rivals, a maker of gear castings and one of castings at large need not be.
///
/// ```
/// use jiedui::model::Firm;
/// use jiedui::network::Network;
/// use jiedui::plan::{Bundling, Rivals};
/// # #[cfg(feature = "csv")] {
/// use jiedui::dataset::{Reader, Table};
///
/// let text = "firm,industry\nfoundry,C3391\nsmelter,C3391\nforge,C3393\n";
/// let (dataset, _) = Reader::new().read_csv(Table::Firms, text.as_bytes(), "firms.csv")?;
/// let network = Network::build(&dataset)?;
/// let mut bundling = Bundling::default();
/// let rivals = Rivals::of(&network, &bundling);
/// assert!(rivals.compete(&"foundry".into(), &"smelter".into()));
/// assert!(!rivals.compete(&"foundry".into(), &"forge".into()));
/// // The office knows better.
/// bundling.allies = vec![vec!["foundry".into(), "smelter".into()]];
/// assert!(!Rivals::of(&network, &bundling).compete(&"foundry".into(), &"smelter".into()));
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Rivals<'a> {
    network: &'a Network,
    bundling: &'a Bundling,
    /// In which lists of rivals and of allies a firm is.
    told: [FxHashMap<&'a FirmId, Vec<usize>>; 2],
}

impl<'a> Rivals<'a> {
    /// The rivals in a network, by the rules of `bundling`.
    pub fn of(network: &'a Network, bundling: &'a Bundling) -> Self {
        let told = [&bundling.rivals, &bundling.allies].map(|lists| {
            let mut told: FxHashMap<&FirmId, Vec<usize>> = FxHashMap::default();
            for (number, firms) in lists.iter().enumerate() {
                for firm in firms {
                    told.entry(firm).or_default().push(number);
                }
            }
            told
        });
        Self { network, bundling, told }
    }

    /// Whether two firms compete, whichever is named first; a firm does not compete with
    /// itself. O(p · log q) in the products of the two.
    pub fn compete(&self, one: &FirmId, other: &FirmId) -> bool {
        let [are_rivals, are_allies] = [0, 1].map(|list: usize| {
            let of = |firm: &FirmId| self.told[list].get(firm).map_or(&[][..], Vec::as_slice);
            of(one).iter().any(|number| of(other).contains(number))
        });
        if one == other || are_allies {
            return false;
        }
        let firms = [one, other].map(|firm| self.network.firm_ix(firm.as_str()));
        let [Some(one), Some(other)] = firms else { return are_rivals };
        let industries = [one, other].map(|firm| {
            let industry = self.network.firm(firm).industry.as_ref();
            industry.filter(|industry| industry.is_class())
        });
        let is_same = |[one, other]: [Option<&crate::model::Industry>; 2]| one.is_some() && one == other;
        let makes = |firm| self.network.catalog().makes(firm).iter().map(|&(product, _)| product);
        let others = self.network.catalog().makes(other);
        let both_make = |product: ProductIx| others.binary_search_by_key(&product, |&(made, _)| made).is_ok();
        are_rivals
            || self.bundling.same_industry && is_same(industries)
            || self.bundling.same_product && makes(one).any(both_make)
    }
}

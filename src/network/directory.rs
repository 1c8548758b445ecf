//! Firms and chains by what people call them.

use std::sync::OnceLock;

use rustc_hash::FxHashMap;

use super::{ChainIx, Network};
use crate::dataset::plain;
use crate::model::{CreditCode, FirmIx};

/// Looks firms up by what people call them: id, credit code (统一社会信用代码) or name; and chains (产业链) by id
/// or name.
///
/// ```
/// use jiedui::dataset::Dataset;
/// use jiedui::model::Firm;
/// use jiedui::network::{Directory, Network};
///
/// let mut builder = Dataset::builder();
/// for (id, name) in [("F1", "甲铸造（集团）"), ("F2", "乙锻造"), ("F3", "乙锻造")] {
///     builder.add_firm(Firm { name: Some(name.into()), ..Firm::new(id) });
/// }
/// let network = Network::build(&builder.finish().0)?;
/// let directory = Directory::new(&network);
/// let ids = |text| directory.find(text).into_iter().map(|firm| network.firm(firm).id.as_str()).collect::<Vec<_>>();
/// assert_eq!(ids("F2"), ["F2"]);
/// assert_eq!(ids("甲铸造(集团)"), ["F1"]);
/// assert_eq!(ids("乙锻造"), ["F2", "F3"]);
/// assert!(ids("丙").is_empty());
/// // It holds the network, so that a program keeps the two together, for all threads.
/// let kept: std::sync::Arc<(Network, Directory)> = std::sync::Arc::new((network.clone(), directory));
/// # assert_eq!(kept.1.find("F1").len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Directory {
    network: Network,
    /// By id, name and credit code, written plainly, ascending.
    named: OnceLock<FxHashMap<String, Vec<FirmIx>>>,
}

impl Directory {
    /// A directory of the firms of a network. O(1); the first look-up by anything but an id takes O(firms),
    /// so keep it as long as the network.
    pub fn new(network: &Network) -> Self {
        Self { network: network.clone(), named: OnceLock::new() }
    }

    /// The network whose firms are looked up.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// The firm of that id; else all that have this very name or credit code; else all that have it, or such
    /// an id, but for full-width signs, case and blanks. Ascending; none where nobody is called so.
    pub fn find(&self, text: &str) -> Vec<FirmIx> {
        let text = text.trim();
        if let Some(firm) = self.network.firm_ix(text) {
            return vec![firm];
        }
        let Some(named) = self.named().get(&plain(text)) else { return Vec::new() };
        let exact: Vec<FirmIx> =
            named.iter().copied().filter(|&firm| self.names(firm).contains(&Some(text))).collect();
        if exact.is_empty() { named.clone() } else { exact }
    }

    /// The chain of that id; else all of that very name, of several the one that is valid as of the network's
    /// date where it is one alone. Ascending; none where no chain is called so. O(chains).
    ///
    /// ```
    /// use jiedui::dataset::Dataset;
    /// use jiedui::model::{Chain, Supply};
    /// use jiedui::network::{Directory, Network};
    ///
    /// let mut builder = Dataset::builder();
    /// for (id, to) in [("old", "2020"), ("new", "2030")] {
    ///     let (name, valid_to) = (Some("轨道交通".into()), Some(to.parse()?));
    ///     builder.add_chain(Chain { name, valid_to, ..Chain::new(id) });
    /// }
    /// builder.add_supply(&Supply { date: Some("2025".parse()?), ..Supply::new("foundry", "carworks") });
    /// let network = Network::build(&builder.finish().0)?;
    /// let directory = Directory::new(&network);
    /// assert_eq!(directory.find_chain("轨道交通"), [network.chain_ix("new").unwrap()]);
    /// assert_eq!(directory.find_chain("old"), [network.chain_ix("old").unwrap()]);
    /// assert!(directory.find_chain("轨道").is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn find_chain(&self, text: &str) -> Vec<ChainIx> {
        let (network, text) = (&self.network, text.trim());
        if let Some(chain) = network.chain_ix(text) {
            return vec![chain];
        }
        let is_named = |chain: &ChainIx| network.chain(*chain).name.as_deref() == Some(text);
        let named: Vec<ChainIx> = network.chains().filter(is_named).collect();
        // Of one name there may be a chain for each plan period.
        let is_valid =
            |chain: &ChainIx| network.as_of().is_none_or(|date| network.chain(*chain).is_valid_at(date));
        let mut valid = named.iter().copied().filter(is_valid);
        match (valid.next(), valid.next()) {
            (Some(only), None) => vec![only],
            _ => named,
        }
    }

    fn names(&self, firm: FirmIx) -> [Option<&str>; 3] {
        let firm = self.network.firm(firm);
        let code = firm.credit_code.as_ref().map(CreditCode::as_str);
        [Some(firm.id.as_str()), firm.name.as_deref(), code]
    }

    fn named(&self) -> &FxHashMap<String, Vec<FirmIx>> {
        self.named.get_or_init(|| {
            let mut named: FxHashMap<String, Vec<FirmIx>> = FxHashMap::default();
            for firm in self.network.firms() {
                for name in self.names(firm).into_iter().flatten() {
                    let firms = named.entry(plain(name)).or_default();
                    if firms.last() != Some(&firm) {
                        firms.push(firm);
                    }
                }
            }
            named
        })
    }
}

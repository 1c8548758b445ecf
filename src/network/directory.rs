//! Firms by what people call them.

use std::sync::OnceLock;

use rustc_hash::FxHashMap;

use super::Network;
use crate::dataset::plain;
use crate::model::{CreditCode, FirmIx};

/// Looks firms up by what people call them: id, credit code (统一社会信用代码) or name.
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
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Directory<'a> {
    network: &'a Network,
    /// By id, name and credit code, written plainly, ascending.
    named: OnceLock<FxHashMap<String, Vec<FirmIx>>>,
}

impl<'a> Directory<'a> {
    /// A directory of the firms of a network. O(1); the first look-up by anything but an id takes O(firms).
    pub fn new(network: &'a Network) -> Self {
        Self { network, named: OnceLock::new() }
    }

    /// The network whose firms are looked up.
    pub fn network(&self) -> &'a Network {
        self.network
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

    fn names(&self, firm: FirmIx) -> [Option<&'a str>; 3] {
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

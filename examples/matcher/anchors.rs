//! Which firms are ranked for, and in which order.

use std::io::{self, Write as _};

use anyhow::{Result, bail};
use jiedui::matcher::{Filter, anchors_by_in_degree, default_anchors};
use jiedui::model::FirmIx;
use jiedui::network::{ChainIx, Directory, Network};

use crate::firms;
use crate::language::{Language, say};
use crate::options::Options;
use crate::wanted;

/// How many anchors there are where none is named or marked.
const UNMARKED: usize = 20;

/// The anchors, each once, those of one chain together, the chains by id; within a
/// chain as the options or the library order them.
pub(crate) fn select(
    network: &Network,
    filter: &Filter,
    options: &Options,
    language: Language,
) -> Result<Vec<FirmIx>> {
    let is_wanted = |&anchor: &FirmIx| wanted::is_wanted_anchor(network, filter, anchor);
    let mut anchors: Vec<FirmIx> = Vec::new();
    if !options.anchor.is_empty() {
        let directory = Directory::new(network);
        for text in &options.anchor {
            let anchor = firms::find(&directory, text, language)?;
            if !anchors.contains(&anchor) {
                anchors.push(anchor);
            }
        }
        anchors.retain(|anchor| !filter.excluded.contains(anchor));
    } else if let Some(most) = options.anchors_by {
        anchors = anchors_by_in_degree(network, network.n_firms());
        anchors.retain(is_wanted);
        anchors.truncate(most);
    } else {
        let is_marked = |&anchor: &FirmIx| network.firm(anchor).anchor == Some(true);
        anchors = default_anchors(network, network.n_firms());
        anchors.retain(is_wanted);
        if !anchors.iter().all(is_marked) {
            anchors.truncate(UNMARKED);
            let n = anchors.len();
            let whom = if anchors.iter().any(|&anchor| !network.suppliers(anchor).is_empty()) {
                say!(language, "供应商最多的 {n} 家", "the {n} with the most suppliers")
            } else {
                say!(language, "所需投入品最多的 {n} 家", "the {n} whose products take the most inputs")
            };
            _ = writeln!(
                io::stderr(),
                "{}",
                say!(
                    language,
                    "链主未标明，取{whom}；请在企业表的“链主”列标明，或用 --anchor 指定",
                    "no firm is marked as an anchor: {whom} are taken; mark them in the column anchor of firms, or name them with --anchor"
                )
            );
        }
    }
    if network.n_firms() == 0 {
        bail!(language.pick("数据中没有企业", "there are no firms in the data"));
    }
    if anchors.is_empty() && !options.exclude.is_empty() {
        bail!(language.pick(
            "除 --exclude 所列以外，没有符合条件的链主：请在企业表的“链主”列标明，或用 --anchor 指定",
            "there are no anchors that are asked for but those of --exclude: mark others in the column anchor of firms, or name them with --anchor",
        ));
    }
    if anchors.is_empty() && !options.chain.is_empty() {
        bail!(language.pick(
            "这些产业链中没有链主：请在企业表的“链主”列标明，或用 --anchor 指定",
            "there are no anchors in these chains: mark them in the column anchor of firms, or name them with --anchor",
        ));
    }
    if anchors.is_empty() {
        bail!(language.pick(
            "没有链主：请在企业表的“链主”列标明，或用 --anchor 指定",
            "there are no anchors: mark them in the column anchor of firms, or name them with --anchor",
        ));
    }
    anchors.sort_by_key(|&anchor| (chain(network, anchor).is_none(), chain(network, anchor)));
    Ok(anchors)
}

/// The chain under which an anchor is listed: its first by id, of those that stand.
pub(crate) fn chain(network: &Network, anchor: FirmIx) -> Option<ChainIx> {
    network.chains_at(anchor, network.as_of()).next()
}

//! Which partners the options ask for.

use anyhow::{Result, anyhow, bail};
use jiedui::matcher::{Filter, Matcher};
use jiedui::model::{FirmId, FirmIx};
use jiedui::network::{ChainIx, Directory, Network};

use crate::firms;
use crate::language::{Language, say};
use crate::options::Options;

/// How many chains or regions a refusal lists.
const LISTED: usize = 20;

/// The filter that the options ask for.
pub(crate) fn filter(network: &Network, options: &Options, language: Language) -> Result<Filter> {
    let directory = Directory::new(network);
    let chains = options.chain.iter().map(|text| chain(&directory, text, language));
    let excluded = options.exclude.iter().map(|text| firms::find(&directory, text, language));
    let mut filter = Filter::default();
    filter.exclude_existing = options.exclude_existing;
    filter.chains = chains.collect::<Result<_>>()?;
    filter.excluded = excluded.collect::<Result<_>>()?;
    for text in &options.region {
        filter.regions.extend(regions(network, text, language)?);
    }
    filter.sizes.clone_from(&options.size);
    filter.most_km = options.within;
    if options.within.is_some() && network.firms().all(|firm| network.firm(firm).place.is_none()) {
        bail!(language.pick(
            "没有企业填有经度和纬度，--within 无从计算",
            "no firm has a longitude and latitude, by which --within goes",
        ));
    }
    Ok(filter)
}

/// Whether a firm can be an anchor: where chains are asked for, one of theirs.
pub(crate) fn is_wanted_anchor(network: &Network, filter: &Filter, firm: FirmIx) -> bool {
    let is_member = network.chains_at(firm, network.as_of()).any(|chain| filter.chains.contains(&chain));
    !filter.excluded.contains(&firm) && (filter.chains.is_empty() || is_member)
}

/// Whether the options leave a partner of an anchor out, whatever its score.
pub(crate) fn is_left_out(matcher: &Matcher, anchor: &FirmId, partner: &FirmId) -> bool {
    let [anchor, partner] = [anchor, partner].map(|id| matcher.network().firm_ix(id.as_str()));
    let pair = anchor.zip(partner);
    pair.is_some_and(|(anchor, partner)| matcher.leaves_out(anchor, partner))
}

/// The chain of that id, else the only one of that name, or the only one of these that is valid.
fn chain(directory: &Directory, text: &str, language: Language) -> Result<ChainIx> {
    let (network, text, named) = (directory.network(), text.trim(), directory.find_chain(text));
    if let [chain] = named[..] {
        return Ok(chain);
    }
    let among = if named.is_empty() { network.chains().collect() } else { named };
    let known: Vec<String> = among
        .iter()
        .map(|&chain| {
            let chain = network.chain(chain);
            let (id, name) = (firms::clip(chain.id.as_str()), chain.name.as_deref().map(firms::clip));
            name.map_or(id.clone(), |name| say!(language, "{name}（{id}）", "{name} ({id})"))
        })
        .collect();
    let known = language.first_of(&known, LISTED);
    Err(anyhow!(say!(
        language,
        "“{text}”不是哪一条产业链的编号或名称；现有：{known}",
        "{text:?} is not the id or name of one chain; there are {known}"
    )))
}

/// The region of that name, else all whose names hold the text: those of a city, by its name.
fn regions(network: &Network, text: &str, language: Language) -> Result<Vec<Box<str>>> {
    let text = text.trim();
    let mut known: Vec<&str> =
        network.firms().filter_map(|firm| network.firm(firm).region.as_deref()).collect();
    known.sort_unstable();
    known.dedup();
    if known.binary_search(&text).is_ok() {
        return Ok(vec![text.into()]);
    }
    let holding: Vec<Box<str>> =
        known.iter().filter(|region| region.contains(text)).map(|&region| region.into()).collect();
    if !text.is_empty() && !holding.is_empty() {
        return Ok(holding);
    }
    let known: Vec<String> = known.iter().map(|region| firms::clip(region)).collect();
    let known = language.first_of(&known, LISTED);
    Err(anyhow!(say!(
        language,
        "没有企业在地区“{text}”；现有地区：{known}",
        "no firm is in region {text:?}; there are {known}"
    )))
}

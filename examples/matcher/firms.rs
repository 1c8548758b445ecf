//! Firms by the names that people use for them.

use std::cmp::Reverse;

use anyhow::{Result, anyhow};
use jiedui::model::{Firm, FirmId, FirmIx};
use jiedui::network::{Directory, Network};

use crate::language::{Language, say};

/// How many firms a refusal suggests.
const SUGGESTIONS: usize = 3;

/// The firm of that id, else the only one of that name or credit code.
pub(crate) fn find(directory: &Directory, text: &str, language: Language) -> Result<FirmIx> {
    let (network, named) = (directory.network(), directory.find(text));
    match named[..] {
        [firm] => Ok(firm),
        [] => {
            let nearest = list(network, &nearest(network, text.trim()), language);
            Err(anyhow!(say!(
                language,
                "没有编号、名称或信用代码为“{text}”的企业；相近的有：{nearest}",
                "no firm has the id, name or credit code {text:?}; the nearest are {nearest}"
            )))
        }
        [..] => {
            let (count, some) =
                (named.len(), list(network, &named[..named.len().min(SUGGESTIONS)], language));
            Err(anyhow!(say!(
                language,
                "有 {count} 家企业名为“{text}”，请用编号指明，例如：{some}",
                "{count} firms are named {text:?}; give an id, such as {some}"
            )))
        }
    }
}

fn list(network: &Network, firms: &[FirmIx], language: Language) -> String {
    let texts: Vec<String> = firms.iter().map(|&firm| title(network.firm(firm), language)).collect();
    texts.join(language.comma())
}

/// The firms whose id or name is likest: those that hold the text, then by edits.
fn nearest(network: &Network, text: &str) -> Vec<FirmIx> {
    let edits = |known: &str| strsim::damerau_levenshtein(text, known);
    let mut firms: Vec<(Reverse<bool>, usize, FirmIx)> = network
        .firms()
        .map(|firm| {
            let Firm { id, name, .. } = network.firm(firm);
            let name = name.as_deref().unwrap_or_default();
            let holds = !text.is_empty() && (id.as_str().contains(text) || name.contains(text));
            (Reverse(holds), edits(id.as_str()).min(edits(name)), firm)
        })
        .collect();
    firms.sort_unstable();
    firms.truncate(SUGGESTIONS);
    firms.into_iter().map(|(.., firm)| firm).collect()
}

/// The most characters of a name in a phrase.
const SHORT_CHARS: usize = 24;
/// The most characters of a name anywhere: what is longer is no name.
const NAME_CHARS: usize = 60;

/// The text, fit for one line: data may hold line breaks and terminal codes.
pub(crate) fn label(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

/// The name of the firm of that id, fit for a phrase.
pub(crate) fn short(network: &Network, id: &FirmId) -> String {
    let firm = network.firm_ix(id.as_str()).map(|firm| network.firm(firm));
    shorten(firm.map_or(id.as_str(), Firm::label))
}

/// The text, fit for a phrase.
pub(crate) fn shorten(text: &str) -> String {
    cut(text, SHORT_CHARS)
}

/// The text, fit for a table.
pub(crate) fn clip(text: &str) -> String {
    cut(text, NAME_CHARS)
}

fn cut(text: &str, most: usize) -> String {
    let text = label(text);
    match text.char_indices().nth(most) {
        Some((cut, _)) => format!("{}…", text[..cut].trim_end()),
        None => text,
    }
}

/// Name and id, the id alone where they are the same.
pub(crate) fn title(firm: &Firm, language: Language) -> String {
    let (name, id) = (clip(firm.label()), clip(firm.id.as_str()));
    if name == id { id } else { say!(language, "{name}（{id}）", "{name} ({id})") }
}

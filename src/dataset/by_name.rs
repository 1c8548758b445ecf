//! Firms by what they are called.

use rustc_hash::FxHashMap;

use crate::model::{CreditCode, Firm, narrow};

/// Firms by key, name and credit code; `None` where several have one.
#[derive(Default)]
pub(super) struct ByName<'a> {
    keys: FxHashMap<&'a str, u32>,
    names: FxHashMap<&'a str, Option<u32>>,
    /// Names, codes and keys, written plainly.
    pub(super) plain: FxHashMap<String, Option<u32>>,
    /// What else names tell, written plainly.
    others: FxHashMap<String, Option<u32>>,
}

impl<'a> ByName<'a> {
    pub(super) fn add(&mut self, position: u32, firm: &'a Firm) {
        let of_one = |firm: &mut Option<u32>| *firm = firm.filter(|&firm| firm == position);
        let code = firm.credit_code.as_ref().map(CreditCode::as_str);
        self.keys.insert(firm.id.as_str(), position);
        for name in firm.name.as_deref().into_iter().chain(code) {
            self.names.entry(name).and_modify(of_one).or_insert(Some(position));
            self.plain.entry(plain(name)).and_modify(of_one).or_insert(Some(position));
        }
        self.plain.entry(plain(firm.id.as_str())).and_modify(of_one).or_insert(Some(position));
        for name in firm.name.as_deref().into_iter().chain([firm.id.as_str()]) {
            let others =
                other_names(name).map(short_form).chain(name.contains(LONG_FORM).then(|| short_form(name)));
            for other in others {
                self.others.entry(other).and_modify(of_one).or_insert(Some(position));
            }
        }
    }

    /// Whose key a text is; else who alone has this very name or credit code; else who alone has it or
    /// a key that is written likewise; else who alone has one of the names that it tells, or it for a former name.
    pub(super) fn find(&self, text: &str) -> Option<u32> {
        if let Some(&position) = self.keys.get(text) {
            return Some(position);
        }
        if let Some(&only) = self.names.get(text) {
            return only;
        }
        if let Some(&only) = self.plain.get(&plain(text)) {
            return only;
        }
        let told = other_names(text).chain([text]).map(short_form);
        let mut found = told.filter_map(|name| self.plain.get(&name).or_else(|| self.others.get(&name)));
        let first = *found.next()?;
        first.filter(|_| found.all(|&other| other == first))
    }
}

/// One form of company has two names.
const LONG_FORM: &str = "有限责任公司";

/// A name written plainly, with the shorter name of its form.
fn short_form(name: &str) -> String {
    plain(name).replace(LONG_FORM, "有限公司")
}

/// With what a bracket behind a name begins that holds another one.
const NAMED: [&str; 9] = ["曾用名", "曾名", "原名", "现名", "又名", "简称", "现更名为", "更名为", "原"];

/// What may stand behind 等 where more are meant than are named, the last first.
const MORE: [&[&str]; 2] = [&["企业", "公司", "单位", "供应商", "厂家"], &["家", "户", "个"]];

/// The names that a longer one tells of one firm: `新厂（曾用名：老厂）` both, `甲厂等3家` the only one.
fn other_names(name: &str) -> impl Iterator<Item = &str> {
    let (before, bracket) = match name.split_once(['(', '（']) {
        Some((before, rest)) => (before, rest.split_once([')', '）']).map(|(inside, _)| inside.trim())),
        None => (name, None),
    };
    let former = bracket.and_then(|inside| NAMED.iter().find_map(|named| inside.strip_prefix(named)));
    let former = former.map(|former| former.trim_start_matches([':', '：', '为', ' ']));
    let of_both = former.into_iter().flat_map(move |former| [before, former]);
    let alone = name.rsplit_once('等').filter(|(_, behind)| {
        let strip = |text: &'_ str, words: &[&str]| {
            words.iter().find_map(|word| text.strip_suffix(word)).unwrap_or(text).len()
        };
        let behind = MORE.iter().fold(behind.trim(), |text, words| text[..strip(text, words)].trim_end());
        behind.chars().all(|c| c.is_numeric() || "一二三四五六七八九十几多余数".contains(c))
    });
    of_both.chain(alone.map(|(before, _)| before)).filter(|name| !name.trim().is_empty())
}

/// A name as one might write it: full-width signs as their ASCII selves, of either case, without blanks and
/// characters of no width.
pub(crate) fn plain(name: &str) -> String {
    let is_seen =
        |c: &char| !c.is_whitespace() && !matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}');
    name.chars().filter(is_seen).map(|c| narrow(c).to_ascii_lowercase()).collect()
}

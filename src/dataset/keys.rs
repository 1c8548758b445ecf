//! Keys: whether they are sound, and where their records stand.

use std::borrow::Borrow;
use std::hash::Hash;

#[cfg(feature = "csv")]
use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::Limits;
#[cfg(feature = "csv")]
use super::interner::{self, Interner, Room};
use super::unknown::known;
use crate::model::{Chain, ChainId, Firm, FirmId, Product, ProductId};

/// An outside key, whichever record it is of.
pub(super) trait Key: AsRef<str> + for<'a> From<&'a str> + Borrow<str> + Clone + Eq + Hash {}

impl<Id: AsRef<str> + for<'a> From<&'a str> + Borrow<str> + Clone + Eq + Hash> Key for Id {}

/// A record with a key.
pub(super) trait Keyed<Id> {
    fn id(&self) -> &Id;
}

impl Keyed<FirmId> for Firm {
    fn id(&self) -> &FirmId {
        &self.id
    }
}

impl Keyed<ProductId> for Product {
    fn id(&self) -> &ProductId {
        &self.id
    }
}

impl Keyed<ChainId> for Chain {
    fn id(&self) -> &ChainId {
        &self.id
    }
}

/// Positions of keys, and which were only named so far.
#[derive(Debug, Clone)]
pub(super) struct Keys<Id> {
    /// Of the first records; those behind are put in when a key is looked for.
    positions: FxHashMap<Id, u32>,
    seen: Vec<bool>,
}

impl<Id> Default for Keys<Id> {
    fn default() -> Self {
        Self { positions: FxHashMap::default(), seen: Vec::new() }
    }
}

impl<Id> Keys<Id> {
    /// Whether there is a record of its own at a position.
    pub(super) fn is_seen(&self, position: u32) -> bool {
        self.seen.get(position as usize).is_some_and(|seen| *seen)
    }

    /// Takes note that there is a record of its own at a position; whether there was before.
    pub(super) fn see(&mut self, position: usize) -> bool {
        std::mem::replace(&mut self.seen[position], true)
    }

    /// Forgets that there is a record of its own at a position.
    pub(super) fn forget(&mut self, position: u32) {
        self.seen[position as usize] = false;
    }

    /// Keeps some positions, with nobody else asking for one by its key.
    pub(super) fn retain(&mut self, is_kept: impl Fn(u32) -> bool) {
        let mut position = 0..;
        self.seen.retain(|_| is_kept(position.next().unwrap_or_default()));
        self.positions.clear();
    }

    pub(super) fn made(&self) -> u64 {
        self.seen.iter().filter(|seen| !**seen).count() as u64
    }
}

impl<Id: Clone + Eq + Hash> Keys<Id> {
    /// The positions of the keys of all records.
    pub(super) fn positions_of<Record: Keyed<Id>>(&mut self, records: &[Record]) -> &FxHashMap<Id, u32> {
        let known = self.positions.len();
        self.positions.reserve(records.len() - known);
        for (position, record) in (known as u32..).zip(&records[known..]) {
            self.positions.insert(record.id().clone(), position);
        }
        &self.positions
    }
}

/// Whether a text without blanks around it can be a key.
pub(super) fn is_sound_key(key: &str) -> bool {
    // Without a way out of the loop, since keys are short.
    let has_nul = |key: &str| key.bytes().fold(0, |found, byte| found | u8::from(byte == 0)) != 0;
    known(key).is_some()
        && key.len() <= Limits::KEY_BYTES
        && !has_nul(key)
        && !is_mangled(key)
        && !is_no_key(key)
}

/// Takes the blanks around a key away.
pub(super) fn trim_key<Id: Key>(id: &mut Id) {
    let trimmed = id.as_ref().trim();
    if trimmed.len() < id.as_ref().len() {
        *id = Id::from(trimmed);
    }
}

/// Finds a key's position, making a record for it where there is none.
pub(super) fn position_of<Id: Key, Record: Keyed<Id>>(
    keys: &mut Keys<Id>,
    records: &mut Vec<Record>,
    id: &str,
    make: impl FnOnce(Id) -> Record,
) -> u32 {
    if let Some(&position) = keys.positions_of(records).get(id) {
        return position;
    }
    let position = records.len() as u32;
    let id = Id::from(id);
    keys.positions.insert(id.clone(), position);
    keys.seen.push(false);
    records.push(make(id));
    position
}

/// Finds the positions of keys by their number, making records in the order of the keys
/// where there are none.
#[cfg(feature = "csv")]
pub(super) fn positions_of<Id: Key + Send, Record: Keyed<Id> + Send>(
    keys: &mut Keys<Id>,
    records: &mut Vec<Record>,
    interner: &Interner,
    make: impl Fn(Id) -> Record + Sync,
) -> Vec<u32> {
    let mut sorted = interner.sorted();
    let mut positions = vec![0; interner.end()];
    if !records.is_empty() {
        let known = keys.positions_of(records);
        let mut room = Room::default();
        sorted.retain(|&number| match known.get(interner.text(number, &interner.key(number), &mut room)) {
            Some(&position) => {
                positions[number as usize] = position;
                false
            }
            None => true,
        });
    }
    for (position, number) in (records.len() as u32..).zip(&sorted) {
        positions[*number as usize] = position;
    }
    // First the keys alone, so that many are fetched from memory at once.
    let new: Vec<interner::Key> = sorted.par_iter().map(|number| interner.key(*number)).collect();
    records.par_extend(
        sorted
            .par_iter()
            .zip(&new)
            .map(|(number, key)| make(Id::from(interner.text(*number, key, &mut Room::default())))),
    );
    keys.seen.resize(records.len(), false);
    positions
}

/// Whether a key is none, but says that its row is no record: one of sums, or a note below the table.
pub(super) fn is_no_key(text: &str) -> bool {
    const SUMS: [&str; 8] = ["合计", "小计", "总计", "共计", "累计", "平均", "均值", "平均值"];
    const NOTES: [&str; 25] = [
        "以上合计",
        "以上共",
        "以上数据",
        "（以下空白",
        "(以下空白",
        "填报日期",
        "填报单位",
        "联系电话",
        "联系人",
        "数据来源",
        "其中：",
        "其中:",
        "注：",
        "注:",
        "备注：",
        "备注:",
        "说明：",
        "说明:",
        "填表人",
        "填报人",
        "制表人",
        "制表：",
        "制表:",
        "审核",
        "填表：",
    ];
    if text.is_ascii() {
        return false;
    }
    // More may be said of it: 合计（2家）, 合计：2家, 本页小计, 轨道板块小计.
    let rest = text.split(['(', '（', ':', '：']).next().unwrap_or(text);
    let is_sum = rest.chars().count() <= 4
        && SUMS.contains(&rest.chars().filter(|c| !c.is_whitespace()).collect::<String>().as_str());
    let is_partial = rest.chars().count() <= 12 && ["小计", "合计"].iter().any(|sum| rest.ends_with(sum));
    // 二、航空动力产业链
    let numeral = text.trim_start_matches(|c| "一二三四五六七八九十".contains(c));
    let is_heading = numeral.len() < text.len() && numeral.starts_with('、');
    is_sum || is_partial || is_heading || text == "注" || NOTES.iter().any(|note| text.starts_with(note))
}

/// Whether a spreadsheet made a number of the key, as in `9.14302E+17` and `9E+17`, or an
/// error, as in `#REF!`.
pub(super) fn is_mangled(key: &str) -> bool {
    if key.starts_with('#') {
        return ["#REF!", "#NAME?", "#VALUE!", "#DIV/0!", "#NUM!", "#NULL!"].contains(&key);
    }
    // Most keys are told apart by their first two characters.
    match key.strip_prefix('-').unwrap_or(key).as_bytes() {
        [b'0'..=b'9', b'.' | b',' | b'E' | b'e', ..] => {}
        _ => return false,
    }
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let Some((mantissa, exponent)) = key.split_once(['E', 'e']) else { return false };
    let Some(exponent) = exponent.strip_prefix('+') else { return false };
    let mantissa = mantissa.strip_prefix('-').unwrap_or(mantissa);
    let (whole, fraction) = mantissa.split_once(['.', ',']).unwrap_or((mantissa, "0"));
    whole.len() == 1 && digits(whole) && digits(fraction) && digits(exponent)
}

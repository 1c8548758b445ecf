//! Keys to numbers, for many threads at once.

use std::hash::Hasher;

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use rayon::prelude::*;
use rustc_hash::FxHasher;

/// Parts of an [`Interner`]: so many that one of a million keys fits a core's own cache.
const SHARDS: usize = 256;

/// The longest key that is held in place, bytes: room for a credit code.
const SHORT: usize = 23;
/// Marks a key that is held elsewhere.
const LONG: u8 = u8::MAX;

/// A key in place, its length in the last byte, so that looking it up touches one line
/// of memory; or, marked, the start and length of a longer one in another text.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Key([u8; SHORT + 1]);

impl Key {
    /// Puts a key in place, or at the end of `long`.
    fn new(key: &str, long: &mut String) -> Self {
        let mut bytes = [0; SHORT + 1];
        if key.len() <= SHORT {
            let text = key.as_bytes();
            match (text.first_chunk::<8>(), text.last_chunk::<8>()) {
                // In whole words, since it is in words that keys are hashed and compared.
                (Some(first), Some(last)) => {
                    let last = u64::from_le_bytes(*last);
                    let (second, third) = match text[8..].first_chunk::<8>() {
                        _ if text.len() == 8 => (0, 0),
                        None => (last >> (8 * (16 - text.len())), 0),
                        Some(second) => {
                            let third = last.checked_shr(8 * (24 - text.len() as u32));
                            (u64::from_le_bytes(*second), third.unwrap_or(0))
                        }
                    };
                    bytes[..8].copy_from_slice(first);
                    bytes[8..16].copy_from_slice(&second.to_le_bytes());
                    bytes[16..].copy_from_slice(&third.to_le_bytes());
                }
                _ => bytes[..text.len()].copy_from_slice(text),
            }
            bytes[SHORT] = key.len() as u8;
        } else {
            bytes[..8].copy_from_slice(&(long.len() as u64).to_le_bytes());
            bytes[8..16].copy_from_slice(&(key.len() as u64).to_le_bytes());
            bytes[SHORT] = LONG;
            long.push_str(key);
        }
        Self(bytes)
    }

    fn is_long(&self) -> bool {
        self.0[SHORT] == LONG
    }

    fn words(&self) -> [u64; 3] {
        let (words, _) = self.0.as_chunks::<8>();
        std::array::from_fn(|word| u64::from_le_bytes(words[word]))
    }

    fn text<'a>(&'a self, long: &'a str) -> &'a str {
        if self.is_long() {
            let [start, length, _] = self.words().map(|word| word as usize);
            &long[start..start + length]
        } else {
            // It was text when it was put in.
            std::str::from_utf8(&self.0[..self.0[SHORT] as usize]).unwrap_or_default()
        }
    }

    /// The first bytes of the text as a number, so that order is that of texts without NUL
    /// unless both are long.
    fn start(&self, long: &str) -> [u64; 3] {
        let mut bytes = [0; SHORT + 1];
        let text = &self.text(long).as_bytes();
        let length = text.len().min(SHORT + 1);
        bytes[..length].copy_from_slice(&text[..length]);
        let (words, _) = bytes.as_chunks::<8>();
        std::array::from_fn(|word| u64::from_be_bytes(words[word]))
    }

    fn hash(&self, long: &str) -> u64 {
        let mut hasher = FxHasher::default();
        if self.is_long() {
            hasher.write(self.text(long).as_bytes());
        } else {
            self.words().into_iter().for_each(|word| hasher.write_u64(word));
        }
        hasher.finish()
    }
}

/// Keys in the order in which they were met, each as often as it was.
#[derive(Default)]
pub(super) struct KeyList {
    keys: Vec<Key>,
    long: String,
    hashes: Vec<u64>,
}

impl KeyList {
    pub(super) fn with_capacity(keys: usize) -> Self {
        Self { keys: Vec::with_capacity(keys), long: String::new(), hashes: Vec::with_capacity(keys) }
    }

    /// Adds a key, unless it stands at place `last` already; returns its place.
    pub(super) fn push(&mut self, text: &str, last: Option<u32>) -> u32 {
        let key = Key::new(text, &mut self.long);
        if let Some(last) = last
            && self.keys[last as usize].words() == key.words()
        {
            return last;
        }
        let place = self.keys.len() as u32;
        self.keys.push(key);
        self.hashes.push(key.hash(&self.long));
        place
    }

    /// How many keys there are.
    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    /// The first `count` keys by the shard that they belong to.
    pub(super) fn by_shard(self, count: usize) -> ShardedKeys {
        let mut starts = vec![0u32; SHARDS + 1];
        for hash in &self.hashes[..count] {
            starts[shard_of(*hash) + 1] += 1;
        }
        for shard in 0..SHARDS {
            starts[shard + 1] += starts[shard];
        }
        let mut next = starts.clone();
        let mut places = vec![0u32; count];
        let mut keys = vec![(Key::default(), 0); count];
        for (place, (key, hash)) in self.keys[..count].iter().zip(&self.hashes).enumerate() {
            let next = &mut next[shard_of(*hash)];
            (places[place], keys[*next as usize]) = (*next, (*key, *hash));
            *next += 1;
        }
        ShardedKeys { keys, long: self.long, starts, places }
    }
}

/// A [`KeyList`] by shard.
pub(super) struct ShardedKeys {
    /// With their hashes.
    keys: Vec<(Key, u64)>,
    long: String,
    /// Where in `keys` each shard begins, and where the last one ends.
    starts: Vec<u32>,
    /// Where in `keys` each key of the list is.
    places: Vec<u32>,
}

/// Numbers distinct keys: in each shard in the order in which they come.
pub(super) struct Interner {
    shards: Vec<Shard>,
}

#[derive(Default)]
struct Shard {
    table: HashTable<(Key, u32)>,
    long: String,
}

impl Default for Interner {
    fn default() -> Self {
        Self { shards: (0..SHARDS).map(|_| Shard::default()).collect() }
    }
}

impl Interner {
    /// For each list the number of each of its keys. Expected O(keys).
    ///
    /// One shard after the other looks up its keys of all lists, so that it comes into
    /// the cache once; shards go to different threads.
    pub(super) fn intern(&mut self, lists: &[ShardedKeys]) -> Vec<Vec<u32>> {
        let mut found: Vec<Vec<u32>> = lists.iter().map(|list| vec![0; list.keys.len()]).collect();
        let mut of_shards: Vec<Vec<(&ShardedKeys, &mut [u32])>> =
            (0..SHARDS).map(|_| Vec::with_capacity(lists.len())).collect();
        for (list, found) in lists.iter().zip(&mut found) {
            let mut rest = found.as_mut_slice();
            for (shard, of_shard) in of_shards.iter_mut().enumerate() {
                let numbers;
                (numbers, rest) = rest.split_at_mut(list.range(shard).len());
                of_shard.push((list, numbers));
            }
        }
        self.shards.par_iter_mut().zip(of_shards).enumerate().for_each(|(number, (shard, of_shard))| {
            for (list, numbers) in of_shard {
                for ((key, hash), found) in list.keys[list.range(number)].iter().zip(numbers) {
                    *found = shard.number(key, &list.long, *hash) * SHARDS as u32 + number as u32;
                }
            }
        });
        let lists = lists.par_iter().zip(found);
        lists.map(|(list, found)| list.places.iter().map(|place| found[*place as usize]).collect()).collect()
    }

    /// A number above every key's.
    pub(super) fn end(&self) -> usize {
        self.shards.iter().map(|shard| shard.table.len()).max().unwrap_or(0) * SHARDS
    }

    /// The keys in the order of their texts, each with its number.
    pub(super) fn sorted(&self) -> Vec<(&str, u32)> {
        let shards = self.shards.par_iter().enumerate();
        let keys = shards.flat_map_iter(|(number, shard)| {
            shard.table.iter().map(move |(key, of_shard)| {
                let number = *of_shard * SHARDS as u32 + number as u32;
                (key.start(&shard.long), key.text(&shard.long), number)
            })
        });
        let mut keys: Vec<([u64; 3], &str, u32)> = keys.collect();
        keys.par_sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| a.1.cmp(b.1)));
        keys.into_iter().map(|(_, key, number)| (key, number)).collect()
    }
}

impl ShardedKeys {
    fn range(&self, shard: usize) -> std::ops::Range<usize> {
        self.starts[shard] as usize..self.starts[shard + 1] as usize
    }
}

impl Shard {
    fn number(&mut self, key: &Key, long: &str, hash: u64) -> u32 {
        let Self { table, long: own } = self;
        let next = table.len() as u32;
        let is_same = |(known, _): &(Key, u32)| {
            if key.is_long() { known.is_long() && known.text(own) == key.text(long) } else { known == key }
        };
        match table.entry(hash, is_same, |(known, _)| known.hash(own)) {
            Entry::Occupied(entry) => entry.get().1,
            Entry::Vacant(entry) => {
                let known = if key.is_long() { Key::new(key.text(long), own) } else { *key };
                entry.insert((known, next));
                next
            }
        }
    }
}

/// Other bits than the table goes by, which takes the highest and the lowest.
fn shard_of(hash: u64) -> usize {
    (hash >> 20) as usize % SHARDS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_any_length_keep_their_text() {
        let text = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789甲乙";
        for length in (0..=text.len()).filter(|length| text.is_char_boundary(*length)) {
            let mut long = String::from("before");
            let key = Key::new(&text[..length], &mut long);
            assert_eq!(key.text(&long), &text[..length]);
            assert_eq!(key.is_long(), length > SHORT);
        }
    }

    #[test]
    fn numbers_are_of_keys_and_order_is_that_of_texts() {
        let mut texts: Vec<String> =
            (0..2000u32).map(|key| "9143甲".repeat(key as usize % 7) + &(key % 700).to_string()).collect();
        let mut interner = Interner::default();
        for part in texts.chunks(900) {
            let lists = part.chunks(250).map(|texts| {
                let mut list = KeyList::default();
                for text in texts {
                    list.push(text, None);
                }
                list.by_shard(texts.len())
            });
            let numbers = interner.intern(&lists.collect::<Vec<_>>()).concat();
            let sorted = interner.sorted();
            for (text, number) in part.iter().zip(numbers) {
                assert!((number as usize) < interner.end());
                assert!(
                    sorted
                        .binary_search_by(|(key, _)| (*key).cmp(text))
                        .is_ok_and(|at| sorted[at].1 == number)
                );
            }
        }
        texts.sort_unstable();
        texts.dedup();
        assert_eq!(interner.sorted().iter().map(|(key, _)| *key).collect::<Vec<_>>(), texts);
    }
}

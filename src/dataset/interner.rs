//! Keys to numbers, for many threads at once.

use std::hash::Hasher;
use std::sync::{Mutex, PoisonError};

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use rustc_hash::FxHasher;

/// Parts of an [`Interner`], each behind a lock of its own.
const SHARDS: usize = 64;

/// The longest key that is held in place, bytes: room for a credit code.
const SHORT: usize = 23;
/// Marks a key that is held elsewhere.
const LONG: u8 = u8::MAX;

/// A key in place, its length in the last byte, so that looking it up touches one line
/// of memory; or, marked, the start and length of a longer one in another text.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Key([u8; SHORT + 1]);

impl Key {
    /// Puts a key in place, or at the end of `long`.
    fn new(key: &str, long: &mut String) -> Self {
        let mut bytes = [0; SHORT + 1];
        if key.len() <= SHORT {
            bytes[..key.len()].copy_from_slice(key.as_bytes());
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
            && self.keys[last as usize] == key
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
}

/// Numbers distinct keys. Which number a key gets depends on which thread came first;
/// whoever uses the numbers sorts the keys in the end.
pub(super) struct Interner {
    shards: Vec<Mutex<Shard>>,
}

#[derive(Default)]
struct Shard {
    table: HashTable<(Key, u32)>,
    long: String,
}

impl Default for Interner {
    fn default() -> Self {
        Self { shards: (0..SHARDS).map(|_| Mutex::default()).collect() }
    }
}

impl Interner {
    /// The number of each of the first `count` keys of a list. Expected O(count).
    pub(super) fn intern(&self, list: &KeyList, count: usize) -> Vec<u32> {
        // By shard, so that a lock is taken once for many keys.
        let mut starts = [0usize; SHARDS + 1];
        for hash in &list.hashes[..count] {
            starts[shard_of(*hash) + 1] += 1;
        }
        for shard in 0..SHARDS {
            starts[shard + 1] += starts[shard];
        }
        let mut next = starts;
        let mut places = vec![0u32; count];
        for (place, hash) in list.hashes[..count].iter().enumerate() {
            let next = &mut next[shard_of(*hash)];
            places[*next] = place as u32;
            *next += 1;
        }
        let mut numbers = vec![0; count];
        // Threads begin at different shards, lest they queue at each.
        let first = list.hashes.first().map_or(0, |hash| shard_of(*hash));
        for shard in (first..SHARDS).chain(0..first) {
            let places = &places[starts[shard]..starts[shard + 1]];
            if places.is_empty() {
                continue;
            }
            let mut keys = self.shards[shard].lock().unwrap_or_else(PoisonError::into_inner);
            for &place in places {
                let (key, hash) = (&list.keys[place as usize], list.hashes[place as usize]);
                let number = keys.number(key, &list.long, hash);
                numbers[place as usize] = number * SHARDS as u32 + shard as u32;
            }
        }
        numbers
    }

    /// How many distinct keys there are.
    pub(super) fn len(&self) -> usize {
        let size = |shard: &Mutex<Shard>| shard.lock().unwrap_or_else(PoisonError::into_inner).table.len();
        self.shards.iter().map(size).sum()
    }

    /// For each number what `position` makes of its key.
    pub(super) fn into_positions(self, mut position: impl FnMut(&str) -> u32) -> Vec<u32> {
        let mut positions = Vec::new();
        for (number, shard) in self.shards.into_iter().enumerate() {
            let shard = shard.into_inner().unwrap_or_else(PoisonError::into_inner);
            positions.resize(positions.len().max(shard.table.len() * SHARDS), 0);
            for (key, of_shard) in &shard.table {
                positions[*of_shard as usize * SHARDS + number] = position(key.text(&shard.long));
            }
        }
        positions
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

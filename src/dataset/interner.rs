//! Keys to numbers, for many threads at once.

use std::hash::{BuildHasher, BuildHasherDefault};
use std::sync::{Mutex, PoisonError};

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use rustc_hash::FxHasher;

/// Parts of an [`Interner`], each behind a lock of its own.
const SHARDS: usize = 64;

/// Keys in the order in which they were met, each as often as it was.
#[derive(Default)]
pub(super) struct KeyList {
    text: String,
    ends: Vec<u32>,
    hashes: Vec<u64>,
}

impl KeyList {
    /// Adds a key; returns its place in the list.
    pub(super) fn push(&mut self, key: &str) -> u32 {
        let place = self.ends.len() as u32;
        self.text.push_str(key);
        self.ends.push(self.text.len() as u32);
        self.hashes.push(hash(key));
        place
    }

    /// Whether this key stands at a place.
    pub(super) fn is_at(&self, place: usize, key: &str) -> bool {
        self.key(place) == key
    }

    /// How many keys there are.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    fn key(&self, place: usize) -> &str {
        let start = if place == 0 { 0 } else { self.ends[place - 1] as usize };
        &self.text[start..self.ends[place] as usize]
    }
}

/// Numbers distinct keys. Which number a key gets depends on which thread came first;
/// whoever uses the numbers sorts the keys in the end.
pub(super) struct Interner {
    shards: Vec<Mutex<Shard>>,
}

#[derive(Default)]
struct Shard {
    table: HashTable<Place>,
    text: String,
    keys: u32,
}

/// Where a key stands in the text of its shard.
struct Place {
    start: usize,
    length: u32,
    key: u32,
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
                let key = keys.number(list.key(place as usize), list.hashes[place as usize]);
                numbers[place as usize] = key * SHARDS as u32 + shard as u32;
            }
        }
        numbers
    }

    /// For each number what `position` makes of its key.
    pub(super) fn into_positions(self, mut position: impl FnMut(&str) -> u32) -> Positions {
        let shards = self.shards.into_iter().map(|shard| {
            let shard = shard.into_inner().unwrap_or_else(PoisonError::into_inner);
            let mut places: Vec<Place> = shard.table.into_iter().collect();
            places.sort_unstable_by_key(|place| place.key);
            places.iter().map(|place| position(place.of(&shard.text))).collect()
        });
        Positions { shards: shards.collect() }
    }
}

/// What the numbers of an [`Interner`] stand for.
pub(super) struct Positions {
    shards: Vec<Vec<u32>>,
}

impl Positions {
    pub(super) fn of(&self, number: u32) -> u32 {
        self.shards[number as usize % SHARDS][number as usize / SHARDS]
    }
}

impl Shard {
    fn number(&mut self, key: &str, hash: u64) -> u32 {
        let Self { table, text, keys } = self;
        let is_same = |place: &Place| place.of(text) == key;
        match table.entry(hash, is_same, |place| self::hash(place.of(text))) {
            Entry::Occupied(entry) => entry.get().key,
            Entry::Vacant(entry) => {
                let number = *keys;
                entry.insert(Place { start: text.len(), length: key.len() as u32, key: number });
                text.push_str(key);
                *keys += 1;
                number
            }
        }
    }
}

impl Place {
    fn of<'a>(&self, text: &'a str) -> &'a str {
        &text[self.start..self.start + self.length as usize]
    }
}

fn hash(key: &str) -> u64 {
    BuildHasherDefault::<FxHasher>::default().hash_one(key)
}

/// Neither the lowest nor the highest bits, which the table goes by.
fn shard_of(hash: u64) -> usize {
    (hash >> 40) as usize % SHARDS
}

//! Keys to numbers, on all threads.
//!
//! Looked up as they come, keys of a million firms would each wait for memory, and few
//! caches hold what translates so many addresses. So many keys are gathered and shared out
//! by their hashes, and each share, small enough for a core's own cache, is numbered by one
//! thread.

use std::hash::Hasher;

use rayon::prelude::*;
use rustc_hash::FxHasher;

/// The longest key of visible characters of ASCII that is held in place, bytes: a credit
/// code.
const SHORT: usize = 18;
/// The longest of any other characters.
const SHORT_OTHER: usize = 15;
/// Marks, in the highest byte, a key of other characters; its length is added.
const OTHER: u8 = 0x80;
/// The highest byte of a key that is held elsewhere.
const LONG: u8 = 0xff;

/// Shares of an interner: so many that those of a million keys fit a core's own cache.
const SHARES: usize = 256;

/// Room for the text of a key in place.
pub(super) type Room = [u8; 24];

/// For each length of a short key the bits of its three words that it takes.
const TAKEN: [[u64; 3]; SHORT + 1] = {
    let mut taken = [[0; 3]; SHORT + 1];
    let mut length = 0;
    while length <= SHORT {
        let mut byte = 0;
        while byte < length {
            taken[length][byte / 8] |= 0xff << (8 * (byte % 8));
            byte += 1;
        }
        length += 1;
    }
    taken
};

/// 1 in each byte.
const EACH: u64 = u64::from_ne_bytes([1; 8]);

/// A key of 16 bytes, none of them across two lines of memory, so that looking it up
/// touches one. It has one of three forms:
///
/// * up to 18 visible characters of ASCII: 16 in place, the others in the highest bits of
///   these, which ASCII leaves free;
/// * up to 15 bytes of anything else, the highest byte telling how many;
/// * else the start and, below the highest byte, the length of it in another text.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(align(16))]
pub(super) struct Key([u64; 2]);

impl Key {
    /// Puts a key in place, or at the end of `long`.
    pub(super) fn new(key: &str, long: &mut String) -> Self {
        let mut room = Room::default();
        let (length, is_visible) = (key.len(), key.bytes().all(|byte| byte.is_ascii_graphic()));
        if length <= SHORT && is_visible {
            room[..length].copy_from_slice(key.as_bytes());
            Self::of_visible(words(&room))
        } else if length <= SHORT_OTHER {
            room[..length].copy_from_slice(key.as_bytes());
            room[SHORT_OTHER] = OTHER + length as u8;
            let [low, high, _] = words(&room);
            Self([low, high])
        } else {
            let start = long.len() as u64;
            long.push_str(key);
            Self([start, u64::from(LONG) << 56 | length as u64])
        }
    }

    /// The key of so many bytes with which a longer text begins; `None` where it is long
    /// or empty, where any of its bytes is not a visible character of ASCII, and where
    /// the text ends too soon behind it to take whole words out of.
    pub(super) fn visible(text: &[u8], length: usize) -> Option<Self> {
        let taken = TAKEN.get(length).filter(|_| length > 0)?;
        let mut words = words(text.first_chunk()?);
        let mut wrong = 0;
        for (word, taken) in words.iter_mut().zip(taken) {
            *word &= taken;
            // What lies behind the key counts as visible.
            let word = *word | !taken & (EACH * u64::from(b'0'));
            // A byte is beyond ASCII, DEL, or not above the blank where its highest bit is set.
            wrong |= word | word.wrapping_add(EACH) | !((word | EACH << 7) - EACH * u64::from(b'!'));
        }
        (wrong & EACH << 7 == 0).then(|| Self::of_visible(words))
    }

    /// Of ASCII padded with 0, two bytes in the last word.
    fn of_visible([low, high, rest]: [u64; 3]) -> Self {
        // Copies, each seven bits further on, so that bit k of the k-th is the lowest of byte k.
        const COPIES: u64 = 0x0002_0408_1020_4081;
        let spread = |byte: u64| ((byte * COPIES) & EACH) << 7;
        Self([low | spread(rest & 0x7f), high | spread(rest >> 8 & 0x7f)])
    }

    /// The first two bytes of a visible key, 0 where it has none.
    pub(super) fn first_two(&self) -> [u8; 2] {
        [0, 8].map(|shift| (self.0[0] >> shift) as u8 & 0x7f)
    }

    /// What marks the form.
    fn highest(&self) -> u8 {
        (self.0[1] >> 56) as u8
    }

    fn is_long(&self) -> bool {
        self.highest() == LONG
    }

    /// The text of the key, out of `long` or spelt in `room`.
    fn text<'a>(&self, long: &'a str, room: &'a mut Room) -> &'a str {
        let [low, high] = self.0;
        let length = if self.is_long() {
            let start = low as usize;
            return &long[start..start + (high & u64::MAX >> 8) as usize];
        } else if self.highest() >= OTHER {
            *room = bytes([low, high & u64::MAX >> 8, 0]);
            usize::from(self.highest() - OTHER)
        } else {
            // Copies, of which each brings the bit of another byte to the highest byte.
            const COPIES: u64 = 0x0102_0408_1020_4080;
            let [one, other] = self.0.map(|word| ((word >> 7 & EACH).wrapping_mul(COPIES)) >> 56);
            *room = bytes([low & !(EACH << 7), high & !(EACH << 7), one | other << 8]);
            room.iter().position(|byte| *byte == 0).unwrap_or(SHORT)
        };
        // It was text when it was put in.
        std::str::from_utf8(&room[..length]).unwrap_or_default()
    }

    /// The same key with its text, if it is long, put at the end of another one.
    fn copy(&self, long: &str, other: &mut String) -> Self {
        if self.is_long() { Self::new(self.text(long, &mut Room::default()), other) } else { *self }
    }

    /// The first bytes of the text as a number, so that order is that of texts without NUL
    /// unless both are long.
    fn start(&self, long: &str) -> [u64; 3] {
        let (mut room, mut start) = (Room::default(), Room::default());
        let text = self.text(long, &mut room).as_bytes();
        let length = text.len().min(start.len());
        start[..length].copy_from_slice(&text[..length]);
        words(&start).map(u64::swap_bytes)
    }

    fn hash(&self, long: &str) -> u64 {
        let mut hasher = FxHasher::default();
        // Bytes are mixed better than words, of which the highest bits reach few others.
        if self.is_long() {
            hasher.write(self.text(long, &mut Room::default()).as_bytes());
        } else {
            let [low, high] = self.0;
            hasher.write(&(u128::from(high) << 64 | u128::from(low)).to_le_bytes());
        }
        hasher.finish()
    }
}

fn words(room: &Room) -> [u64; 3] {
    let (words, _) = room.as_chunks::<8>();
    std::array::from_fn(|word| u64::from_le_bytes(words[word]))
}

fn bytes(words: [u64; 3]) -> Room {
    let mut room = Room::default();
    for (bytes, word) in room.as_chunks_mut::<8>().0.iter_mut().zip(words) {
        *bytes = word.to_le_bytes();
    }
    room
}

/// Keys that wait for their numbers, each with the place where the number is to stand.
#[derive(Default)]
pub(super) struct Waiting {
    keys: Vec<Key>,
    places: Vec<u32>,
    /// Where each share ends, once they are shared out.
    ends: Vec<u32>,
    /// The texts of long keys.
    long: String,
}

impl Waiting {
    /// Room for so many keys.
    pub(super) fn with_capacity(keys: usize) -> Self {
        Self { keys: Vec::with_capacity(keys), places: Vec::with_capacity(keys), ..Self::default() }
    }

    /// Adds a text of any kind.
    pub(super) fn push(&mut self, text: &str, place: usize) {
        let key = Key::new(text, &mut self.long);
        self.push_key(key, place);
    }

    /// Adds a [`visible`](Key::visible) key.
    pub(super) fn push_key(&mut self, key: Key, place: usize) {
        self.keys.push(key);
        self.places.push(place as u32);
    }

    /// Lets go of the places from `end` on.
    pub(super) fn truncate(&mut self, end: usize) {
        let keys = self.keys.iter().copied().zip(self.places.iter().copied());
        (self.keys, self.places) = keys.filter(|(_, place)| (*place as usize) < end).unzip();
        self.share_out();
    }

    /// Puts the keys of a share together. O(keys).
    pub(super) fn share_out(&mut self) {
        if self.keys.is_empty() {
            return;
        }
        let shares: Vec<u8> = self.keys.iter().map(|key| share(key.hash(&self.long))).collect();
        let mut ends = vec![0; SHARES + 1];
        for share in &shares {
            ends[usize::from(*share) + 1] += 1;
        }
        for share in 0..SHARES {
            ends[share + 1] += ends[share];
        }
        let mut order = vec![0u32; shares.len()];
        // Where each share begins becomes where it ends.
        for (at, share) in (0..).zip(shares) {
            let end = &mut ends[usize::from(share)];
            order[*end as usize] = at;
            *end += 1;
        }
        self.keys = order.iter().map(|at| self.keys[*at as usize]).collect();
        self.places = order.iter().map(|at| self.places[*at as usize]).collect();
        self.ends = ends;
    }

    /// The places, in the order in which [`Interner::number`] numbers them.
    pub(super) fn places(&self) -> impl Iterator<Item = usize> {
        self.places.iter().map(|place| *place as usize)
    }

    /// The keys of a share.
    fn of(&self, share: usize) -> &[Key] {
        if self.keys.is_empty() {
            return &[];
        }
        let start = share.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.keys[start as usize..self.ends[share] as usize]
    }
}

/// Which share keys with a hash are in; told by bits that nothing else hangs on.
fn share(hash: u64) -> u8 {
    (hash >> 24) as u8
}

/// Numbers distinct keys. Which number a key gets hangs on those that came before; a few
/// numbers below the highest are none.
pub(super) struct Interner {
    shares: Vec<Share>,
}

impl Default for Interner {
    fn default() -> Self {
        Self { shares: (0..SHARES).map(|_| Share::default()).collect() }
    }
}

impl Interner {
    /// The numbers of keys that were shared out, new ones for those that have none.
    /// Expected O(keys), on all threads.
    pub(super) fn number(&mut self, waiting: &[&Waiting]) -> Vec<Vec<u32>> {
        let mut numbers: Vec<Vec<u32>> = waiting.iter().map(|waiting| vec![0; waiting.keys.len()]).collect();
        let mut of_shares: Vec<Vec<(&Waiting, &mut [u32])>> = (0..SHARES).map(|_| Vec::new()).collect();
        for (waiting, numbers) in waiting.iter().zip(&mut numbers) {
            let mut rest = numbers.as_mut_slice();
            for (share, of_share) in of_shares.iter_mut().enumerate() {
                let numbers;
                (numbers, rest) = rest.split_at_mut(waiting.of(share).len());
                of_share.push((waiting, numbers));
            }
        }
        self.shares.par_iter_mut().zip(of_shares).enumerate().for_each(|(share, (own, of_share))| {
            for (waiting, numbers) in of_share {
                for (key, number) in waiting.of(share).iter().zip(numbers) {
                    *number = number_of(share, own.number(key, &waiting.long));
                }
            }
        });
        numbers
    }

    /// Each number is below.
    pub(super) fn end(&self) -> usize {
        self.shares.iter().map(|share| share.keys.len()).max().unwrap_or(0) * SHARES
    }

    /// The key of a number.
    pub(super) fn key(&self, number: u32) -> Key {
        self.share_of(number).keys[number as usize / SHARES]
    }

    /// The text of the key of a number.
    pub(super) fn text<'a>(&'a self, number: u32, key: &Key, room: &'a mut Room) -> &'a str {
        key.text(&self.share_of(number).long, room)
    }

    /// The numbers in the order of the keys' texts. O(keys · log keys), on all threads.
    pub(super) fn sorted(&self) -> Vec<u32> {
        let starts = self.shares.par_iter().enumerate().flat_map_iter(|(share, of)| {
            let keys = (0..).zip(&of.keys);
            keys.map(move |(number, key)| (number_of(share, number), key.start(&of.long)))
        });
        // Most keys begin alike. From the first bit that differs 64 of them are sorted by.
        let Some(first) = self.shares.iter().find_map(|of| Some(of.keys.first()?.start(&of.long))) else {
            return Vec::new();
        };
        let either = |one: [u64; 3], other: [u64; 3]| std::array::from_fn(|word| one[word] | other[word]);
        let differ: [u64; 3] = starts
            .clone()
            .map(|(_, start)| std::array::from_fn(|word| start[word] ^ first[word]))
            .reduce(|| [0; 3], either);
        let word = differ.iter().position(|bits| *bits != 0).unwrap_or(2);
        let bit = differ[word].leading_zeros() % 64;
        let part = |start: [u64; 3]| {
            let next = start.get(word + 1).map_or(0, |next| next.checked_shr(64 - bit).unwrap_or(0));
            start[word] << bit | next
        };
        let mut keys: Vec<u128> =
            starts.map(|(number, start)| u128::from(part(start)) << 32 | u128::from(number)).collect();
        keys.par_sort_unstable();
        let mut sorted: Vec<u32> = keys.iter().map(|key| *key as u32).collect();
        let mut rest = sorted.as_mut_slice();
        for alike in keys.chunk_by(|a, b| a >> 32 == b >> 32) {
            let numbers;
            (numbers, rest) = rest.split_at_mut(alike.len());
            if numbers.len() > 1 {
                numbers.sort_unstable_by(|a, b| {
                    let (mut one, mut other) = (Room::default(), Room::default());
                    self.text(*a, &self.key(*a), &mut one).cmp(self.text(*b, &self.key(*b), &mut other))
                });
            }
        }
        sorted
    }

    fn share_of(&self, number: u32) -> &Share {
        &self.shares[number as usize % SHARES]
    }
}

/// The number of a key by its number within a share.
fn number_of(share: usize, number: u32) -> u32 {
    number * SHARES as u32 + share as u32
}

/// Keys of one share, numbered in the order in which they come.
///
/// A table of open addresses with linear probing (Knuth, The Art of Computer Programming
/// 3, 1998, section 6.4, algorithm L), at most half full.
#[derive(Default)]
struct Share {
    keys: Vec<Key>,
    long: String,
    /// For each key, where its hash says or as soon behind as is free, its number in the
    /// lower bits and in the others bits of its hash, so that few keys are compared with it
    /// in vain. As many as a power of two.
    places: Vec<u32>,
}

/// A place that no key has.
const FREE: u32 = u32::MAX;

impl Share {
    /// The number of a key, which gets the next one if it has none. Expected O(1).
    fn number(&mut self, key: &Key, long: &str) -> u32 {
        if self.places.len() <= 2 * (self.keys.len() + 1) {
            self.grow();
        }
        let hash = key.hash(long);
        match self.find(key, long, hash) {
            Ok(number) => number,
            Err(place) => {
                let number = self.keys.len() as u32;
                self.places[place] = self.place(hash, number);
                self.keys.push(key.copy(long, &mut self.long));
                number
            }
        }
    }

    /// The number of a key, or the free place where it would be found.
    fn find(&self, key: &Key, long: &str, hash: u64) -> Result<u32, usize> {
        let last = self.places.len() - 1;
        let mut at = hash as usize & last;
        while self.places[at] != FREE {
            if let Some(number) = self.number_in(self.places[at], hash)
                && self.is_same(&self.keys[number as usize], key, long)
            {
                return Ok(number);
            }
            at = (at + 1) & last;
        }
        Err(at)
    }

    /// Whether a key of this share is the same as another one, whose text is in `long` if it
    /// is a long one.
    fn is_same(&self, known: &Key, key: &Key, long: &str) -> bool {
        if !key.is_long() {
            return known == key;
        }
        let (mut one, mut other) = (Room::default(), Room::default());
        known.is_long() && known.text(&self.long, &mut one) == key.text(long, &mut other)
    }

    /// What stands in the place of a key.
    fn place(&self, hash: u64, number: u32) -> u32 {
        number | (hash >> 32) as u32 & !self.number_bits()
    }

    /// The number in a place, unless it is of a key with another hash.
    fn number_in(&self, place: u32, hash: u64) -> Option<u32> {
        let numbers = self.number_bits();
        ((place ^ (hash >> 32) as u32) & !numbers == 0).then_some(place & numbers)
    }

    /// The bits of a place that hold the number: all of them are set in none.
    fn number_bits(&self) -> u32 {
        (self.places.len() / 2) as u32 - 1
    }

    /// Doubles the places.
    fn grow(&mut self) {
        self.places = vec![FREE; (2 * self.places.len()).max(64)];
        let last = self.places.len() - 1;
        for (number, key) in (0..).zip(&self.keys) {
            let hash = key.hash(&self.long);
            let mut at = hash as usize & last;
            // No two keys are the same.
            while self.places[at] != FREE {
                at = (at + 1) & last;
            }
            self.places[at] = self.place(hash, number);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    impl Waiting {
        fn of_texts<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
            let mut waiting = Self::default();
            for (place, text) in texts.into_iter().enumerate() {
                waiting.push(text, place);
            }
            waiting.share_out();
            waiting
        }
    }

    impl Interner {
        /// Numbers in the order of the texts.
        fn numbers_of(&mut self, texts: &[&str]) -> Vec<u32> {
            let waiting = Waiting::of_texts(texts.iter().copied());
            let mut numbers = vec![u32::MAX; texts.len()];
            for (place, number) in waiting.places().zip(&self.number(&[&waiting])[0]) {
                numbers[place] = *number;
            }
            numbers
        }

        fn text_of(&self, number: u32) -> String {
            self.text(number, &self.key(number), &mut Room::default()).to_owned()
        }

        fn sorted_texts(&self) -> Vec<String> {
            self.sorted().into_iter().map(|number| self.text_of(number)).collect()
        }
    }

    #[test]
    fn keys_of_any_length_keep_their_text() {
        let plain = "~!ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789甲乙";
        let other = "甲 ABCDEFGHIJKLMNOPQRSTUVWXYZ\u{10ffff}";
        for (text, short) in [(plain, SHORT), (other, SHORT_OTHER)] {
            for length in (0..=text.len()).filter(|length| text.is_char_boundary(*length)) {
                let mut long = String::from("before");
                let key = Key::new(&text[..length], &mut long);
                assert_eq!(key.text(&long, &mut Room::default()), &text[..length]);
                assert_eq!(key.is_long(), length > short);
            }
        }
    }

    #[test]
    fn numbers_are_of_keys_and_order_is_that_of_texts() {
        let texts: Vec<String> =
            (0..20_000u32).map(|key| "9143甲".repeat(key as usize % 7) + &(key % 7000).to_string()).collect();
        let mut texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let mut interner = Interner::default();
        // Some at once, in several pieces, the others one after the other.
        let (at_once, rest) = texts.split_at(2500);
        let pieces: Vec<Waiting> =
            at_once.chunks(700).map(|texts| Waiting::of_texts(texts.iter().copied())).collect();
        let found = interner.number(&pieces.iter().collect::<Vec<_>>());
        for ((waiting, numbers), texts) in pieces.iter().zip(found).zip(at_once.chunks(700)) {
            for (place, number) in waiting.places().zip(numbers) {
                assert_eq!(interner.text_of(number), texts[place]);
            }
        }
        for texts in rest.chunks(2500) {
            let numbers = interner.numbers_of(texts);
            assert_eq!(interner.numbers_of(texts), numbers);
            for (number, text) in numbers.into_iter().zip(texts) {
                assert_eq!(interner.text_of(number), *text);
                assert!((number as usize) < interner.end());
            }
        }
        texts.sort_unstable();
        texts.dedup();
        assert_eq!(interner.sorted_texts(), texts);
    }

    #[test]
    fn places_that_are_let_go_of_are_not_numbered() {
        let texts = ["a", "b", "c", "d", "甲乙丙丁戊己", "b"];
        let mut waiting = Waiting::of_texts(texts);
        waiting.truncate(5);
        let mut places: Vec<usize> = waiting.places().collect();
        places.sort_unstable();
        assert_eq!(places, [0, 1, 2, 3, 4]);
        let mut interner = Interner::default();
        interner.number(&[&waiting]);
        assert_eq!(interner.sorted_texts(), texts[..5]);
    }

    #[test]
    fn long_keys_of_one_hash_are_told_apart() {
        // Two texts of one length, at one start, of which all is alike that a place tells.
        let mut share = Share::default();
        share.grow();
        let last = share.places.len() as u64 - 1;
        let mut met = rustc_hash::FxHashMap::default();
        let pair = (0..).find_map(|number| {
            let text = format!("{number:040}");
            let mut long = String::new();
            let hash = Key::new(&text, &mut long).hash(&long);
            met.insert((hash & last, share.place(hash, 0)), text.clone()).map(|other| [other, text])
        });
        let numbers = pair.unwrap().map(|text| {
            let mut long = String::new();
            let key = Key::new(&text, &mut long);
            share.number(&key, &long)
        });
        assert_eq!(numbers, [0, 1]);
    }

    proptest! {
        #[test]
        fn order_is_that_of_texts(
            before in prop::sample::select(vec!["", "914302", "91430200MA00000", "91430200MA0000000000甲"]),
            texts in prop::collection::vec("[!-~甲]{0,12}", 0..40),
        ) {
            let texts: Vec<String> = texts.iter().map(|text| format!("{before}{text}")).collect();
            let mut texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            let mut interner = Interner::default();
            interner.numbers_of(&texts);
            texts.sort_unstable();
            texts.dedup();
            prop_assert_eq!(interner.sorted_texts(), texts);
        }

        #[test]
        fn visible_keys_are_those_of_ascii_above_the_blank(
            text in prop::collection::vec(prop_oneof![9 => 0x21u8..0x7f, 1 => any::<u8>()], 0..40),
            length in 0usize..21,
        ) {
            let is_visible = text.len() >= size_of::<Room>()
                && (1..=SHORT).contains(&length)
                && text[..length].iter().all(u8::is_ascii_graphic);
            let key = Key::visible(&text, length);
            prop_assert_eq!(key.is_some(), is_visible);
            if let Some(key) = key {
                let expected = std::str::from_utf8(&text[..length]).unwrap();
                prop_assert!(key == Key::new(expected, &mut String::new()));
            }
        }
    }
}

//! Keys to numbers: known ones are looked up on many threads at once, new ones added
//! on one.

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

/// A number that no key has.
pub(super) const UNKNOWN: u32 = u32::MAX;

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
        let spread = |byte: u64| (byte * COPIES & EACH) << 7;
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

/// Numbers distinct keys in the order in which they come.
///
/// A table of open addresses with linear probing (Knuth, The Art of Computer Programming
/// 3, 1998, section 6.4, algorithm L), at most half full.
#[derive(Default)]
pub(super) struct Interner {
    keys: Vec<Key>,
    long: String,
    /// For each key, where its hash says or as soon behind as is free, its number in the
    /// lower bits and in the others bits of its hash, so that few keys are compared with it
    /// in vain. As many as a power of two.
    places: Vec<u32>,
}

/// A place that no key has.
const FREE: u32 = u32::MAX;

/// Keys to be looked up together, in room that is used again.
#[derive(Default)]
pub(super) struct Batch {
    keys: Vec<Key>,
    long: String,
    hashes: Vec<u64>,
    numbers: Vec<u32>,
    is_found: Vec<bool>,
}

impl Batch {
    /// Adds a text of any kind.
    pub(super) fn push(&mut self, text: &str) {
        let key = Key::new(text, &mut self.long);
        self.keys.push(key);
    }

    /// Adds a [`visible`](Key::visible) key if `is_taken`. Says whether it did.
    pub(super) fn push_visible(&mut self, text: &[u8], length: usize, is_taken: fn(&Key) -> bool) -> bool {
        let key = Key::visible(text, length).filter(is_taken);
        self.keys.extend(key);
        key.is_some()
    }

    pub(super) fn truncate(&mut self, length: usize) {
        self.keys.truncate(length);
    }

    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    pub(super) fn clear(&mut self) {
        self.keys.clear();
        self.long.clear();
    }

    /// The key that was added at that place, a long one with its text put in `long`.
    pub(super) fn copy(&self, place: usize, long: &mut String) -> Key {
        self.keys[place].copy(&self.long, long)
    }

    /// Finds the [`numbers`](Self::numbers). Expected O(keys).
    ///
    /// In steps that each read at a place in memory for every key, without a branch that
    /// hangs on what stands there: so a core fetches many of them at once.
    pub(super) fn find(&mut self, interner: &Interner) {
        let Self { keys, long, hashes, numbers, is_found } = self;
        hashes.clear();
        numbers.clear();
        is_found.clear();
        let (Some(last_place), Some(last_key)) =
            (interner.places.len().checked_sub(1), interner.keys.len().checked_sub(1))
        else {
            numbers.resize(keys.len(), UNKNOWN);
            return;
        };
        hashes.extend(keys.iter().map(|key| key.hash(long)));
        numbers.extend(hashes.iter().map(|hash| interner.places[*hash as usize & last_place]));
        for (number, hash) in numbers.iter_mut().zip(&*hashes) {
            *number = interner.first_from(*hash, *number);
        }
        // A long key tells where its text is, and so is never found at once.
        is_found.extend(numbers.iter().zip(&*keys).map(|(number, key)| {
            let is_same = interner.keys[last_key.min(*number as usize)] == *key;
            is_same & (*number != UNKNOWN) & !key.is_long()
        }));
        for (at, number) in numbers.iter_mut().enumerate() {
            if !is_found[at] && *number != UNKNOWN {
                *number = interner.find(&keys[at], long, hashes[at]).unwrap_or(UNKNOWN);
            }
        }
    }

    /// For each key the number that was found, or `UNKNOWN`.
    pub(super) fn numbers(&self) -> &[u32] {
        &self.numbers
    }
}

impl Interner {
    /// The number of a key, which gets the next one if it has none. Expected O(1).
    pub(super) fn number(&mut self, key: &Key, long: &str) -> u32 {
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

    /// How many keys there are; each number is below.
    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    /// The key of that number.
    pub(super) fn key(&self, number: u32) -> Key {
        self.keys[number as usize]
    }

    /// The text of a key that the interner holds.
    pub(super) fn text<'a>(&'a self, key: &Key, room: &'a mut Room) -> &'a str {
        key.text(&self.long, room)
    }

    /// The numbers in the order of the keys' texts. O(keys · log keys), on all threads.
    pub(super) fn sorted(&self) -> Vec<u32> {
        let start = |key: &Key| key.start(&self.long);
        let Some(first) = self.keys.first().map(start) else { return Vec::new() };
        // Most keys begin alike. From the first bit that differs 64 of them are sorted by.
        let mut differ = [0; 3];
        for key in &self.keys {
            let start = start(key);
            for (differ, (one, other)) in differ.iter_mut().zip(first.iter().zip(start)) {
                *differ |= one ^ other;
            }
        }
        let word = differ.iter().position(|bits| *bits != 0).unwrap_or(2);
        let bit = differ[word].leading_zeros() % 64;
        let part = |key: &Key| {
            let start = start(key);
            let next = start.get(word + 1).map_or(0, |next| next.checked_shr(64 - bit).unwrap_or(0));
            start[word] << bit | next
        };
        let keys = self.keys.par_iter().enumerate();
        let mut keys: Vec<u128> =
            keys.map(|(number, key)| u128::from(part(key)) << 32 | number as u128).collect();
        keys.par_sort_unstable();
        let mut sorted: Vec<u32> = keys.iter().map(|key| *key as u32).collect();
        let mut rest = sorted.as_mut_slice();
        for alike in keys.chunk_by(|a, b| a >> 32 == b >> 32) {
            let numbers;
            (numbers, rest) = rest.split_at_mut(alike.len());
            if numbers.len() > 1 {
                numbers.sort_unstable_by(|a, b| {
                    let (mut one, mut other) = (Room::default(), Room::default());
                    self.text(&self.key(*a), &mut one).cmp(self.text(&self.key(*b), &mut other))
                });
            }
        }
        sorted
    }

    /// The number of a key, or the free place where it would be found.
    fn find(&self, key: &Key, long: &str, hash: u64) -> Result<u32, usize> {
        let last = self.places.len() - 1;
        let mut at = hash as usize & last;
        while self.places[at] != FREE {
            if let Some(number) = self.number_in(self.places[at], hash) {
                let known = &self.keys[number as usize];
                let is_same = if key.is_long() {
                    let (mut one, mut other) = (Room::default(), Room::default());
                    known.is_long() && known.text(&self.long, &mut one) == key.text(long, &mut other)
                } else {
                    known == key
                };
                if is_same {
                    return Ok(number);
                }
            }
            at = (at + 1) & last;
        }
        Err(at)
    }

    /// The first number that may be of a key with the hash, `place` being what stands where
    /// the hash says; `UNKNOWN` if there is none.
    fn first_from(&self, hash: u64, mut place: u32) -> u32 {
        let last = self.places.len() - 1;
        let mut at = hash as usize & last;
        loop {
            if place == FREE {
                return UNKNOWN;
            }
            if let Some(number) = self.number_in(place, hash) {
                return number;
            }
            at = (at + 1) & last;
            place = self.places[at];
        }
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

    impl Interner {
        fn number_of(&mut self, text: &str) -> u32 {
            let mut long = String::from("before");
            let key = Key::new(text, &mut long);
            self.number(&key, &long)
        }

        fn text_of(&self, number: u32) -> String {
            self.text(&self.key(number), &mut Room::default()).to_owned()
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
        let mut texts: Vec<String> =
            (0..2000u32).map(|key| "9143甲".repeat(key as usize % 7) + &(key % 700).to_string()).collect();
        let mut interner = Interner::default();
        for part in texts.chunks(250) {
            let mut batch = Batch::default();
            for text in part {
                batch.push(text);
            }
            batch.find(&interner);
            for (text, before) in part.iter().zip(batch.numbers()) {
                let was_there = (*before != UNKNOWN).then_some(*before);
                let n_keys = interner.len();
                let number = interner.number_of(text);
                assert_eq!(interner.text_of(number), *text);
                assert!(was_there.is_none_or(|before| before == number && interner.len() == n_keys));
            }
            batch.find(&interner);
            assert!(
                batch.numbers().iter().zip(part).all(|(number, text)| interner.text_of(*number) == *text)
            );
        }
        texts.sort_unstable();
        texts.dedup();
        let sorted = interner.sorted();
        assert_eq!(sorted.iter().map(|number| interner.text_of(*number)).collect::<Vec<_>>(), texts);
    }

    #[test]
    fn long_keys_of_one_hash_are_told_apart() {
        // Two texts of one length, at one start, of which all is alike that a place tells.
        let mut interner = Interner::default();
        interner.number_of("x");
        let last = interner.places.len() as u64 - 1;
        let mut met = rustc_hash::FxHashMap::default();
        let pair = (0..).find_map(|number| {
            let text = format!("{number:040}");
            let mut long = String::new();
            let hash = Key::new(&text, &mut long).hash(&long);
            let place = (hash & last, interner.place(hash, 0));
            met.insert(place, text.clone()).map(|other| [other, text])
        });
        let [one, other] = pair.unwrap();
        let mut interner = Interner::default();
        let mut batch = Batch::default();
        batch.push(&one);
        let mut long = String::new();
        interner.number(&Key::new(&one, &mut long), &long);
        batch.find(&interner);
        assert_eq!(batch.numbers(), [0]);
        batch.clear();
        batch.push(&other);
        batch.find(&interner);
        assert_eq!(batch.numbers(), [UNKNOWN]);
    }

    proptest! {
        #[test]
        fn order_is_that_of_texts(
            before in prop::sample::select(vec!["", "914302", "91430200MA00000", "91430200MA0000000000甲"]),
            texts in prop::collection::vec("[!-~甲]{0,12}", 0..40),
        ) {
            let mut texts: Vec<String> = texts.iter().map(|text| format!("{before}{text}")).collect();
            let mut interner = Interner::default();
            for text in &texts {
                interner.number_of(text);
            }
            texts.sort_unstable();
            texts.dedup();
            let sorted = interner.sorted();
            prop_assert_eq!(sorted.iter().map(|number| interner.text_of(*number)).collect::<Vec<_>>(), texts);
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

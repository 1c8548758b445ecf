//! Keys to numbers: known ones are looked up on many threads at once, new ones added
//! on one.

use std::hash::Hasher;

use rayon::prelude::*;
use rustc_hash::FxHasher;

/// The longest key that is held in place, bytes: room for a credit code.
const SHORT: usize = 23;
/// Stands where a short key has its length, and marks one that is held elsewhere.
const LONG: u8 = u8::MAX;

/// A number that no key has.
pub(super) const UNKNOWN: u32 = u32::MAX;

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

/// A key in place, its length in the last byte, so that looking it up touches one line
/// of memory; or, marked, the start and length of a longer one in another text.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(align(8))]
pub(super) struct Key([u8; SHORT + 1]);

impl Key {
    /// Puts a key in place, or at the end of `long`.
    pub(super) fn new(key: &str, long: &mut String) -> Self {
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

    /// The key of so many bytes with which a longer text begins; `None` where it is long
    /// or empty, where any of its bytes is not a visible character of ASCII, and where
    /// the text ends too soon behind it to take whole words out of.
    pub(super) fn visible(text: &[u8], length: usize) -> Option<Self> {
        const EACH: u64 = u64::from_ne_bytes([1; 8]);
        let taken = TAKEN.get(length).filter(|_| length > 0)?;
        let mut words = Self(*text.first_chunk()?).words();
        let mut wrong = 0;
        for (word, taken) in words.iter_mut().zip(taken) {
            *word &= taken;
            // What lies behind the key counts as visible.
            let word = *word | !taken & (EACH * u64::from(b'0'));
            // A byte is beyond ASCII, DEL, or not above the blank where its highest bit is set.
            wrong |= word | word.wrapping_add(EACH) | !((word | EACH << 7) - EACH * u64::from(b'!'));
        }
        words[2] |= (length as u64) << 56;
        (wrong & EACH << 7 == 0).then(|| Self::of_words(words))
    }

    /// The first two bytes of a short key, 0 where it has none.
    pub(super) fn first_two(&self) -> [u8; 2] {
        [self.0[0], self.0[1]]
    }

    fn is_long(&self) -> bool {
        self.0[SHORT] == LONG
    }

    fn words(&self) -> [u64; 3] {
        let (words, _) = self.0.as_chunks::<8>();
        std::array::from_fn(|word| u64::from_le_bytes(words[word]))
    }

    fn of_words(words: [u64; 3]) -> Self {
        let mut bytes = [0; SHORT + 1];
        for (bytes, word) in bytes.as_chunks_mut::<8>().0.iter_mut().zip(words) {
            *bytes = word.to_le_bytes();
        }
        Self(bytes)
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

    /// The same key with its text, if it is long, put at the end of another one.
    fn copy(&self, long: &str, other: &mut String) -> Self {
        if self.is_long() { Self::new(self.text(long), other) } else { *self }
    }

    /// The first bytes of the text as a number, so that order is that of texts without NUL
    /// unless both are long.
    fn start(&self, long: &str) -> [u64; 3] {
        let mut start = *self;
        start.0[SHORT] = 0;
        if self.is_long() {
            start.0.copy_from_slice(&self.text(long).as_bytes()[..=SHORT]);
        }
        start.words().map(u64::swap_bytes)
    }

    fn hash(&self, long: &str) -> u64 {
        let mut hasher = FxHasher::default();
        // Bytes are mixed better than words, of which the highest bits reach few others.
        hasher.write(if self.is_long() { self.text(long).as_bytes() } else { &self.0 });
        hasher.finish()
    }
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
            interner.keys[last_key.min(*number as usize)].words() == key.words() && *number != UNKNOWN
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
    pub(super) fn text<'a>(&'a self, key: &'a Key) -> &'a str {
        key.text(&self.long)
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
                numbers.sort_unstable_by_key(|number| self.keys[*number as usize].text(&self.long));
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
                    known.is_long() && known.text(&self.long) == key.text(long)
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

        fn text_of(&self, number: u32) -> &str {
            self.keys[number as usize].text(&self.long)
        }
    }

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
                assert_eq!(interner.text_of(number), text);
                assert!(was_there.is_none_or(|before| before == number && interner.len() == n_keys));
            }
            batch.find(&interner);
            assert!(batch.numbers().iter().zip(part).all(|(number, text)| interner.text_of(*number) == text));
        }
        texts.sort_unstable();
        texts.dedup();
        let sorted = interner.sorted();
        assert_eq!(sorted.iter().map(|number| interner.text_of(*number)).collect::<Vec<_>>(), texts);
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
            text in prop::collection::vec(prop_oneof![4 => 0x21u8..0x7f, 1 => any::<u8>()], 0..40),
            length in 0usize..26,
        ) {
            let is_visible = text.len() > SHORT
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

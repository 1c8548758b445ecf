//! Small numbers for the few keys that are in use.

/// Numbers keys below some n in the order in which they come: a dense map that costs a
/// load to ask, and to empty what was in it.
#[derive(Debug, Default)]
pub(super) struct Slots {
    /// By key its slot, [`FREE`] where it has none.
    slots: Vec<u32>,
    /// By slot its key.
    keys: Vec<u32>,
}

const FREE: u32 = u32::MAX;

impl Slots {
    /// Empties it, for keys below `n`.
    pub(super) fn reset(&mut self, n: usize) {
        for key in self.keys.drain(..) {
            self.slots[key as usize] = FREE;
        }
        self.slots.resize(n, FREE);
    }

    /// Makes room for keys below `n`, and forgets none.
    pub(super) fn reserve(&mut self, n: usize) {
        if self.slots.len() < n {
            self.slots.resize(n, FREE);
        }
    }

    /// The keys that have slots, by slot.
    pub(super) fn keys(&self) -> &[u32] {
        &self.keys
    }

    /// The slot of a key, if it has one.
    pub(super) fn get(&self, key: u32) -> Option<usize> {
        let slot = self.slots[key as usize];
        (slot != FREE).then_some(slot as usize)
    }

    /// The slot of a key; the next free one where it had none, and then `true`.
    pub(super) fn enter(&mut self, key: u32) -> (usize, bool) {
        if let Some(slot) = self.get(key) {
            return (slot, false);
        }
        let slot = self.keys.len();
        self.slots[key as usize] = slot as u32;
        self.keys.push(key);
        (slot, true)
    }
}

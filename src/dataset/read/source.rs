//! Bytes of a file as text: unpacked, within limits, its byte order mark taken off.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;
use std::sync::Arc;

use encoding_rs::{UTF_16BE, UTF_16LE};
use encoding_rs_io::DecodeReaderBytesBuilder;
use flate2::read::MultiGzDecoder;

use super::ReadError;
use super::limits::{SourceLimits, inflates_too_much};

/// How much of a text is looked at before the first record is read.
const HEAD_BYTES: usize = 256 * 1024;

/// A stream of text with its first bytes at hand.
pub(super) struct Source<'a> {
    /// The first bytes of the text, as many as there are or `HEAD_BYTES`.
    pub(super) head: Vec<u8>,
    /// What follows the head.
    tail: Box<dyn Read + 'a>,
    /// What the tail failed with while the head was read.
    failure: Option<io::Error>,
    /// Given by a byte order mark; `None` where there is none.
    pub(super) marked: Option<&'static str>,
    read: Rc<Cell<u64>>,
}

impl<'a> Source<'a> {
    pub(super) fn new(mut input: impl Read + 'a, limits: SourceLimits) -> Self {
        let read = Rc::new(Cell::new(0));
        // A gzip file is known by its first bytes, whatever its name.
        let (magic, broken) = fill(&mut input, 2);
        let is_gzip = magic == [0x1f, 0x8b];
        let packed = Rc::new(Cell::new(0));
        let input = Counted { inner: io::Cursor::new(magic).chain(input), count: Rc::clone(&packed) };
        let text: Box<dyn Read + 'a> =
            if is_gzip { Box::new(MultiGzDecoder::new(input)) } else { Box::new(input) };
        let packed = is_gzip.then_some(packed);
        let mut text: Box<dyn Read + 'a> =
            Box::new(Limited { inner: text, packed, read: Rc::clone(&read), limits });
        let (mut head, mut failure) = fill(&mut text, HEAD_BYTES);
        let mut marked = None;
        if head.starts_with(&[0xef, 0xbb, 0xbf]) {
            head.drain(..3);
            marked = Some("UTF-8");
        }
        for (mark, encoding) in [([0xff, 0xfe], UTF_16LE), ([0xfe, 0xff], UTF_16BE)] {
            if head.starts_with(&mark) {
                let decoder = DecodeReaderBytesBuilder::new()
                    .encoding(Some(encoding))
                    .build(io::Cursor::new(std::mem::take(&mut head)).chain(text));
                text = Box::new(decoder);
                (head, failure) = match failure {
                    // The rest is lost, but the head is not: it is decoded alone.
                    Some(error) => (fill(&mut text, HEAD_BYTES).0, Some(error)),
                    None => fill(&mut text, HEAD_BYTES),
                };
                marked = Some(encoding.name());
            }
        }
        Self { head, tail: text, failure: broken.or(failure), marked, read }
    }

    /// The bytes of text read so far, some of which may still wait in a buffer.
    pub(super) fn counter(&self) -> Rc<Cell<u64>> {
        Rc::clone(&self.read)
    }
}

impl Read for Source<'_> {
    /// The head first.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.head.is_empty() {
            return match self.failure.take() {
                Some(error) => Err(error),
                None => self.tail.read(buffer),
            };
        }
        let count = buffer.len().min(self.head.len());
        buffer[..count].copy_from_slice(&self.head[..count]);
        self.head.drain(..count);
        Ok(count)
    }
}

/// Reads until there are `count` bytes, no more, or a failure.
fn fill(input: &mut impl Read, count: usize) -> (Vec<u8>, Option<io::Error>) {
    let mut bytes = Vec::new();
    let failure = input.take(count as u64).read_to_end(&mut bytes).err();
    (bytes, failure)
}

/// A limit that was passed, on its way through `io::Error`.
#[derive(Debug, thiserror::Error)]
pub(super) enum Passed {
    #[error("unpacks to more than {0} times its size")]
    Inflation(u64),
    #[error("more than {0} bytes of text")]
    File(u64),
    #[cfg(feature = "json")]
    #[error("a record of more than {0} bytes")]
    Record(usize),
}

pub(super) fn read_error(file: &Arc<str>, line: u64, byte: u64, error: io::Error) -> ReadError {
    let file = Arc::clone(file);
    match error.get_ref().and_then(|inner| inner.downcast_ref::<Passed>()) {
        Some(&Passed::Inflation(ratio)) => ReadError::Inflates { file, ratio, byte },
        #[cfg(feature = "json")]
        Some(&Passed::Record(limit)) => ReadError::RecordTooLong { file, limit, byte },
        Some(&Passed::File(limit)) => ReadError::TooLarge { file, limit },
        None => ReadError::Read { file, line, byte, source: error },
    }
}

/// Counts what goes through.
struct Counted<R> {
    inner: R,
    count: Rc<Cell<u64>>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.count.set(self.count.get() + count as u64);
        Ok(count)
    }
}

/// Stops at the limits.
struct Limited<R> {
    inner: R,
    /// Bytes taken from the compressed file, where it is one.
    packed: Option<Rc<Cell<u64>>>,
    read: Rc<Cell<u64>>,
    limits: SourceLimits,
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        let read = self.read.get() + count as u64;
        self.read.set(read);
        if read > self.limits.file {
            return Err(io::Error::other(Passed::File(self.limits.file)));
        }
        if let Some(packed) = &self.packed
            && inflates_too_much(read, packed.get(), self.limits)
        {
            return Err(io::Error::other(Passed::Inflation(self.limits.inflation)));
        }
        Ok(count)
    }
}

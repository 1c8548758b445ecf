//! The encoding of a CSV text: UTF-8, else GB18030.

use std::borrow::Cow;

use encoding_rs::GB18030;

/// Decodes the records of one text.
///
/// Separators, quotation marks and line breaks are the same bytes in both encodings
/// and never part of a character, so that records are split first and decoded one by
/// one. The text is what most of its records prove to be: a record that is no UTF-8
/// in a text that has been UTF-8 so far is damaged, not GB18030.
pub(super) struct Encoding {
    is_gb18030: bool,
    /// Records that are UTF-8 beyond ASCII, and records that can only be GB18030.
    utf8: u64,
    gb18030: u64,
    text: String,
    ends: Vec<usize>,
}

impl Encoding {
    /// Judges by the lines at the beginning of the text.
    pub(super) fn of(head: &[u8]) -> Self {
        let mut encoding =
            Self { is_gb18030: false, utf8: 0, gb18030: 0, text: String::new(), ends: Vec::new() };
        let mut lines = head.split_inclusive(|byte| *byte == b'\n').peekable();
        while let Some(line) = lines.next() {
            // The last line may be cut inside a character.
            let is_whole = lines.peek().is_some() || line.ends_with(b"\n");
            match std::str::from_utf8(line) {
                Ok(_) if line.is_ascii() => {}
                Ok(_) => encoding.utf8 += 1,
                Err(error) if error.error_len().is_none() && !is_whole => encoding.utf8 += 1,
                Err(_) if gb18030(line).is_some() => encoding.gb18030 += 1,
                Err(_) => {}
            }
        }
        encoding.is_gb18030 = encoding.gb18030 > encoding.utf8;
        encoding
    }

    /// A text that is UTF-8 by its byte order mark.
    pub(super) fn utf8() -> Self {
        Self { is_gb18030: false, utf8: u64::MAX, gb18030: 0, text: String::new(), ends: Vec::new() }
    }

    pub(super) fn name(&self) -> &'static str {
        if self.is_gb18030 { "GB18030" } else { "UTF-8" }
    }

    /// The text of a record and where its cells end; `None` where it is no text in
    /// the encoding.
    pub(super) fn decode<'a>(
        &'a mut self,
        cells: &'a [u8],
        ends: &'a [usize],
    ) -> Option<(&'a str, &'a [usize])> {
        let utf8 = std::str::from_utf8(cells).ok();
        // Two broken cells could make a whole character between them.
        let utf8 = utf8.filter(|text| ends.iter().all(|end| text.is_char_boundary(*end)));
        match utf8 {
            Some(text) if text.is_ascii() => return Some((text, ends)),
            Some(text) if !self.is_gb18030 => {
                self.utf8 = self.utf8.saturating_add(1);
                return Some((text, ends));
            }
            // Short words of GB18030 may look like UTF-8 of two bytes a character, as
            // 联通 does; whole characters of three bytes are UTF-8.
            Some(text) if text.contains(|c| c >= '\u{800}') => return None,
            _ => {}
        }
        self.text.clear();
        self.ends.clear();
        let mut from = 0;
        for &end in ends {
            self.text.push_str(&gb18030(&cells[from..end])?);
            self.ends.push(self.text.len());
            from = end;
        }
        if !self.is_gb18030 {
            if self.gb18030 < self.utf8 {
                self.gb18030 += 1;
                return None;
            }
            self.is_gb18030 = true;
        }
        Some((&self.text, &self.ends))
    }
}

/// A record decoded apart from the others.
pub(super) struct Decoded<'a> {
    pub(super) text: Cow<'a, str>,
    pub(super) ends: Cow<'a, [usize]>,
    /// Whether it is UTF-8 beyond ASCII and speaks for that encoding.
    pub(super) is_utf8: bool,
}

impl Encoding {
    /// What [`decode`](Self::decode) gives as long as no record changes the encoding;
    /// `None` where it gives none or where this one would.
    pub(super) fn decode_plainly<'a>(&self, cells: &'a [u8], ends: &'a [usize]) -> Option<Decoded<'a>> {
        if let Ok(text) = std::str::from_utf8(cells) {
            let is_ascii = text.is_ascii();
            if is_ascii || (!self.is_gb18030 && ends.iter().all(|end| text.is_char_boundary(*end))) {
                let (text, ends) = (Cow::Borrowed(text), Cow::Borrowed(ends));
                return Some(Decoded { text, ends, is_utf8: !is_ascii });
            }
        }
        if !self.is_gb18030 {
            return None;
        }
        let mut alone = Self { is_gb18030: true, utf8: 0, gb18030: 0, text: String::new(), ends: Vec::new() };
        alone.decode(cells, ends)?;
        Some(Decoded { text: Cow::Owned(alone.text), ends: Cow::Owned(alone.ends), is_utf8: false })
    }

    /// Takes note of records that [`decode_plainly`](Self::decode_plainly) decoded.
    pub(super) fn pass(&mut self, utf8: u64) {
        self.utf8 = self.utf8.saturating_add(utf8);
    }

    pub(super) fn is_gb18030(&self) -> bool {
        self.is_gb18030
    }
}

fn gb18030(bytes: &[u8]) -> Option<Cow<'_, str>> {
    GB18030.decode_without_bom_handling_and_without_replacement(bytes)
}

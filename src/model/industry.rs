//! Industry codes.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::word::narrow;

/// An industry code by GB/T 4754-2017 (国民经济行业分类), at any of its levels, or a
/// code of another system, which is then alike to itself only.
///
/// `C3714`, `c3714`, `3714` and `Ｃ３７１４` are the same: the section letter follows from the
/// division.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Industry(Box<str>);

impl Industry {
    /// Reads a code. What is not one of GB/T 4754 is kept as it is.
    ///
    /// ```
    /// use jiedui::model::Industry;
    ///
    /// let industry = Industry::new("3714");
    /// assert_eq!(industry.as_str(), "C3714");
    /// assert_eq!(industry.levels().collect::<Vec<_>>(), ["C3714", "C371", "C37", "C"]);
    /// assert!(!Industry::new("480301").is_gb_t_4754());
    /// ```
    pub fn new(text: &str) -> Self {
        let text: String = text.trim().chars().map(narrow).collect();
        let upper = text.to_ascii_uppercase();
        let digits = upper.strip_prefix(|c: char| c.is_ascii_uppercase()).unwrap_or(&upper);
        let letter = if digits.len() == upper.len() { None } else { upper.chars().next() };
        if digits.is_empty() && letter.is_some_and(|letter| ('A'..='T').contains(&letter)) {
            return Self(upper.into());
        }
        if (2..=4).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()) {
            let section = digits[..2].parse().ok().and_then(section);
            if let Some(section) = section
                && letter.is_none_or(|letter| letter == section)
            {
                return Self(format!("{section}{digits}").into());
            }
        }
        Self(text.into())
    }

    /// The code: a letter and up to four digits, or the text of another system.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is a code of GB/T 4754 by form (section letter and division agree).
    pub fn is_gb_t_4754(&self) -> bool {
        match self.0.as_bytes() {
            [b'A'..=b'T'] => true,
            [_, _, _, ..] => self.division().is_some(),
            _ => false,
        }
    }

    /// Whether it is a class (小类), the finest level: a section letter and four digits. A code
    /// of another system is one, too.
    pub fn is_class(&self) -> bool {
        !self.is_gb_t_4754() || self.0.len() == 5
    }

    /// The two-digit division (大类), where there is one.
    pub fn division(&self) -> Option<u8> {
        let (letter, digits) = self.0.split_at_checked(1)?;
        if !(2..=4).contains(&digits.len()) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let division = digits[..2].parse().ok()?;
        (section(division)? == letter.chars().next()?).then_some(division)
    }

    /// The code and its broader ones, narrowest first; only itself where it is not
    /// of GB/T 4754.
    pub fn levels(&self) -> impl Iterator<Item = &str> {
        let shortest = if self.is_gb_t_4754() { 1 } else { self.0.len() };
        // Two characters (a letter and one digit) are no level.
        (shortest..=self.0.len())
            .rev()
            .filter(move |&length| length != 2 || shortest == 2)
            .map(|length| &self.0[..length])
    }
}

impl From<String> for Industry {
    fn from(text: String) -> Self {
        Self::new(&text)
    }
}

impl From<Industry> for String {
    fn from(industry: Industry) -> Self {
        industry.0.into()
    }
}

impl fmt::Display for Industry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// The section letter (门类) of a division, GB/T 4754-2017.
fn section(division: u8) -> Option<char> {
    Some(match division {
        1..=5 => 'A',
        6..=12 => 'B',
        13..=43 => 'C',
        44..=46 => 'D',
        47..=50 => 'E',
        51..=52 => 'F',
        53..=60 => 'G',
        61..=62 => 'H',
        63..=65 => 'I',
        66..=69 => 'J',
        70 => 'K',
        71..=72 => 'L',
        73..=75 => 'M',
        76..=79 => 'N',
        80..=82 => 'O',
        83 => 'P',
        84..=85 => 'Q',
        86..=90 => 'R',
        91..=96 => 'S',
        97 => 'T',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letter_and_division_must_agree() {
        assert_eq!(Industry::new("C3714"), Industry::new(" 3714 "));
        assert!(Industry::new("18").is_gb_t_4754());
        assert!(Industry::new("C").is_gb_t_4754());
        assert!(!Industry::new("A3714").is_gb_t_4754());
        assert!(!Industry::new("C1").is_gb_t_4754());
        assert!(!Industry::new("汽车").is_gb_t_4754());
        assert!(!Industry::new("").is_gb_t_4754());
        assert_eq!(Industry::new("汽车").levels().collect::<Vec<_>>(), ["汽车"]);
        assert_eq!(Industry::new("18").levels().collect::<Vec<_>>(), ["C18", "C"]);
    }
}

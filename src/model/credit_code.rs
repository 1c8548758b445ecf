//! The unified social credit code.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A 统一社会信用代码 (GB 32100-2015): 18 characters, the last a check digit.
///
/// Real codes exist that fail their check digit (`91350211M0000XUF46`), so the
/// text is kept whatever [`check`](Self::check) says.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct CreditCode(Box<str>);

/// What [`CreditCode::check`] found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CreditCodeCheck {
    /// Well formed, the check digit agrees.
    Valid,
    /// Well formed, the check digit should have been this one. A warning only.
    Mismatch {
        /// The digit that the rule gives.
        expected: char,
    },
    /// Not 18 characters of the code's alphabet.
    Malformed,
}

/// The alphabet of the code: no I, O, S, V, Z.
const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

impl CreditCode {
    /// Takes the text as it is, upper-cased and without blanks around it.
    pub fn new(text: &str) -> Self {
        Self(text.trim().to_uppercase().into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Checks form and check digit: (31 − Σ Cᵢ·3^(i−1) mod 31) mod 31 over the
    /// first 17 characters (GB 32100-2015, 附录).
    ///
    /// ```
    /// use jiedui::model::{CreditCode, CreditCodeCheck};
    ///
    /// assert_eq!(CreditCode::new("91350100M000100Y43").check(), CreditCodeCheck::Valid);
    /// assert_eq!(
    ///     CreditCode::new("91350211M0000XUF46").check(),
    ///     CreditCodeCheck::Mismatch { expected: 'R' },
    /// );
    /// assert_eq!(CreditCode::new("9.14302E+17").check(), CreditCodeCheck::Malformed);
    /// ```
    pub fn check(&self) -> CreditCodeCheck {
        let code = self.0.as_bytes();
        if code.len() != 18 {
            return CreditCodeCheck::Malformed;
        }
        let mut sum = 0;
        let mut weight = 1;
        for (position, character) in code.iter().enumerate() {
            let Some(digit) = ALPHABET.iter().position(|known| known == character) else {
                return CreditCodeCheck::Malformed;
            };
            if position < 17 {
                sum = (sum + digit * weight) % 31;
                weight = weight * 3 % 31;
            }
        }
        let expected = ALPHABET[(31 - sum) % 31];
        if expected == code[17] {
            CreditCodeCheck::Valid
        } else {
            CreditCodeCheck::Mismatch { expected: char::from(expected) }
        }
    }
}

impl fmt::Display for CreditCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl From<String> for CreditCode {
    fn from(text: String) -> Self {
        Self::new(&text)
    }
}

impl From<CreditCode> for String {
    fn from(code: CreditCode) -> Self {
        code.0.into()
    }
}

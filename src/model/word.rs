//! Enumerations whose values are words: one that is written, and others that are read.

/// Makes an enumeration one of words: every such one has `as_str`, the word that is written, which
/// `Display` and serde write too; and `from_word`, which `FromStr` and serde read by.
///
/// - `Name { Value = "english", "中文", "further"; }` declares it, with its words in Chinese;
/// - `enum Name { Value = "english"; }` declares it without;
/// - `for Name { Value = "english"; }` takes one that is declared elsewhere.
macro_rules! words {
    (for $name:ident { $($variant:ident = $word:literal $(, $also:literal)*;)+ }) => {
        impl $name {
            /// The English word, as written to files.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// Reads a word, in English or in whatever else is understood, any case, blanks
            /// around it ignored. `None` for a word outside the enumeration.
            pub fn from_word(word: &str) -> Option<Self> {
                let word = word.trim();
                let is_meant = |known: &&str| known.eq_ignore_ascii_case(word);
                $(if [$word $(, $also)*].iter().any(is_meant) {
                    return Some(Self::$variant);
                })+
                None
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::model::WordError;

            fn from_str(word: &str) -> Result<Self, Self::Err> {
                Self::from_word(word).ok_or_else(|| $crate::model::WordError::new(word, &[$($word),+]))
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let word = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                Self::from_word(&word).ok_or_else(|| {
                    serde::de::Error::unknown_variant(&word, &[$($word),+])
                })
            }
        }
    };
    (
        $(#[$doc:meta])*
        enum $name:ident {
            $($(#[$variant_doc:meta])* $variant:ident = $word:literal $(, $also:literal)*;)+
        }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
        }

        impl $name {
            /// Every value, in declaration order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
        }

        $crate::model::words! { for $name { $($variant = $word $(, $also)*;)+ } }
    };
    (
        $(#[$doc:meta])*
        $name:ident {
            $($(#[$variant_doc:meta])* $variant:ident = $english:literal, $chinese:literal $(, $also:literal)*;)+
        }
    ) => {
        $crate::model::words! {
            $(#[$doc])*
            enum $name {
                $($(#[$variant_doc])* $variant = $english, $chinese $(, $also)*;)+
            }
        }

        impl $name {
            /// The Chinese word.
            pub const fn chinese(self) -> &'static str {
                match self { $(Self::$variant => $chinese),+ }
            }

            /// Every word that is understood: English, Chinese, and further ones.
            pub const fn words(self) -> &'static [&'static str] {
                match self { $(Self::$variant => &[$english, $chinese $(, $also)*]),+ }
            }
        }
    };
}

pub(crate) use words;

/// A word outside an enumeration.
///
/// ```
/// use jiedui::model::Level;
///
/// assert_eq!("支部".parse(), Ok(Level::Branch));
/// let error = "division".parse::<Level>().unwrap_err();
/// assert_eq!(&*error.given, "division");
/// assert_eq!(
///     error.to_string(),
///     r#""division" is not one of the words known here; use enterprise, branch, specialists"#,
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{given:?} is not one of the words known here; use {}", .known.join(", "))]
#[non_exhaustive]
pub struct WordError {
    /// What was given.
    pub given: Box<str>,
    /// The words that are written; others may be understood, too.
    pub known: &'static [&'static str],
}

impl WordError {
    pub(crate) fn new(given: &str, known: &'static [&'static str]) -> Self {
        Self { given: given.into(), known }
    }
}

/// A full-width letter, digit or sign as its ASCII self.
pub(crate) fn narrow(c: char) -> char {
    match c {
        // The block lies at a fixed distance from ASCII.
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        c => c,
    }
}

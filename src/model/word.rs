//! Enumerations whose values are words, in English and in Chinese.

/// Declares an enumeration with its English word (the one that is written), its
/// Chinese word and further spellings that are understood when reading.
macro_rules! words {
    (
        $(#[$doc:meta])*
        $name:ident {
            $($(#[$variant_doc:meta])* $variant:ident = $english:literal, $chinese:literal $(, $also:literal)*;)+
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

            /// The English word, as written to files.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $english),+ }
            }

            /// The Chinese word.
            pub fn chinese(self) -> &'static str {
                match self { $(Self::$variant => $chinese),+ }
            }

            /// Every word that is understood: English, Chinese, and further ones.
            pub fn words(self) -> &'static [&'static str] {
                match self { $(Self::$variant => &[$english, $chinese $(, $also)*]),+ }
            }

            /// Reads a word: English or Chinese, any case, blanks around it
            /// ignored. `None` for a word outside the enumeration.
            pub fn from_word(word: &str) -> Option<Self> {
                let word = word.trim();
                let is_meant = |one: &Self| one.words().iter().any(|known| known.eq_ignore_ascii_case(word));
                Self::ALL.iter().copied().find(is_meant)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
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
                    serde::de::Error::unknown_variant(&word, &[$($english),+])
                })
            }
        }
    };
}

pub(super) use words;

/// A full-width letter, digit or sign as its ASCII self.
pub(crate) fn narrow(c: char) -> char {
    match c {
        // The block lies at a fixed distance from ASCII.
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        c => c,
    }
}

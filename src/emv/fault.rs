//! What can be wrong with a code, where, and what to try.

use crate::sanitize::Clean;
use std::fmt;

macro_rules! kinds {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($variant,)* }

        impl $name {
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// As in JSON and in the contract.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => stringify!($variant),)* }
            }

            /// Its sentence in the word files.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }
    };
}

kinds! {
    /// Why a code is refused.
    ErrorKind {
        Empty = "emv_error.empty",
        InvalidUtf8 = "emv_error.invalid_utf8",
        ControlChar = "emv_error.control_char",
        TooLarge = "emv_error.too_large",
        TruncatedHeader = "emv_error.truncated_header",
        BadTag = "emv_error.bad_tag",
        BadLength = "emv_error.bad_length",
        ZeroLength = "emv_error.zero_length",
        ValueOverrun = "emv_error.value_overrun",
        DuplicateTag = "emv_error.duplicate_tag",
        FirstTagNot00 = "emv_error.first_tag_not_00",
        BadVersion = "emv_error.bad_version",
        CrcNotLast = "emv_error.crc_not_last",
        BadFixedLength = "emv_error.bad_fixed_length",
        CrcNotHex = "emv_error.crc_not_hex",
        CrcMismatch = "emv_error.crc_mismatch",
        MissingTag = "emv_error.missing_tag",
        MissingSubTag = "emv_error.missing_sub_tag",
        MissingGuid = "emv_error.missing_guid",
        NoMerchantAccount = "emv_error.no_merchant_account",
        NoKey = "emv_error.no_key",
        MissingKey = "emv_error.missing_key",
        AmbiguousKey = "emv_error.ambiguous_key",
        BadKey = "emv_error.bad_key",
        BadInitiation = "emv_error.bad_initiation",
        BadFormat = "emv_error.bad_format",
        TooLong = "emv_error.too_long",
        BadAmount = "emv_error.bad_amount",
        AmountZero = "emv_error.amount_zero",
        AmountDecimals = "emv_error.amount_decimals",
        BadTipIndicator = "emv_error.bad_tip_indicator",
        TipMismatch = "emv_error.tip_mismatch",
        TipMissing = "emv_error.tip_missing",
        BadPercentage = "emv_error.bad_percentage",
    }
}

kinds! {
    /// What a person should know of a code that is read all the same: working codes have such flaws.
    WarningKind {
        LengthsInBytes = "emv_warning.lengths_in_bytes",
        CrcLowercase = "emv_warning.crc_lowercase",
        CrcMatchesLatin1 = "emv_warning.crc_matches_latin1",
        NonAsciiInAns = "emv_warning.non_ascii_in_ans",
        PayloadOver512 = "emv_warning.payload_over_512",
        ProfileMissing = "emv_warning.profile_missing",
        DynamicWithoutAmount = "emv_warning.dynamic_without_amount",
        TipZero = "emv_warning.tip_zero",
        UnknownGuid = "emv_warning.unknown_guid",
        UnknownNetwork = "emv_warning.unknown_network",
        UnknownEnum = "emv_warning.unknown_enum",
        ReservedTag = "emv_warning.reserved_tag",
        TrxIdTooLong = "emv_warning.trx_id_too_long",
        KeyNormalised = "emv_warning.key_normalised",
        UnusualKey = "emv_warning.unusual_key",
        MerchantCodeDiffers = "emv_warning.merchant_code_differs",
        NameDiffers = "emv_warning.name_differs",
        LeadingZeros = "emv_warning.leading_zeros",
        AmountOverBrebLimit = "emv_warning.amount_over_breb_limit",
    }
}

/// What to try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hint {
    /// The CRC at the end holds: the code is whole, and its maker wrote a wrong length.
    MakersLength,
    /// The CRC at the end does not hold either: the scan or the paste was damaged.
    Damaged,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct EmvError {
    pub kind: ErrorKind,
    /// `54`, `26.02`, or `root` for what is in no object.
    pub tag: String,
    /// Characters from the start of the code.
    pub offset: usize,
    pub byte_offset: usize,
    /// What was found there, such as `14 > 13`. Cleaned: it may come from the code.
    pub detail: Clean,
    /// The object before, where an error at a header may be owed to its length: its tag and offset.
    pub after: Option<(String, usize)>,
    pub hint: Option<Hint>,
}

impl EmvError {
    pub(super) fn new(kind: ErrorKind, tag: &str, offset: usize, byte_offset: usize) -> Self {
        let (tag, detail) = (tag.to_owned(), Clean::default());
        Self { kind, tag, offset, byte_offset, detail, after: None, hint: None }
    }

    pub(super) fn detail(self, detail: impl AsRef<str>) -> Self {
        Self { detail: Clean::new(detail.as_ref()), ..self }
    }
}

impl fmt::Display for EmvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {} in {}", self.kind.code(), self.offset, self.tag)?;
        if self.detail.is_empty() { Ok(()) } else { write!(f, " ({})", self.detail) }
    }
}

/// One thing to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    pub kind: WarningKind,
    pub tag: String,
    pub offset: usize,
    /// Cleaned.
    pub detail: Clean,
}

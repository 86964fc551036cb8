//! The words, Spanish and English; number, money and date formats.

//! EMV merchant-presented QR: parse, build, check.

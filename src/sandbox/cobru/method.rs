//! The ways to pay a cobru: the flags that enable them, the literals that choose them, and how long an
//! order of each lives (contract 4.2, 5.2, 15.1).

/// A payment method that `POST /{url}` knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    Breb,
    BrebQr,
    Pse,
    Nequi,
    BancolombiaTransfer,
    BancolombiaQr,
    BancolombiaCorrespondent,
    Efecty,
    Baloto,
    Dale,
    Daviplata,
    CreditCard,
    CobruBalance,
    CeloDollar,
}

/// What becomes of the link when an order of a method ends unpaid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Life {
    /// So many seconds, then the link waits again (state 0).
    ThenWaiting(i64),
    /// So many seconds, then the link counts as not paid (state 2).
    ThenNotPaid(i64),
    /// As long as the link.
    AsTheLink,
}

impl Method {
    pub const ALL: [Self; 14] = [
        Self::Breb,
        Self::BrebQr,
        Self::Pse,
        Self::Nequi,
        Self::BancolombiaTransfer,
        Self::BancolombiaQr,
        Self::BancolombiaCorrespondent,
        Self::Efecty,
        Self::Baloto,
        Self::Dale,
        Self::Daviplata,
        Self::CreditCard,
        Self::CobruBalance,
        Self::CeloDollar,
    ];

    /// The value of `payment` [doc].
    pub const fn literal(self) -> &'static str {
        match self {
            Self::Breb => "breb",
            Self::BrebQr => "breb_qr",
            Self::Pse => "pse",
            Self::Nequi => "NEQUI",
            Self::BancolombiaTransfer => "bancolombia_transfer",
            Self::BancolombiaQr => "bancolombia_qr",
            Self::BancolombiaCorrespondent => "corresponsal_bancolombia",
            Self::Efecty => "efecty",
            Self::Baloto => "baloto",
            Self::Dale => "dale",
            Self::Daviplata => "daviplata",
            Self::CreditCard => "credit_card",
            Self::CobruBalance => "cobru_phone",
            Self::CeloDollar => "CUSD",
        }
    }

    pub fn from_literal(literal: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.literal() == literal)
    }

    /// The flags any of which enables the method; the three of Bre-B are one switch [inf].
    pub const fn flags(self) -> &'static [&'static str] {
        match self {
            Self::Breb | Self::BrebQr => &["breb", "Bre-B", "breb_qr"],
            Self::Pse => &["pse"],
            Self::Nequi => &["NEQUI"],
            Self::BancolombiaTransfer => &["bancolombia_transfer"],
            Self::BancolombiaQr => &["bancolombia_qr"],
            Self::BancolombiaCorrespondent => &["corresponsal_bancolombia"],
            Self::Efecty => &["efecty"],
            Self::Baloto => &["baloto"],
            Self::Dale => &["dale"],
            Self::Daviplata => &["daviplata"],
            Self::CreditCard => &["credit_card"],
            Self::CobruBalance => &["cobru"],
            Self::CeloDollar => &["CUSD"],
        }
    }

    /// The name of the method in a callback: `Bre-B` for Bre-B [doc], else the literal.
    pub const fn callback_name(self) -> &'static str {
        match self {
            Self::Breb | Self::BrebQr => "Bre-B",
            other => other.literal(),
        }
    }

    /// `payment_method` of a cobru's answers: both Bre-B orders read `breb`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::BrebQr => "breb",
            other => other.literal(),
        }
    }

    /// `gateway` of the payment order; the numbers are our own [inf], 22 for Bre-B as sampled [doc·st].
    pub const fn gateway(self) -> i64 {
        match self {
            Self::Breb | Self::BrebQr => 22,
            Self::Pse => 4,
            Self::Nequi => 9,
            Self::BancolombiaTransfer | Self::BancolombiaQr => 12,
            Self::BancolombiaCorrespondent => 13,
            Self::Efecty => 2,
            Self::Baloto => 3,
            Self::Dale => 17,
            Self::Daviplata => 14,
            Self::CreditCard => 6,
            Self::CobruBalance => 1,
            Self::CeloDollar => 11,
        }
    }

    /// How long an order lives: Bre-B 5 minutes [doc], the others [inf].
    pub const fn life(self) -> Life {
        match self {
            Self::Breb | Self::BrebQr | Self::BancolombiaQr | Self::Nequi | Self::Daviplata => {
                Life::ThenWaiting(300)
            }
            Self::Pse => Life::ThenNotPaid(1200),
            Self::BancolombiaTransfer
            | Self::BancolombiaCorrespondent
            | Self::Efecty
            | Self::Baloto
            | Self::Dale
            | Self::CreditCard
            | Self::CobruBalance
            | Self::CeloDollar => Life::AsTheLink,
        }
    }

    /// The button of the payer's page.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Breb | Self::BrebQr => "Bre-B",
            Self::Pse => "PSE",
            Self::Nequi => "Nequi",
            Self::BancolombiaTransfer => "Botón Bancolombia",
            Self::BancolombiaQr => "QR Bancolombia",
            Self::BancolombiaCorrespondent => "Corresponsal Bancolombia",
            Self::Efecty => "Efecty",
            Self::Baloto => "Baloto",
            Self::Dale => "dale!",
            Self::Daviplata => "Daviplata",
            Self::CreditCard => "Tarjeta de crédito",
            Self::CobruBalance => "Saldo Cobru",
            Self::CeloDollar => "Celo dólar",
        }
    }
}

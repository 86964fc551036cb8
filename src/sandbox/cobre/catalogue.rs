//! Catalogues of the contract: institutions, providers, kinds of transactions, states (3.1, 4.3, 18).

use serde_json::{Value, json};

use crate::domain::money::Currency;

/// A Colombian institution and what it can do.
#[derive(Debug, Clone, Copy)]
pub struct Institution {
    /// `1` and the three-digit national code.
    pub code: &'static str,
    pub name: &'static str,
    /// Account types, separated by blanks.
    pub accounts: &'static str,
    /// A: ACH payouts, F: Fast Pay, P: PSE payins, D: direct debit.
    pub services: &'static str,
}

const fn co(
    code: &'static str,
    name: &'static str,
    accounts: &'static str,
    services: &'static str,
) -> Institution {
    Institution { code, name, accounts, services }
}

impl Institution {
    /// By its code.
    pub fn find(code: &str) -> Option<&'static Self> {
        INSTITUTIONS.iter().find(|institution| institution.code == code)
    }

    pub fn holds(&self, account_type: &str) -> bool {
        self.accounts.split(' ').any(|held| held == account_type)
    }

    pub fn offers(&self, service: char) -> bool {
        self.services.contains(service)
    }
}

/// Contract 18.1 [code].
pub const INSTITUTIONS: [Institution; 50] = [
    co("1001", "BANCO DE BOGOTA", "cc ch dp", "AFPD"),
    co("1002", "BANCO POPULAR", "cc ch dp", "APD"),
    co("1006", "ITAU", "cc ch", "APD"),
    co("1007", "BANCOLOMBIA", "cc ch dp", "AFPD"),
    co("1009", "CITIBANK", "cc ch", "APD"),
    co("1012", "BANCO GNB SUDAMERIS", "cc ch", "APD"),
    co("1013", "BBVA COLOMBIA", "cc ch dp", "AFPD"),
    co("1019", "SCOTIABANK COLPATRIA S.A", "cc ch", "APD"),
    co("1023", "BANCO DE OCCIDENTE", "cc ch", "AFPD"),
    co("1032", "BANCO CAJA SOCIAL BCSC SA", "cc ch", "APD"),
    co("1040", "BANCO AGRARIO", "cc ch dp", "APD"),
    co("1047", "BANCO MUNDO MUJER", "ch", "APD"),
    co("1051", "BANCO DAVIVIENDA S.A", "cc ch dp", "AFPD"),
    co("1052", "BANCO AV VILLAS", "cc ch dp", "APD"),
    co("1053", "BANCO W", "cc ch", "AD"),
    co("1059", "BANCO DE LAS MICROFINANZAS - BANCAMIA S.A.", "cc ch", "AP"),
    co("1060", "BANCO PICHINCHA", "cc ch", "AP"),
    co("1061", "BANCOOMEVA", "cc ch dp", "APD"),
    co("1062", "BANCO FALABELLA S.A.", "cc ch", "APD"),
    co("1063", "BANCO FINANDINA S.A.", "cc ch", "AP"),
    co("1065", "BANCO SANTANDER DE NEGOCIOS COLOMBIA S.A", "ch", "APD"),
    co("1066", "BANCO COOPERATIVO COOPCENTRAL", "cc ch dp", "AFPD"),
    co("1067", "MIBANCO S.A.", "cc ch dp", "A"),
    co("1069", "BANCO SERFINANZA S.A", "cc ch dp", "APD"),
    co("1070", "LULO BANK S.A.", "ch", "AP"),
    co("1071", "BANCO J.P. MORGAN COLOMBIA S.A.", "cc ch", "AP"),
    co("1097", "Dale", "dp", "P"),
    co("1121", "FINANCIERA JURISCOOP S.A. COMPAÑIA DE FINANCIAMIENTO", "ch", "APD"),
    co("1283", "COOPERATIVA FINANCIERA DE ANTIOQUIA", "ch dp", "APD"),
    co("1286", "JFK COOPERATIVA FINANCIERA", "ch", "APD"),
    co("1289", "COOTRAFA COOPERATIVA FINANCIERA", "ch", "AP"),
    co("1292", "CONFIAR COOPERATIVA FINANCIERA", "ch", "APD"),
    co("1303", "BANCO UNION S.A", "ch", "AP"),
    co("1370", "COLTEFINANCIERA S.A", "ch", "AP"),
    co("1507", "NEQUI", "ch dp", "APD"),
    co("1551", "DAVIPLATA", "ch dp", "AFPD"),
    co("1558", "BAN100 S.A", "cc ch", "AP"),
    co("1637", "IRIS", "ch", "AP"),
    co("1801", "MOVII", "dp", "AP"),
    co("1802", "DING TECNIPAGOS SA", "dp", "AP"),
    co("1803", "POWWI", "dp", "A"),
    co("1804", "UALA", "ch", "AP"),
    co("1805", "BANCO BTG PACTUAL", "cc", "AD"),
    co("1808", "BOLD CF", "dp", "AP"),
    co("1809", "NU COLOMBIA", "ch", "AP"),
    co("1811", "RAPPIPAY", "ch dp", "AP"),
    co("1812", "COINK", "dp", "AP"),
    co("1814", "GLOBAL66", "dp", "AP"),
    co("1815", "Alianza fiduciaria", "ch", "P"),
    co("1816", "Crezcamos", "cc ch", "P"),
];

/// Mexican institutions by the first three digits of their CLABEs (contract 18.2) [inf].
pub const MEXICAN: [(&str, &str); 83] = [
    ("002", "Banamex"),
    ("006", "Bancomext"),
    ("009", "Banobras"),
    ("012", "BBVA"),
    ("014", "Santander"),
    ("019", "Banjército"),
    ("021", "HSBC"),
    ("030", "Bajío"),
    ("036", "Inbursa"),
    ("042", "Mifel"),
    ("044", "Scotiabank"),
    ("058", "Banregio"),
    ("059", "Invex"),
    ("060", "Bansí"),
    ("062", "Afirme"),
    ("072", "Banorte"),
    ("106", "Bank of America"),
    ("108", "MUFG"),
    ("110", "JP Morgan"),
    ("112", "Monex"),
    ("113", "Ve por Más"),
    ("127", "Azteca"),
    ("128", "Autofin (Kapital)"),
    ("129", "Barclays"),
    ("130", "Compartamos"),
    ("132", "Multiva"),
    ("133", "Actinver"),
    ("135", "Nafin"),
    ("136", "Intercam"),
    ("137", "BanCoppel"),
    ("138", "Ualá (ABC)"),
    ("140", "Consubanco"),
    ("141", "Volkswagen"),
    ("143", "CIBanco"),
    ("145", "Bbase"),
    ("147", "Bankaool"),
    ("148", "PagaTodo"),
    ("150", "Inmobiliario"),
    ("151", "Dondé"),
    ("152", "Bancrea"),
    ("154", "Covalto"),
    ("155", "ICBC"),
    ("156", "Sabadell"),
    ("157", "Shinhan"),
    ("158", "Mizuho"),
    ("159", "Bank of China"),
    ("160", "Banco S3"),
    ("166", "Banco del Bienestar"),
    ("168", "Hipotecaria Federal"),
    ("600", "Monex CB"),
    ("601", "GBM"),
    ("602", "Masari"),
    ("605", "Value"),
    ("616", "Finamex"),
    ("617", "Valmex"),
    ("620", "Profuturo"),
    ("630", "CB Intercam"),
    ("631", "CI Bolsa"),
    ("634", "Fincomún"),
    ("638", "Nu México"),
    ("642", "Reforma"),
    ("646", "STP"),
    ("652", "Credicapital"),
    ("653", "Kuspit"),
    ("656", "Unagra"),
    ("659", "ASP Integra"),
    ("661", "Klar"),
    ("670", "Libertad"),
    ("677", "Caja Popular Mexicana"),
    ("680", "Cristóbal Colón"),
    ("683", "Caja Telefonistas"),
    ("684", "Transfer"),
    ("685", "Fondo FIRA"),
    ("686", "Invercap"),
    ("689", "Fomped"),
    ("703", "Tesored"),
    ("706", "Arcus"),
    ("710", "NVIO"),
    ("722", "Mercado Pago"),
    ("723", "Cuenca"),
    ("728", "Spin"),
    ("902", "Indeval"),
    ("001", "Banxico"),
];

/// Where a balance lives, which decides the rails that it can use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Geo {
    Col,
    Mex,
    Usa,
    Global,
}

impl Geo {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Col => "col",
            Self::Mex => "mex",
            Self::Usa => "usa",
            Self::Global => "global",
        }
    }
}

/// What an account is opened or connected with (contract 3.1).
#[derive(Debug)]
pub struct AccountProvider {
    pub id: &'static str,
    pub name: &'static str,
    pub geo: Geo,
    pub currency: Currency,
    /// A Cobre Balance (`create`); else a bank account read through Connect (`connect`).
    pub balance: bool,
}

const fn provider(
    id: &'static str,
    name: &'static str,
    geo: Geo,
    currency: Currency,
    balance: bool,
) -> AccountProvider {
    AccountProvider { id, name, geo, currency, balance }
}

pub static PROVIDERS: [AccountProvider; 11] = [
    provider("pr_col_cobre", "Cobre Balance Colombia", Geo::Col, Currency::Cop, true),
    provider("pr_mex_cobre", "Cobre Balance Mexico", Geo::Mex, Currency::Mxn, true),
    provider("pr_mex_cobre2", "Cobre Balance Mexico 2", Geo::Mex, Currency::Mxn, true),
    provider("pr_mex_cobre3", "Cobre Balance Mexico 3", Geo::Mex, Currency::Mxn, true),
    provider("pr_global_cobre", "Cobre Balance Global", Geo::Global, Currency::Usd, true),
    provider("pr_usa_cobre", "Cobre Balance USA", Geo::Usa, Currency::Usd, true),
    provider("pr_mex_072", "Banorte", Geo::Mex, Currency::Mxn, false),
    provider("pr_mex_014", "Santander Mexico", Geo::Mex, Currency::Mxn, false),
    provider("pr_mex_012", "BBVA Mexico", Geo::Mex, Currency::Mxn, false),
    provider("pr_col_1007", "Bancolombia", Geo::Col, Currency::Cop, false),
    provider("pr_col_1066", "Banco Cooperativo Coopcentral", Geo::Col, Currency::Cop, true),
];

impl AccountProvider {
    pub fn find(id: &str) -> Option<&'static Self> {
        PROVIDERS.iter().find(|provider| provider.id == id)
    }
}

/// Kinds of transactions (contract 4.3). The names are the wire's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    ColDebit,
    ColCredit,
    ColCbDebit,
    ColCbCredit,
    BrebDebit,
    BrebCredit,
    BrebRejected,
    R2pCredit,
    R2pBrebCredit,
    DdCredit,
    ColTopUpCredit,
    TransferCredit,
    SpeiDebit,
    SpeiCredit,
    SpeiReturn,
    InternalSpeiDebit,
    InternalSpeiCredit,
    CbmmDebit,
    CbmmCredit,
    GlobalCredit,
    StablePayoutDebit,
    FedwireCredit,
    FedwireDebit,
    MiscCredit,
    AdjustmentDebit,
    AdjustmentCredit,
}

impl Kind {
    pub const ALL: [Self; 26] = [
        Self::ColDebit,
        Self::ColCredit,
        Self::ColCbDebit,
        Self::ColCbCredit,
        Self::BrebDebit,
        Self::BrebCredit,
        Self::BrebRejected,
        Self::R2pCredit,
        Self::R2pBrebCredit,
        Self::DdCredit,
        Self::ColTopUpCredit,
        Self::TransferCredit,
        Self::SpeiDebit,
        Self::SpeiCredit,
        Self::SpeiReturn,
        Self::InternalSpeiDebit,
        Self::InternalSpeiCredit,
        Self::CbmmDebit,
        Self::CbmmCredit,
        Self::GlobalCredit,
        Self::StablePayoutDebit,
        Self::FedwireCredit,
        Self::FedwireDebit,
        Self::MiscCredit,
        Self::AdjustmentDebit,
        Self::AdjustmentCredit,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::ColDebit => "col_debit",
            Self::ColCredit => "col_credit",
            Self::ColCbDebit => "col_cb_debit",
            Self::ColCbCredit => "col_cb_credit",
            Self::BrebDebit => "breb_debit",
            Self::BrebCredit => "breb_credit",
            Self::BrebRejected => "breb_rejected",
            Self::R2pCredit => "r2p_credit",
            Self::R2pBrebCredit => "r2p_breb_credit",
            Self::DdCredit => "dd_credit",
            Self::ColTopUpCredit => "col_top_up_credit",
            Self::TransferCredit => "transfer_credit",
            Self::SpeiDebit => "spei_debit",
            Self::SpeiCredit => "spei_credit",
            Self::SpeiReturn => "spei_return",
            Self::InternalSpeiDebit => "internal_spei_debit",
            Self::InternalSpeiCredit => "internal_spei_credit",
            Self::CbmmDebit => "cbmm_debit",
            Self::CbmmCredit => "cbmm_credit",
            Self::GlobalCredit => "global_credit",
            Self::StablePayoutDebit => "stable_payout_debit",
            Self::FedwireCredit => "fedwire_credit",
            Self::FedwireDebit => "fedwire_debit",
            Self::MiscCredit => "misc_credit",
            Self::AdjustmentDebit => "adjustment_debit",
            Self::AdjustmentCredit => "adjustment_credit",
        }
    }
}

/// `GET /_sandbox/catalogues/{name}`: the rows, or `None` for a name that isn't one.
pub fn rows(name: &str) -> Option<Vec<Value>> {
    Some(match name {
        "institutions_co" => INSTITUTIONS
            .iter()
            .map(|i| json!({"code": i.code, "name": i.name, "account_types": i.accounts.split(' ').collect::<Vec<_>>(), "services": i.services.chars().collect::<Vec<_>>()}))
            .collect(),
        "institutions_mx" => {
            MEXICAN.iter().map(|(code, name)| json!({"code": code, "name": name})).collect()
        }
        "providers" => PROVIDERS
            .iter()
            .map(|p| json!({"id": p.id, "name": p.name, "geo": p.geo.name(), "currency": p.currency.code().to_lowercase(), "action": if p.balance { "create" } else { "connect" }}))
            .collect(),
        "transaction_types" => Kind::ALL.into_iter().map(|kind| json!({"type": kind.name()})).collect(),
        "movement_states" => super::movements::State::ALL
            .into_iter()
            .map(|state| json!({"state": state.name(), "final": state.is_final()}))
            .collect(),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_institutions_are_the_contracts_fifty() {
        assert_eq!(INSTITUTIONS.len(), 50);
        let fast: Vec<_> = INSTITUTIONS.iter().filter(|i| i.offers('F')).map(|i| i.code).collect();
        assert_eq!(fast, ["1001", "1007", "1013", "1023", "1051", "1066", "1551"]);
        let none: Vec<_> =
            INSTITUTIONS.iter().filter(|i| !i.offers('F') && !i.offers('A')).map(|i| i.code).collect();
        assert_eq!(none, ["1097", "1815", "1816"]);
    }
}

//! Banks by the codes that the providers use, under the names that people know them by.

/// Cobre's Colombian institutions [code]: 1 and the three figures of the national code, the name that
/// people use, the provider's own name, the types of account, and the services
/// (ACH, Fast Pay, PSE, direct debit).
const COLOMBIA: [(&str, &str, &str, &str, &str); 50] = [
    ("1001", "Banco de Bogotá", "BANCO DE BOGOTA", "cc ch dp", "AFPD"),
    ("1002", "Banco Popular", "BANCO POPULAR", "cc ch dp", "APD"),
    ("1006", "Itaú", "ITAU", "cc ch", "APD"),
    ("1007", "Bancolombia", "BANCOLOMBIA", "cc ch dp", "AFPD"),
    ("1009", "Citibank", "CITIBANK", "cc ch", "APD"),
    ("1012", "GNB Sudameris", "BANCO GNB SUDAMERIS", "cc ch", "APD"),
    ("1013", "BBVA", "BBVA COLOMBIA", "cc ch dp", "AFPD"),
    ("1019", "Scotiabank Colpatria", "SCOTIABANK COLPATRIA S.A", "cc ch", "APD"),
    ("1023", "Banco de Occidente", "BANCO DE OCCIDENTE", "cc ch", "AFPD"),
    ("1032", "Banco Caja Social", "BANCO CAJA SOCIAL BCSC SA", "cc ch", "APD"),
    ("1040", "Banco Agrario", "BANCO AGRARIO", "cc ch dp", "APD"),
    ("1047", "Banco Mundo Mujer", "BANCO MUNDO MUJER", "ch", "APD"),
    ("1051", "Davivienda", "BANCO DAVIVIENDA S.A", "cc ch dp", "AFPD"),
    ("1052", "AV Villas", "BANCO AV VILLAS", "cc ch dp", "APD"),
    ("1053", "Banco W", "BANCO W", "cc ch", "AD"),
    ("1059", "Bancamía", "BANCO DE LAS MICROFINANZAS - BANCAMIA S.A.", "cc ch", "AP"),
    ("1060", "Banco Pichincha", "BANCO PICHINCHA", "cc ch", "AP"),
    ("1061", "Bancoomeva", "BANCOOMEVA", "cc ch dp", "APD"),
    ("1062", "Banco Falabella", "BANCO FALABELLA S.A.", "cc ch", "APD"),
    ("1063", "Banco Finandina", "BANCO FINANDINA S.A.", "cc ch", "AP"),
    ("1065", "Santander", "BANCO SANTANDER DE NEGOCIOS COLOMBIA S.A", "ch", "APD"),
    ("1066", "Coopcentral", "BANCO COOPERATIVO COOPCENTRAL", "cc ch dp", "AFPD"),
    ("1067", "Mibanco", "MIBANCO S.A.", "cc ch dp", "A"),
    ("1069", "Serfinanza", "BANCO SERFINANZA S.A", "cc ch dp", "APD"),
    ("1070", "Lulo Bank", "LULO BANK S.A.", "ch", "AP"),
    ("1071", "J.P. Morgan", "BANCO J.P. MORGAN COLOMBIA S.A.", "cc ch", "AP"),
    ("1097", "dale!", "Dale", "dp", "P"),
    ("1121", "Juriscoop", "FINANCIERA JURISCOOP S.A. COMPAÑIA DE FINANCIAMIENTO", "ch", "APD"),
    ("1283", "CFA", "COOPERATIVA FINANCIERA DE ANTIOQUIA", "ch dp", "APD"),
    ("1286", "JFK", "JFK COOPERATIVA FINANCIERA", "ch", "APD"),
    ("1289", "Cotrafa", "COOTRAFA COOPERATIVA FINANCIERA", "ch", "AP"),
    ("1292", "Confiar", "CONFIAR COOPERATIVA FINANCIERA", "ch", "APD"),
    ("1303", "Banco Unión", "BANCO UNION S.A", "ch", "AP"),
    ("1370", "Coltefinanciera", "COLTEFINANCIERA S.A", "ch", "AP"),
    ("1507", "Nequi", "NEQUI", "ch dp", "APD"),
    ("1551", "Daviplata", "DAVIPLATA", "ch dp", "AFPD"),
    ("1558", "Ban100", "BAN100 S.A", "cc ch", "AP"),
    ("1637", "Iris", "IRIS", "ch", "AP"),
    ("1801", "Movii", "MOVII", "dp", "AP"),
    ("1802", "Ding", "DING TECNIPAGOS SA", "dp", "AP"),
    ("1803", "Powwi", "POWWI", "dp", "A"),
    ("1804", "Ualá", "UALA", "ch", "AP"),
    ("1805", "BTG Pactual", "BANCO BTG PACTUAL", "cc", "AD"),
    ("1808", "Bold", "BOLD CF", "dp", "AP"),
    ("1809", "Nu", "NU COLOMBIA", "ch", "AP"),
    ("1811", "RappiPay", "RAPPIPAY", "ch dp", "AP"),
    ("1812", "Coink", "COINK", "dp", "AP"),
    ("1814", "Global66", "GLOBAL66", "dp", "AP"),
    ("1815", "Alianza", "Alianza fiduciaria", "ch", "P"),
    ("1816", "Crezcamos", "Crezcamos", "cc ch", "P"),
];

/// Mexican institutions by the prefix of their CLABEs [inf: the public list; Cobre's own is not public].
const MEXICO: [(&str, &str); 83] = [
    ("001", "Banxico"),
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
    ("128", "Autofin"),
    ("129", "Barclays"),
    ("130", "Compartamos"),
    ("132", "Multiva"),
    ("133", "Actinver"),
    ("135", "Nafin"),
    ("136", "Intercam"),
    ("137", "BanCoppel"),
    ("138", "Ualá"),
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
];

/// `1007` is Bancolombia, `072` is Banorte. What is no code of ours is given back by nobody.
pub fn name(code: &str) -> Option<&'static str> {
    let colombian = COLOMBIA.iter().find(|(known, ..)| *known == code).map(|(_, name, ..)| *name);
    colombian.or_else(|| MEXICO.iter().find(|(known, _)| *known == code).map(|(_, name)| *name))
}

/// A Colombian institution that accounts can be paid at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Institution {
    pub code: &'static str,
    pub name: &'static str,
    kinds: &'static str,
    services: &'static str,
}

impl Institution {
    /// Whether it has accounts of this kind: `cc`, `ch`, `dp`.
    pub fn holds(self, kind: &str) -> bool {
        self.kinds.split(' ').any(|held| held == kind)
    }

    /// Paid in seconds, at any hour.
    pub fn has_fast_pay(self) -> bool {
        self.services.contains('F')
    }

    pub fn has_ach(self) -> bool {
        self.services.contains('A')
    }
}

/// All of them, by code.
pub fn colombian() -> impl Iterator<Item = Institution> {
    COLOMBIA.iter().map(|(code, name, _, kinds, services)| Institution { code, name, kinds, services })
}

/// Those of Mexico, by the first three figures of a CLABE: code and name.
pub fn mexican() -> impl Iterator<Item = (&'static str, &'static str)> {
    MEXICO.iter().copied()
}

/// By code, or by a name: the provider answers with either [code].
pub fn institution(said: &str) -> Option<Institution> {
    let said = said.trim();
    // Mostly a code: the names are only compared where it is none.
    let place = COLOMBIA.binary_search_by_key(&said, |(code, ..)| *code).ok();
    let found = place.and_then(|place| COLOMBIA.get(place)).or_else(|| {
        let said = said.to_lowercase();
        let is = |name: &str| name.to_lowercase() == said;
        COLOMBIA.iter().find(|(_, name, official, ..)| is(name) || is(official))
    });
    found.map(|(code, name, _, kinds, services)| Institution { code, name, kinds, services })
}

/// The bank of a CLABE: its first three figures.
pub fn of_clabe(clabe: &str) -> Option<&'static str> {
    name(clabe.get(..3)?)
}

/// Every bank there is a code of, Colombia's first: code and name.
pub fn all() -> impl Iterator<Item = (&'static str, &'static str)> {
    COLOMBIA.iter().map(|(code, name, ..)| (*code, *name)).chain(MEXICO.iter().copied())
}

/// Whether eighteen figures are a CLABE: its last is the check digit (weights 3, 7, 1).
pub fn clabe_holds(clabe: &str) -> bool {
    let figures: Option<Vec<u32>> = clabe.chars().map(|c| c.to_digit(10)).collect();
    let Some((last, body)) = figures.as_deref().and_then(<[u32]>::split_last) else { return false };
    let weighed = body.iter().zip([3_u32, 7, 1].into_iter().cycle());
    let sum: u32 = weighed.map(|(figure, weight)| figure.saturating_mul(weight) % 10).sum();
    clabe.len() == 18 && (10 - sum % 10) % 10 == *last
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn banks_are_called_as_people_call_them() {
        assert_eq!(name("1007"), Some("Bancolombia"));
        assert_eq!(name("1507"), Some("Nequi"));
        assert_eq!(of_clabe("646180303700100016"), Some("STP"));
        assert_eq!(name("9999"), None);
        assert_eq!(name("BANCOLOMBIA"), None);
        assert_eq!(of_clabe("64"), None);
    }

    #[test]
    fn a_clabe_holds_by_its_check_digit() {
        assert!(clabe_holds("646180303700100016") != clabe_holds("646180303700100017"));
        assert!(clabe_holds("032180000118359719"));
        for no in ["", "03218000011835971", "0321800001183597190", "03218000011835971x", "032180000118359718"]
        {
            assert!(!clabe_holds(no), "{no}");
        }
    }

    #[test]
    fn an_institution_says_how_it_is_paid() {
        let bank = |said: &str| institution(said).expect("known");
        for known in colombian() {
            assert_eq!(bank(known.code), known, "the list is in the order of its codes");
        }
        assert_eq!(bank("BANCO DAVIVIENDA S.A").code, "1051");
        assert_eq!(bank("bancolombia").code, "1007");
        assert!(bank("1007").has_fast_pay() && bank("1007").holds("dp"));
        assert!(!bank("1809").has_fast_pay() && bank("1809").has_ach() && !bank("1809").holds("cc"));
        assert!(!bank("1815").has_ach(), "Alianza takes neither");
        assert_eq!(institution("Banco que no hay"), None);
    }

    #[test]
    fn no_code_stands_twice() {
        let mut codes: Vec<&str> = COLOMBIA.iter().map(|(code, ..)| *code).collect();
        codes.extend(MEXICO.iter().map(|(code, _)| *code));
        let count = codes.len();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), count);
    }
}

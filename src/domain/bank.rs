//! Banks by the codes that the providers use, under the names that people know them by.

/// Cobre's Colombian institutions: 1 and the three figures of the national code [code].
const COLOMBIA: [(&str, &str); 50] = [
    ("1001", "Banco de Bogotá"),
    ("1002", "Banco Popular"),
    ("1006", "Itaú"),
    ("1007", "Bancolombia"),
    ("1009", "Citibank"),
    ("1012", "GNB Sudameris"),
    ("1013", "BBVA"),
    ("1019", "Scotiabank Colpatria"),
    ("1023", "Banco de Occidente"),
    ("1032", "Banco Caja Social"),
    ("1040", "Banco Agrario"),
    ("1047", "Banco Mundo Mujer"),
    ("1051", "Davivienda"),
    ("1052", "AV Villas"),
    ("1053", "Banco W"),
    ("1059", "Bancamía"),
    ("1060", "Banco Pichincha"),
    ("1061", "Bancoomeva"),
    ("1062", "Banco Falabella"),
    ("1063", "Banco Finandina"),
    ("1065", "Santander"),
    ("1066", "Coopcentral"),
    ("1067", "Mibanco"),
    ("1069", "Serfinanza"),
    ("1070", "Lulo Bank"),
    ("1071", "J.P. Morgan"),
    ("1097", "dale!"),
    ("1121", "Juriscoop"),
    ("1283", "CFA"),
    ("1286", "JFK"),
    ("1289", "Cotrafa"),
    ("1292", "Confiar"),
    ("1303", "Banco Unión"),
    ("1370", "Coltefinanciera"),
    ("1507", "Nequi"),
    ("1551", "Daviplata"),
    ("1558", "Ban100"),
    ("1637", "Iris"),
    ("1801", "Movii"),
    ("1802", "Ding"),
    ("1803", "Powwi"),
    ("1804", "Ualá"),
    ("1805", "BTG Pactual"),
    ("1808", "Bold"),
    ("1809", "Nu"),
    ("1811", "RappiPay"),
    ("1812", "Coink"),
    ("1814", "Global66"),
    ("1815", "Alianza"),
    ("1816", "Crezcamos"),
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
    let find = |banks: &[(&str, &'static str)]| {
        banks.iter().find(|(known, _)| *known == code).map(|(_, name)| *name)
    };
    find(&COLOMBIA).or_else(|| find(&MEXICO))
}

/// The bank of a CLABE: its first three figures.
pub fn of_clabe(clabe: &str) -> Option<&'static str> {
    name(clabe.get(..3)?)
}

/// Every bank there is a code of, Colombia's first: code and name.
pub fn all() -> impl Iterator<Item = (&'static str, &'static str)> {
    COLOMBIA.iter().chain(&MEXICO).copied()
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
    fn no_code_stands_twice() {
        for banks in [&COLOMBIA[..], &MEXICO[..]] {
            let mut codes: Vec<&str> = banks.iter().map(|(code, _)| *code).collect();
            codes.sort_unstable();
            codes.dedup();
            assert_eq!(codes.len(), banks.len());
        }
    }
}

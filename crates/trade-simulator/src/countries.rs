//! Countries this world trades with.

/// A country.
pub(crate) struct Country {
    pub(crate) code: &'static str,
    /// Goods of its origin may claim a preference.
    pub(crate) preference: Option<&'static str>,
    /// Its port and its airport, UN/LOCODE.
    pub(crate) seaport: &'static str,
    pub(crate) airport: &'static str,
    /// Weight as a destination of exports.
    pub(crate) destination: f64,
}

const fn country(
    code: &'static str,
    preference: Option<&'static str>,
    seaport: &'static str,
    airport: &'static str,
    destination: f64,
) -> Country {
    Country { code, preference, seaport, airport, destination }
}

pub(crate) const COUNTRIES: &[Country] = &[
    country("PE", None, "PECLL", "PELIM", 0.0),
    country("CN", Some("805"), "CNSHA", "CNPVG", 3.0),
    country("US", Some("802"), "USLAX", "USMIA", 3.0),
    country("DE", Some("812"), "DEHAM", "DEFRA", 0.9),
    country("BR", Some("358"), "BRSSZ", "BRGRU", 0.9),
    country("MX", Some("810"), "MXZLO", "MXMEX", 0.6),
    country("IT", Some("812"), "ITGOA", "ITMXP", 0.5),
    country("ES", Some("812"), "ESVLC", "ESMAD", 1.3),
    country("FR", Some("812"), "FRLEH", "FRCDG", 0.4),
    country("NL", Some("812"), "NLRTM", "NLAMS", 1.6),
    country("BE", Some("812"), "BEANR", "BEBRU", 0.6),
    country("GB", Some("814"), "GBFXT", "GBLHR", 0.7),
    country("CH", Some("811"), "ITGOA", "CHZRH", 0.4),
    country("CL", Some("338"), "CLSAI", "CLSCL", 1.0),
    country("CO", Some("100"), "COBUN", "COBOG", 0.8),
    country("EC", Some("100"), "ECGYE", "ECUIO", 0.9),
    country("BO", Some("100"), "CLARI", "BOLPB", 0.8),
    country("AR", Some("358"), "ARBUE", "AREZE", 0.4),
    country("CA", Some("803"), "CAVAN", "CAYYZ", 0.5),
    country("JP", Some("813"), "JPYOK", "JPNRT", 0.7),
    country("KR", Some("806"), "KRPUS", "KRICN", 0.7),
    country("TH", Some("807"), "THLCH", "THBKK", 0.2),
    country("VN", Some("815"), "VNSGN", "VNHAN", 0.2),
    country("IN", None, "INNSA", "INDEL", 0.5),
    country("BD", None, "BDCGP", "BDDAC", 0.0),
    country("PK", None, "PKKHI", "PKLHE", 0.0),
    country("TR", None, "TRIST", "TRIST", 0.2),
    country("ID", None, "IDJKT", "IDCGK", 0.2),
    country("TW", None, "TWKHH", "TWTPE", 0.2),
    country("HK", None, "HKHKG", "HKHKG", 0.3),
    country("PA", Some("808"), "PAONX", "PAPTY", 0.3),
];

/// Free zones and hubs that goods of a doubtful origin pass through.
pub(crate) const HUBS: &[&str] = &["HK", "PA", "CL", "US", "TR"];
/// Where contaminated containers go.
pub(crate) const CONTAMINATED_ROUTES: &[&str] = &["NL", "BE", "ES", "DE"];

/// The index of a country; the first one for a code that is not there.
pub(crate) fn index(code: &str) -> u8 {
    COUNTRIES.iter().position(|country| country.code == code).unwrap_or(0) as u8
}

/// The country at `index`.
pub(crate) fn at(index: u8) -> &'static Country {
    &COUNTRIES[usize::from(index)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_named_country_exists() {
        for code in HUBS.iter().chain(CONTAMINATED_ROUTES) {
            assert_eq!(at(index(code)).code, *code);
        }
    }
}

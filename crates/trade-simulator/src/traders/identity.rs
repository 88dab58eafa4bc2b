//! Who a company is on paper, and what networks of companies share.

use customs::{Party, PartyRole};

use crate::draw::{Purpose, Stream};

/// Generations of one slot that tax numbers have room for.
const GENERATIONS: u64 = 64;
/// Habitual traders that share premises.
const RING: u64 = 3;

/// A company or person on paper.
#[derive(Clone, Debug)]
pub(crate) struct Identity {
    pub(crate) born: i64,
    id: String,
    name: String,
    address: String,
    telephone: String,
    person: bool,
}

impl Identity {
    /// The company of `generation` in the slot `index`, on the premises of `premises`.
    pub(crate) fn new(
        seed: u64,
        index: u32,
        generation: u32,
        premises: u32,
        person: bool,
        habitual: bool,
        born: i64,
    ) -> Self {
        let mut stream = Stream::new(seed, Purpose::Identity, u64::from(index), u64::from(generation));
        let serial = u64::from(index) * GENERATIONS + u64::from(generation) % GENERATIONS;
        let name = if person {
            format!("{} {} {}", stream.pick(SURNAMES), stream.pick(SURNAMES), stream.pick(GIVEN))
        } else {
            format!("{} {} {}", stream.pick(TRADES), stream.pick(PLACES), stream.pick(FORMS))
        };
        let house = if habitual { u64::from(index) / RING } else { u64::from(index) };
        let (address, telephone) = premises_of(seed, house, premises, habitual);
        Self { born, id: tax_number(if person { 10 } else { 20 }, serial), name, address, telephone, person }
    }

    pub(crate) fn party(&self, role: PartyRole, authorised: bool) -> Party {
        Party {
            id_type: Some("RUC".to_owned()),
            name: Some(self.name.clone()),
            address: Some(self.address.clone()),
            country: Some("PE".into()),
            contacts: vec![self.telephone.clone()],
            authorised_economic_operator: authorised && !self.person,
            ..Party::new(role, self.id.clone())
        }
    }
}

fn premises_of(seed: u64, house: u64, premises: u32, habitual: bool) -> (String, String) {
    let part = u64::from(premises) << 1 | u64::from(habitual);
    let mut stream = Stream::new(seed, Purpose::Identity, house | 1 << 40, part);
    // Business parks: some honest companies share an address as well, though not the telephone.
    let address = if !habitual && stream.chance(0.1) {
        let park = stream.below(40);
        format!("PARQUE INDUSTRIAL {} LOTE {}", stream_free_name(park), park + 1)
    } else {
        format!("{} {} {}", stream.pick(STREETS), 100 + stream.below(2_900), stream.pick(DISTRICTS))
    };
    (address, format!("+51 1 {:07}", 2_000_000 + stream.below(5_999_999)))
}

fn stream_free_name(park: usize) -> &'static str {
    PLACES[park % PLACES.len()]
}

/// A taxpayer number (RUC): a prefix, eight digits that no other serial has, a check digit.
pub(crate) fn tax_number(prefix: u64, serial: u64) -> String {
    // Odd and no multiple of 5, so that serials and numbers correspond one to one.
    let digits = serial.wrapping_mul(61_803_399) % 100_000_000;
    let body = format!("{prefix:02}{digits:08}");
    let sum: u32 = body
        .bytes()
        .zip([5_u32, 4, 3, 2, 7, 6, 5, 4, 3, 2])
        .map(|(byte, weight)| u32::from(byte - b'0') * weight)
        .sum();
    format!("{body}{}", (11 - sum % 11) % 10)
}

const TRADES: &[&str] = &[
    "IMPORTACIONES",
    "COMERCIAL",
    "DISTRIBUIDORA",
    "INVERSIONES",
    "CORPORACION",
    "NEGOCIOS",
    "REPRESENTACIONES",
    "GRUPO",
    "INDUSTRIAS",
    "AGROEXPORTADORA",
    "TEXTILES",
    "TECNOLOGIA",
    "MULTISERVICIOS",
    "LOGISTICA",
];
const PLACES: &[&str] = &[
    "ANDINA",
    "DEL PACIFICO",
    "DEL SUR",
    "SAN JUAN",
    "SANTA ROSA",
    "EL SOL",
    "LOS ANDES",
    "MIRAFLORES",
    "CENTRAL",
    "DEL NORTE",
    "IMPERIAL",
    "LA UNION",
    "SAN PEDRO",
    "GLOBAL",
    "INKA",
    "NAZCA",
    "MANTARO",
    "VICTORIA",
    "AMAZONAS",
    "ORIENTE",
    "CHAVIN",
    "SIPAN",
    "PARACAS",
    "COLCA",
];
const FORMS: &[&str] = &["S.A.C.", "E.I.R.L.", "S.R.L.", "S.A."];
const SURNAMES: &[&str] = &[
    "QUISPE",
    "FLORES",
    "SANCHEZ",
    "RODRIGUEZ",
    "GARCIA",
    "ROJAS",
    "MAMANI",
    "HUAMAN",
    "CHAVEZ",
    "RAMOS",
    "VASQUEZ",
    "TORRES",
    "CASTILLO",
    "ESPINOZA",
    "CCORI",
    "VARGAS",
];
const GIVEN: &[&str] = &["MARIA", "JOSE", "LUIS", "ROSA", "CARLOS", "ANA", "JUAN", "CARMEN", "VICTOR", "ELENA"];
const STREETS: &[&str] = &[
    "AV. ARGENTINA",
    "JR. GAMARRA",
    "AV. COLONIAL",
    "CALLE LOS CEDROS",
    "AV. NESTOR GAMBETTA",
    "JR. PARURO",
    "AV. MEXICO",
    "CALLE LAS TORRES",
    "AV. SEPARADORA",
    "JR. AYACUCHO",
    "AV. EJERCITO",
    "CALLE BOLIVAR",
];
const DISTRICTS: &[&str] =
    &["LIMA", "CALLAO", "LA VICTORIA", "ATE", "LURIN", "TACNA", "AREQUIPA", "PIURA", "JULIACA", "VENTANILLA"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tax_numbers_never_collide_and_carry_their_check_digit() {
        let numbers: std::collections::BTreeSet<String> = (0..50_000).map(|serial| tax_number(20, serial)).collect();
        assert_eq!(numbers.len(), 50_000);
        assert!(numbers.iter().all(|number| number.len() == 11));
    }

    #[test]
    fn a_shell_keeps_its_premises() {
        let before = Identity::new(1, 7, 0, 0, false, true, 0);
        let after = Identity::new(1, 7, 1, 0, false, true, 0);
        let (before, after) = (before.party(PartyRole::Importer, false), after.party(PartyRole::Importer, false));
        assert_ne!(before.id, after.id);
        assert_eq!((before.address, before.contacts), (after.address, after.contacts));
    }
}

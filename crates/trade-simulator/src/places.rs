//! Offices: names and codes in the manner of Peru, volumes as unequal as there.

use customs::{Office, OfficeCode, Shift};

use crate::{OfficeCapacity, WorldSpec};

/// How most goods of an office travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Character {
    Sea,
    Air,
    Road,
    River,
    Post,
}

#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) code: String,
    pub(crate) name: String,
    pub(crate) character: Character,
    /// UN/LOCODE of its port, airport or crossing.
    pub(crate) port: &'static str,
    /// Share of all declarations.
    pub(crate) share: f64,
    pub(crate) officers: Vec<String>,
}

const KNOWN: &[(&str, &str, Character, &str)] = &[
    ("118", "Marítima del Callao", Character::Sea, "PECLL"),
    ("235", "Aérea y Postal", Character::Air, "PELIM"),
    ("172", "Tacna", Character::Road, "PETCQ"),
    ("046", "Paita", Character::Sea, "PEPAI"),
    ("019", "Tumbes", Character::Road, "PETBP"),
    ("145", "Mollendo", Character::Sea, "PEMRI"),
    ("262", "Desaguadero", Character::Road, "PEDES"),
    ("154", "Arequipa", Character::Air, "PEAQP"),
    ("181", "Puno", Character::Road, "PEPUN"),
    ("082", "Salaverry", Character::Sea, "PESVY"),
    ("127", "Pisco", Character::Sea, "PEPIO"),
    ("226", "Iquitos", Character::River, "PEIQT"),
    ("163", "Ilo", Character::Sea, "PEILQ"),
    ("091", "Chimbote", Character::Sea, "PECHM"),
    ("190", "Cusco", Character::Air, "PECUZ"),
    ("244", "Postal de Lima", Character::Post, "PELIM"),
    ("217", "Pucallpa", Character::River, "PEPCL"),
    ("055", "Chiclayo", Character::Air, "PECIX"),
    ("299", "La Tina", Character::Road, "PESUL"),
    ("280", "Puerto Maldonado", Character::Road, "PEPEM"),
    ("271", "Tarapoto", Character::River, "PETPP"),
    ("028", "Talara", Character::Sea, "PETYL"),
];

/// Shares of the largest offices; the others share the rest.
const LARGEST: [f64; 5] = [0.38, 0.22, 0.09, 0.07, 0.05];

pub(crate) const TIME_ZONE: &str = "America/Lima";

pub(crate) fn places(spec: &WorldSpec) -> Vec<Place> {
    let mut places: Vec<Place> = (0..spec.offices)
        .map(|index| {
            let (code, name, character, port) = if let Some((code, name, character, port)) = KNOWN.get(index) {
                ((*code).to_owned(), (*name).to_owned(), *character, *port)
            } else {
                let number = index - KNOWN.len() + 1;
                (format!("{}", 600 + number), format!("Puesto de control {number}"), Character::Road, "PETCQ")
            };
            let share = match LARGEST.get(index) {
                Some(share) => *share,
                None => ((index - LARGEST.len() + 1) as f64).powf(-1.0),
            };
            Place { code, name, character, port, share, officers: Vec::new() }
        })
        .collect();
    let rest: f64 = places.iter().skip(LARGEST.len()).map(|place| place.share).sum();
    for place in places.iter_mut().skip(LARGEST.len()) {
        place.share *= (1.0 - LARGEST.iter().sum::<f64>()) / rest;
    }
    let total: f64 = places.iter().map(|place| place.share).sum();
    for place in &mut places {
        place.share /= total;
        let per_day = place.share * spec.declarations as f64 / f64::from(spec.days) * spec.physical_share;
        let officers = (per_day / 4.0).ceil() as usize + 2;
        place.officers = (1..=officers).map(|number| format!("{}-F{number:03}", place.code)).collect();
    }
    places
}

pub(crate) fn office(place: &Place) -> Office {
    let shift = |name: &str, from_hour, to_hour, officers: &[String]| Shift {
        name: name.to_owned(),
        from_hour,
        to_hour,
        officers: officers.to_vec(),
    };
    let shifts = if place.officers.len() >= 6 {
        let (day, evening) = place.officers.split_at(place.officers.len() * 2 / 3);
        vec![shift("mañana", 7, 15, day), shift("tarde", 15, 23, evening)]
    } else {
        vec![shift("día", 8, 17, &place.officers)]
    };
    Office { code: OfficeCode(place.code.clone()), name: place.name.clone(), time_zone: TIME_ZONE.to_owned(), shifts }
}

pub(crate) fn capacity(spec: &WorldSpec, place: &Place) -> OfficeCapacity {
    let declarations_per_day = place.share * spec.declarations as f64 / f64::from(spec.days);
    OfficeCapacity {
        office: OfficeCode(place.code.clone()),
        physical_per_day: declarations_per_day * spec.physical_share,
        documentary_per_day: declarations_per_day * spec.documentary_share,
        declarations_per_day,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_add_up_and_codes_differ() {
        for offices in [1, 3, 5, 40, 100] {
            let places = places(&WorldSpec { offices, ..WorldSpec::default() });
            assert!((places.iter().map(|place| place.share).sum::<f64>() - 1.0).abs() < 1e-9);
            let codes: std::collections::BTreeSet<_> = places.iter().map(|place| &place.code).collect();
            assert_eq!(codes.len(), offices);
        }
        let share = places(&WorldSpec::default())[0].share;
        assert!((share - 0.38).abs() < 1e-9);
    }
}

//! Taking a person out of texts: what stands for them afterwards, and where in a text they are.
//!
//! The pseudonym is random and belongs to one erasure: nothing leads back from it. The identifier goes wherever it stands
//! as a word of its own; names, addresses and contacts likewise, whatever their case, unless they are so short that they
//! would be met by chance: those go where nothing else stands. Names of JSON members and numbers are left as they are.

use uuid::Uuid;

use crate::PersonErased;

/// What a pseudonym begins with.
const PREFIX: &str = "erased-";
/// Characters of the longest hexadecimal tail of a pseudonym.
const TAIL: usize = 32;
/// Texts with fewer characters are met by chance.
const TELLING: usize = 4;

/// What stands for the person of an erasure from then on.
pub fn pseudonym(erasure: Uuid) -> String {
    format!("{PREFIX}{}", erasure.simple())
}

/// Whether a pseudonym stands in `text`.
pub fn names_erased(text: &str) -> bool {
    text.match_indices(PREFIX).any(|(at, _)| {
        let tail = text[at + PREFIX.len()..].bytes().take(TAIL).filter(u8::is_ascii_hexdigit);
        tail.count() == TAIL
    })
}

/// Takes the person of an erasure out of texts.
#[derive(Clone, Debug)]
pub struct Mask {
    pseudonym: String,
    /// What goes wherever it stands as words of its own, the longest first.
    words: Vec<Vec<char>>,
    /// What goes where nothing else stands.
    whole: Vec<String>,
}

impl Mask {
    /// The mask of `erased`.
    pub fn of(erased: &PersonErased) -> Self {
        let (telling, whole): (Vec<&str>, Vec<&str>) = erased
            .texts
            .iter()
            .map(|text| text.trim())
            .filter(|text| !text.is_empty())
            .partition(|text| text.chars().filter(|c| c.is_alphanumeric()).count() >= TELLING);
        let mut words: Vec<Vec<char>> =
            std::iter::once(erased.person.trim()).chain(telling).map(|text| text.chars().collect()).collect();
        words.retain(|word| !word.is_empty());
        words.sort_by_key(|word| std::cmp::Reverse(word.len()));
        words.dedup();
        Self { pseudonym: erased.pseudonym.clone(), words, whole: whole.into_iter().map(str::to_lowercase).collect() }
    }

    /// A text without the person; none where they are not in it.
    pub fn text(&self, text: &str) -> Option<String> {
        if self.whole.contains(&text.trim().to_lowercase()) {
            return Some(self.pseudonym.clone());
        }
        let chars: Vec<char> = text.chars().collect();
        let (mut out, mut at, mut changed) = (String::new(), 0, false);
        while at < chars.len() {
            if let Some(length) = self.met(&chars, at) {
                out.push_str(&self.pseudonym);
                at += length;
                changed = true;
            } else {
                out.push(chars[at]);
                at += 1;
            }
        }
        changed.then_some(out)
    }

    /// A JSON text without the person, everything but the strings as it was; none where they are not in it.
    pub fn json(&self, json: &str) -> Option<String> {
        let (mut out, mut rest, mut changed) = (String::new(), json, false);
        while let Some(start) = rest.find('"') {
            let (before, literal) = rest.split_at(start);
            let length = literal_length(literal)?;
            let (literal, after) = literal.split_at(length);
            let is_name = after.trim_start().starts_with(':');
            let masked = if is_name { None } else { self.literal(literal) };
            out.push_str(before);
            out.push_str(masked.as_deref().unwrap_or(literal));
            changed |= masked.is_some();
            rest = after;
        }
        out.push_str(rest);
        changed.then_some(out)
    }

    fn literal(&self, literal: &str) -> Option<String> {
        let text: String = serde_json::from_str(literal).ok()?;
        serde_json::to_string(&self.text(&text)?).ok()
    }

    /// How many characters from `at` on are the person, as words of their own.
    fn met(&self, chars: &[char], at: usize) -> Option<usize> {
        if at > 0 && joined(chars[at - 1], chars[at]) {
            return None;
        }
        let found = self.words.iter().find(|word| {
            let end = at + word.len();
            end <= chars.len()
                && word.iter().zip(&chars[at..end]).all(|(own, other)| alike(*own, *other))
                && (end == chars.len() || !joined(chars[end - 1], chars[end]))
        });
        found.map(Vec::len)
    }
}

/// Whether two neighbours are of one word.
fn joined(one: char, next: char) -> bool {
    one.is_alphanumeric() && next.is_alphanumeric()
}

fn alike(one: char, other: char) -> bool {
    one == other || one.to_lowercase().eq(other.to_lowercase())
}

/// Bytes of the string literal that `text` begins with, quotes included.
fn literal_length(text: &str) -> Option<usize> {
    let mut escaped = false;
    let end = text.bytes().skip(1).position(|byte| {
        let closes = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        closes
    });
    end.map(|end| end + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mask(texts: &[&str]) -> (Mask, String) {
        let erasure = Uuid::from_u128(7);
        let erased = PersonErased {
            erasure,
            person: "20123456786".to_owned(),
            texts: texts.iter().map(|text| (*text).to_owned()).collect(),
            pseudonym: pseudonym(erasure),
            declarations: Vec::new(),
        };
        (Mask::of(&erased), erased.pseudonym)
    }

    #[test]
    fn a_person_goes_as_a_word_of_its_own_and_whatever_the_case() {
        let (mask, gone) = mask(&["José Pérez Ñahui", "Av. Perú 12", "+51 1 555 0100"]);
        let told = mask.text("MAEU604338211/20123456786").unwrap();
        assert_eq!(told, format!("MAEU604338211/{gone}"));
        let told = mask.text("Goods of JOSÉ PÉREZ ÑAHUI, kept at av. perú 12.").unwrap();
        assert_eq!(told, format!("Goods of {gone}, kept at {gone}."));
        for kept in ["9920123456786", "20123456786000", "José Pérez", "Av. Perú 123", ""] {
            assert_eq!(mask.text(kept), None, "{kept}");
        }
    }

    #[test]
    fn what_is_met_by_chance_goes_only_where_nothing_else_stands() {
        let (mask, gone) = mask(&["Li", " ", "PE1"]);
        assert_eq!(mask.text("li").as_deref(), Some(gone.as_str()));
        assert_eq!(mask.text("Li-ion batteries"), None);
    }

    #[test]
    fn json_stays_what_it_was_but_for_the_strings_that_name_the_person() {
        let (mask, gone) = mask(&["Ana \"La Reina\" Quispe", "name"]);
        let json = r#"{"amount": 1.10, "20123456786": 20123456786, "name":"name of it",
            "parties": [{"id":"20123456786","name":"ana \"la reina\" quispe", "x": "a\\"}]}"#;
        let told = mask.json(json).unwrap();
        let expected = format!(
            r#"{{"amount": 1.10, "20123456786": 20123456786, "name":"{gone} of it",
            "parties": [{{"id":"{gone}","name":"{gone}", "x": "a\\"}}]}}"#
        );
        assert_eq!(told, expected);
        assert_eq!(mask.json(&told), None, "once is enough");
    }

    #[test]
    fn a_pseudonym_is_known_as_one() {
        let erased = pseudonym(Uuid::from_u128(1));
        assert!(names_erased(&erased) && names_erased(&format!("MAEU1/{erased}")));
        for other in ["erased-", "erased-goods", "20123456786", "erased-ñ123456789012345678901234567890123"] {
            assert!(!names_erased(other), "{other}");
        }
    }
}

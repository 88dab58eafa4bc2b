//! The shape of tariff codes: what holds of the Harmonized System everywhere, whatever a table lists.

use super::digits_of;

/// Digits that the Harmonized System gives a code, which a declared code has at least.
const SUBHEADING: usize = 6;
/// The most digits of a national code.
const LONGEST: usize = 12;

/// Why `literal` is no value of `field`, or of an entry of a list when that is empty. `partly`: why no value begins
/// with it.
pub(super) fn fault(field: &str, literal: &str, partly: bool) -> Option<String> {
    if !literal.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(format!("a tariff code has digits only, without dots and spaces; '{literal}' has something else"));
    }
    let many = literal.len();
    match digits_of(field) {
        Some(digits) if partly => (many > digits).then(|| format!("{field} has {digits} digits, '{literal}' has more")),
        Some(digits) => (many != digits).then(|| format!("{field} has {digits} digits, '{literal}' does not")),
        None if field.is_empty() => (!matches!(many, 2 | 4 | SUBHEADING..=LONGEST)).then(|| {
            format!("a listed tariff code has 2, 4 or {SUBHEADING} to {LONGEST} digits, '{literal}' does not")
        }),
        None if partly => {
            (many > LONGEST).then(|| format!("{field} has {LONGEST} digits at most, '{literal}' has more"))
        }
        None if many < SUBHEADING => Some(format!(
            "{field} has {SUBHEADING} to {LONGEST} digits, '{literal}' does not; all that begin with it are \
             {field}.startsWith('{literal}')"
        )),
        None => (many > LONGEST).then(|| format!("{field} has {SUBHEADING} to {LONGEST} digits, '{literal}' has more")),
    }
}

/// Why no tariff has the chapter with which digits begin. Chapters 98 and 99 are national; 77 is reserved.
pub(super) fn chapter_fault(literal: &str) -> Option<String> {
    let chapter = literal.get(..2)?;
    matches!(chapter, "00" | "77").then(|| {
        format!("there is no chapter {chapter}: chapters go from 01 to 97 without 77, and 98 and 99 are national")
    })
}

/// The digits alone, where nothing but separators stands between them.
pub(super) fn bare(literal: &str) -> Option<String> {
    let separates = |letter: char| matches!(letter, '.' | '-' | ' ');
    let bare: String = literal.chars().filter(|letter| !separates(*letter)).collect();
    (bare.len() < literal.len() && !bare.is_empty() && bare.bytes().all(|byte| byte.is_ascii_digit())).then_some(bare)
}

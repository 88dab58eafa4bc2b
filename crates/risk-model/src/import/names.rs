//! Features by name: a model's columns in the contract's order.

use std::collections::HashMap;

use super::ImportError;

/// Names shown of each kind.
const SHOWN: usize = 8;

/// For each feature of the model, its position in the contract; and the features of the contract that it does not use.
pub fn match_names(
    model: &[impl AsRef<str>],
    contract: &[impl AsRef<str>],
) -> Result<(Vec<usize>, Vec<String>), ImportError> {
    let positions: HashMap<&str, usize> = contract.iter().enumerate().map(|(at, name)| (name.as_ref(), at)).collect();
    let mut used = vec![false; contract.len()];
    let (mut columns, mut unknown) = (Vec::with_capacity(model.len()), Vec::new());
    for name in model {
        match positions.get(name.as_ref()) {
            // A second column of the same name is nobody's.
            Some(at) if !used[*at] => {
                used[*at] = true;
                columns.push(*at);
            }
            _ => unknown.push(name.as_ref().to_owned()),
        }
    }
    let absent: Vec<String> =
        contract.iter().zip(&used).filter(|(_, used)| !**used).map(|(name, _)| name.as_ref().to_owned()).collect();
    if unknown.is_empty() { Ok((columns, absent)) } else { Err(ImportError::Features { unknown, absent }) }
}

/// What is wrong, in words.
pub(super) fn told(unknown: &[String], absent: &[String]) -> String {
    let listed = |names: &[String]| {
        let more = if names.len() > SHOWN { format!(" and {} more", names.len() - SHOWN) } else { String::new() };
        format!("{}{more}", names.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", "))
    };
    let nameless = unknown.iter().all(|name| {
        let number = name.strip_prefix("Column_").or_else(|| name.strip_prefix('f')).unwrap_or_default();
        !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
    });
    let mut text = format!("it does not have {}", listed(unknown));
    if !absent.is_empty() {
        text = format!("{text}; the model does not have {}", listed(absent));
    }
    if nameless {
        text.push_str("; these are names that the library made up: train with the columns' own names");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_found_by_name_in_any_order() {
        let (columns, unused) = match_names(&["c", "a"], &["a", "b", "c"]).unwrap();
        assert_eq!(columns, [2, 0]);
        assert_eq!(unused, ["b"]);
    }

    #[test]
    fn wrong_features_are_told_by_name() {
        let error = match_names(&["a", "weight"], &["a", "mass"]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the features are not those of the contract: it does not have weight; the model does not have mass"
        );
        let error = match_names(&["Column_0", "Column_1"], &["a"]).unwrap_err().to_string();
        assert!(error.ends_with("made up: train with the columns' own names"), "{error}");
        assert!(match_names(&["a", "a"], &["a"]).is_err(), "the same column twice");
        let many: Vec<String> = (0..20).map(|at| format!("x{at}y")).collect();
        assert!(match_names(&many, &["a"]).unwrap_err().to_string().contains("x7y and 12 more"));
    }
}

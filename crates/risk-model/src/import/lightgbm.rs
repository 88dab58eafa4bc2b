//! LightGBM's text (`save_model`, `model_to_string`), versions 3 and 4 of it.

use std::{collections::HashMap, str::FromStr};

use super::{ImportError, Imported, imported, names::match_names, settle};
use crate::{
    LoadError,
    calibration::Line,
    forest::{Flat, Forest, Grown, Split, Sum, Test, just_above},
    params::ModelFormat,
};

/// Bits of `decision_type`.
const CATEGORICAL: u32 = 1;
const DEFAULT_LEFT: u32 = 2;
/// What is missing, two bits further up: 0 nothing, 1 zero, 2 NaN.
const MISSING_ZERO: u32 = 1;
const MISSING_NAN: u32 = 2;
/// LightGBM's zero.
const NEAR_ZERO: f64 = 1e-35_f32 as f64;

/// Reads LightGBM text into the order of `contract`'s names. The margin of every row of finite or missing `f32` values
/// is to the bit what `predict(raw_score=True)` gives for it, and the probability what `predict` gives.
pub fn lightgbm(text: &str, contract: &[impl AsRef<str>]) -> Result<Imported, ImportError> {
    let mut sections = text.split("\nTree=");
    let head = Section::of("the header", sections.next().unwrap_or_default());
    if !head.text.starts_with("tree") {
        return Err(unreadable(
            "it does not begin with `tree`; save it with `booster.save_model(\"model.txt\")`".into(),
        ));
    }
    let version = head.word("version")?.to_owned();
    if !matches!(version.as_str(), "v3" | "v4") {
        return Err(unreadable(format!("text version {version}, known are v3 and v4; save it with LightGBM 3 or 4")));
    }
    refuse(&head)?;
    let objective = head.get("objective").unwrap_or("none").to_owned();
    let link = link(&objective)?;
    let names: Vec<&str> = head.word("feature_names")?.split(' ').collect();
    let (columns, unused) = match_names(&names, contract)?;

    let mut flat = Flat::empty(0.0, Sum::Double);
    for (number, section) in sections.enumerate() {
        let body = section.split("\nend of trees").next().unwrap_or_default();
        let section = Section::of(format!("tree {number}"), body);
        let mut tree = tree(&section, &columns)?;
        settle(&mut tree);
        flat.add(&tree).map_err(|error| unreadable(format!("tree {number}: {error}")))?;
    }
    if flat.roots.is_empty() || !text.contains("\nend of trees") {
        return Err(unreadable("it ends before its trees do".into()));
    }
    let forest = Forest::new(flat, contract.len()).map_err(|error: LoadError| unreadable(error.to_string()))?;
    Ok(imported(forest, ModelFormat::Lightgbm, version, objective, link, unused))
}

fn unreadable(what: String) -> ImportError {
    ImportError::Unreadable { format: "LightGBM", what }
}

fn refuse(head: &Section<'_>) -> Result<(), ImportError> {
    let trees_of_an_iteration = head.get("num_tree_per_iteration").unwrap_or("1");
    if trees_of_an_iteration != "1" || head.get("num_class").unwrap_or("1") != "1" {
        return Err(ImportError::Unsupported {
            what: format!("a model of {trees_of_an_iteration} classes"),
            advice: "train with objective=binary: a finding or none",
        });
    }
    // Written without `=`.
    if head.text.lines().any(|line| line.trim() == "average_output") {
        return Err(ImportError::Unsupported {
            what: "boosting=rf (an average of trees)".into(),
            advice: "train with boosting=gbdt, or export it as ONNX",
        });
    }
    Ok(())
}

/// What makes a probability of the margin.
fn link(objective: &str) -> Result<Option<Line>, ImportError> {
    let mut words = objective.split(' ');
    match words.next().unwrap_or_default() {
        "binary" => {
            let slope = words.find_map(|word| word.strip_prefix("sigmoid:")).map_or(Ok(1.0), str::parse);
            let slope = slope.map_err(|_| unreadable(format!("objective={objective}")))?;
            Ok(Some(Line { slope, offset: 0.0 }))
        }
        "cross_entropy" | "xentropy" => Ok(Some(Line::IDENTITY)),
        "multiclass" | "multiclassova" => Err(ImportError::Unsupported {
            what: format!("objective={objective}"),
            advice: "train with objective=binary: a finding or none",
        }),
        _ => Ok(None),
    }
}

/// A tree's nodes: splits first, leaves behind them.
fn tree(section: &Section<'_>, columns: &[usize]) -> Result<Vec<Grown>, ImportError> {
    if section.get("is_linear").is_some_and(|linear| linear != "0") {
        return Err(ImportError::Unsupported {
            what: "a tree with linear leaves (linear_tree=true)".into(),
            advice: "train with linear_tree=false, or export it as ONNX",
        });
    }
    let leaves: usize = section.number("num_leaves")?;
    let values: Vec<f64> = section.numbers("leaf_value", leaves)?;
    if leaves == 1 {
        return Ok(vec![Grown { value: values[0], cover: 1.0, split: None }]);
    }
    let splits = leaves.checked_sub(1).ok_or_else(|| section.wrong("num_leaves"))?;
    let features: Vec<usize> = section.numbers("split_feature", splits)?;
    let thresholds: Vec<f64> = section.numbers("threshold", splits)?;
    let decisions: Vec<u32> = section.numbers("decision_type", splits)?;
    let lefts: Vec<i64> = section.numbers("left_child", splits)?;
    let rights: Vec<i64> = section.numbers("right_child", splits)?;
    let covers: Vec<f64> = section.numbers("leaf_count", leaves)?;
    let split_covers: Vec<f64> = section.numbers("internal_count", splits)?;
    let sets = Sets::of(section)?;
    // Leaves are counted downwards from -1.
    let place = |child: i64| if child >= 0 { child as usize } else { splits + (-1 - child) as usize };
    let mut tree = Vec::with_capacity(splits + leaves);
    for at in 0..splits {
        let feature = *columns.get(features[at]).ok_or_else(|| section.wrong("split_feature"))?;
        let (test, missing_right) = test(decisions[at], thresholds[at], &sets, section)?;
        let split = Split { feature, test, missing_right, left: place(lefts[at]), right: place(rights[at]) };
        tree.push(Grown { value: 0.0, cover: split_covers[at], split: Some(split) });
    }
    tree.extend(values.iter().zip(&covers).map(|(value, cover)| Grown { value: *value, cover: *cover, split: None }));
    Ok(tree)
}

/// What a split asks, and whether missing goes right.
fn test(decision: u32, threshold: f64, sets: &Sets, section: &Section<'_>) -> Result<(Test, bool), ImportError> {
    if decision & CATEGORICAL != 0 {
        let words = sets.words(threshold).ok_or_else(|| section.wrong("cat_boundaries"))?;
        return Ok((Test::Among(words), true));
    }
    if threshold.is_nan() {
        return Err(section.wrong("threshold"));
    }
    let default_right = decision & DEFAULT_LEFT == 0;
    let zero_right = threshold < 0.0;
    let below = just_above(threshold);
    Ok(match decision >> 2 & 3 {
        // What is missing counts as zero.
        0 => (Test::Below(below), zero_right),
        MISSING_NAN => (Test::Below(below), default_right),
        // Zero goes where it would go anyway.
        MISSING_ZERO if zero_right == default_right && threshold.abs() > NEAR_ZERO => {
            (Test::Below(below), default_right)
        }
        MISSING_ZERO => (Test::BelowNotZero(below), default_right),
        _ => return Err(section.wrong("decision_type")),
    })
}

/// A tree's sets of categories.
struct Sets {
    boundaries: Vec<usize>,
    words: Vec<u32>,
}

impl Sets {
    fn of(section: &Section<'_>) -> Result<Self, ImportError> {
        let count: usize = section.get("num_cat").map_or(Ok(0), str::parse).map_err(|_| section.wrong("num_cat"))?;
        if count == 0 {
            return Ok(Self { boundaries: Vec::new(), words: Vec::new() });
        }
        let boundaries: Vec<usize> = section.numbers("cat_boundaries", count + 1)?;
        let words = section.numbers("cat_threshold", boundaries[count])?;
        Ok(Self { boundaries, words })
    }

    fn words(&self, number: f64) -> Option<Vec<u32>> {
        let number = if number >= 0.0 { number as usize } else { return None };
        let range = *self.boundaries.get(number)?..*self.boundaries.get(number + 1)?;
        self.words.get(range).map(<[u32]>::to_vec)
    }
}

/// Lines of `key=value`.
struct Section<'a> {
    name: String,
    text: &'a str,
    entries: HashMap<&'a str, &'a str>,
}

impl<'a> Section<'a> {
    fn of(name: impl Into<String>, text: &'a str) -> Self {
        let entries = text.lines().filter_map(|line| line.trim_end().split_once('=')).collect();
        Self { name: name.into(), text, entries }
    }

    fn get(&self, key: &str) -> Option<&'a str> {
        self.entries.get(key).copied()
    }

    fn wrong(&self, key: &str) -> ImportError {
        unreadable(format!("{}: `{key}` is missing or cannot be read", self.name))
    }

    fn word(&self, key: &str) -> Result<&'a str, ImportError> {
        self.get(key).filter(|value| !value.is_empty()).ok_or_else(|| self.wrong(key))
    }

    fn number<T: FromStr>(&self, key: &str) -> Result<T, ImportError> {
        self.word(key)?.parse().map_err(|_| self.wrong(key))
    }

    fn numbers<T: FromStr>(&self, key: &str, count: usize) -> Result<Vec<T>, ImportError> {
        let numbers: Vec<T> =
            self.word(key)?.split(' ').map(str::parse).collect::<Result<_, _>>().map_err(|_| self.wrong(key))?;
        if numbers.len() == count { Ok(numbers) } else { Err(self.wrong(key)) }
    }
}

//! XGBoost's JSON (`save_model("model.json")`), trees only.

use serde::Deserialize;

use super::{ImportError, Imported, imported, names::match_names, settle};
use crate::{
    LoadError,
    calibration::Line,
    forest::{Flat, Forest, Grown, Split, Sum, Test},
    params::ModelFormat,
};

/// Categories from here on are not whole in 32 bits.
const CATEGORIES: u32 = 1 << 24;

/// Reads XGBoost JSON into the order of `contract`'s names. The margin of every row of finite or missing values is to
/// the bit what `predict(output_margin=True)` gives for it, and the probability within 1e-6 of what `predict` gives.
pub fn xgboost(json: &str, contract: &[impl AsRef<str>]) -> Result<Imported, ImportError> {
    let document: Document = serde_json::from_str(json)
        .map_err(|error| unreadable(format!("{error}; save it with `booster.save_model(\"model.json\")`")))?;
    let Document { learner, version } = document;
    refuse(&learner)?;
    let objective = learner.objective.name;
    let (link, base) = link(&objective, base_score(&learner.learner_model_param.base_score)?)?;
    let Some(model) = learner.gradient_booster.model else {
        return Err(unreadable("it has no trees".into()));
    };
    if model.cats.is_some_and(|cats| !cats.enc.is_empty()) {
        return Err(ImportError::Unsupported {
            what: "a model that keeps the names of its categories".into(),
            advice: "train on the numbers of the exported columns, with feature_types=\"c\" for categories",
        });
    }
    if learner.feature_names.is_empty() {
        return Err(unreadable("it names no features; train on a DMatrix with feature_names, or a data frame".into()));
    }
    let (columns, unused) = match_names(&learner.feature_names, contract)?;
    let mut flat = Flat::empty(f64::from(base), Sum::Single);
    for (number, tree) in model.trees.iter().enumerate() {
        let mut grown = tree.grown(&columns).ok_or_else(|| unreadable(format!("tree {number} is not whole")))?;
        settle(&mut grown);
        flat.add(&grown).map_err(|error| unreadable(format!("tree {number}: {error}")))?;
    }
    let forest = Forest::new(flat, contract.len()).map_err(|error: LoadError| unreadable(error.to_string()))?;
    let version = version.iter().map(u32::to_string).collect::<Vec<_>>().join(".");
    Ok(imported(forest, ModelFormat::Xgboost, version, objective, link, unused))
}

fn unreadable(what: String) -> ImportError {
    ImportError::Unreadable { format: "XGBoost", what }
}

fn refuse(learner: &Learner) -> Result<(), ImportError> {
    let unsupported = |what: String, advice| Err(ImportError::Unsupported { what, advice });
    match learner.gradient_booster.name.as_str() {
        "gbtree" => {}
        "dart" => return unsupported("booster=dart".into(), "train with booster=gbtree, or export it as ONNX"),
        other => return unsupported(format!("booster={other}"), "train with booster=gbtree"),
    }
    let counts = &learner.learner_model_param;
    if counts.num_class.parse::<u32>().unwrap_or(0) > 1 || counts.num_target.parse::<u32>().unwrap_or(1) > 1 {
        return unsupported(
            "a model of several classes or targets".into(),
            "train with objective=binary:logistic: a finding or none",
        );
    }
    Ok(())
}

/// What makes a probability of the margin, and the margin of the base score.
fn link(objective: &str, base: f32) -> Result<(Option<Line>, f32), ImportError> {
    match objective {
        "binary:logistic" | "reg:logistic" | "binary:logitraw" => {
            Ok((Some(Line::IDENTITY), -(1.0_f32 / base - 1.0).ln()))
        }
        "reg:squarederror" | "reg:absoluteerror" | "reg:pseudohubererror" | "reg:quantileerror" => Ok((None, base)),
        _ if objective.starts_with("rank:") => Ok((None, base)),
        _ => Err(ImportError::Unsupported {
            what: format!("objective={objective}"),
            advice: "train with objective=binary:logistic: a finding or none",
        }),
    }
}

/// `5E-1`, or `[5E-1]` from version 3 on.
fn base_score(text: &str) -> Result<f32, ImportError> {
    text.trim_start_matches('[')
        .trim_end_matches(']')
        .parse()
        .map_err(|_| unreadable(format!("base_score {text} is not one number")))
}

#[derive(Deserialize)]
struct Document {
    learner: Learner,
    #[serde(default)]
    version: Vec<u32>,
}

#[derive(Deserialize)]
struct Learner {
    #[serde(default)]
    feature_names: Vec<String>,
    gradient_booster: Booster,
    learner_model_param: Counts,
    objective: Objective,
}

#[derive(Deserialize)]
struct Booster {
    name: String,
    /// Absent in boosters of other kinds.
    model: Option<Model>,
}

#[derive(Deserialize)]
struct Model {
    #[serde(default)]
    trees: Vec<Tree>,
    cats: Option<Cats>,
}

#[derive(Deserialize)]
struct Cats {
    #[serde(default)]
    enc: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
struct Counts {
    base_score: String,
    #[serde(default)]
    num_class: String,
    #[serde(default)]
    num_target: String,
}

#[derive(Deserialize)]
struct Objective {
    name: String,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(untagged)]
enum Flag {
    Number(u8),
    Truth(bool),
}

impl Flag {
    fn holds(self) -> bool {
        matches!(self, Self::Truth(true) | Self::Number(1..))
    }
}

#[derive(Deserialize)]
struct Tree {
    left_children: Vec<i64>,
    right_children: Vec<i64>,
    split_indices: Vec<usize>,
    /// Thresholds; the values of leaves.
    split_conditions: Vec<f32>,
    default_left: Vec<Flag>,
    sum_hessian: Vec<f64>,
    #[serde(default)]
    split_type: Vec<Flag>,
    #[serde(default)]
    categories: Vec<u32>,
    #[serde(default)]
    categories_nodes: Vec<usize>,
    #[serde(default)]
    categories_segments: Vec<usize>,
    #[serde(default)]
    categories_sizes: Vec<usize>,
}

impl Tree {
    fn grown(&self, columns: &[usize]) -> Option<Vec<Grown>> {
        (0..self.left_children.len()).map(|at| self.node(at, columns)).collect()
    }

    fn node(&self, at: usize, columns: &[usize]) -> Option<Grown> {
        let condition = *self.split_conditions.get(at)?;
        let cover = *self.sum_hessian.get(at)?;
        let (left, right) = (self.left_children[at], *self.right_children.get(at)?);
        if left < 0 {
            return Some(Grown { value: f64::from(condition), cover, split: None });
        }
        let (left, right) = (usize::try_from(left).ok()?, usize::try_from(right).ok()?);
        let feature = *columns.get(*self.split_indices.get(at)?)?;
        let default_left = self.default_left.get(at)?.holds();
        let split = if self.split_type.get(at).is_some_and(|kind| kind.holds()) {
            // Members go right there and left here.
            let test = Test::Among(self.set(at)?);
            Split { feature, test, missing_right: default_left, left: right, right: left }
        } else {
            // Nothing finite is below the least number.
            let test = Test::Below(if condition.is_nan() { return None } else { condition.max(f32::MIN) });
            Split { feature, test, missing_right: !default_left, left, right }
        };
        Some(Grown { value: 0.0, cover, split: Some(split) })
    }

    /// The categories of node `at` as words of bits.
    fn set(&self, at: usize) -> Option<Vec<u32>> {
        let place = self.categories_nodes.iter().position(|node| *node == at)?;
        let (start, count) = (*self.categories_segments.get(place)?, *self.categories_sizes.get(place)?);
        let members = self.categories.get(start..start.checked_add(count)?)?;
        let highest = members.iter().copied().max().filter(|highest| *highest < CATEGORIES)?;
        let mut words = vec![0_u32; highest as usize / 32 + 1];
        for member in members {
            words[*member as usize / 32] |= 1 << (member % 32);
        }
        Some(words)
    }
}

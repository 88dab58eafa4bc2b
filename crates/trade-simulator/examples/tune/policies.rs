//! Simple policies.

use customs::{Declaration, Form, ItemOutcome, NewResult};
use std::collections::BTreeMap;

const FEATURES: usize = 17;

/// What a policy thinks of a declaration.
pub struct Row {
    pub score: f64,
    /// Uniform draw for the random stratum.
    pub draw: f64,
}

#[derive(Clone, Copy, Default)]
struct Rate {
    examined: f64,
    findings: f64,
}

impl Rate {
    fn smoothed(self, prior: f64, weight: f64) -> f64 {
        (self.findings + weight * prior) / (self.examined + weight)
    }
}

#[derive(Clone, Copy, Default)]
struct Values {
    count: f64,
    mean: f64,
    squares: f64,
}

impl Values {
    fn score(&self, value: f64) -> f64 {
        let deviation = ((self.squares + 4.0 * 0.2) / (self.count + 4.0)).sqrt().max(0.1);
        if self.count < 5.0 { 0.0 } else { ((value - self.mean) / deviation).clamp(-4.0, 4.0) }
    }

    fn add(&mut self, value: f64) {
        self.count += 1.0;
        let step = value - self.mean;
        self.mean += step / self.count;
        self.squares += step * (value - self.mean);
    }
}

/// A logistic regression on standardised features.
struct Model {
    mean: [f64; FEATURES],
    scale: [f64; FEATURES],
    weights: [f64; FEATURES],
    bias: f64,
}

impl Model {
    fn logit(&self, features: &[f64; FEATURES]) -> f64 {
        let moved = |index: usize| (features[index] - self.mean[index]) * self.scale[index] * self.weights[index];
        self.bias + (0..FEATURES).map(moved).sum::<f64>()
    }
}

pub struct Policy {
    name: String,
    seed: u64,
    rates: BTreeMap<String, Rate>,
    values: BTreeMap<String, Values>,
    first_seen: BTreeMap<String, i64>,
    seen: BTreeMap<u64, ([f64; FEATURES], Vec<String>)>,
    rows: Vec<([f64; FEATURES], bool)>,
    model: Option<Model>,
    days: u32,
}

impl Policy {
    pub fn new(name: &str, seed: u64) -> Self {
        Self {
            name: name.to_owned(),
            seed,
            rates: BTreeMap::new(),
            values: BTreeMap::new(),
            first_seen: BTreeMap::new(),
            seen: BTreeMap::new(),
            rows: Vec::new(),
            model: None,
            days: 0,
        }
    }

    fn draw(&self, key: u64, salt: u64) -> f64 {
        let mut word = key.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ self.seed.wrapping_mul(0xD1B5_4A32_D192_ED03) ^ salt;
        for _ in 0..3 {
            word ^= word >> 29;
            word = word.wrapping_mul(0xBF58_476D_1CE4_E5B9);
        }
        (word >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub fn look(&mut self, key: u64, declaration: &Declaration, bayes: f64) -> Row {
        let (features, names) = self.features(declaration);
        let noise = self.draw(key, 1) * 1e-9;
        let score = match self.name.as_str() {
            "bayes" => bayes,
            "table" => features[0],
            "learner" => self.model.as_ref().map_or(noise, |model| model.logit(&features)),
            _ => self.draw(key, 2),
        };
        self.seen.insert(key, (features, names));
        Row { score: score + noise, draw: self.draw(key, 3) }
    }

    fn features(&mut self, declaration: &Declaration) -> ([f64; FEATURES], Vec<String>) {
        let second = declaration.acceptance_date_time.as_second();
        let trader = declaration.trader().unwrap();
        let mut names = vec![
            format!("t{}", trader.id),
            format!("b{}", declaration.declarant.id),
            format!("c{}", trader.contacts[0]),
            format!("r{}", declaration.route_country.as_ref().unwrap()),
        ];
        let all = self.rates.get("all").copied().unwrap_or_default().smoothed(0.03, 50.0);
        let rate = |name: &str, weight: f64| self.rates.get(name).copied().unwrap_or_default().smoothed(all, weight);
        let mut features = [0.0; FEATURES];
        let mut lowest: f64 = 0.0;
        let mut mean = 0.0;
        for item in &declaration.items {
            let cell = format!("h{}{}", item.commodity_code.subheading(), item.origin_country);
            features[0] = rate(&cell, 15.0).max(features[0]);
            let value: f64 = item.valuation.fob.amount.try_into().unwrap();
            let mass: f64 = item.net_mass_kg.unwrap().try_into().unwrap();
            let score = self
                .values
                .get(item.commodity_code.subheading())
                .copied()
                .unwrap_or_default()
                .score((value / mass).ln());
            lowest = lowest.min(score);
            mean += score / declaration.items.len() as f64;
            names.push(cell);
        }
        for (feature, index, weight) in [(1, 0, 4.0), (2, 1, 15.0), (3, 2, 4.0), (4, 3, 20.0)] {
            features[feature] = rate(&names[index], weight);
        }
        for feature in &mut features[..5] {
            *feature = feature.ln();
        }
        let item = &declaration.items[0];
        let net: f64 = item.net_mass_kg.unwrap().try_into().unwrap();
        let gross: f64 = item.gross_mass_kg.unwrap().try_into().unwrap();
        let age = |name: &str| (second - self.first_seen.get(name).copied().unwrap_or(second)) as f64 / 86_400.0;
        let flag = |yes: bool| f64::from(u8::from(yes));
        features[5] = lowest;
        features[6] = mean;
        features[7] = net / gross;
        let straight = declaration.route_country.as_ref() == Some(&item.origin_country);
        let preference = item.duty_taxes.iter().any(|tax| tax.preference.is_some());
        features[8] = flag(!straight);
        features[9] = flag(!straight && preference);
        features[10] = (age(&names[0]) / 30.0).min(4.0);
        features[11] = ((age(&names[2]) - age(&names[0])) / 30.0).min(4.0);
        features[12] = flag(trader.authorised_economic_operator);
        features[13] = item.duty_taxes.iter().map(|tax| f64::try_from(tax.rate).unwrap()).sum();
        features[14] = flag(declaration.form == Form::Express);
        features[15] = flag(declaration.regime == "40");
        features[16] = (lowest + 1.5).min(0.0);
        for name in &names[..3] {
            self.first_seen.entry(name.clone()).or_insert(second);
        }
        for item in &declaration.items {
            let value: f64 = item.valuation.fob.amount.try_into().unwrap();
            let mass: f64 = item.net_mass_kg.unwrap().try_into().unwrap();
            self.values.entry(item.commodity_code.subheading().to_owned()).or_default().add((value / mass).ln());
        }
        (features, names)
    }

    pub fn learn(&mut self, key: u64, result: &NewResult) {
        let Some((features, names)) = self.seen.get(&key) else { return };
        if result.version > 1 {
            return;
        }
        let finding = result.has_finding();
        self.rows.push((*features, finding));
        for (index, name) in names.iter().map(String::as_str).chain(["all"]).enumerate() {
            let sequence = (index + 1).saturating_sub(4) as u32;
            let found = match name.as_bytes()[0] {
                b'h' => {
                    result.items.iter().any(|item| item.sequence == sequence && item.outcome == ItemOutcome::Finding)
                }
                _ => finding,
            };
            let rate = self.rates.entry(name.to_owned()).or_default();
            rate.examined += 1.0;
            rate.findings += f64::from(u8::from(found));
        }
    }

    pub fn end_of_day(&mut self) {
        self.days += 1;
        let findings = self.rows.iter().filter(|(_, finding)| *finding).count();
        if self.name == "learner" && self.days.is_multiple_of(14) && findings >= 20 {
            self.train();
        }
    }

    /// Logistic regression by gradient descent on standardised features.
    fn train(&mut self) {
        let count = self.rows.len() as f64;
        let (mut mean, mut scale) = ([0.0; FEATURES], [0.0; FEATURES]);
        for (features, _) in &self.rows {
            for index in 0..FEATURES {
                mean[index] += features[index] / count;
            }
        }
        for (features, _) in &self.rows {
            for index in 0..FEATURES {
                scale[index] += (features[index] - mean[index]).powi(2) / count;
            }
        }
        let scale = scale.map(|variance| if variance > 1e-9 { 1.0 / variance.sqrt() } else { 0.0 });
        let (mut weights, mut bias) = ([0.0; FEATURES], -3.0);
        for _ in 0..150 {
            let (mut slope, mut lift) = ([0.0; FEATURES], 0.0);
            for (features, finding) in &self.rows {
                let mut logit = bias;
                for index in 0..FEATURES {
                    logit += (features[index] - mean[index]) * scale[index] * weights[index];
                }
                let error = f64::from(u8::from(*finding)) - 1.0 / (1.0 + (-logit).exp());
                lift += error / count;
                for index in 0..FEATURES {
                    slope[index] += error * (features[index] - mean[index]) * scale[index] / count;
                }
            }
            bias += 2.0 * lift;
            for index in 0..FEATURES {
                weights[index] += 2.0 * (slope[index] - 0.002 * weights[index]);
            }
        }
        self.model = Some(Model { mean, scale, weights, bias });
    }
}

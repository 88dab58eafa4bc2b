//! The plain alternative: a smoothed rate of findings per subheading and origin, learned from reports.

use customs::{ControlId, Declaration, ItemOutcome, NewResult, ResultStage};
use std::collections::BTreeMap;

/// Examinations that the prior rate is worth.
const PRIOR_WEIGHT: f64 = 15.0;

#[derive(Clone, Copy, Debug, Default)]
struct Cell {
    examined: f64,
    findings: f64,
}

/// What one control taught: per cell whether there was a finding.
#[derive(Clone, Debug)]
struct Lesson {
    version: u32,
    items: Vec<(u32, bool)>,
}

#[derive(Clone, Debug)]
pub(super) struct RateTable {
    prior: f64,
    index: BTreeMap<(String, String), u32>,
    cells: Vec<Cell>,
    total: Cell,
    /// Cells of the items of every declaration, with their sequences.
    declarations: BTreeMap<u64, Vec<(u32, u32)>>,
    lessons: BTreeMap<ControlId, Lesson>,
}

impl RateTable {
    pub(super) fn new(prior: f64) -> Self {
        Self {
            prior,
            index: BTreeMap::new(),
            cells: Vec::new(),
            total: Cell::default(),
            declarations: BTreeMap::new(),
            lessons: BTreeMap::new(),
        }
    }

    /// The highest rate among the items of `declaration`, as known now.
    pub(super) fn score_and_remember(&mut self, key: u64, declaration: &Declaration) -> f64 {
        let mut items = Vec::with_capacity(declaration.items.len());
        for item in &declaration.items {
            let name = (item.commodity_code.subheading().to_owned(), item.origin_country.0.clone());
            let next = u32::try_from(self.cells.len()).unwrap_or(u32::MAX);
            let cell = *self.index.entry(name).or_insert(next);
            if cell == next {
                self.cells.push(Cell::default());
            }
            items.push((item.sequence, cell));
        }
        let score = items.iter().map(|(_, cell)| self.rate(*cell)).fold(0.0, f64::max);
        self.declarations.insert(key, items);
        score
    }

    pub(super) fn learn(&mut self, control: ControlId, key: u64, result: &NewResult) {
        let Some(cells) = self.declarations.get(&key) else { return };
        if self.lessons.get(&control).is_some_and(|lesson| lesson.version >= result.version) {
            return;
        }
        let annulled = result.stage == ResultStage::Annulled;
        let items: Vec<(u32, bool)> = result
            .items
            .iter()
            .filter(|item| item.outcome != ItemOutcome::NotExamined)
            .filter_map(|item| {
                let (_, cell) = cells.iter().find(|(sequence, _)| *sequence == item.sequence)?;
                Some((*cell, item.outcome == ItemOutcome::Finding && !annulled))
            })
            .collect();
        self.count(&items, 1.0);
        if let Some(replaced) = self.lessons.insert(control, Lesson { version: result.version, items }) {
            self.count(&replaced.items, -1.0);
        }
    }

    fn count(&mut self, items: &[(u32, bool)], sign: f64) {
        for (cell, finding) in items {
            let finding = if *finding { sign } else { 0.0 };
            for counted in [&mut self.cells[*cell as usize], &mut self.total] {
                counted.examined += sign;
                counted.findings += finding;
            }
        }
    }

    fn rate(&self, cell: u32) -> f64 {
        let overall = (self.total.findings + PRIOR_WEIGHT * self.prior) / (self.total.examined + PRIOR_WEIGHT);
        let cell = self.cells[cell as usize];
        (cell.findings + PRIOR_WEIGHT * overall) / (cell.examined + PRIOR_WEIGHT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use customs::{
        CountryCode, DeclarationId, Direction, Form, GoodsItem, ItemResult, ItemValuation, Modality, Party, PartyRole,
    };

    fn declaration() -> Declaration {
        Declaration {
            reference: "1".to_owned(),
            declarant: Party::new(PartyRole::Declarant, "1"),
            office: "118".into(),
            acceptance_date_time: jiff::Timestamp::UNIX_EPOCH,
            direction: Direction::In,
            regime: "10".to_owned(),
            modality: Modality::Advance,
            form: Form::Full,
            express_category: None,
            entry_exit_office: None,
            port: None,
            warehouse: None,
            goods_location: None,
            route_country: None,
            parties: Vec::new(),
            transport_documents: Vec::new(),
            containers: Vec::new(),
            means_of_transport: None,
            invoice_total: None,
            exchange_rate: None,
            packages: None,
            items: vec![GoodsItem {
                sequence: 1,
                commodity_code: "6109100000".into(),
                tariff_edition: None,
                description: String::new(),
                origin_country: CountryCode::from("CN"),
                purchase_country: None,
                loading_port: None,
                procedure: None,
                gross_mass_kg: None,
                net_mass_kg: None,
                statistical_quantity: None,
                statistical_unit: None,
                valuation: ItemValuation::fob(customs::Decimal::ONE, "USD"),
                duty_taxes: Vec::new(),
                containers: Vec::new(),
                extensions: BTreeMap::new(),
            }],
            extensions: BTreeMap::new(),
        }
    }

    fn result(version: u32, stage: ResultStage) -> NewResult {
        NewResult {
            version,
            stage,
            examined_at: jiff::Timestamp::UNIX_EPOCH,
            established_at: jiff::Timestamp::UNIX_EPOCH,
            items: vec![ItemResult { sequence: 1, outcome: ItemOutcome::Finding, findings: Vec::new() }],
            remarks: None,
            targeting: None,
        }
    }

    #[test]
    fn a_revision_replaces_what_was_learned() {
        let control = ControlId::derive(jiff::Timestamp::UNIX_EPOCH, &[b"c"]);
        let _ = DeclarationId::derive(jiff::Timestamp::UNIX_EPOCH, &[b"d"]);
        let mut table = RateTable::new(0.03);
        let declaration = declaration();
        table.score_and_remember(1, &declaration);
        table.learn(control, 1, &result(1, ResultStage::Final));
        let found = table.score_and_remember(2, &declaration);
        table.learn(control, 1, &result(2, ResultStage::Annulled));
        let annulled = table.score_and_remember(3, &declaration);
        table.learn(control, 1, &result(1, ResultStage::Final));
        assert!(found > 0.05 && annulled < 0.03, "{found} {annulled}");
        assert!((table.total.examined - 1.0).abs() < 1e-9, "an old version is not counted again");
    }
}

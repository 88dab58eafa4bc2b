//! The risk register of this administration, which its filters name.

use customs::{Direction, FindingKind};

/// A risk as the administration writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RiskProposal {
    /// Short code, unique.
    pub code: &'static str,
    /// In a few words.
    pub title: &'static str,
    /// What may happen, how and by whom.
    pub description: &'static str,
    /// How likely it is: `rare`, `unlikely`, `possible`, `likely`, `almostCertain`.
    pub likelihood: &'static str,
    /// How bad it is: `insignificant`, `minor`, `moderate`, `major`, `severe`.
    pub consequence: &'static str,
    /// Who answers for its treatment.
    pub owner: &'static str,
    /// What is done about it.
    pub treatment: &'static str,
    /// What controls establish when it happens.
    pub finding_kinds: Vec<FindingKind>,
    /// Which way the goods go; any when absent.
    pub direction: Option<Direction>,
}

/// About ten risks.
pub(crate) fn register() -> Vec<RiskProposal> {
    use FindingKind::{
        Contraband, Documents, Drugs, Misclassification, Origin, Prohibited, Quantity, Restricted, Undeclared,
        Undervaluation,
    };
    let risk =
        |code, title, description, (likelihood, consequence), owner, treatment, kinds: &[FindingKind]| RiskProposal {
            code,
            title,
            description,
            likelihood,
            consequence,
            owner,
            treatment,
            finding_kinds: kinds.to_vec(),
            direction: None,
        };
    let only = |direction, risk| RiskProposal { direction: Some(direction), ..risk };
    vec![
        only(
            Direction::In,
            risk(
                "R-VALUE",
                "Undervaluation",
                "Goods are declared below what was paid for them, with false invoices or a second payment",
                ("likely", "major"),
                "valuation desk",
                "Filters on unit values and known hot spots; models; audits after release of the largest importers",
                &[Undervaluation],
            ),
        ),
        only(
            Direction::In,
            risk(
                "R-CLASS",
                "Misclassification",
                "Dutiable goods are declared under the code of others with a lower rate, among many items",
                ("likely", "moderate"),
                "tariff desk",
                "Documentary filters on long declarations and high rates; models; rulings on classification",
                &[Misclassification],
            ),
        ),
        only(
            Direction::In,
            risk(
                "R-ORIGIN",
                "False origin",
                "Preferences are claimed for goods that come from elsewhere or through third countries",
                ("possible", "moderate"),
                "origin desk",
                "Filter on detours under a preference; verification with the authorities of origin",
                &[Origin],
            ),
        ),
        only(
            Direction::In,
            risk(
                "R-EXPRESS",
                "Split express consignments",
                "One purchase is sent in several parcels, each below the ceiling of its category",
                ("likely", "minor"),
                "express desk",
                "Documentary filter near the ceiling; consignments of one consignee are looked at together",
                &[Undervaluation, Documents],
            ),
        ),
        risk(
            "R-SMUGGLING",
            "Smuggling by road",
            "Other goods, or more of them, travel in the load than its documents say",
            ("possible", "major"),
            "border control",
            "Filters on goods that are worth it; scanners at the border; extraordinary controls",
            &[Contraband, Undeclared, Quantity, Prohibited],
        ),
        only(
            Direction::Out,
            risk(
                "R-DRUGS",
                "Drugs in containers",
                "Containers of lawful exports are contaminated before they leave, with or without the exporter",
                ("unlikely", "severe"),
                "container control unit",
                "Filter on routes and goods that were abused; images; alerts of the port authority",
                &[Drugs],
            ),
        ),
        only(
            Direction::Transit,
            risk(
                "R-TRANSIT",
                "Transit that stays",
                "Goods in transit, cigarettes above all, are unloaded in the country",
                ("possible", "major"),
                "transit desk",
                "Filter on excise goods in transit; electronic seals",
                &[Contraband, Quantity],
            ),
        ),
        only(
            Direction::Out,
            risk(
                "R-GOLD",
                "Gold of unlawful mines",
                "Gold leaves with documents of mines that it does not come from",
                ("possible", "major"),
                "minerals desk",
                "Mandatory share of controls with assay; permits are verified with the ministry",
                &[Restricted, Documents],
            ),
        ),
        risk(
            "R-PAPERS",
            "Documents that do not bear out the declaration",
            "Invoices and means of payment are missing, contradict each other, or belong to something else",
            ("likely", "minor"),
            "documents desk",
            "Documentary filter on high values; random documentary controls",
            &[Documents],
        ),
    ]
}

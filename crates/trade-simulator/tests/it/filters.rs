use std::collections::BTreeSet;
use trade_simulator::{World, WorldSpec};

#[test]
fn analysts_propose_about_fifteen_filters_with_different_codes() {
    let filters = World::new(WorldSpec::default()).unwrap().filters();
    let codes: BTreeSet<_> = filters.iter().map(|filter| filter.code.clone()).collect();
    assert_eq!(codes.len(), filters.len());
    assert!((12..=20).contains(&filters.len()), "{}", filters.len());
    for filter in &filters {
        assert!((0.0..=1.0).contains(&filter.sampling_share) && filter.weight >= 0.0);
        assert!(!filter.expression.contains("feature.") && !filter.expression.contains('\n'), "{}", filter.expression);
    }
}

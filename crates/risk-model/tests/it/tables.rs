use risk_model::Algorithm;

/// The rows of the table behind `heading` in the guide: name and default.
fn table(heading: &str) -> Vec<(String, String)> {
    let guide = include_str!("../../../../docs/guides/data-scientist.md");
    let (_, rest) = guide.split_once(heading).unwrap();
    rest.lines()
        .skip_while(|line| !line.starts_with("| `"))
        .take_while(|line| line.starts_with("| `"))
        .map(|line| {
            let cells: Vec<&str> = line.split('|').map(|cell| cell.trim().trim_matches('`')).collect();
            (cells[1].to_owned(), cells[2].to_owned())
        })
        .collect()
}

#[test]
fn the_guides_tables_are_the_codes_parameters() {
    for (heading, algorithm) in [
        ("### `boosted`", Algorithm::boosted()),
        ("### `logistic`", Algorithm::logistic()),
        ("### `online`", Algorithm::online()),
        ("### `forest`", Algorithm::forest()),
    ] {
        let mut expected = serde_json::to_value(&algorithm).unwrap();
        let defaults = expected.as_object_mut().unwrap();
        defaults.remove("type");
        let documented = table(heading);
        assert_eq!(documented.len(), defaults.len(), "{heading}");
        for (name, default) in documented {
            let value = defaults.get(&name).unwrap_or_else(|| panic!("{heading} has no {name}"));
            match value.as_f64() {
                // Some are of 32 bits.
                Some(number) => assert!((number - default.parse::<f64>().unwrap()).abs() < 1e-6, "{heading} {name}"),
                None => assert_eq!(value.as_str().unwrap(), default, "{heading} {name}"),
            }
        }
    }
}

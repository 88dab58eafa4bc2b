//! Reading a good declaration: all that is refused and noted, beside serde alone. The difference is the price of the
//! second look (names that stand twice, lists for objects, unknown fields), per declaration of 4 and of 200 items.

use benchkit::{Report, Subject, against};
use customs::Declaration;
use declaration_formats::json;

const REPEATS: usize = 15;
/// Goods items that are read between two looks at the clock.
const ITEMS_A_ROUND: u64 = 20_000;

fn text(items: u32) -> String {
    let item = |sequence: u32| {
        serde_json::json!({
            "sequence": sequence, "commodityCode": "8517130000", "tariffEdition": "HS2022",
            "description": "Teléfonos inteligentes, doble SIM, 128 GB", "originCountry": "CN", "purchaseCountry": "US",
            "grossMassKg": "14.250", "netMassKg": "12.5", "statisticalQuantity": "48", "statisticalUnit": "C62",
            "valuation": {
                "fob": {"amount": "1250.40", "currency": "USD"}, "freight": {"amount": "85.00", "currency": "USD"},
                "insurance": {"amount": "12.10", "currency": "USD"}, "method": 1, "incoterm": "FOB"
            },
            "dutyTaxes": [
                {"type": "ADV", "rate": "6.0", "declared": {"amount": "75.02", "currency": "USD"}},
                {"type": "IGV", "rate": "18.0", "declared": {"amount": "256.05", "currency": "USD"}}
            ]
        })
    };
    serde_json::json!({
        "reference": "2026-000123", "declarant": {"role": "declarant", "id": "20123456786", "idType": "RUC"},
        "office": "118", "acceptanceDateTime": "2026-03-02T12:00:00-05:00", "direction": "in", "regime": "10",
        "modality": "deferred", "form": "full", "port": "PECLL", "goodsLocation": "DPW-3",
        "parties": [
            {"role": "importer", "id": "20456789012", "name": "Importadora Andina S.A.C.", "country": "PE"},
            {"role": "seller", "id": "CN-991", "name": "Shenzhen Trading Ltd.", "country": "CN"}
        ],
        "transportDocuments": [{"id": "MAEU604338211"}], "containers": [{"id": "MSKU1234565", "seals": ["ML-PE0042"]}],
        "meansOfTransport": {"mode": "maritime", "id": "9321483", "voyage": "602S"},
        "invoiceTotal": {"amount": "5001.60", "currency": "USD"}, "exchangeRate": "3.752", "packages": 12,
        "items": (1..=items).map(item).collect::<Vec<_>>()
    })
    .to_string()
}

fn main() {
    let mut report = Report::of("reading");
    for items in [4_u32, 200] {
        report.progress(&format!("declarations of {items} items"));
        let text = text(items);
        let rounds = ITEMS_A_ROUND / u64::from(items);
        let both = Subject::new(rounds, || {
            (0..rounds)
                .filter(|_| json::receive(text.as_bytes()).is_ok_and(|read| read.unknown_fields.is_empty()))
                .count()
        });
        let serde =
            Subject::new(rounds, || (0..rounds).filter(|_| serde_json::from_str::<Declaration>(&text).is_ok()).count());
        let (both, serde) = against(REPEATS, both, serde);
        report.figure(&format!("bytes{items}"), text.len()).figure(&format!("receiveMicros{items}"), both);
        report
            .figure(&format!("serdeMicros{items}"), serde)
            .figure(&format!("secondLookShare{items}"), 1.0 - serde / both);
    }
    report.print();
}

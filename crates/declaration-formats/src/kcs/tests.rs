use std::path::Path;

use super::*;

const HEADER: &str = "Declaration ID,Date,Office ID,Process Type,Import Type,Import Use,Payment Type,\
    Mode of Transport,Declarant ID,Importer ID,Seller ID,Courier ID,HS6 Code,Country of Departure,Country of Origin,\
    Tax Rate,Tax Type,Country of Origin Indicator,Net Mass,Item Price,Fraud,Critical Fraud";
const ROW: &str = "97061800,2020-01-01,30,B,11,21,11,10,ZZR1LT6,QLRUBN9,0VKY2BR,,440890,BE,BE,0.5,FEU1,G,108.0,\
    372254.4,1,2";

fn read(body: &str) -> Vec<Result<KcsRow, KcsError>> {
    rows(format!("{HEADER}\n{body}").as_bytes()).unwrap().collect()
}

#[test]
fn a_row_becomes_a_declaration_with_its_label() {
    let row = read(ROW).remove(0).unwrap();
    assert!(row.fraud && row.critical == 2 && row.date == jiff::civil::date(2020, 1, 1));
    let declaration = &row.declaration;
    assert_eq!(declaration.acceptance_date_time, "2020-01-01T00:00:00+09:00".parse().unwrap());
    assert_eq!(declaration.trader().unwrap().id, "QLRUBN9");
    assert_eq!(declaration.counterparty().unwrap().id, "0VKY2BR");
    assert!(declaration.party(PartyRole::Carrier).is_none());
    assert_eq!(declaration.means_of_transport.as_ref().unwrap().mode, TransportMode::Maritime);
    assert_eq!(declaration.extensions["transportMode"], "10");
    let item = &declaration.items[0];
    assert_eq!(item.valuation.fob, Money::new(Decimal::new(3_722_544, 1), "KRW"));
    assert_eq!((item.duty_taxes[0].kind.as_str(), item.duty_taxes[0].rate), ("FEU1", Decimal::new(5, 1)));
    assert_eq!(item.extensions["originIndicator"], "G");
    let written = crate::json::write(declaration);
    assert_eq!(crate::json::read(&written).unwrap(), *declaration);
}

#[test]
fn order_in_the_file_is_order_in_time() {
    let body = [ROW, ROW, &ROW.replace("2020-01-01", "2020-01-02"), ROW].join("\n");
    let times: Vec<Timestamp> =
        read(&body).into_iter().map(|row| row.unwrap().declaration.acceptance_date_time).collect();
    assert_eq!(times[1].duration_since(times[0]), SignedDuration::from_mins(1));
    assert_eq!(times[2].duration_since(times[0]), SignedDuration::from_hours(24));
    assert_eq!(times[3].duration_since(times[0]), SignedDuration::from_mins(2));
}

#[test]
fn errors_name_line_column_and_what_is_expected() {
    let bad = [
        (ROW.replace("2020-01-01", "2020-13-01"), "line 3, column \"Date\": expected a day such as 2020-01-31"),
        (ROW.replace("108.0", "heavy"), "line 3, column \"Net Mass\": expected a number such as 108.0, got \"heavy\""),
        (ROW.replace("1,2", "1,7"), "line 3, column \"Critical Fraud\": expected 0, 1 or 2, got \"7\""),
        (ROW.replace("440890", "44x"), "line 3, column \"HS6 Code\": expected six digits, got \"44x\""),
        (ROW.replace("97061800", ""), "line 3, column \"Declaration ID\": expected an identifier, got \"\""),
    ];
    for (row, message) in bad {
        let mut read = read(&format!("{ROW}\n{row}\n{ROW}"));
        assert!(read.remove(1).unwrap_err().to_string().starts_with(message), "{message}");
        // The rows around it are read all the same.
        assert!(read.iter().all(Result::is_ok));
    }
}

#[test]
fn a_header_without_a_column_is_refused_by_name() {
    let error = rows(HEADER.replace("Fraud,Critical Fraud", "Label").as_bytes()).err().unwrap();
    assert_eq!(
        error.to_string(),
        "line 1: the header lacks Fraud, Critical Fraud; expected the columns of the KCS set"
    );
}

#[test]
fn the_published_files_are_read_to_the_last_row() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/kcs");
    for (name, count, fraud) in [("df_syn_train_eng.csv", 37_385, 0.217), ("df_syn_valid_eng.csv", 8_134, 0.209)] {
        let path = folder.join(name);
        let Ok(file) = std::fs::File::open(&path) else {
            println!("skipped: {} is not there", path.display());
            return;
        };
        let rows: Vec<KcsRow> = rows(std::io::BufReader::new(file)).unwrap().map(Result::unwrap).collect();
        assert_eq!(rows.len(), count);
        let share = rows.iter().filter(|row| row.fraud).count() as f64 / count as f64;
        assert!((share - fraud).abs() < 0.001, "{share}");
        assert!(rows.is_sorted_by_key(|row| row.declaration.acceptance_date_time));
        let reference = crate::ReferenceData::standard();
        // The set writes `ZZ` where the country is not known.
        let mut notes = rows.iter().flat_map(|row| crate::notes(&row.declaration, &reference));
        assert!(notes.all(|note| note.code != customs::NoteCode::UnknownCountry || note.message.contains("\"ZZ\"")));
    }
}

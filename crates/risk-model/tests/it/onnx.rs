use std::{fs, path::Path};

use risk_model::{Artefact, ImportError, onnx};

use crate::imported::{contract, expected, file};

/// Opens the library that `AFORO_ONNX_LIBRARY` names; says so and gives false when it names none.
fn opened() -> bool {
    let Some(library) = std::env::var_os("AFORO_ONNX_LIBRARY") else {
        eprintln!("skipped: AFORO_ONNX_LIBRARY does not name a libonnxruntime");
        return false;
    };
    onnx::open(Path::new(&library)).unwrap();
    true
}

#[test]
fn an_onnx_model_scores_as_where_it_was_trained() {
    if !opened() {
        return;
    }
    let expected = expected("other");
    let bytes = fs::read(file("other.onnx")).unwrap();
    let artefact =
        onnx::import(&bytes, &expected.names).unwrap().into_artefact(&contract(&expected.names), None).unwrap();
    let read = Artefact::load(&artefact.to_bytes(), "contract").unwrap();
    for (row, probability) in expected.rows().iter().zip(&expected.probabilities) {
        assert!((read.score(row) - probability).abs() < 1e-6, "{} is not {probability}", read.score(row));
    }
    assert_eq!(read.algorithm().as_str(), "onnx");
}

#[test]
fn an_onnx_model_of_other_features_is_refused() {
    if !opened() {
        return;
    }
    let bytes = fs::read(file("other.onnx")).unwrap();
    let error = onnx::import(&bytes, &["one", "two"]).unwrap_err();
    assert!(matches!(error, ImportError::Unreadable { format: "ONNX", .. }), "{error}");
    assert!(onnx::import(b"no model", &["one"]).is_err());
}

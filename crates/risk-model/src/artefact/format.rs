//! The bytes of an artefact, little-endian:
//!
//! | bytes | what |
//! |---|---|
//! | 8 | `AFOROMDL` |
//! | 4 | format version |
//! | 4 + n | header: length, JSON (contract, names, algorithm, seed, summary) |
//! | … | predictor: kind 1 (base, way of adding, nodes of 16 bytes, their values and covers, roots, sets), 2 (bias, clip, coefficients, means, deviations), 3 (the same, state) or 4 (ONNX) |
//! | … | calibrator: kind 1 (line) or 2 (line, steps); the declarations' line |
//! | … | golden rows: count, then values and score |
//! | 32 | BLAKE3 of everything before |

use serde::{Deserialize, Serialize};

use super::{GoldenRow, Parts, Summary};
use crate::{
    Algorithm, LoadError,
    calibration::{Calibrator, Line},
    forest::{Flat, Forest, Node, Sum},
    linear::Linear,
    train::{Predictor, online::Online},
};

const MAGIC: &[u8; 8] = b"AFOROMDL";
const VERSION: u32 = 2;
const CHECKSUM: usize = blake3::OUT_LEN;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Header {
    contract_hash: String,
    names: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    types: Vec<String>,
    algorithm: Algorithm,
    seed: u64,
    summary: Summary,
}

/// BLAKE3 of the bytes, hex.
pub(super) fn digest(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex().to_string()
}

/// Writes an artefact.
pub(super) fn write(parts: &Parts) -> Vec<u8> {
    let header = Header {
        contract_hash: parts.contract_hash.clone(),
        names: parts.names.clone(),
        types: parts.types.clone(),
        algorithm: parts.algorithm.clone(),
        seed: parts.seed,
        summary: parts.summary.clone(),
    };
    let header = serde_json::to_vec(&header).expect("the header has text keys");
    let mut out = Vec::with_capacity(1024 + header.len());
    out.extend_from_slice(MAGIC);
    put_u32(&mut out, VERSION);
    put_u32(&mut out, header.len() as u32);
    out.extend_from_slice(&header);
    write_predictor(&mut out, &parts.predictor);
    write_calibrator(&mut out, &parts.calibrator);
    put_line(&mut out, &parts.declaration_line);
    put_u32(&mut out, parts.golden.len() as u32);
    for golden in &parts.golden {
        golden.values.iter().for_each(|value| put_u32(&mut out, value.to_bits()));
        put_f64(&mut out, golden.score);
    }
    let checksum = blake3::hash(&out);
    out.extend_from_slice(checksum.as_bytes());
    out
}

fn write_predictor(out: &mut Vec<u8>, predictor: &Predictor) {
    match predictor {
        Predictor::Forest(forest) => {
            out.push(1);
            put_f64(out, forest.base);
            out.push(u8::from(forest.sum == Sum::Single));
            put_u32(out, forest.nodes.len() as u32);
            for node in &forest.nodes {
                put_u32(out, node.threshold.to_bits());
                put_u32(out, node.child);
                put_u32(out, node.slot);
                put_u32(out, node.kind);
            }
            for column in [&forest.values, &forest.covers] {
                put_numbers(out, column);
            }
            for column in [&forest.roots, &forest.sets] {
                put_u32(out, column.len() as u32);
                for word in column {
                    put_u32(out, *word);
                }
            }
        }
        Predictor::Linear(linear) => {
            out.push(2);
            write_linear(out, linear);
        }
        Predictor::Online(online) => {
            out.push(3);
            write_linear(out, online.linear());
            put_bytes(out, &online.state());
        }
        #[cfg(feature = "onnx")]
        Predictor::Onnx(model) => {
            out.push(4);
            put_bytes(out, model.bytes());
        }
    }
}

fn write_linear(out: &mut Vec<u8>, linear: &Linear) {
    put_f64(out, linear.bias);
    put_f64(out, linear.clip);
    for column in [&linear.coefficients, &linear.means, &linear.deviations] {
        put_numbers(out, column);
    }
}

fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put_u32(out, bytes.len() as u32);
    out.extend_from_slice(bytes);
}

fn write_calibrator(out: &mut Vec<u8>, calibrator: &Calibrator) {
    match calibrator {
        Calibrator::Platt(line) => {
            out.push(1);
            put_line(out, line);
        }
        Calibrator::Isotonic { line, steps } => {
            out.push(2);
            put_line(out, line);
            put_u32(out, steps.len() as u32);
            for (margin, probability) in steps {
                put_f64(out, *margin);
                put_f64(out, *probability);
            }
        }
    }
}

fn put_u32(out: &mut Vec<u8>, value: u32) {
    out.extend_from_slice(&value.to_le_bytes());
}

fn put_f64(out: &mut Vec<u8>, value: f64) {
    out.extend_from_slice(&value.to_bits().to_le_bytes());
}

fn put_numbers(out: &mut Vec<u8>, values: &[f64]) {
    for value in values {
        put_f64(out, *value);
    }
}

fn put_line(out: &mut Vec<u8>, line: &Line) {
    put_f64(out, line.slope);
    put_f64(out, line.offset);
}

/// Reads an artefact whose bytes are what was written.
pub(super) fn read(bytes: &[u8]) -> Result<Parts, LoadError> {
    if bytes.len() < MAGIC.len() + 8 + CHECKSUM || &bytes[..MAGIC.len()] != MAGIC {
        return Err(LoadError::Format("it does not begin as one"));
    }
    let (content, checksum) = bytes.split_at(bytes.len() - CHECKSUM);
    let mut reader = Reader { rest: &content[MAGIC.len()..] };
    let version = reader.u32()?;
    if version != VERSION {
        return Err(LoadError::Version { got: version, expected: VERSION });
    }
    let hash = blake3::hash(content);
    if hash.as_bytes() != checksum {
        let expected = checksum.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
        return Err(LoadError::Checksum { got: hash.to_hex().to_string(), expected });
    }
    let length = reader.u32()? as usize;
    let header: Header = serde_json::from_slice(reader.take(length)?)?;
    let width = header.names.len();
    let predictor = read_predictor(&mut reader, width)?;
    let calibrator = read_calibrator(&mut reader)?;
    let declaration_line = reader.line()?;
    let count = reader.count(4 * width + 8)?;
    let mut golden = Vec::with_capacity(count);
    for _ in 0..count {
        let values = (0..width).map(|_| reader.f32()).collect::<Result<_, _>>()?;
        golden.push(GoldenRow { values, score: reader.f64()? });
    }
    if !reader.rest.is_empty() {
        return Err(LoadError::Format("it goes on behind its end"));
    }
    let Header { contract_hash, names, types, algorithm, seed, summary } = header;
    Ok(Parts { contract_hash, names, types, algorithm, seed, summary, predictor, calibrator, declaration_line, golden })
}

fn read_predictor(reader: &mut Reader<'_>, width: usize) -> Result<Predictor, LoadError> {
    match reader.u8()? {
        1 => {
            let base = reader.f64()?;
            let sum = match reader.u8()? {
                0 => Sum::Double,
                1 => Sum::Single,
                _ => return Err(LoadError::Format("its trees are added up in no known way")),
            };
            let count = reader.count(32)?;
            let mut nodes = Vec::with_capacity(count);
            for _ in 0..count {
                let (threshold, child) = (reader.f32()?, reader.u32()?);
                nodes.push(Node { threshold, child, slot: reader.u32()?, kind: reader.u32()? });
            }
            let mut column = || (0..count).map(|_| reader.f64()).collect::<Result<Vec<f64>, _>>();
            let (values, covers) = (column()?, column()?);
            let mut words = || {
                let count = reader.count(4)?;
                (0..count).map(|_| reader.u32()).collect::<Result<Vec<u32>, _>>()
            };
            let (roots, sets) = (words()?, words()?);
            let flat = Flat { base, sum, nodes, values, covers, roots, sets };
            Ok(Predictor::Forest(Forest::new(flat, width)?))
        }
        2 => read_linear(reader, width).map(Predictor::Linear),
        3 => {
            let linear = read_linear(reader, width)?;
            let length = reader.count(1)?;
            Ok(Predictor::Online(Online::of(linear, reader.take(length)?)?))
        }
        #[cfg(feature = "onnx")]
        4 => {
            let length = reader.count(1)?;
            let model = crate::onnx::OnnxModel::of(reader.take(length)?, width);
            Ok(Predictor::Onnx(model.map_err(|error| LoadError::Onnx(Box::new(error)))?))
        }
        #[cfg(not(feature = "onnx"))]
        4 => Err(LoadError::Format("it is an ONNX model, and this program was built without them")),
        _ => Err(LoadError::Format("its predictor is of no known kind")),
    }
}

fn read_linear(reader: &mut Reader<'_>, width: usize) -> Result<Linear, LoadError> {
    let (bias, clip) = (reader.f64()?, reader.f64()?);
    if clip.is_nan() || clip < 0.0 {
        return Err(LoadError::Format("its clip is not a positive number"));
    }
    let mut column = || (0..width).map(|_| reader.f64()).collect::<Result<Vec<f64>, _>>();
    let (coefficients, means, deviations) = (column()?, column()?, column()?);
    Ok(Linear { bias, clip, coefficients, means, deviations })
}

fn read_calibrator(reader: &mut Reader<'_>) -> Result<Calibrator, LoadError> {
    match reader.u8()? {
        1 => Ok(Calibrator::Platt(reader.line()?)),
        2 => {
            let line = reader.line()?;
            let count = reader.count(16)?;
            let steps = (0..count).map(|_| Ok((reader.f64()?, reader.f64()?))).collect::<Result<_, LoadError>>()?;
            Ok(Calibrator::Isotonic { line, steps })
        }
        _ => Err(LoadError::Format("its calibrator is of no known kind")),
    }
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], LoadError> {
        if count > self.rest.len() {
            return Err(LoadError::Format("it ends too soon"));
        }
        let (taken, rest) = self.rest.split_at(count);
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], LoadError> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N)?);
        Ok(array)
    }

    fn u8(&mut self) -> Result<u8, LoadError> {
        self.array().map(u8::from_le_bytes)
    }

    fn u32(&mut self) -> Result<u32, LoadError> {
        self.array().map(u32::from_le_bytes)
    }

    fn f32(&mut self) -> Result<f32, LoadError> {
        self.array().map(f32::from_le_bytes)
    }

    fn f64(&mut self) -> Result<f64, LoadError> {
        self.array().map(f64::from_le_bytes)
    }

    fn line(&mut self) -> Result<Line, LoadError> {
        Ok(Line { slope: self.f64()?, offset: self.f64()? })
    }

    /// A count of entries of `size` bytes that are really there.
    fn count(&mut self, size: usize) -> Result<usize, LoadError> {
        let count = self.u32()? as usize;
        if count.saturating_mul(size.max(1)) > self.rest.len() {
            return Err(LoadError::Format("it counts more than it holds"));
        }
        Ok(count)
    }
}

//! The model file: everything that judging needs, under one checksum.
//!
//! Bytes: `AFOROMDL`, format version (u16), length of the header (u32), header (JSON), sections in the header's order,
//! BLAKE3 of all that. All numbers are little-endian. Sections are the model, its baselines, and the states of every
//! entity at the end of training, by hashed key: the file names nobody. A reader refuses what is damaged, of another
//! format version, or made for other features.

use std::collections::BTreeMap;

use features::{EntityKey, EntityState, MemoryStates, contract};
use risk_model::{Artefact, LoadError};
use serde::{Deserialize, Serialize};

const MAGIC: &[u8; 8] = b"AFOROMDL";
const VERSION: u16 = 1;
const CHECKSUM: usize = 32;
const MODEL: &str = "model";
const STATES: &str = "states";
const BASELINE: &str = "baseline:";

/// Why bytes are no model file that can be used here.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// Something else.
    #[error("this is not a model file (it does not begin with AFOROMDL); `aforo train` writes one")]
    Foreign,
    /// Written by a later or earlier program.
    #[error("the model file has format version {got}, this program reads {VERSION}")]
    Version {
        /// What the file says.
        got: u16,
    },
    /// Cut short or changed.
    #[error("the model file is damaged: {0}")]
    Damaged(&'static str),
    /// Made for other features.
    #[error("the model file was made for feature contract {got}, this program computes {expected}; train again")]
    Contract {
        /// What the file says.
        got: String,
        /// What this program computes.
        expected: String,
    },
    /// A model in it does not load.
    #[error("the {name} in the model file cannot be used")]
    Model {
        /// Which.
        name: String,
        /// Why.
        #[source]
        source: LoadError,
    },
}

/// What a model file was made from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Origin {
    /// Profile of the files (`kcs`).
    pub profile: String,
    /// Rows (goods items) trained on.
    pub rows: usize,
    /// Those with a finding.
    pub findings: usize,
    /// First acceptance, microseconds since 1970.
    pub from: i64,
    /// Last acceptance, microseconds since 1970.
    pub to: i64,
    /// Parts of the period that rates were taken out of.
    pub folds: usize,
    /// Seed.
    pub seed: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Header {
    contract: String,
    origin: Origin,
    sections: Vec<(String, u64)>,
}

/// A model with its baselines and everything they read.
#[derive(Clone, Debug)]
pub struct ModelFile {
    /// What it was made from.
    pub origin: Origin,
    /// The model.
    pub model: Artefact,
    /// Learners it is compared with, by name.
    pub baselines: BTreeMap<String, Artefact>,
    /// The states at the end of training; no records of declarations.
    pub states: MemoryStates,
}

impl ModelFile {
    /// The bytes; the same file always gives the same.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut sections = vec![(MODEL.to_owned(), self.model.to_bytes())];
        let baselines = self.baselines.iter();
        sections.extend(baselines.map(|(name, baseline)| (format!("{BASELINE}{name}"), baseline.to_bytes())));
        sections.push((STATES.to_owned(), states_to_bytes(&self.states)));
        let header = Header {
            contract: contract().hash.clone(),
            origin: self.origin.clone(),
            sections: sections.iter().map(|(name, bytes)| (name.clone(), bytes.len() as u64)).collect(),
        };
        let header = serde_json::to_vec(&header).expect("a header is JSON");
        let mut bytes = MAGIC.to_vec();
        bytes.extend_from_slice(&VERSION.to_le_bytes());
        bytes.extend_from_slice(&(header.len() as u32).to_le_bytes());
        bytes.extend_from_slice(&header);
        for (_, section) in sections {
            bytes.extend_from_slice(&section);
        }
        let checksum = blake3::hash(&bytes);
        bytes.extend_from_slice(checksum.as_bytes());
        bytes
    }

    /// Reads bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FileError> {
        let body = bytes.strip_prefix(MAGIC).ok_or(FileError::Foreign)?;
        let (version, _) = body.split_first_chunk::<2>().ok_or(FileError::Damaged("it is cut short"))?;
        let got = u16::from_le_bytes(*version);
        if got != VERSION {
            return Err(FileError::Version { got });
        }
        let (content, checksum) = bytes.split_last_chunk::<CHECKSUM>().ok_or(FileError::Damaged("it is cut short"))?;
        if blake3::hash(content).as_bytes() != checksum {
            return Err(FileError::Damaged("its checksum does not fit"));
        }
        let unfit = FileError::Damaged("its parts do not fit together");
        let Some((header, mut rest)) = header(&content[MAGIC.len() + 2..]) else { return Err(unfit) };
        let expected = &contract().hash;
        if header.contract != *expected {
            return Err(FileError::Contract { got: header.contract, expected: expected.clone() });
        }
        let (mut model, mut states, mut baselines) = (None, None, BTreeMap::new());
        for (name, length) in header.sections {
            let Some((section, next)) = usize::try_from(length).ok().and_then(|at| rest.split_at_checked(at)) else {
                return Err(unfit);
            };
            rest = next;
            if name == STATES {
                states = states_from_bytes(section);
                continue;
            }
            let artefact =
                Artefact::load(section, expected).map_err(|source| FileError::Model { name: name.clone(), source })?;
            match name.strip_prefix(BASELINE) {
                Some(baseline) => drop(baselines.insert(baseline.to_owned(), artefact)),
                None => model = Some(artefact),
            }
        }
        match (model, states) {
            (Some(model), Some(states)) if rest.is_empty() => {
                Ok(Self { origin: header.origin, model, baselines, states })
            }
            _ => Err(unfit),
        }
    }
}

fn header(bytes: &[u8]) -> Option<(Header, &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let (header, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
    Some((serde_json::from_slice(header).ok()?, rest))
}

fn states_to_bytes(states: &MemoryStates) -> Vec<u8> {
    let ordered: BTreeMap<EntityKey, EntityState> = states.states.iter().map(|(key, state)| (*key, *state)).collect();
    let mut bytes = Vec::with_capacity(ordered.len() * 48);
    for (key, state) in ordered {
        bytes.extend_from_slice(&key.0.to_le_bytes());
        state.pack(&mut bytes);
    }
    bytes
}

fn states_from_bytes(mut bytes: &[u8]) -> Option<MemoryStates> {
    let mut states = MemoryStates::default();
    while let Some((key, rest)) = bytes.split_first_chunk::<16>() {
        let (state, rest) = EntityState::unpack(rest)?;
        states.states.insert(EntityKey(u128::from_le_bytes(*key)), state);
        bytes = rest;
    }
    bytes.is_empty().then_some(states)
}

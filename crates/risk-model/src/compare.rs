//! Several algorithms on one training set, judged by the same out-of-fold blocks.

use crate::{Algorithm, Artefact, TrainError, TrainingSet, train};

/// Trains every algorithm and returns the artefacts, lowest out-of-fold log loss first (ties in the given order).
/// Log loss on the declaration level decides: that is what selection uses.
pub fn train_all(algorithms: &[Algorithm], set: &TrainingSet, seed: u64) -> Result<Vec<Artefact>, TrainError> {
    let mut artefacts =
        algorithms.iter().map(|algorithm| train(algorithm, set, seed)).collect::<Result<Vec<_>, _>>()?;
    artefacts.sort_by(|a, b| a.summary().declaration.log_loss.total_cmp(&b.summary().declaration.log_loss));
    Ok(artefacts)
}

/// The best of [`train_all`]; none when no algorithm is given.
pub fn train_best(algorithms: &[Algorithm], set: &TrainingSet, seed: u64) -> Result<Option<Artefact>, TrainError> {
    Ok(train_all(algorithms, set, seed)?.into_iter().next())
}

//! Candidates that score in the shadow or decide a share.

use customs::{ModelVersionId, Selection};
use events::{Envelope, Route, RoutingChanged, Trial};
use rollout::{Assignment, Scope, Stage, Target};
use testkit::noon;

use crate::tables::model;
use crate::world::{World, accepted, capacity, envelope, lodged, routing};

/// A routing with the first model as champion and the second on trial with this share.
pub fn on_trial(epoch: u64, stage: Stage, weight: u16, offices: Option<Vec<String>>, scope: Scope) -> Envelope {
    let (decides, candidate) = (model(if stage == Stage::Champion { 2 } else { 1 }), model(2));
    let id = |digest: &str| ModelVersionId::derive(noon(), &[digest.as_bytes()]);
    let route = Route {
        direction: customs::Direction::In,
        champion: id(decides.digest()),
        champion_digest: decides.digest().to_owned(),
        challengers: Vec::new(),
        trials: vec![Trial {
            rollout: "second".into(),
            candidate: id(candidate.digest()),
            candidate_digest: candidate.digest().to_owned(),
            target: Target { stage, weight, offices },
            scope,
            assignment: Assignment { salt: "second".into(), ..Assignment::default() },
        }],
    };
    envelope("routing", epoch, noon(), RoutingChanged { epoch, routes: vec![route] })
}

async fn world() -> World {
    let world = World::new().await;
    for seed in [1, 2] {
        let artefact = model(seed);
        world.artefacts.0.lock().unwrap().insert(artefact.digest().to_owned(), artefact.to_bytes());
    }
    world.handle(&[capacity(1, 5.0)]).await;
    world
}

fn decided_by(selection: &Selection, seed: u64) -> bool {
    selection.scores[0].model == ModelVersionId::derive(noon(), &[model(seed).digest().as_bytes()])
}

#[tokio::test]
async fn in_the_shadow_a_candidate_scores_and_changes_no_decision() {
    let (alone, shadowed) = (world().await, world().await);
    let artefact = model(1);
    let lodged: Vec<Envelope> = (0..40).map(|n| accepted(&lodged(n))).collect();
    alone.handle(&[routing(1, artefact.digest())]).await;
    alone.handle(&lodged).await;
    shadowed.handle(&[on_trial(1, Stage::Shadow, 0, None, Scope::default())]).await;
    shadowed.handle(&lodged).await;
    for (alone, mut shadowed) in alone.selections().await.into_iter().zip(shadowed.selections().await) {
        let arm = shadowed.trial.take().unwrap();
        assert!(!arm.candidate && arm.weight == 0);
        assert_eq!(arm.champion_probability, shadowed.probability_of_finding);
        assert!(arm.candidate_probability.is_some());
        assert_eq!(alone, shadowed);
    }
}

#[tokio::test]
async fn a_candidate_decides_its_share_and_who_decided_is_on_record() {
    let world = world().await;
    world.handle(&[on_trial(1, Stage::Canary, 2_500, None, Scope::default())]).await;
    world.handle(&(0..200).map(|n| accepted(&lodged(n))).collect::<Vec<_>>()).await;
    // More share keeps those with the candidate who were with it.
    let selections = world.selections().await;
    let mut with_candidate = 0;
    for selection in &selections {
        let arm = selection.trial.as_ref().unwrap();
        with_candidate += usize::from(arm.candidate);
        assert!(decided_by(selection, if arm.candidate { 2 } else { 1 }));
        let decided = if arm.candidate { arm.candidate_probability } else { arm.champion_probability };
        assert_eq!(decided, selection.probability_of_finding);
    }
    assert!((25..75).contains(&with_candidate), "{with_candidate} of 200");
}

#[tokio::test]
async fn each_side_has_its_price_and_the_candidates_becomes_the_offices() {
    let world = world().await;
    world.handle(&[on_trial(1, Stage::Canary, 5_000, None, Scope::default())]).await;
    world.handle(&(0..300).map(|n| accepted(&lodged(n))).collect::<Vec<_>>()).await;
    let is_candidates = |selection: &Selection| selection.trial.as_ref().unwrap().candidate;
    let selections = world.selections().await;
    let last = |candidate| selections.iter().rfind(|one| is_candidates(one) == candidate).unwrap().price.ln();
    let (champions, candidates) = (last(false), last(true));
    assert!((champions - candidates).abs() > 1.0, "{champions} and {candidates}: nothing is to be seen");
    let is_nearer = |selection: &Selection, to: f64, than: f64| {
        let price = selection.price.ln();
        (price - to).abs() < (price - than).abs()
    };
    for selection in &selections[200..] {
        let (own, other) = if is_candidates(selection) { (candidates, champions) } else { (champions, candidates) };
        assert!(is_nearer(selection, own, other), "{}: {own}", selection.price);
    }
    world.handle(&[on_trial(2, Stage::Champion, 10_000, None, Scope::default())]).await;
    let world = world.restarted().await;
    world.handle(&[accepted(&lodged(300))]).await;
    let promoted = world.selections().await.pop().unwrap();
    assert!(decided_by(&promoted, 2) && is_nearer(&promoted, candidates, champions));
    world.handle(&[on_trial(3, Stage::Canary, 0, None, Scope::default())]).await;
    let world = world.restarted().await;
    world.handle(&[accepted(&lodged(301))]).await;
    let back = world.selections().await.pop().unwrap();
    assert!(decided_by(&back, 1) && is_nearer(&back, champions, candidates));
}

#[tokio::test]
async fn only_declarations_in_scope_take_part() {
    let world = world().await;
    let regimes = Scope { regimes: vec!["21".into()], ..Scope::default() };
    let modes = Scope { transport_modes: vec!["rail".into()], ..Scope::default() };
    let routings = [
        on_trial(1, Stage::Canary, 10_000, Some(vec!["999".into()]), Scope::default()),
        on_trial(2, Stage::Canary, 10_000, None, regimes),
        on_trial(3, Stage::Canary, 10_000, None, modes),
    ];
    for (n, routing) in (0..).zip(routings) {
        world.handle(&[routing, accepted(&lodged(n))]).await;
    }
    let world = world.restarted().await;
    world.handle(&[accepted(&lodged(7))]).await;
    let selections = world.selections().await;
    assert!(selections.len() == 4 && selections.iter().all(|selection| selection.trial.is_none()));
    assert!(selections.iter().all(|selection| decided_by(selection, 1)));
}

#[tokio::test]
async fn a_restarted_scorer_goes_on_with_the_trial_and_reports_its_epoch() {
    let world = world().await;
    world.handle(&[on_trial(4, Stage::Canary, 9_999, None, Scope::default())]).await;
    world.artefacts.0.lock().unwrap().clear();
    let world = world.restarted().await;
    world.handle(&[accepted(&lodged(1))]).await;
    assert!(world.selections().await[0].trial.as_ref().unwrap().candidate);
    for worker in world.service.workers() {
        worker.step().await.unwrap();
    }
    let db = store::Database::open(&world.database()).await.unwrap();
    let sql = store::Sql::both("SELECT count(*), min(epoch) FROM scorer");
    let row = sea_orm::ConnectionTrait::query_one_raw(db.reader(), sql.on(db.reader(), [])).await.unwrap().unwrap();
    let (scorers, epoch): (i64, i64) = (row.try_get_by_index(0).unwrap(), row.try_get_by_index(1).unwrap());
    assert_eq!((scorers, epoch), (1, 4));
}

//! Four eyes: who may bring a version of a filter into which state.
//!
//! Putting a filter in force takes its author and an approver who is somebody else. Taking one out of force takes two
//! people as well, one of them an approver, because a filter that is gone protects nobody. A draft that never was in
//! force is withdrawn by one, and what one approver has ordered in an emergency one approver may take back. What a
//! search has drafted nobody wrote: it takes two people, one of them an approver, to put it in force.

use risk_filters::FilterState;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The state that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FilterTarget)]
pub enum Target {
    /// Matches act.
    Active,
    /// Matches are recorded and order nothing.
    Shadow,
    /// Out of force.
    Retired,
}

impl Target {
    /// The state of a version that has reached the target.
    pub fn state(self) -> FilterState {
        match self {
            Self::Active => FilterState::Active,
            Self::Shadow => FilterState::Shadow,
            Self::Retired => FilterState::Retired,
        }
    }
}

/// Somebody who asked for a state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Voice {
    /// Who.
    pub subject: String,
    /// Whether they have the role of an approver.
    pub approver: bool,
}

/// What asking leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The version is in that state already.
    Unchanged,
    /// It takes effect now.
    Effective,
    /// Recorded; it needs another person.
    Pending,
}

/// Why asking is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Who wrote a version, or put it in force in an emergency, asks to approve it.
    #[error("who wrote a version, or ordered it in an emergency, cannot approve it: another person must")]
    OwnVersion,
    /// Only an approver puts a filter in force.
    #[error("only an approver can put a filter in force")]
    NotApprover,
    /// A retired version stays retired.
    #[error("a retired version stays retired; write a new version")]
    Retired,
}

/// Judges what `voice` asks for. `emergency`: who put the version in force by an order that still holds. `author`: who
/// wrote it; none when a search drafted it. `earlier` are the others who asked for the same target of this version.
pub fn judge(
    state: FilterState,
    emergency: Option<&str>,
    author: Option<&str>,
    target: Target,
    earlier: &[Voice],
    voice: &Voice,
) -> Result<Verdict, Refusal> {
    // An ordinary approval of what an emergency order has put in force makes it permanent; another person's than who gave it.
    if target.state() == state && !(emergency.is_some() && target == Target::Active) {
        return Ok(Verdict::Unchanged);
    }
    if state == FilterState::Retired {
        return Err(Refusal::Retired);
    }
    let subject = Some(voice.subject.as_str());
    if target != Target::Retired {
        return match (voice.approver, subject == author || subject == emergency) {
            (_, true) => Err(Refusal::OwnVersion),
            // Who ordered it in an emergency is the approver among the two.
            _ if author.is_none() && emergency.is_some() => Ok(Verdict::Effective),
            _ if author.is_none() => Ok(together(earlier, voice)),
            (false, _) => Err(Refusal::NotApprover),
            (true, false) => Ok(Verdict::Effective),
        };
    }
    if state == FilterState::Draft || (emergency.is_some() && voice.approver) {
        return Ok(Verdict::Effective);
    }
    Ok(together(earlier, voice))
}

/// What takes two people, one of them an approver.
fn together(earlier: &[Voice], voice: &Voice) -> Verdict {
    let mut others = earlier.iter().filter(|other| other.subject != voice.subject).peekable();
    let agreed = others.peek().is_some() && (voice.approver || others.any(|other| other.approver));
    if agreed { Verdict::Effective } else { Verdict::Pending }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn voice(subject: &str, approver: bool) -> Voice {
        Voice { subject: subject.to_owned(), approver }
    }

    #[test]
    fn putting_in_force_takes_an_approver_who_is_not_the_author() {
        let ask = |target, voice: &Voice| judge(FilterState::Draft, None, Some("ana"), target, &[], voice);
        for target in [Target::Active, Target::Shadow] {
            assert_eq!(ask(target, &voice("ana", true)), Err(Refusal::OwnVersion));
            assert_eq!(ask(target, &voice("ben", false)), Err(Refusal::NotApprover));
            assert_eq!(ask(target, &voice("ben", true)), Ok(Verdict::Effective));
        }
    }

    #[test]
    fn taking_out_of_force_takes_two_people_one_of_them_an_approver() {
        let ask = |earlier: &[Voice], voice: &Voice| {
            judge(FilterState::Active, None, Some("ana"), Target::Retired, earlier, voice)
        };
        assert_eq!(ask(&[], &voice("ben", true)), Ok(Verdict::Pending));
        assert_eq!(ask(&[voice("ben", true)], &voice("ben", true)), Ok(Verdict::Pending));
        assert_eq!(ask(&[voice("ana", false)], &voice("cy", false)), Ok(Verdict::Pending));
        assert_eq!(ask(&[voice("ben", true)], &voice("ana", false)), Ok(Verdict::Effective));
        assert_eq!(ask(&[voice("ana", false)], &voice("ben", true)), Ok(Verdict::Effective));
    }

    #[test]
    fn a_draft_is_withdrawn_by_one_and_a_retired_version_stays_retired() {
        let ana = voice("ana", false);
        assert_eq!(judge(FilterState::Draft, None, Some("ana"), Target::Retired, &[], &ana), Ok(Verdict::Effective));
        let ben = voice("ben", true);
        assert_eq!(judge(FilterState::Retired, None, Some("ana"), Target::Active, &[], &ben), Err(Refusal::Retired));
        assert_eq!(judge(FilterState::Retired, None, Some("ana"), Target::Retired, &[], &ben), Ok(Verdict::Unchanged));
    }

    #[test]
    fn an_emergency_order_is_confirmed_by_an_ordinary_approval() {
        let ask = |voice: &Voice| judge(FilterState::Active, Some("cy"), Some("ana"), Target::Active, &[], voice);
        assert_eq!(ask(&voice("cy", true)), Err(Refusal::OwnVersion));
        assert_eq!(ask(&voice("ana", true)), Err(Refusal::OwnVersion));
        assert_eq!(ask(&voice("ben", true)), Ok(Verdict::Effective));
        let confirmed = judge(FilterState::Active, None, Some("ana"), Target::Active, &[], &voice("ben", true));
        assert_eq!(confirmed, Ok(Verdict::Unchanged));
    }

    #[test]
    fn what_a_search_drafted_takes_two_people_one_of_them_an_approver() {
        let ask = |earlier: &[Voice], voice: &Voice| {
            [Target::Active, Target::Shadow]
                .map(|to| judge(FilterState::Draft, None, None, to, earlier, voice).unwrap())
        };
        assert_eq!(ask(&[], &voice("ana", true)), [Verdict::Pending; 2]);
        assert_eq!(ask(&[voice("ana", true)], &voice("ana", true)), [Verdict::Pending; 2]);
        assert_eq!(ask(&[voice("ana", false)], &voice("cy", false)), [Verdict::Pending; 2]);
        assert_eq!(ask(&[voice("ana", false)], &voice("ben", true)), [Verdict::Effective; 2]);
        assert_eq!(ask(&[voice("ben", true)], &voice("ana", false)), [Verdict::Effective; 2]);

        let confirm = |voice: &Voice| judge(FilterState::Active, Some("cy"), None, Target::Active, &[], voice);
        assert_eq!(confirm(&voice("cy", true)), Err(Refusal::OwnVersion));
        assert_eq!(confirm(&voice("ana", false)), Ok(Verdict::Effective));
    }

    #[test]
    fn an_emergency_order_is_taken_back_by_one_approver() {
        let ask = |voice: &Voice| judge(FilterState::Active, Some("dan"), Some("ana"), Target::Retired, &[], voice);
        assert_eq!(ask(&voice("ben", true)), Ok(Verdict::Effective));
        assert_eq!(ask(&voice("cy", false)), Ok(Verdict::Pending));
    }
}

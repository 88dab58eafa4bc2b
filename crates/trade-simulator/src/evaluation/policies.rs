//! What each policy would have examined, office by office and day by day.

use crate::PerPolicy;

/// One declaration, as far as judging goes.
#[derive(Clone, Debug)]
pub(super) struct Case {
    pub(super) office: u32,
    pub(super) local_day: i32,
    pub(super) accepted_second: i64,
    pub(super) detection: f64,
    pub(super) duty: f64,
    pub(super) bayes_score: f64,
    pub(super) table_score: f64,
    pub(super) offence: bool,
    pub(super) green: bool,
    pub(super) examined: bool,
    pub(super) filtered: bool,
}

/// Expected detections and additional duty.
#[derive(Clone, Copy, Default)]
struct Yield {
    detections: f64,
    duty: f64,
}

impl Yield {
    fn of(case: &Case) -> Self {
        Self { detections: case.detection, duty: case.detection * case.duty }
    }

    fn add(&mut self, other: Self, times: f64) {
        self.detections += other.detections * times;
        self.duty += other.duty * times;
    }
}

/// Number of examinations, expected detections and expected additional duty of every policy.
pub(super) fn replay(cases: &[Case]) -> (u64, PerPolicy, PerPolicy) {
    let mut order: Vec<&Case> = cases.iter().collect();
    order.sort_by_key(|case| (case.office, case.local_day));
    let mut examinations = 0;
    let mut detections = PerPolicy::default();
    let mut duty = PerPolicy::default();
    for group in order.chunk_by(|left, right| (left.office, left.local_day) == (right.office, right.local_day)) {
        let capacity = group.iter().filter(|case| case.examined).count();
        if capacity == 0 {
            continue;
        }
        examinations += capacity as u64;
        let mut sums = [Yield::default(); 5];
        for case in group.iter().filter(|case| case.examined) {
            sums[0].add(Yield::of(case), 1.0);
        }
        sums[1] = top(group, capacity, |_| 0.0);
        sums[2] = top(group, capacity, |case| f64::from(u8::from(case.filtered)));
        sums[3] = top(group, capacity, |case| case.table_score);
        sums[4] = top(group, capacity, |case| case.detection);
        for (slot, sum) in slots(&mut detections).into_iter().zip(sums) {
            *slot += sum.detections;
        }
        for (slot, sum) in slots(&mut duty).into_iter().zip(sums) {
            *slot += sum.duty;
        }
    }
    (examinations, detections, duty)
}

fn slots(figures: &mut PerPolicy) -> [&mut f64; 5] {
    [&mut figures.system, &mut figures.random, &mut figures.filters, &mut figures.table, &mut figures.oracle]
}

/// What examining the `capacity` highest of `group` yields; among equals every one is as likely to be taken.
fn top(group: &[&Case], capacity: usize, score: impl Fn(&Case) -> f64) -> Yield {
    let mut ranked: Vec<(f64, &Case)> = group.iter().map(|case| (score(case), *case)).collect();
    ranked.sort_by(|left, right| right.0.total_cmp(&left.0));
    let mut left = capacity;
    let mut total = Yield::default();
    for tied in ranked.chunk_by(|one, other| one.0.total_cmp(&other.0).is_eq()) {
        let taken = left.min(tied.len());
        let share = taken as f64 / tied.len() as f64;
        for (_, case) in tied {
            total.add(Yield::of(case), share);
        }
        left -= taken;
        if left == 0 {
            break;
        }
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(detection: f64, table_score: f64, examined: bool, filtered: bool) -> Case {
        Case {
            office: 0,
            local_day: 0,
            accepted_second: 0,
            detection,
            duty: 100.0,
            bayes_score: detection,
            table_score,
            offence: detection > 0.0,
            green: !examined,
            examined,
            filtered,
        }
    }

    #[test]
    fn policies_get_the_same_capacity() {
        let cases = [
            case(0.9, 0.1, true, false),
            case(0.0, 0.5, false, true),
            case(0.5, 0.5, false, false),
            case(0.0, 0.1, false, true),
        ];
        let (examinations, detections, duty) = replay(&cases);
        assert_eq!(examinations, 1);
        let near = |left: f64, right: f64| assert!((left - right).abs() < 1e-12, "{left} {right}");
        near(detections.system, 0.9);
        near(detections.random, 1.4 / 4.0);
        near(detections.table, 0.25);
        near(detections.filters, 0.0);
        near(detections.oracle, 0.9);
        near(duty.random, 35.0);
    }

    #[test]
    fn days_without_examinations_count_for_nobody() {
        let (examinations, detections, _) = replay(&[case(0.9, 0.1, false, true)]);
        assert_eq!(examinations, 0);
        assert_eq!(detections, PerPolicy::default());
    }

    #[test]
    fn matched_declarations_beyond_capacity_are_taken_at_random() {
        let cases = [case(0.8, 0.0, true, true), case(0.0, 0.0, false, true), case(0.5, 0.0, false, false)];
        let (_, detections, _) = replay(&cases);
        assert!((detections.filters - 0.4).abs() < 1e-12);
    }
}

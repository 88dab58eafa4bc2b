//! A simulated year: capacity, hindsight and the random stratum.

use customs::Trigger;

use crate::world::{self, Values, arrivals, physical, plan, run};

const MONTHS: [usize; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

fn month_of(day: usize) -> usize {
    let mut left = day;
    MONTHS.iter().position(|days| left.checked_sub(*days).map(|rest| left = rest).is_none()).unwrap_or(11)
}

struct Year {
    /// Of the office-months planned at 20 controls or more.
    errors: Vec<f64>,
    overruns: i64,
    over_plan: usize,
    drawn: usize,
    expected_draws: f64,
    variance: f64,
    share_by_day: Vec<f64>,
    share_by_month: Vec<f64>,
}

fn live(sizes: &[f64], seed: u64, values: Values) -> Year {
    let plans: Vec<_> = sizes.iter().enumerate().map(|(n, size)| plan(&n.to_string(), *size)).collect();
    let volumes: Vec<f64> = sizes.iter().map(|size| size * 20.0).collect();
    let arrivals = arrivals(&volumes, 365, values, seed);
    let (decisions, states) = run(&plans, &arrivals);
    let mut year = Year {
        errors: Vec::new(),
        overruns: 0,
        over_plan: 0,
        drawn: 0,
        expected_draws: 0.0,
        variance: 0.0,
        share_by_day: Vec::new(),
        share_by_month: Vec::new(),
    };
    for (office, plan) in plans.iter().enumerate() {
        let mine: Vec<_> = arrivals.iter().zip(&decisions).filter(|(arrival, _)| arrival.office == office).collect();
        let (mut used_month, mut used_day) = ([0_usize; 12], vec![0_i64; 365]);
        let (mut by_day, mut by_month) = (vec![Vec::new(); 365], vec![Vec::new(); 12]);
        let (mut got, mut priced) = (0.0, [0_usize; 12]);
        for (arrival, decision) in &mine {
            let month = month_of(arrival.day);
            if !arrival.mandatory {
                by_day[arrival.day].push(decision.value);
                by_month[month].push(decision.value);
            }
            if let Some((trigger, over_plan)) = physical(decision) {
                year.over_plan += usize::from(over_plan);
                if !over_plan {
                    used_month[month] += 1;
                    used_day[arrival.day] += 1;
                }
                if matches!(trigger, Trigger::Model | Trigger::Filter) {
                    got += decision.value;
                    priced[month] += 1;
                }
                year.drawn += usize::from(trigger == Trigger::Random);
            }
            if decision.channel_without_draw < customs::Channel::Red {
                let p = decision.random_probability;
                year.expected_draws += p;
                year.variance += p * (1.0 - p);
            }
        }
        let top = |groups: &mut Vec<Vec<f64>>, counts: &dyn Fn(usize) -> usize| -> f64 {
            groups
                .iter_mut()
                .enumerate()
                .map(|(n, group)| {
                    group.sort_by(|a, b| b.total_cmp(a));
                    group.iter().take(counts(n)).sum::<f64>()
                })
                .sum()
        };
        // The day's best with the controls that value may spend: what chance and mandates took comes off.
        let total: usize = priced.iter().sum();
        let daily = |day: usize| (total * (day + 1) / 365) - (total * day / 365);
        year.share_by_day.push(got / top(&mut by_day, &daily));
        year.share_by_month.push(got / top(&mut by_month, &|month| priced[month]));
        let (mut on_hand, mut granted_before, mut planned_month) = (plan.opening_carry as i64, 0, [0_i64; 12]);
        for (day, used) in used_day.into_iter().enumerate() {
            let granted = (plan.physical_per_day * (day + 1) as f64 + 1e-6).floor() as i64;
            on_hand += granted - granted_before - used;
            planned_month[month_of(day)] += granted - granted_before;
            granted_before = granted;
            year.overruns += i64::from(on_hand < 0);
        }
        for (used, planned) in used_month.into_iter().zip(planned_month).filter(|(_, planned)| *planned >= 20) {
            let error = (used as i64 - planned).abs() as f64 / planned as f64;
            year.errors.push(error);
        }
        let overruns = states[office]
            .view(plan, &selection::NationalState::default(), arrivals.last().expect("a year has arrivals").at)
            .overruns;
        year.overruns += overruns as i64;
    }
    year
}

impl Year {
    fn error_max(&self) -> f64 {
        self.errors.iter().copied().fold(0.0, f64::max)
    }
}

#[test]
fn a_year_keeps_its_capacity_and_orders_near_hindsight() {
    let sizes = [0.3, 0.5, 0.68, 0.7, 0.75, 0.96, 1.2, 2.0, 3.0, 5.2, 12.0, 60.0];
    for seed in [1, 2] {
        let year = live(&sizes, seed, Values::Spread);
        println!("seed {seed}: capacity error max {:.4}, overruns {}", year.error_max(), year.overruns);
        println!("mandatory beyond the plan: {}", year.over_plan);
        println!("random stratum: {} drawn, {:.1} expected", year.drawn, year.expected_draws);
        for (size, (day, month)) in sizes.iter().zip(year.share_by_day.iter().zip(&year.share_by_month)) {
            println!("{size:>5} a day: {day:.3} of the daily hindsight, {month:.3} of the monthly");
            if *size >= 5.0 {
                assert!(*day >= 0.9, "{day}");
            }
        }
        assert_eq!(year.overruns, 0);
        assert!(year.error_max() <= 0.05, "{}", year.error_max());
        let deviation = (year.drawn as f64 - year.expected_draws) / year.variance.sqrt();
        assert!(deviation.abs() < 4.0, "{deviation}");
    }
}

/// The hard case: offices whose months bear one control more or less.
#[test]
#[ignore = "a minute of work: run it when the controller changes"]
fn small_offices_keep_their_months_in_nearly_every_world() {
    let sizes = [0.68, 0.69, 0.7, 0.71, 0.72, 0.73, 0.74, 0.75, 0.8, 0.85, 0.9, 0.96, 1.0, 1.2, 1.5, 2.0];
    let (mut months, mut broken, mut overruns) = (0, 0, 0);
    for seed in 1..=60 {
        let year = live(&sizes, seed, Values::Spread);
        months += year.errors.len();
        broken += year.errors.iter().filter(|error| **error > 0.05).count();
        overruns += year.overruns;
    }
    println!("{broken} of {months} office-months off by more than 5 %, {overruns} overruns");
    assert_eq!(overruns, 0);
    assert!(broken * 1_000 < months, "{broken} of {months}");
}

#[test]
fn without_a_signal_selection_depends_on_nothing() {
    let plans = [plan("1", 5.0)];
    let arrivals = arrivals(&[100.0], 365, Values::Null, 9);
    let (decisions, _) = run(&plans, &arrivals);
    let share = |of: &dyn Fn(&world::Arrival) -> bool| {
        let (mut all, mut red) = (0.0, 0.0);
        for (arrival, decision) in arrivals.iter().zip(&decisions) {
            if of(arrival) {
                all += 1.0;
                red += f64::from(u8::from(physical(decision).is_some()));
            }
        }
        red / all
    };
    let everyone = share(&|_| true);
    assert!((everyone - 0.05).abs() < 0.003, "{everyone}");
    // Something the decision does not know: the last digit of the microsecond.
    let odd = share(&|arrival| arrival.at.as_microsecond() % 2 == 1);
    assert!((odd / everyone - 1.0).abs() < 0.1, "{odd} of {everyone}");
    let weekend = share(&|arrival| (arrival.day + 2) % 7 >= 5);
    println!("null world: {everyone:.4} of all, {odd:.4} of the odd, {weekend:.4} at weekends");
}

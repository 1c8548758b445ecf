//! Firms that are anchors and suppliers, too: plans against an exhaustive search over both roles.

use jiedui::model::{Firm, FirmId};
use jiedui::plan::*;
use proptest::prelude::*;

const FIRMS: usize = 5;
const NO_CHAINS: [&str; 0] = [];

/// A problem as told. Firm 0 is the head of firm 1 where they are a house.
#[derive(Debug, Clone)]
struct Told {
    pairs: Vec<(usize, usize, u8)>,
    quotas: Vec<Option<u32>>,
    is_house: bool,
    most: [u32; 2],
    lock: Option<usize>,
}

fn id(firm: usize) -> FirmId {
    format!("f{firm}").into()
}

impl Told {
    fn constraints(&self) -> Constraints {
        let mut constraints = Constraints::default();
        [constraints.anchor_most, constraints.supplier_most] = self.most;
        let lock = self.lock.and_then(|lock| self.pairs.get(lock));
        constraints.locks =
            lock.map(|&(anchor, supplier, _)| Lock::new(id(anchor), id(supplier))).into_iter().collect();
        constraints
    }

    fn problem(&self) -> Problem {
        let pairs = self
            .pairs
            .iter()
            .map(|&(anchor, supplier, score)| Pair::new(id(anchor), id(supplier), f64::from(score) / 16.0));
        let mut builder = Problem::builder().pairs(pairs);
        for firm in 0..FIRMS {
            let parent = (self.is_house && firm == 1).then(|| id(0));
            builder =
                builder.firm(&Firm { quota: self.quotas[firm], parent, ..Firm::new(id(firm)) }, NO_CHAINS);
        }
        builder.build(&self.constraints()).expect("a sound problem")
    }

    /// Whether some pairs keep to every limit.
    fn allows(&self, chosen: &[(usize, usize, u8)]) -> bool {
        let count = |is_of: &dyn Fn(usize) -> bool, sides: [bool; 2]| {
            let ends = chosen.iter().flat_map(|&(anchor, supplier, _)| [(anchor, 0), (supplier, 1)]);
            ends.filter(|&(firm, side)| is_of(firm) && sides[side]).count() as u32
        };
        let is_kept = |firm: usize| {
            let is_it = |other: usize| other == firm;
            // What a house has counts for its head.
            let is_of = |other: usize| other == firm || self.is_house && firm == 0 && other == 1;
            count(&is_it, [true, false]) <= self.most[0]
                && count(&is_it, [false, true]) <= self.most[1]
                && self.quotas[firm].is_none_or(|quota| count(&is_of, [true, true]) <= quota)
        };
        let is_twice = |&(anchor, supplier, _): &(usize, usize, u8)| {
            chosen.iter().any(|&(other, again, _)| (other, again) == (supplier, anchor))
        };
        let is_locked =
            self.lock.and_then(|lock| self.pairs.get(lock)).is_none_or(|lock| chosen.contains(lock));
        (0..FIRMS).all(is_kept) && !chosen.iter().any(is_twice) && is_locked
    }

    /// The greatest sum of scores, if there is a plan.
    fn best(&self) -> Option<u32> {
        let choices = (0..1_u32 << self.pairs.len()).map(|choice| {
            let is_chosen = |(at, _): &(usize, &(usize, usize, u8))| choice >> at & 1 == 1;
            self.pairs.iter().enumerate().filter(is_chosen).map(|(_, &pair)| pair).collect::<Vec<_>>()
        });
        let allowed = choices.filter(|chosen| self.allows(chosen));
        allowed.map(|chosen| chosen.iter().map(|&(.., score)| u32::from(score)).sum()).max()
    }
}

fn told() -> impl Strategy<Value = Told> {
    let pairs = prop::collection::btree_map((0..FIRMS, 1..FIRMS), 1u8..=16, 1..11);
    let quotas = prop::collection::vec(prop::option::weighted(0.6, 1u32..4), FIRMS);
    let lock = prop::option::weighted(0.2, 0usize..10);
    (pairs, quotas, any::<bool>(), [1u32..4, 1u32..3], lock).prop_map(
        |(pairs, quotas, is_house, most, lock)| {
            let pairs = pairs
                .into_iter()
                .map(|((anchor, further), score)| (anchor, (anchor + further) % FIRMS, score));
            Told { pairs: pairs.collect(), quotas, is_house, most, lock }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn the_optimum_is_that_of_both_roles(told in told()) {
        let problem = told.problem();
        let plan = Optimal.plan(&problem);
        prop_assert_eq!(verify(&problem, &plan), Ok(()));
        match told.best() {
            Some(best) => {
                prop_assert_eq!(&plan.status, &Status::Optimal);
                prop_assert!((plan.objective - f64::from(best) / 16.0).abs() < 1e-9, "{} {}", plan.objective, best);
                let number = |firm: &FirmId| firm.as_str()[1..].parse::<usize>().expect("f and a number");
                let chosen = plan.pairings.iter().map(|one| {
                    (number(&one.anchor), number(&one.supplier), (one.score * 16.0).round() as u8)
                });
                prop_assert!(told.allows(&chosen.collect::<Vec<_>>()));
            }
            None => prop_assert!(!plan.is_feasible(), "{:?}", plan.status),
        }
        for planner in [&Greedy as &dyn Planner, &Stable::default()] {
            let plan = planner.plan(&problem);
            prop_assert_eq!(verify(&problem, &plan), Ok(()));
        }
    }
}

/// More places as an anchor would be of less use than as a supplier.
#[test]
fn a_quota_goes_where_it_is_worth_most() -> Result<(), PlanError> {
    let pairs = [("hub", "x", 0.3), ("hub", "y", 0.2), ("mill", "hub", 0.9)];
    let pairs = pairs.map(|(anchor, supplier, score)| Pair::new(anchor, supplier, score));
    let hub = Firm { quota: Some(2), ..Firm::new("hub") };
    let problem = Problem::builder().pairs(pairs).firm(&hub, NO_CHAINS).build(&Constraints::default())?;
    let plan = Optimal.plan(&problem);
    assert_eq!((plan.status, plan.pairings.len()), (Status::Optimal, 2));
    assert!((plan.objective - 1.2).abs() < 1e-9);
    Ok(())
}

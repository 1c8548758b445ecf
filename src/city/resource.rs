//! What the units of the city have to give, and what they look for.

use super::dice::Dice;
use crate::model::{Category, Direction, FirmId, Resource};

/// A sort of resource: what it is called, by what it is counted, and how much is usual.
#[derive(Debug)]
struct Sort {
    category: Category,
    offered: &'static str,
    needed: &'static str,
    unit: &'static str,
    /// What a large firm offers; a small one needs about a tenth.
    amount: f64,
    /// How often an anchor offers it, and how often another firm needs it.
    offers: f64,
    needs: f64,
}

const fn sort(
    category: Category,
    (offered, needed): (&'static str, &'static str),
    (amount, unit): (f64, &'static str),
    (offers, needs): (f64, f64),
) -> Sort {
    Sort { category, offered, needed, unit, amount, offers, needs }
}

/// How many sorts there are.
pub(super) const SORTS: usize = 9;

const TABLE: [Sort; SORTS] = [
    sort(Category::Organisation, ("党建指导员", "组建党组织"), (4.0, "人"), (0.5, 0.15)),
    sort(Category::Talent, ("技能培训师资", "技术工人培训"), (200.0, "人次"), (0.7, 0.35)),
    sort(Category::Laboratory, ("检测中心机时", "产品检测"), (400.0, "小时"), (0.6, 0.3)),
    sort(Category::Equipment, ("中试设备机时", "试制设备"), (300.0, "小时"), (0.4, 0.2)),
    sort(Category::Venue, ("党群活动中心", "活动场地"), (40.0, "场次"), (0.6, 0.15)),
    sort(Category::Calendar, ("主题活动", "参加活动"), (12.0, "次"), (0.4, 0.1)),
    sort(Category::Facility, ("共享仓储", "仓储"), (3_000.0, "平方米"), (0.4, 0.2)),
    sort(Category::Procedure, ("质量体系辅导", "供应商资质认证"), (20.0, "项"), (0.6, 0.3)),
    sort(Category::Specialist, ("研发采购专员工时", "技术专员工时"), (240.0, "工时"), (0.7, 0.4)),
];

/// Amounts a sort, 0 where there is nothing.
pub(super) type Amounts = [f32; SORTS];

/// What an anchor, or a unit like one, has to give. Every one offers something.
pub(super) fn draw_offers(scale: f64, dice: &mut Dice) -> Amounts {
    let mut amounts = [0.0; SORTS];
    for (amount, sort) in amounts.iter_mut().zip(&TABLE) {
        if dice.chance(sort.offers) {
            *amount = whole(sort.amount * scale, dice);
        }
    }
    if amounts == [0.0; SORTS] {
        amounts[1] = whole(TABLE[1].amount * scale, dice);
    }
    amounts
}

/// What another firm looks for.
pub(super) fn draw_needs(dice: &mut Dice) -> Amounts {
    let mut amounts = [0.0; SORTS];
    for (amount, sort) in amounts.iter_mut().zip(&TABLE) {
        if dice.chance(sort.needs) {
            *amount = whole(sort.amount * 0.3, dice);
        }
    }
    amounts
}

fn whole(median: f64, dice: &mut Dice) -> f32 {
    dice.log_normal(median, 0.7).round().clamp(1.0, 1e6) as f32
}

/// Amounts that given rows state, in the units of the table.
pub(super) fn of_rows<'a>(rows: impl Iterator<Item = &'a Resource>, direction: Direction) -> Amounts {
    let mut amounts = [0.0; SORTS];
    for row in rows.filter(|row| row.direction == direction) {
        let sort = TABLE.iter().position(|sort| {
            sort.category == row.category && row.unit.as_deref().is_none_or(|unit| unit == sort.unit)
        });
        if let Some(sort) = sort {
            amounts[sort] += row.amount.unwrap_or(1.0) as f32;
        }
    }
    amounts
}

/// What a unit offers that neither needs nor offers anything of weight, where its list is complete.
pub(super) fn smallest_offer() -> Amounts {
    let is_one = |sort: &Sort| if sort.category == Category::Calendar { 1.0 } else { 0.0 };
    TABLE.each_ref().map(is_one)
}

/// The rows of the amounts.
pub(super) fn rows(firm: &FirmId, direction: Direction, amounts: &Amounts) -> impl Iterator<Item = Resource> {
    let stated = amounts.iter().zip(&TABLE).filter(|(amount, _)| **amount > 0.0);
    stated.map(move |(amount, sort)| Resource {
        firm: firm.clone(),
        direction,
        category: sort.category,
        item: Some(if direction == Direction::Offers { sort.offered } else { sort.needed }.into()),
        amount: Some(f64::from(*amount)),
        unit: Some(sort.unit.into()),
    })
}

/// Whether slots or hours of specialists are among them.
pub(super) fn has_specialists(amounts: &Amounts) -> bool {
    let is_one = |(amount, sort): (&f32, &Sort)| *amount > 0.0 && sort.category == Category::Specialist;
    amounts.iter().zip(&TABLE).any(is_one)
}

/// The mean, over the sorts needed, of how much of the need is covered; none where
/// nothing is needed.
pub(super) fn coverage(needs: &Amounts, offers: &Amounts) -> Option<f64> {
    let (mut sum, mut n) = (0.0, 0.0);
    for (need, offer) in needs.iter().zip(offers).filter(|(need, _)| **need > 0.0) {
        sum += f64::from(offer / need).min(1.0);
        n += 1.0;
    }
    (n > 0.0).then(|| sum / n)
}

/// The categories in which one side offers what the other needs.
pub(super) fn matches<'a>(needs: &'a Amounts, offers: &'a Amounts) -> impl Iterator<Item = Category> + 'a {
    let both = move |sort: &usize| needs[*sort] > 0.0 && offers[*sort] > 0.0;
    (0..SORTS).filter(both).map(|sort| TABLE[sort].category)
}

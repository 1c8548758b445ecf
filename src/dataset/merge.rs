//! Two records of one key made one.

use std::fmt::Display;

use crate::model::Firm;

/// Merges two records of one key, field by field, in a way that no order of rows changes.
#[derive(Default)]
pub(super) struct Merge {
    pub(super) clashes: Vec<(&'static str, String)>,
}

impl Merge {
    /// The known one of two values, the smaller where both are known.
    pub(super) fn pick<T: PartialOrd + Display>(
        &mut self,
        column: &'static str,
        a: Option<T>,
        b: Option<T>,
    ) -> Option<T> {
        self.pick_shown(column, a, b, T::to_string)
    }

    /// The same of two lists, of which an empty one is not known.
    pub(super) fn pick_list<T: PartialOrd + Display>(
        &mut self,
        column: &'static str,
        a: Vec<T>,
        b: Vec<T>,
    ) -> Vec<T> {
        let [a, b] = [a, b].map(|list| Some(list).filter(|list| !list.is_empty()));
        let shown = |list: &Vec<T>| list.iter().map(T::to_string).collect::<Vec<_>>().join(";");
        self.pick_shown(column, a, b, shown).unwrap_or_default()
    }

    fn pick_shown<T: PartialOrd>(
        &mut self,
        column: &'static str,
        a: Option<T>,
        b: Option<T>,
        shown: impl Fn(&T) -> String,
    ) -> Option<T> {
        match (a, b) {
            (Some(a), Some(b)) => {
                if a != b {
                    self.clashes.push((column, format!("{} | {}", shown(&a), shown(&b))));
                }
                Some(if b < a { b } else { a })
            }
            (a, b) => a.or(b),
        }
    }
}

pub(super) fn merge_firms(old: &Firm, new: Firm) -> (Firm, Vec<(&'static str, String)>) {
    let mut merge = Merge::default();
    let old = old.clone();
    let firm = Firm {
        id: old.id,
        name: merge.pick("name", old.name, new.name),
        credit_code: merge.pick("credit_code", old.credit_code, new.credit_code),
        kind: merge.pick("kind", old.kind, new.kind),
        parent: merge.pick("parent", old.parent, new.parent),
        anchor: merge.pick("anchor", old.anchor, new.anchor),
        ownership: merge.pick("ownership", old.ownership, new.ownership),
        industry: merge.pick("industry", old.industry, new.industry),
        region: merge.pick("region", old.region, new.region),
        place: merge.pick("longitude", old.place, new.place),
        employees: merge.pick("employees", old.employees, new.employees),
        revenue: merge.pick("revenue", old.revenue, new.revenue),
        size: merge.pick("size", old.size, new.size),
        party_branch: merge.pick("party_branch", old.party_branch, new.party_branch),
        party_members: merge.pick("party_members", old.party_members, new.party_members),
        quota: merge.pick("quota", old.quota, new.quota),
    };
    (firm, merge.clashes)
}

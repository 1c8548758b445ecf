//! What has changed since the plan before, and what limits cost.

use jiedui::matcher::Ranking;
use jiedui::model::FirmId;
use jiedui::plan::{Costs, Replan};

use crate::firms::short;
use crate::language::say;
use crate::plan::{self, LISTED, Planning};
use crate::report::Report;
use crate::wanted;

type Pair = (FirmId, FirmId);

/// Why a pairing of the plan before is no candidate any more.
#[derive(Clone, Copy, PartialEq)]
enum Lost {
    Signed,
    NotInData,
    NoAnchor,
    LeftOut,
    /// The two are planned, with the other one as the anchor.
    Turned,
    /// As a pair of the other one as the anchor it serves better.
    Reverse,
    Impossible,
}

impl Report<'_> {
    /// What has changed since the plan before, if there was one.
    pub(crate) fn replan(&self, rankings: &[Ranking], planning: &Planning) -> String {
        let Some(replan) = &planning.replan else { return String::new() };
        let language = self.language;
        let Replan { plan, optimum, fewest, dropped, added, .. } = replan;
        let (objective, n_dropped, n_added) = (plan.objective, dropped.len(), added.len());
        let kept = plan.pairings.len() - n_added;
        // Other planners do not look for few changes.
        let fewest = match plan.planner.as_ref() {
            "replan" => say!(language, "（至少须改 {fewest} 对）", " (at least {fewest} changed)"),
            _ => String::new(),
        };
        let mut text = say!(
            language,
            "   改派：沿用 {kept} 对，撤下 {n_dropped} 对，新增 {n_added} 对{fewest}；评分合计 {objective:.3}，最优 {optimum:.3}\n",
            "   Planned anew: {kept} kept, {n_dropped} dropped, {n_added} added{fewest}; scores sum to {objective:.3} of {optimum:.3} at best\n"
        );
        let lost: Vec<(Lost, &Pair)> =
            replan.lost.iter().map(|pair| (self.why_lost(rankings, added, pair), pair)).collect();
        let lost_as =
            |why| -> Vec<&Pair> { lost.iter().filter(|(of, _)| *of == why).map(|(_, pair)| *pair).collect() };
        let (now, before) = (plan::members(&planning.plan), planning.grouped_before.as_deref());
        // Whoever has got a pairing of its own has not been dropped.
        let is_still_in = |pair: &&Pair| {
            now.contains(pair)
                || planning.plan.pairings.iter().any(|one| one.anchor == pair.0 && one.supplier == pair.1)
        };
        let is_new = |pair: &&Pair| before.is_some_and(|before| !before.contains(pair));
        for (heading, pairs) in [
            (language.pick("已结对", "paired since"), lost_as(Lost::Signed)),
            (
                language.pick("数据中已没有其中的企业", "with firms no longer in the data"),
                lost_as(Lost::NotInData),
            ),
            (language.pick("链主不在本次之列", "of anchors not asked for now"), lost_as(Lost::NoAnchor)),
            (language.pick("按条件不列", "left out as asked"), lost_as(Lost::LeftOut)),
            (language.pick("改由对方作链主", "planned the other way round"), lost_as(Lost::Turned)),
            (language.pick("反过来结对更优", "better the other way round"), lost_as(Lost::Reverse)),
            (language.pick("不能再结", "now impossible"), lost_as(Lost::Impossible)),
            (language.pick("撤下", "dropped"), dropped.iter().collect()),
            (language.pick("新增", "added"), added.iter().collect()),
            (
                language.pick("不再在组中", "no longer in a group"),
                before.unwrap_or_default().iter().filter(|pair| !is_still_in(pair)).collect(),
            ),
            (language.pick("新入组", "new in a group"), now.iter().filter(is_new).collect()),
        ] {
            if !pairs.is_empty() {
                let pairs = self.pairs(&pairs);
                text += &say!(language, "     {heading}：{pairs}\n", "     {heading}: {pairs}\n");
            }
        }
        text
    }

    fn why_lost(&self, rankings: &[Ranking], added: &[Pair], (anchor, supplier): &Pair) -> Lost {
        let is_known = |firm: &FirmId| self.network().firm_ix(firm.as_str()).is_some();
        if self.are_paired(anchor, supplier) {
            Lost::Signed
        } else if !is_known(anchor) || !is_known(supplier) {
            Lost::NotInData
        } else if added.iter().any(|other| (&other.1, &other.0) == (anchor, supplier)) {
            Lost::Turned
        } else if rankings.iter().all(|ranking| ranking.anchor != *anchor) {
            Lost::NoAnchor
        } else if wanted::is_left_out(self.matcher, anchor, supplier) {
            Lost::LeftOut
        } else if is_candidate(rankings, supplier, anchor) {
            Lost::Reverse
        } else {
            Lost::Impossible
        }
    }

    /// Whether a pairing of the two is in force.
    fn are_paired(&self, anchor: &FirmId, supplier: &FirmId) -> bool {
        let of_anchor = self.network().firm_ix(anchor.as_str()).map(|anchor| self.pairings_of(anchor));
        of_anchor.is_some_and(|pairings| pairings.iter().any(|pairing| pairing.parties.contains(supplier)))
    }

    /// Pairs in one line, those of an anchor together.
    fn pairs(&self, pairs: &[&Pair]) -> String {
        let of_anchors = pairs.chunk_by(|one, other| one.0 == other.0).map(|of_anchor| {
            let suppliers: Vec<String> =
                of_anchor.iter().map(|(_, supplier)| short(self.network(), supplier)).collect();
            let anchor = short(self.network(), &of_anchor[0].0);
            format!("{anchor} – {}", suppliers.join(self.language.comma()))
        });
        of_anchors.collect::<Vec<_>>().join(self.language.semicolon())
    }

    /// What each limit costs, the dearest first.
    pub(crate) fn costs(&self, costs: &Costs) -> String {
        let language = self.language;
        let mut dear: Vec<_> = costs.constraints.iter().filter(|(_, cost)| *cost > 0.0).collect();
        dear.sort_by(|a, b| b.1.total_cmp(&a.1));
        let said: Vec<String> = dear
            .iter()
            .map(|(constraint, cost)| {
                let constraint = self.constraint(constraint);
                say!(language, "{constraint}（{cost:.3}）", "{constraint} ({cost:.3})")
            })
            .collect();
        let free = costs.constraints.len() - dear.len();
        let (count, shown) = (said.len(), said[..said.len().min(LISTED)].join(language.semicolon()));
        let shown = match (count, free) {
            (0, 0) => language.pick("没有可计代价的约束", "there are none to tell of").to_owned(),
            (0, _) => say!(language, "{free} 项均无代价", "none of {free} costs anything"),
            (1..=LISTED, _) => {
                say!(language, "{shown}；另有 {free} 项无代价", "{shown}; {free} more cost nothing")
            }
            _ => say!(
                language,
                "{shown}等 {count} 项；另有 {free} 项无代价",
                "{shown} and more, {count} in all; {free} more cost nothing"
            ),
        };
        let mut text = say!(
            language,
            "   约束的代价（去掉后评分合计可增加多少）：{shown}\n",
            "   What limits cost (by how much the sum would rise without): {shown}\n"
        );
        if let Some(stability) = costs.stability {
            text += &say!(
                language,
                "   稳定的代价：{stability:.3}\n",
                "   What stability would cost: {stability:.3}\n"
            );
        }
        text
    }
}

/// Whether one firm is a candidate of another one.
fn is_candidate(rankings: &[Ranking], anchor: &FirmId, supplier: &FirmId) -> bool {
    rankings.iter().any(|ranking| ranking.anchor == *anchor && ranking.find(supplier.as_str()).is_some())
}

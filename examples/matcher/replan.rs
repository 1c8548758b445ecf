//! What has changed since the plan before, and what limits cost.

use jiedui::model::FirmId;
use jiedui::plan::{Costs, Replan};

use crate::firms::short;
use crate::language::say;
use crate::plan::LISTED;
use crate::report::Report;

impl Report<'_> {
    /// What has changed since the plan before.
    pub(crate) fn replan(&self, replan: &Replan) -> String {
        let language = self.language;
        let (changes, fewest) = (replan.changes(), replan.fewest);
        let (objective, optimum) = (replan.plan.objective, replan.optimum);
        let mut text = say!(
            language,
            "   改派：除不能再结的以外，另需调整 {changes} 对（至少 {fewest} 对），评分合计 {objective:.3}，最优 {optimum:.3}\n",
            "   Planned anew: beside pairings that have become impossible, {changes} changed ({fewest} at least), scores sum to {objective:.3} of {optimum:.3} at best\n"
        );
        let (signed, lost): (Vec<_>, Vec<_>) =
            replan.lost.iter().cloned().partition(|(anchor, supplier)| self.are_paired(anchor, supplier));
        for (heading, pairs) in [
            (language.pick("已结对", "paired since"), &signed),
            (language.pick("不能再结", "now impossible"), &lost),
            (language.pick("撤下", "dropped"), &replan.dropped),
            (language.pick("新增", "added"), &replan.added),
        ] {
            if !pairs.is_empty() {
                let pairs: Vec<String> = pairs.iter().map(|pair| self.pair(pair)).collect();
                let pairs = pairs.join(language.comma());
                text += &say!(language, "     {heading}：{pairs}\n", "     {heading}: {pairs}\n");
            }
        }
        text
    }

    /// Whether a pairing of the two is in force.
    fn are_paired(&self, anchor: &FirmId, supplier: &FirmId) -> bool {
        let of_anchor = self.network().firm_ix(anchor.as_str()).map(|anchor| self.pairings_of(anchor));
        of_anchor.is_some_and(|pairings| pairings.iter().any(|pairing| pairing.parties.contains(supplier)))
    }

    fn pair(&self, (anchor, supplier): &(FirmId, FirmId)) -> String {
        format!("{} – {}", short(self.network(), anchor), short(self.network(), supplier))
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
        let shown = match count {
            0 => language.pick("无", "none").to_owned(),
            1..=LISTED => shown,
            _ => say!(language, "{shown}等 {count} 项", "{shown} and more, {count} in all"),
        };
        let mut text = say!(
            language,
            "   约束的代价（去掉后评分合计可增加多少）：{shown}；另有 {free} 项无代价\n",
            "   What limits cost (by how much the sum would rise without): {shown}; {free} more cost nothing\n"
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

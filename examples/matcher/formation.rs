//! Which Party branches to form.

use jiedui::plan::Formation;

use crate::firms::{label, short};
use crate::language::say;
use crate::report::Report;

/// How many joint branches are shown before the rest are only counted.
const SHOWN: usize = 5;

impl Report<'_> {
    /// The formation plan in a few lines; JSON has all of it.
    pub(crate) fn formation(&self, formation: &Formation) -> String {
        let language = self.language;
        let (own, joint) = (formation.own.len(), formation.joint.len());
        let units: usize = formation.joint.iter().map(|branch| branch.units.len()).sum();
        let (apart, unknown) = (formation.apart.len(), formation.unknown.len());
        if own + joint + apart == 0 {
            return say!(
                language,
                "   组建：无可建议；{unknown} 家未填有无党支部或党员人数\n",
                "   To form: nothing that can be told; of {unknown} units the branch or the members are unknown\n"
            );
        }
        let gap = 100.0 * formation.gap();
        let mut text = say!(
            language,
            "   组建：单独建 {own} 个党支部；{units} 家联建 {joint} 个（距最优不超过 {gap:.1}%）；{apart} 家暂难联建；{unknown} 家情况不明\n",
            "   To form: {own} branches of their own; {joint} joint ones of {units} units (at most {gap:.1} % from the best); {apart} units apart; {unknown} of which too little is known\n"
        );
        for branch in formation.joint.iter().take(SHOWN) {
            let others: Vec<String> = branch
                .units
                .iter()
                .filter(|unit| **unit != branch.seat)
                .map(|unit| short(self.network(), unit))
                .collect();
            let (seat, others, members) =
                (short(self.network(), &branch.seat), others.join(language.comma()), branch.members);
            let region = branch.region.as_deref().map_or(String::new(), label);
            text += &say!(
                language,
                "     {region} {seat}，与{others}；党员 {members} 名\n",
                "     {region} {seat}, with {others}; {members} members\n"
            );
        }
        if joint > SHOWN {
            let more = joint - SHOWN;
            text += &say!(
                language,
                "     另有 {more} 个，见 --format json\n",
                "     and {more} more: --format json\n"
            );
        }
        text
    }
}

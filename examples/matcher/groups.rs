//! Pairings of more than two: groups, and who joins as a third party.

use jiedui::plan::{Packing, Plan, WhyJoined};

use crate::firms::{label, short};
use crate::language::say;
use crate::report::Report;

impl Report<'_> {
    /// The group pairings, where they were asked for.
    pub(crate) fn groups(&self, plan: &Plan) -> String {
        let language = self.language;
        if plan.packing == Packing::None {
            return String::new();
        }
        if plan.groups.is_empty() {
            return language
                .pick("   组团结对：没有可组之团\n", "   Group pairings: none can be made\n")
                .to_owned();
        }
        let (count, members) =
            (plan.groups.len(), plan.groups.iter().map(|group| group.suppliers.len()).sum::<usize>());
        let mut text = say!(
            language,
            "   组团结对 {count} 组、{members} 家，在方案之后组成，不计入评分合计：\n",
            "   Group pairings: {count} with {members} partners, packed after the plan and not in its sum:\n"
        );
        for group in &plan.groups {
            let anchor = short(self.network(), &group.anchor);
            let members: Vec<String> = group
                .suppliers
                .iter()
                .map(|one| {
                    let (firm, score) = (short(self.network(), &one.supplier), one.score);
                    say!(language, "{firm}（{score:.3}）", "{firm} ({score:.3})")
                })
                .collect();
            let (members, hours, alone) =
                (members.join(language.comma()), group.hours, group.hours_one_to_one);
            text += &say!(
                language,
                "     {anchor}：{members}；链主 {hours} 工时（逐一结对需 {alone}）\n",
                "     {anchor}: {members}; {hours} hours of the anchor ({alone} one to one)\n"
            );
        }
        text
    }

    /// The agreements of more than two parties.
    pub(crate) fn agreements(&self, plan: &Plan) -> String {
        let language = self.language;
        if plan.agreements.is_empty() {
            return String::new();
        }
        let mut text = String::from(language.pick("   多方协议：\n", "   Agreements of more than two:\n"));
        for one in &plan.agreements {
            let name = |id: &str| match self.network().firm_ix(id) {
                Some(firm) => short(self.network(), &self.network().firm(firm).id),
                None => label(id),
            };
            let anchor = short(self.network(), &one.anchor);
            let suppliers: Vec<String> =
                one.suppliers.iter().map(|supplier| short(self.network(), supplier)).collect();
            let parties: Vec<String> = one
                .parties
                .iter()
                .map(|party| {
                    let (name, why) = (name(&party.party), self.why_joined(party.why));
                    say!(language, "{name}（{why}）", "{name} ({why})")
                })
                .collect();
            let (suppliers, parties) = (suppliers.join(language.comma()), parties.join(language.comma()));
            text += &say!(
                language,
                "     {anchor} – {suppliers}，加 {parties}\n",
                "     {anchor} – {suppliers}, joined by {parties}\n"
            );
        }
        text
    }

    fn why_joined(&self, why: WhyJoined) -> &'static str {
        match why {
            WhyJoined::Stated => self.language.pick("约束文件指定", "as stated"),
            WhyJoined::Precedent => self.language.pick("曾一同结对", "in a pairing with one of them before"),
            WhyJoined::Association => self.language.pick("所在产业链的协会", "association of their chain"),
            _ => "",
        }
    }
}

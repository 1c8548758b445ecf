//! Who pairs with whom: the plan, its proof, and who is left out.

use std::error::Error as _;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use jiedui::matcher::{Matcher, Ranking};
use jiedui::model::{FirmId, Side};
use jiedui::network::{Directory, Network};
use jiedui::plan::{
    Constraint, Constraints, Costs, Coverage, Event, Fairness, Formation, FormationRules, Greedy, Limit,
    Optimal, Plan, PlanError, Planned, Planner, Problem, Reason, Replan, Rivals, Stable, Status, agreements,
    bundle, fairness, form, replan_with, verify,
};
use serde::Deserialize;

use crate::faults::note;
use crate::firms::{self, clip, label, short};
use crate::language::{Language, say};
use crate::options::{Extra, Options, PlanKind};
use crate::report::Report;
use crate::wanted;

/// How many firms a list names before it only counts.
pub(crate) const LISTED: usize = 8;

/// A plan, and the report on whom it serves.
pub(crate) struct Planning {
    pub(crate) plan: Plan,
    /// The most new pairings of an anchor and of a partner of which the limits say nothing else.
    pub(crate) most: [u32; 2],
    /// How many candidates an anchor had at most, by rank.
    pub(crate) candidates: usize,
    pub(crate) fairness: Fairness,
    /// What the best plan would sum to, where the plan does not seek it.
    pub(crate) optimum: Option<f64>,
    /// What has changed since the plan before, or after refusals.
    pub(crate) replan: Option<Replan>,
    /// Who was in a group of the plan before, by anchor and member.
    pub(crate) grouped_before: Option<Vec<(FirmId, FirmId)>>,
    pub(crate) costs: Option<Costs>,
    pub(crate) formation: Option<Formation>,
}

/// Plans what the options ask for, if they ask, and checks the plan. Pairs that are locked or were
/// planned before join the rankings, however far down they stand; the latter where the options do not
/// leave them out.
pub(crate) fn plan(
    matcher: &Matcher,
    rankings: &mut [Ranking],
    options: &Options,
    language: Language,
) -> Result<Option<Planning>> {
    let Some(kind) = options.plan else { return Ok(None) };
    let network = matcher.network();
    let candidates = rankings.iter().map(|ranking| ranking.recommendations.len()).max().unwrap_or(0);
    let constraints = constraints(network, options, language)?;
    tell_locked_anyway(matcher, &constraints, language);
    let earlier = options.earlier.as_ref().map(|path| earlier(path, network, language)).transpose()?;
    let grouped_before = earlier.as_ref().map(members);
    let locks = constraints.locks.iter().map(|lock| (&lock.anchor, &lock.supplier));
    let planned = earlier.iter().flat_map(|plan| &plan.pairings).map(|one| (&one.anchor, &one.supplier));
    let planned = planned.filter(|(anchor, supplier)| !wanted::is_left_out(matcher, anchor, supplier));
    for (anchor, supplier) in locks.chain(planned) {
        let ranking = rankings.iter_mut().find(|ranking| ranking.anchor == *anchor);
        if let Some((ranking, supplier)) = ranking.zip(network.firm_ix(supplier.as_str())) {
            matcher.include(ranking, supplier);
        }
    }
    let problem = Problem::builder()
        .rankings(network, rankings, &constraints.levels)
        .build(&constraints)
        .map_err(|error| wrong(&error, options, language))?;
    let unsound = || language.pick("方案未通过核验", "the plan fails its check");
    let is_anew = earlier.is_some() || !constraints.events.is_empty();
    let first = if let Some(earlier) = earlier {
        earlier
    } else {
        let first = planner(kind, &problem).plan(&problem);
        verify(&problem, &first).with_context(unsound)?;
        first
    };
    tell_idle(network, &constraints, &first, language);
    let (problem, again) = if is_anew {
        let now = problem.after(&constraints.events);
        let again = match kind {
            PlanKind::Optimal => plan_again(&now, &first, constraints.tolerance),
            PlanKind::Greedy | PlanKind::Stable => replan_with(planner(kind, &now).as_ref(), &now, &first),
        };
        (now, Some(again))
    } else {
        (problem, None)
    };
    let mut plan = again.as_ref().map_or(first, |again| again.plan.clone());
    if options.also.contains(&Extra::Groups) && plan.is_feasible() {
        let rivals = Rivals::of(network, &constraints.bundling);
        let groups = bundle(&problem, &plan, &constraints.bundling, |one, other| rivals.compete(one, other));
        plan = plan.with_groups(groups.with_context(unsound)?);
    }
    let joined = agreements(network, &plan, &constraints);
    let plan = plan.with_agreements(joined);
    verify(&problem, &plan).with_context(unsound)?;
    let fairness = fairness(&problem, &plan).with_context(unsound)?;
    let best = (kind != PlanKind::Optimal && plan.is_feasible()).then(|| Optimal.plan(&problem));
    let optimum = best.filter(|best| best.status == Status::Optimal).map(|best| best.objective);
    let costs = options.also.contains(&Extra::Costs).then(|| costs_of(&problem)).flatten();
    let formation = options.also.contains(&Extra::Branches).then(|| {
        let firms = network.firms().map(|firm| network.firm(firm));
        form(firms, &FormationRules::default())
    });
    Ok(Some(Planning {
        plan,
        most: [constraints.anchor_most, constraints.supplier_most],
        candidates,
        fairness,
        optimum,
        replan: again,
        grouped_before,
        costs,
        formation,
    }))
}

/// Who is in a group, by anchor and member.
pub(crate) fn members(plan: &Plan) -> Vec<(FirmId, FirmId)> {
    let groups = plan.groups.iter();
    groups
        .flat_map(|group| group.suppliers.iter().map(|one| (group.anchor.clone(), one.supplier.clone())))
        .collect()
}

/// The plan in a document that an earlier run has written.
fn earlier(path: &Path, network: &Network, language: Language) -> Result<Plan> {
    #[derive(Deserialize)]
    struct Document {
        plan: Plan,
    }

    let shown = path.display();
    let failed = || say!(language, "原方案 {shown}", "the earlier plan in {shown}");
    let text = fs::read_to_string(path).with_context(failed)?;
    let document: Document = serde_json::from_str(text.trim_start_matches('\u{feff}'))
        .with_context(|| {
            language.pick(
                "其中没有方案；请用 --plan … --format json --output 文件.json 的输出",
                "it holds no plan; take what --plan … --format json --output FILE.json writes",
            )
        })
        .with_context(failed)?;
    let mut plan = document.plan;
    // The ids may have been others then, names where there were none.
    let directory = Directory::new(network);
    let now = |id: &mut FirmId| {
        if let [firm] = directory.find(id.as_str())[..] {
            id.clone_from(&network.firm(firm).id);
        }
    };
    for one in &mut plan.pairings {
        now(&mut one.anchor);
        now(&mut one.supplier);
    }
    for group in &mut plan.groups {
        now(&mut group.anchor);
        group.suppliers.iter_mut().for_each(|one| now(&mut one.supplier));
    }
    Ok(plan)
}

/// Says which pairs are locked although the options leave them out.
fn tell_locked_anyway(matcher: &Matcher, constraints: &Constraints, language: Language) {
    let locks = constraints.locks.iter().map(|lock| (&lock.anchor, &lock.supplier));
    for (anchor, supplier) in
        locks.filter(|(anchor, supplier)| wanted::is_left_out(matcher, anchor, supplier))
    {
        let network = matcher.network();
        let (anchor, supplier) = (short(network, anchor), short(network, supplier));
        note!(
            "{}",
            say!(
                language,
                "{anchor} – {supplier}：不合所给条件，但已指定，仍为候选",
                "{anchor} – {supplier} is left out as asked, but locked, and so a candidate all the same"
            )
        );
    }
}

/// Says which refusals change nothing, since the two were not to be paired.
fn tell_idle(network: &Network, constraints: &Constraints, before: &Plan, language: Language) {
    for event in &constraints.events {
        let Event::Refusal { anchor, supplier } = event else { continue };
        let are_the_two = |one: &Planned| {
            let pair = (&one.anchor, &one.supplier);
            pair == (anchor, supplier) || pair == (supplier, anchor)
        };
        if !before.pairings.iter().any(are_the_two) {
            let (anchor, supplier) = (short(network, anchor), short(network, supplier));
            note!(
                "{}",
                say!(
                    language,
                    "{anchor} – {supplier}：原方案中没有这一对",
                    "{anchor} – {supplier} is not in the plan as it was before the events"
                )
            );
        }
    }
}

fn constraints(network: &Network, options: &Options, language: Language) -> Result<Constraints> {
    let mut constraints = Constraints::default();
    if let Some(path) = &options.constraints {
        let shown = path.display();
        let failed = || say!(language, "约束文件 {shown}", "the constraints in {shown}");
        let text = fs::read_to_string(path).with_context(failed)?;
        let is_toml = path.extension().is_some_and(|ending| ending == "toml");
        let read = if is_toml { Constraints::from_toml(&text) } else { Constraints::from_json(&text) };
        let unreadable = |error: PlanError| {
            let said = language.pick(
                "写法有误（字段见 README 的 limits.toml；文字须加引号）",
                "they are not written as README.md has it",
            );
            anyhow!(error.source().map_or_else(|| error.to_string(), ToString::to_string)).context(said)
        };
        let read = read.map_err(unreadable).with_context(failed)?.resolve(network);
        constraints = read.map_err(|error| wrong(&error, options, language))?;
    }
    if let Some(quota) = options.quota {
        constraints.anchor_most = quota;
    }
    let directory = Directory::new(network);
    for (anchor, supplier) in &options.refuse {
        let id = |name: &str| Ok(network.firm(firms::find(&directory, name, language)?).id.clone());
        let [anchor, supplier]: [Result<FirmId>; 2] = [id(anchor), id(supplier)];
        let (anchor, supplier) = (anchor?, supplier?);
        if anchor == supplier {
            let said = language.pick("须写两家不同的企业", "names one firm twice; name two");
            bail!("--refuse {anchor}: {said}");
        }
        constraints.events.push(Event::Refusal { anchor, supplier });
    }
    Ok(constraints)
}

/// What is wrong with the constraints, and where: the file, and the line where one alone has the value.
fn wrong(error: &PlanError, options: &Options, language: Language) -> anyhow::Error {
    let value = match error {
        PlanError::UnknownFirm { firm, .. } | PlanError::TwoGroups { firm, .. } => firm.as_str(),
        PlanError::AmbiguousFirm { name, .. }
        | PlanError::GroupName(name)
        | PlanError::Minimum { name }
        | PlanError::MinimumName(name)
        | PlanError::UnknownChain { chain: name, .. }
        | PlanError::UnknownRegion { region: name, .. }
        | PlanError::AmbiguousChain { name, .. }
        | PlanError::SameFirm { entry: name, .. } => name,
        PlanError::Lock { supplier, .. } => supplier.as_str(),
        PlanError::Bundling { .. } => "bundling",
        PlanError::Tolerance(_) => "tolerance",
        _ => "",
    };
    let place = options.constraints.as_ref().map(|path| {
        let text = fs::read_to_string(path).unwrap_or_default();
        let has_value =
            |line: &str| !value.is_empty() && line.contains(value) && !line.trim().starts_with('#');
        let mut lines = text.lines().enumerate().filter(|(_, line)| has_value(line));
        match (lines.next(), lines.next()) {
            (Some((line, _)), None) => format!("{}:{}", path.display(), line + 1),
            _ => path.display().to_string(),
        }
    });
    let place = place.unwrap_or_else(|| language.pick("命令行", "the command line").to_owned());
    let said = language.plan_error(error);
    anyhow!(say!(language, "约束有误，{place}：{said}", "the constraints are wrong, {place}: {said}"))
}

fn planner(kind: PlanKind, problem: &Problem) -> Box<dyn Planner> {
    match kind {
        PlanKind::Greedy => Box::new(Greedy),
        PlanKind::Stable => Box::new(Stable::default()),
        #[cfg(feature = "milp")]
        PlanKind::Optimal if !problem.is_flow() => Box::new(milp()),
        PlanKind::Optimal => {
            _ = problem;
            Box::new(Optimal)
        }
    }
}

/// A search takes a minute at most.
#[cfg(feature = "milp")]
fn milp() -> jiedui::plan::Milp {
    jiedui::plan::Milp::default().within(std::time::Duration::from_secs(60))
}

fn plan_again(problem: &Problem, earlier: &Plan, tolerance: f64) -> Replan {
    #[cfg(feature = "milp")]
    return milp().replan(problem, earlier, tolerance);
    #[cfg(not(feature = "milp"))]
    return jiedui::plan::replan(problem, earlier, tolerance);
}

fn costs_of(problem: &Problem) -> Option<Costs> {
    #[cfg(feature = "milp")]
    return milp().costs(problem);
    #[cfg(not(feature = "milp"))]
    return jiedui::plan::costs(problem);
}

/// Whether there is no plan at all.
pub(crate) fn is_infeasible(plan: &Plan) -> bool {
    matches!(plan.status, Status::Infeasible { .. })
}

impl Report<'_> {
    /// The plan as a page.
    pub(crate) fn plan(&self, rankings: &[Ranking], planning: &Planning) -> String {
        let plan = &planning.plan;
        let table = if plan.pairings.is_empty() {
            String::new()
        } else {
            self.pairings_table(plan).trim_fmt() + "\n"
        };
        self.about_plan(rankings, planning) + &table + &self.beside_plan(rankings, planning)
    }

    /// How good the plan is, and what has changed since the one before.
    pub(crate) fn about_plan(&self, rankings: &[Ranking], planning: &Planning) -> String {
        let Planning { plan, optimum, .. } = planning;
        let language = self.language;
        let (pairings, anchors) = (plan.pairings.len(), rankings.len());
        let candidates: usize = rankings.iter().map(|ranking| ranking.recommendations.len()).sum();
        let (objective, as_of) = (plan.objective, self.as_of());
        let mut text = say!(
            language,
            "\n━━ 结对方案：{anchors} 家链主，候选 {candidates} 对，新结 {pairings} 对，评分合计 {objective:.3}；{as_of}\n",
            "\n━━ Plan: {anchors} anchors, {candidates} candidate pairs, {pairings} new pairings, scores sum to {objective:.3}; {as_of}\n"
        );
        let _ = writeln!(text, "   {}", self.status(plan, planning.candidates));
        let [of_anchor, of_partner] = planning.most.map(|most| match most {
            u32::MAX => language.pick("不限", "any number of").to_owned(),
            most => say!(language, "至多 {most} 对", "at most {most}"),
        });
        text += &say!(
            language,
            "   名额：除另有限制外，链主新结{of_anchor}，配套企业{of_partner}\n",
            "   Places: {of_anchor} new pairings of an anchor, {of_partner} of a partner, unless limited otherwise\n"
        );
        if plan.planner.starts_with("stable") && plan.is_feasible() {
            let said = language.pick(
                "稳定：没有两家企业都更愿意与对方结对",
                "stable: no two firms would both rather pair with each other",
            );
            let _ = writeln!(text, "   {said}");
        }
        if let Some(optimum) = optimum {
            let less = optimum - plan.objective;
            text += &say!(
                language,
                "   最优方案的评分合计为 {optimum:.3}，本方案少 {less:.3}\n",
                "   the optimal plan sums to {optimum:.3}, {less:.3} more\n"
            );
        }
        if !is_infeasible(plan) {
            text += &self.replan(rankings, planning);
        }
        text
    }

    /// What there is to say beside the pairings.
    pub(crate) fn beside_plan(&self, rankings: &[Ranking], planning: &Planning) -> String {
        let plan = &planning.plan;
        let mut text = String::new();
        if !is_infeasible(plan) {
            text += &self.groups(plan);
            text += &self.agreements(plan);
            text += &self.left_out(plan);
            text += &self.served(&planning.fairness);
            text += &self.all_barred(rankings);
            text += &planning.costs.as_ref().map_or(String::new(), |costs| self.costs(costs));
        }
        text + &planning.formation.as_ref().map_or(String::new(), |one| self.formation(one))
    }

    /// How good the plan is, made of so many candidates an anchor at most.
    fn status(&self, plan: &Plan, most: usize) -> String {
        let language = self.language;
        let list = |constraints: &[Constraint]| {
            let said: Vec<String> = constraints.iter().map(|one| self.constraint(one)).collect();
            said.join(language.semicolon())
        };
        match &plan.status {
            Status::Optimal => say!(
                language,
                "已证明最优：在这些限制和每家链主前 {most} 名候选之内没有更好的方案",
                "proved optimal: within these limits and each anchor's first {most} candidates no plan is better"
            ),
            Status::Feasible { bound: None } => language
                .pick("符合全部限制；未证明最优", "keeps to every limit; not proved optimal")
                .to_owned(),
            Status::Feasible { bound: Some(bound) } => say!(
                language,
                "符合全部限制；任何方案的评分合计不超过 {bound:.3}",
                "keeps to every limit; no plan sums to more than {bound:.3}"
            ),
            Status::Incomplete { unmet } => {
                let unmet = list(unmet);
                say!(language, "未能满足：{unmet}", "not met: {unmet}")
            }
            Status::Infeasible { conflict } => {
                let (n, conflict) = (conflict.len(), list(conflict));
                let which = if n == 1 { "这一条" } else { "其中任何一条" };
                say!(
                    language,
                    "没有方案：以下限制不能同时满足，请放宽{which}，或以 --top 增加候选（现为每家前 {most} 名）：{conflict}",
                    "there is no plan: these cannot all be kept, so give up one of them, or ask for more candidates by --top (now the first {most}): {conflict}"
                )
            }
            _ => String::new(),
        }
    }

    pub(crate) fn constraint(&self, constraint: &Constraint) -> String {
        let language = self.language;
        let firm = |id: &FirmId| short(self.network(), id);
        let limit = |limit: &Limit| match limit {
            Limit::Firm { firm: id, .. } => firm(id),
            Limit::Level { firm: id, level, .. } => {
                let (firm, level) = (firm(id), language.level(*level));
                say!(language, "{firm}的{level}层级", "{firm} at {level} level")
            }
            Limit::Group { group, .. } => label(group),
            _ => String::new(),
        };
        match constraint {
            Constraint::AtMost { limit: of, most } => {
                let of = limit(of);
                say!(language, "{of}至多 {most} 对", "{of} at most {most}")
            }
            Constraint::AtLeast { limit: of, least } => {
                let of = limit(of);
                say!(language, "{of}至少 {least} 对", "{of} at least {least}")
            }
            Constraint::Lock { anchor, supplier } => {
                let (anchor, supplier) = (firm(anchor), firm(supplier));
                say!(language, "指定 {anchor} – {supplier}", "lock {anchor} – {supplier}")
            }
            Constraint::Veto { anchor, supplier } => {
                let (anchor, supplier) = (firm(anchor), firm(supplier));
                say!(language, "否决或谢绝 {anchor} – {supplier}", "veto {anchor} – {supplier}")
            }
            Constraint::Forbidden { anchor, supplier } => {
                let (anchor, supplier) = (firm(anchor), firm(supplier));
                say!(language, "{anchor} – {supplier} 属互斥组", "forbidden group of {anchor} – {supplier}")
            }
            Constraint::Minimum { name } => {
                let name = label(name);
                say!(language, "最低要求“{name}”", "minimum {name:?}")
            }
            Constraint::Hours { firm: id, .. } => {
                let firm = firm(id);
                say!(language, "{firm}的工时", "hours of {firm}")
            }
            other => other.to_string(),
        }
    }

    fn pairings_table(&self, plan: &Plan) -> Table {
        let language = self.language;
        let mut table = Table::new();
        table.load_preset(presets::UTF8_HORIZONTAL_ONLY);
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(self.width);
        table.set_header(language.pick(
            ["链主", "配套企业", "层级", "评分", "链主\n效用", "配套企业\n效用", "候补"],
            ["anchor", "partner", "level", "score", "anchor's\nutility", "partner's\nutility", "next to ask"],
        ));
        let name = |id: &FirmId| {
            let firm = self.network().firm_ix(id.as_str()).map(|firm| self.network().firm(firm));
            // The id on a line of its own, so that it is not broken.
            let told = firm.and_then(|firm| firm.name.as_deref()).filter(|name| *name != id.as_str());
            told.map_or(String::new(), |name| clip(name) + "\n") + &clip(id.as_str())
        };
        for of_anchor in plan.pairings.chunk_by(|a, b| a.anchor == b.anchor) {
            for (at, one) in of_anchor.iter().enumerate() {
                let reserve = plan.reserve.iter().find(|reserve| reserve.anchor == one.anchor);
                let next = reserve.into_iter().flat_map(|reserve| &reserve.suppliers).nth(at);
                let next = next.map_or(String::new(), |next| {
                    let (firm, score) = (short(self.network(), &next.supplier), next.score);
                    let mut members = plan.groups.iter().flat_map(|group| &group.suppliers);
                    let free = match next.free {
                        true => "",
                        false if members.any(|one| one.supplier == next.supplier) => {
                            language.pick("，已入组", ", in a group")
                        }
                        false => language.pick("，已另结对", ", planned elsewhere"),
                    };
                    format!("{firm}\n{score:.3}{free}")
                });
                let locked = if one.locked { language.pick("（指定）", " (locked)") } else { "" };
                table.add_row([
                    if at == 0 { name(&one.anchor) } else { String::new() },
                    name(&one.supplier) + locked,
                    one.level.map_or("–", |level| language.level(level)).to_owned(),
                    format!("{:.3}", one.score),
                    format!("{:.3}", one.anchor_utility),
                    format!("{:.3}", one.supplier_utility),
                    next,
                ]);
            }
        }
        for numbers in 3..6 {
            if let Some(column) = table.column_mut(numbers) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        table
    }

    /// Who is left out, by side and reason.
    fn left_out(&self, plan: &Plan) -> String {
        let language = self.language;
        let mut text = String::new();
        for side in Side::ALL {
            for reason in [
                Reason::OthersPreferred,
                Reason::NoPlace,
                Reason::NotChosen,
                Reason::AllPlanned,
                Reason::Barred,
                Reason::NoCandidate,
            ] {
                let of = plan.unpaired.iter().filter(|one| one.side == side && one.reason == reason);
                let firms: Vec<String> = of.map(|one| short(self.network(), &one.firm)).collect();
                if firms.is_empty() {
                    continue;
                }
                let heading = match (side, reason) {
                    (Side::Anchor, Reason::NoPlace) => {
                        language.pick("不再结对的链主", "Anchors that pair no more")
                    }
                    (Side::Anchor, _) => language.pick("尚有名额的链主", "Anchors with places left"),
                    (Side::Supplier, _) => language.pick("未列入的配套企业", "Partners left out"),
                };
                let (why, some) = (self.reason(side, reason), self.language.first_of(&firms, LISTED));
                let _ = writeln!(
                    text,
                    "   {}",
                    say!(language, "{heading}（{why}）：{some}", "{heading} ({why}): {some}")
                );
            }
        }
        text
    }

    pub(crate) fn reason(&self, side: Side, reason: Reason) -> &'static str {
        let pick = |chinese, english| self.language.pick(chinese, english);
        match (reason, side) {
            (Reason::NoCandidate, _) => pick("没有候选", "no candidate"),
            (Reason::Barred, _) => pick("候选均已结对或不可行", "every candidate pair is in force or barred"),
            (Reason::AllPlanned, _) => {
                pick("所列候选均已列入", "all its candidates asked for are planned with it")
            }
            (Reason::NoPlace, _) => {
                pick("自有或共用的名额已用完", "no place is left of its own or of those it shares")
            }
            (Reason::OthersPreferred, Side::Supplier) => {
                pick("链主名额已满", "the anchors' places are taken")
            }
            (Reason::OthersPreferred, Side::Anchor) => pick("没有剩余的候选", "no candidate is left for it"),
            _ => pick("未选中", "not chosen"),
        }
    }

    /// How evenly the plan serves.
    fn served(&self, fairness: &Fairness) -> String {
        let language = self.language;
        let share = |one: &Coverage, name: &str| {
            let Coverage { planned, candidates, .. } = one;
            format!("{name} {planned}/{candidates}")
        };
        let sizes: Vec<String> = fairness
            .by_size
            .iter()
            .map(|one| {
                let class = jiedui::model::SizeClass::from_word(&one.kind);
                let unknown = language.pick("未知", "unknown");
                share(one, class.map_or(unknown, |class| language.pick(class.chinese(), class.as_str())))
            })
            .collect();
        let grouped = fairness.all.grouped;
        let mut all = share(&fairness.all, language.pick("合计", "all"));
        if grouped > 0 {
            all += &say!(language, "，另 {grouped} 家在组中", " and {grouped} in groups");
        }
        let (sizes, gini, crowd) = (sizes.join(language.comma()), fairness.gini, fairness.gini_of_rankings);
        let mut text = say!(
            language,
            "   覆盖（已列入/候选）：{all}；{sizes}；链主结对数基尼系数 {gini:.2}（各自选最高分时 {crowd:.2}）\n",
            "   Covered (planned of candidates): {all}; {sizes}; Gini of the anchors' pairings {gini:.2} ({crowd:.2} if each partner went where it scores best)\n"
        );
        if let Some(nearest) = fairness.left_out.iter().min_by(|a, b| a.short.total_cmp(&b.short)) {
            let (supplier, anchor) =
                (short(self.network(), &nearest.supplier), short(self.network(), &nearest.anchor));
            let more = match nearest.short {
                short if short < 0.0005 => language.pick("不到 0.001", "less than 0.001").to_owned(),
                // Up: a little less would not do.
                short => format!("{}{:.3}", language.pick(" ", ""), (short * 1000.0).ceil() / 1000.0),
            };
            text += &say!(
                language,
                "   离列入最近：{supplier}，与{anchor}的评分再高{more} 即可\n",
                "   Nearest to coming in: {supplier}, if it scored {more} more with {anchor}\n"
            );
        }
        text
    }

    /// Pairs of which every level is barred: never candidates of a plan.
    fn all_barred(&self, rankings: &[Ranking]) -> String {
        let language = self.language;
        let pairs = rankings.iter().flat_map(|ranking| {
            let anchor = short(self.network(), &ranking.anchor);
            ranking
                .barred
                .iter()
                .map(move |one| format!("{anchor} – {}", short(self.network(), &one.supplier)))
        });
        let pairs: Vec<String> = pairs.collect();
        if pairs.is_empty() {
            return String::new();
        }
        let (count, some) = (pairs.len(), pairs[..pairs.len().min(LISTED)].join(language.comma()));
        let more = if count > LISTED { language.pick("等", " and more") } else { "" };
        say!(
            language,
            "   不可行、不在候选之内（{count} 对）：{some}{more}\n",
            "   Barred and so no candidates ({count}): {some}{more}\n"
        )
    }
}

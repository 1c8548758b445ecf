//! The reasons for a score, in short phrases.

use jiedui::factor::Calibration;
use jiedui::matcher::{Flag, Recommendation, Witness};
use jiedui::model::{Answer, FirmId, Pairing, Response, Side};
use jiedui::network::Network;

use crate::firms::{label, short, shorten};
use crate::language::{Language, say};

/// How many reasons a recommendation shows.
const MOST: usize = 3;

/// The reasons that set a candidate apart: each factor's weight · (value − prior) over
/// both sides, the largest first. A factor with a witness speaks through it.
pub(crate) fn why(
    network: &Network,
    calibration: &Calibration,
    anchor: &FirmId,
    recommendation: &Recommendation,
    language: Language,
) -> Vec<String> {
    let mut gains: Vec<(&str, f64)> = Vec::new();
    for contribution in &recommendation.contributions {
        let Some(value) = contribution.value else { continue };
        let prior = calibration.prior(&contribution.factor, contribution.side);
        let gain = contribution.weight * (value - prior);
        match gains.iter_mut().find(|(factor, _)| *factor == contribution.factor) {
            Some((_, sum)) => *sum += gain,
            None => gains.push((&contribution.factor, gain)),
        }
    }
    // Two sides that cancel out leave what rounding does.
    gains.retain(|&(_, gain)| gain > 1e-9);
    // Stable, so that equals keep the order of the registry.
    gains.sort_by(|a, b| b.1.total_cmp(&a.1));
    let mut reasons: Vec<String> = Vec::new();
    for (factor, _) in gains {
        let reason = reason(network, anchor, recommendation, factor, language);
        reasons.extend(reason.filter(|reason| !reasons.contains(reason)));
        if reasons.len() == MOST {
            break;
        }
    }
    // Nothing stands out: the plain evidence is still worth a word.
    if reasons.is_empty() {
        reasons.extend(recommendation.witness.first().map(|first| witness(network, first, language)));
    }
    reasons
}

/// What a factor has to say for a candidate.
fn reason(
    network: &Network,
    anchor: &FirmId,
    recommendation: &Recommendation,
    factor: &str,
    language: Language,
) -> Option<String> {
    let shown = |is_of: fn(&Witness) -> bool| {
        let found = recommendation.witness.iter().find(|witness| is_of(witness));
        found.map(|found| witness(network, found, language))
    };
    let values = recommendation.contributions.iter().filter(|one| one.factor == *factor);
    let value = values.filter_map(|one| one.value).fold(0.0, f64::max);
    match factor {
        "product_fit" => shown(|w| matches!(w, Witness::Product { .. } | Witness::Industry { .. })),
        "relatedness" => shown(|w| matches!(w, Witness::Related { .. })),
        "prospect" | "co_supply" | "reach" => shown(|w| matches!(w, Witness::CoSupply { .. }))
            .or_else(|| shown(|w| matches!(w, Witness::SecondTier { .. }))),
        "shared_partners" => shown(|w| matches!(w, Witness::SharedPartner { .. })),
        "proximity" => {
            let km = recommendation.relation.distance_km?;
            Some(say!(language, "距离 {km:.1} km", "{km:.1} km away"))
        }
        // Who is not there itself fills no gap there.
        "gap" => {
            let said = language.pick("所产为链主所在区县所缺", "makes what the anchor lacks in its district");
            are_neighbours(network, anchor, &recommendation.supplier).then(|| said.to_owned())
        }
        "trade" => Some(match recommendation.relation.yearly_value {
            Some(value) if value > 0.0 => {
                let value = language.money(value);
                say!(language, "近一年供货 {value}", "delivered {value} in a year")
            }
            _ => language.pick("有供货往来", "has delivered").to_owned(),
        }),
        "resource_fit" => {
            let categories = matched_categories(recommendation, language);
            Some(say!(language, "资源对接：{categories}", "offers meet needs: {categories}"))
        }
        "gradient" => Some(language.pick("大带小", "a large firm leads a smaller one").to_owned()),
        "technology_gap" => (value >= 0.5).then(|| {
            language
                .pick("技术差距适中，便于学习", "a technology gap small enough to learn across")
                .to_owned()
        }),
        "organisation" if value >= 1.0 => {
            Some(language.pick("双方有党组织", "both have Party organisations").to_owned())
        }
        "organisation" => {
            Some(language.pick("可组建或联建党组织", "can form or join a Party organisation").to_owned())
        }
        // A source of today is none more.
        "concentration" if recommendation.relation.current => None,
        "concentration" => {
            Some(language.pick("可缓解货源过于集中", "a further source where few serve").to_owned())
        }
        "incidents" => recommendation
            .flags
            .contains(&Flag::Incidents)
            .then(|| language.pick("质量有待帮扶", "quality that needs help").to_owned()),
        // Who has never paired or answered is taken for average, which is no reason.
        "track_record" => {
            let said = language.pick("以往结对有成效", "past pairings went well");
            has_paired_well(network, &recommendation.supplier).then(|| said.to_owned())
        }
        "willingness" => {
            let said = language.pick("已表示愿意结对", "has said yes");
            has_agreed(network, anchor, &recommendation.supplier).then(|| said.to_owned())
        }
        _ => None,
    }
}

fn are_neighbours(network: &Network, one: &FirmId, other: &FirmId) -> bool {
    let region = |id: &FirmId| network.firm(network.firm_ix(id.as_str())?).region.as_deref();
    region(one).is_some_and(|of_one| region(other) == Some(of_one))
}

/// What resources the two sides have for each other, in words.
fn matched_categories(recommendation: &Recommendation, language: Language) -> String {
    let matches = recommendation.modes.iter().flat_map(|mode| &mode.matches);
    let mut categories: Vec<&str> = matches.map(|found| language.category(found.category)).collect();
    categories.dedup();
    categories.join(language.comma())
}

/// Whether a pairing of a firm had an outcome that counts as success.
fn has_paired_well(network: &Network, firm: &FirmId) -> bool {
    let tables = network.tables();
    let is_good = |pairing: &Pairing| {
        tables.outcomes.iter().any(|one| one.pairing == pairing.id && one.kind.is_success())
    };
    tables.pairings.iter().any(|pairing| pairing.parties.contains(firm) && is_good(pairing))
}

/// Whether a supplier has answered an anchor yes.
fn has_agreed(network: &Network, anchor: &FirmId, supplier: &FirmId) -> bool {
    let is_yes =
        |one: &Response| (&one.firm, &one.partner) == (supplier, anchor) && one.answer == Answer::Yes;
    network.tables().responses.iter().any(is_yes)
}

/// A piece of evidence in words.
pub(crate) fn witness(network: &Network, witness: &Witness, language: Language) -> String {
    let product = |id: &str| {
        let products = &network.tables().products;
        let found = products.binary_search_by(|product| product.id.as_str().cmp(id)).ok();
        let name = found.and_then(|at| products[at].name.as_deref());
        shorten(name.unwrap_or(id))
    };
    match witness {
        Witness::Product { wanted, made, .. } if wanted == made => {
            let made = product(made.as_str());
            say!(language, "生产{made}，正合所需", "makes {made}, which is needed")
        }
        Witness::Product { wanted, made, likeness } => {
            let (wanted, made) = (product(wanted.as_str()), product(made.as_str()));
            say!(
                language,
                "生产{made}，与所需的{wanted}相近（相似度 {likeness:.2}）",
                "makes {made}, like the {wanted} needed ({likeness:.2})"
            )
        }
        Witness::Industry { wanted, made, .. } if wanted == made => {
            let made = label(made);
            say!(language, "属采购所在行业 {made}", "of industry {made}, where the anchor buys")
        }
        Witness::Industry { wanted, made, likeness } => {
            let (wanted, made) = (label(wanted), label(made));
            say!(
                language,
                "行业 {made}，与采购所在行业 {wanted} 相近（相似度 {likeness:.2}）",
                "of industry {made}, like {wanted} where the anchor buys ({likeness:.2})"
            )
        }
        Witness::Related { made, .. } => {
            let made = product(made.as_str());
            say!(
                language,
                "生产{made}，所需产品的厂家也常生产",
                "makes {made}, as makers of what is needed often do"
            )
        }
        Witness::CoSupply { supplier, buyer } => {
            let (supplier, buyer) = (short(network, supplier), short(network, buyer));
            say!(
                language,
                "供货给{buyer}，后者也向链主的供应商{supplier}采购",
                "supplies {buyer}, which also buys from the anchor's supplier {supplier}"
            )
        }
        Witness::SharedPartner { partner } => {
            let partner = short(network, partner);
            say!(language, "双方都与{partner}有往来", "both trade with {partner}")
        }
        Witness::SecondTier { through } => {
            let through = short(network, through);
            say!(language, "供货给链主的供应商{through}", "supplies {through}, a supplier of the anchor")
        }
        Witness::Near { km } => say!(language, "距离 {km:.1} km", "{km:.1} km away"),
        _ => String::new(),
    }
}

/// A side in words.
pub(crate) fn side(side: Side, language: Language) -> &'static str {
    match side {
        Side::Anchor => language.pick("链主一方", "anchor's side"),
        Side::Supplier => language.pick("配套一方", "supplier's side"),
    }
}

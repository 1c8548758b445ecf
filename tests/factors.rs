//! Each factor against values worked by hand, on small networks drawn for it.

use jiedui::dataset::{Dataset, DatasetBuilder};
use jiedui::factor::Value;
use jiedui::matcher::{Flag, Matcher, Recommendation, Weights, Witness};
use jiedui::model::Side;
use jiedui::model::*;
use jiedui::network::Network;
use jiedui::structure::{Kernel, PathWeights, Pattern, Scores, ThreePaths};

/// What the matcher says of a pair when only `factor` counts, beside one that is always
/// known (proximity, at the same place).
fn explain(builder: DatasetBuilder, factor: &str, anchor: &str, supplier: &str) -> Recommendation {
    let (dataset, report) = builder.finish();
    assert_eq!(report.losses(), 0, "{report}");
    let network = Network::build(&dataset).unwrap();
    let weights = Weights::none().with("proximity", 1.0).with(factor, 1.0);
    let matcher = Matcher::builder(&network).weights(weights).build().unwrap();
    matcher.explain(network.firm_ix(anchor).unwrap(), network.firm_ix(supplier).unwrap()).unwrap()
}

/// The same as of a date.
fn explain_as_of(builder: &DatasetBuilder, as_of: &str, factor: &str, supplier: &str) -> Recommendation {
    let network = Network::build_as_of(&builder.clone().finish().0, as_of.parse().ok()).unwrap();
    let weights = Weights::none().with("proximity", 1.0).with(factor, 1.0);
    let matcher = Matcher::builder(&network).weights(weights).build().unwrap();
    matcher.explain(network.firm_ix("a").unwrap(), network.firm_ix(supplier).unwrap()).unwrap()
}

/// The value of a factor on a side.
fn value(found: &Recommendation, factor: &str, side: Side) -> Value {
    let listed = found.contributions.iter().find(|one| one.factor == factor && one.side == side);
    listed.map_or(Value::NotApplicable, |one| Value::from_option(one.value))
}

fn known(found: &Recommendation, factor: &str, side: Side) -> f64 {
    of(value(found, factor, side)).expect("known")
}

/// A value that is applicable, `None` where unknown.
fn of(value: Value) -> Option<f64> {
    match value {
        Value::Known(value) => Some(value),
        Value::Unknown => None,
        Value::NotApplicable => panic!("not applicable"),
    }
}

fn near(a: f64, b: f64) {
    assert!((a - b).abs() < 1e-12, "{a} is not {b}");
}

fn supply(builder: &mut DatasetBuilder, supplier: &str, buyer: &str, product: &str, value: f64) {
    let mut row = Supply::new(supplier, buyer);
    row.product = (!product.is_empty()).then(|| product.into());
    row.value = Some(value);
    row.date = Some("2025-03".parse().unwrap());
    builder.add_supply(&row);
}

fn product(builder: &mut DatasetBuilder, firm: &str, product: &str, role: Role, weight: f64) {
    let row = FirmProduct { firm: firm.into(), product: product.into(), role, weight: Some(weight) };
    builder.add_firm_product(row);
}

fn parent(builder: &mut DatasetBuilder, product: &str, parent: &str) {
    builder.add_product_parent(ProductParent { product: product.into(), parent: parent.into() });
}

/// ```text
///            metal              made by: bolt ×2 (s, t), nut ×1 (u)
///           /     \
///        fasteners  plate       plate ×1 (v)
///        /     \
///      bolt    nut              4 mentions, N + 1 = 5
/// ```
fn fasteners() -> DatasetBuilder {
    let mut builder = Dataset::builder();
    for (child, class) in
        [("bolt", "fasteners"), ("nut", "fasteners"), ("fasteners", "metal"), ("plate", "metal")]
    {
        parent(&mut builder, child, class);
    }
    for (firm, made) in [("s", "bolt"), ("t", "bolt"), ("u", "nut"), ("v", "plate")] {
        product(&mut builder, firm, made, Role::Makes, 1.0);
    }
    builder
}

#[test]
fn product_fit_compares_what_is_wanted_with_what_is_made() {
    let mut builder = fasteners();
    product(&mut builder, "a", "bolt", Role::Needs, 3.0);
    product(&mut builder, "a", "plate", Role::Needs, 1.0);
    product(&mut builder, "u", "paint", Role::Makes, 1.0);
    let found = explain(builder, "product_fit", "a", "u");
    // A fifth mention came with the paint; N + 1 = 6.
    let information = |count: f64| -((count + 1.0) / 6.0).ln();
    let like = 2.0 * information(3.0) / (information(1.0) + information(2.0));
    // The plate meets the nut in metal, which is all metal: 4 mentions.
    let plate = 2.0 * information(4.0) / (information(1.0) + information(1.0));
    near(known(&found, "product_fit", Side::Anchor), (3.0 * like + plate) / 4.0);
    near(known(&found, "product_fit", Side::Supplier), like / 2.0);
}

#[test]
fn product_fit_is_whole_for_the_very_product_and_nothing_without_a_common_class() {
    let mut builder = fasteners();
    product(&mut builder, "a", "bolt", Role::Needs, 1.0);
    let found = explain(builder, "product_fit", "a", "s");
    assert_eq!(known(&found, "product_fit", Side::Anchor), 1.0);
    assert_eq!(known(&found, "product_fit", Side::Supplier), 1.0);
    assert!(found.witness.iter().any(
        |one| matches!(one, Witness::Product { wanted, likeness, .. } if wanted.as_str() == "bolt" && *likeness == 1.0)
    ));
    let mut builder = fasteners();
    product(&mut builder, "a", "paint", Role::Needs, 1.0);
    assert_eq!(known(&explain(builder, "product_fit", "a", "s"), "product_fit", Side::Anchor), 0.0);
}

#[test]
fn wants_follow_from_the_bill_of_materials_and_never_reward_the_same_trade() {
    let mut builder = fasteners();
    product(&mut builder, "a", "rack", Role::Makes, 1.0);
    product(&mut builder, "rival", "rack", Role::Makes, 1.0);
    builder.add_product_input(ProductInput {
        input: "bolt".into(),
        output: "rack".into(),
        weight: Some(2.0),
    });
    let found = explain(builder, "product_fit", "a", "rival");
    assert_eq!(known(&found, "product_fit", Side::Anchor), 0.0);
    assert!(found.flags.contains(&Flag::Competitor));
    let mut builder = fasteners();
    product(&mut builder, "a", "rack", Role::Makes, 1.0);
    builder.add_product_input(ProductInput {
        input: "bolt".into(),
        output: "rack".into(),
        weight: Some(2.0),
    });
    let found = explain(builder, "product_fit", "a", "s");
    assert_eq!(known(&found, "product_fit", Side::Anchor), 1.0);
    assert!(!found.flags.contains(&Flag::Competitor));
}

#[test]
fn inputs_weigh_as_much_as_what_they_go_into_but_for_those_made_at_home() {
    let mut builder = Dataset::builder();
    for (made, weight) in [("rack", 1.0), ("rail", 3.0)] {
        product(&mut builder, "a", made, Role::Makes, weight);
    }
    for (input, output, weight) in [("bolt", "rack", 2.0), ("nut", "rail", 1.0), ("rack", "rail", 5.0)] {
        let (input, output, weight) = (input.into(), output.into(), Some(weight));
        builder.add_product_input(ProductInput { input, output, weight });
    }
    product(&mut builder, "s", "bolt", Role::Makes, 1.0);
    product(&mut builder, "t", "rack", Role::Makes, 1.0);
    // 1 · 2 of bolts, 3 · 1 of nuts, and no racks.
    near(known(&explain(builder.clone(), "product_fit", "a", "s"), "product_fit", Side::Anchor), 2.0 / 5.0);
    assert_eq!(known(&explain(builder, "product_fit", "a", "t"), "product_fit", Side::Anchor), 0.0);
    // Nor is what it buys of what it makes.
    let mut builder = Dataset::builder();
    builder.add_firm(Firm { region: Some("north".into()), ..Firm::new("a") });
    builder.add_firm(Firm { region: Some("south".into()), ..Firm::new("s") });
    product(&mut builder, "a", "bolt", Role::Makes, 1.0);
    supply(&mut builder, "s", "a", "bolt", 100.0);
    supply(&mut builder, "s", "a", "nut", 300.0);
    product(&mut builder, "t", "bolt", Role::Makes, 1.0);
    product(&mut builder, "u", "nut", Role::Makes, 1.0);
    assert_eq!(known(&explain(builder.clone(), "gap", "a", "t"), "gap", Side::Anchor), 0.0);
    assert_eq!(known(&explain(builder, "gap", "a", "u"), "gap", Side::Anchor), 0.5, "all, but inferred");
}

#[test]
fn industries_are_alike_by_how_rare_their_common_class_is() {
    let mut builder = Dataset::builder();
    for (id, code) in [("a", "C3714"), ("b", "C3311"), ("d", "C3312"), ("e", "C3312")] {
        builder.add_firm(Firm { industry: Some(Industry::new(code)), ..Firm::new(id) });
    }
    supply(&mut builder, "b", "a", "", 300.0);
    product(&mut builder, "a", "bolt", Role::Needs, 1.0);
    let found = explain(builder, "product_fit", "a", "d");
    // Of four firms one is of 3311, two are of 3312, all three of 331; inferred wants count half.
    let information = |count: f64| -((count + 1.0) / 5.0).ln();
    let like = 2.0 * information(3.0) / (information(1.0) + information(2.0));
    near(known(&found, "product_fit", Side::Anchor), like / 2.0);
}

#[test]
fn without_products_industries_speak_weighted_by_spend() {
    let mut builder = Dataset::builder();
    for (id, code) in [("a", "C3714"), ("b", "C3311"), ("c", "C2911"), ("d", "C3311"), ("e", "C3714")] {
        builder.add_firm(Firm { industry: Some(Industry::new(code)), ..Firm::new(id) });
    }
    supply(&mut builder, "b", "a", "", 300.0);
    supply(&mut builder, "c", "a", "", 100.0);
    supply(&mut builder, "e", "a", "", 900.0);
    let found = explain(builder.clone(), "product_fit", "a", "d");
    assert_eq!(value(&found, "product_fit", Side::Anchor), Value::NotApplicable, "a has what it buys");
    // a wants something that nobody tells to make.
    product(&mut builder, "a", "bolt", Role::Needs, 1.0);
    let found = explain(builder.clone(), "product_fit", "a", "d");
    // d is of b's industry, three quarters of the spend outside a's own trade; c's
    // industry shares the section alone, of which all five firms are. Inferred, it counts half.
    near(known(&found, "product_fit", Side::Anchor), 0.75 / 2.0);
    assert_eq!(known(&found, "product_fit", Side::Supplier), 0.5);
    // What d makes, in words that nobody else uses, tells no more than its industry; what others make, too, does.
    let mut told = builder.clone();
    product(&mut told, "d", "widgets", Role::Makes, 1.0);
    near(known(&explain(told.clone(), "product_fit", "a", "d"), "product_fit", Side::Anchor), 0.75 / 2.0);
    let mut classed = told.clone();
    parent(&mut classed, "widgets", "goods");
    let found = explain(classed, "product_fit", "a", "d");
    assert_eq!(known(&found, "product_fit", Side::Anchor), 0.0, "a class makes it anybody's word");
    product(&mut told, "b", "widgets", Role::Makes, 1.0);
    assert_eq!(known(&explain(told, "product_fit", "a", "d"), "product_fit", Side::Anchor), 0.0);
    let rival = explain(builder, "product_fit", "a", "e");
    assert_eq!(known(&rival, "product_fit", Side::Anchor), 0.0, "own industry is never wanted");
    assert!(rival.flags.contains(&Flag::Competitor));
}

#[test]
fn trade_by_product_speaks_where_no_table_does() {
    let mut builder = Dataset::builder();
    supply(&mut builder, "s", "a", "bolt", 300.0);
    supply(&mut builder, "t", "b", "bolt", 1.0);
    supply(&mut builder, "u", "b", "nut", 1.0);
    supply(&mut builder, "u", "b", "bolt", 3.0);
    // a buys bolts, which is all that says that it wants them, and has them.
    let found = explain(builder.clone(), "product_fit", "a", "t");
    assert_eq!(value(&found, "product_fit", Side::Supplier), Value::NotApplicable);
    // Where a gap is in its region, they count half.
    let mut open = builder.clone();
    open.add_firm(Firm { region: Some("north".into()), ..Firm::new("a") });
    open.add_firm(Firm { region: Some("south".into()), ..Firm::new("s") });
    assert_eq!(known(&explain(open, "gap", "a", "t"), "gap", Side::Anchor), 0.5);
    // Told, they are wanted.
    let mut told = builder;
    product(&mut told, "a", "bolt", Role::Needs, 1.0);
    let found = explain(told, "product_fit", "a", "u");
    assert_eq!(known(&found, "product_fit", Side::Anchor), 1.0);
    // u sells to one nut buyer and to one bolt buyer; nut and bolt have no class in common here.
    near(known(&found, "product_fit", Side::Supplier), 0.5);
}

#[test]
fn products_count_without_value_and_of_any_age() {
    let mut builder = Dataset::builder();
    supply(&mut builder, "s", "a", "bolt", 1e6);
    let mut row = Supply::new("t", "a");
    row.product = Some("bolt".into());
    builder.add_supply(&row);
    let mut row = Supply::new("u", "b");
    (row.product, row.value, row.date) = (Some("bolt".into()), Some(1.0), "2019".parse().ok());
    builder.add_supply(&row);
    let found = explain(builder, "concentration", "a", "u");
    // Two sources of bolts, the one that tells no value taken to be like the other.
    near(known(&found, "concentration", Side::Anchor), 0.5);
    assert!(!found.flags.contains(&Flag::SingleSource));
}

#[test]
fn who_tells_no_value_counts_as_the_upper_median_of_those_that_sell() {
    let mut builder = Dataset::builder();
    supply(&mut builder, "s", "a", "bolt", 100.0);
    supply(&mut builder, "t", "a", "bolt", 300.0);
    builder.add_supply(&Supply { product: Some("bolt".into()), ..Supply::new("u", "a") });
    // Long ago, so that they sell nothing this year and are no sources of today.
    for firm in ["v", "w", "x", "y"] {
        let row = Supply { value: Some(1e6), date: "2010".parse().ok(), ..Supply::new(firm, "a") };
        builder.add_supply(&Supply { product: Some("bolt".into()), ..row });
    }
    product(&mut builder, "z", "bolt", Role::Makes, 1.0);
    let found = explain(builder, "concentration", "a", "z");
    near(known(&found, "concentration", Side::Anchor), (1.0 + 9.0 + 9.0) / 49.0);

    let mut builder = Dataset::builder();
    supply(&mut builder, "s", "a", "bolt", 100.0);
    let row = Supply { value: Some(1e6), date: "2010".parse().ok(), ..Supply::new("v", "a") };
    builder.add_supply(&Supply { product: Some("bolt".into()), ..row });
    product(&mut builder, "z", "bolt", Role::Makes, 1.0);
    let flags = |of| explain(builder.clone(), "concentration", "a", of).flags;
    assert!(flags("z").contains(&Flag::SingleSource));
    assert!(!flags("s").contains(&Flag::SingleSource), "it is that source itself");
}

#[test]
fn spend_at_unknown_regions_closes_no_gap_and_opens_none() {
    let mut builder = Dataset::builder();
    let region = |id: &str, region: &str| Firm { region: Some(region.into()), ..Firm::new(id) };
    builder.add_firm(region("a", "north"));
    supply(&mut builder, "s", "a", "bolt", 1.0);
    product(&mut builder, "w", "bolt", Role::Makes, 1.0);
    product(&mut builder, "w", "nut", Role::Makes, 1.0);
    let found = explain(builder.clone(), "gap", "a", "w");
    assert_eq!(value(&found, "gap", Side::Anchor), Value::Unknown);
    builder.add_firm(region("t", "south"));
    supply(&mut builder, "t", "a", "nut", 1.0);
    assert_eq!(known(&explain(builder, "gap", "a", "w"), "gap", Side::Anchor), 0.5, "all, but inferred");
}

#[test]
fn a_maker_of_what_is_wanted_is_no_competitor() {
    let mut builder = fasteners();
    for firm in ["a", "s"] {
        builder.add_firm(Firm { industry: Some(Industry::new("C3482")), ..Firm::new(firm) });
    }
    product(&mut builder, "a", "bolt", Role::Needs, 1.0);
    assert!(!explain(builder, "gradient", "a", "s").flags.contains(&Flag::Competitor));
}

#[test]
fn product_fit_is_unknown_where_nothing_can_be_compared() {
    let mut builder = fasteners();
    builder.add_firm(Firm::new("a"));
    assert_eq!(
        value(&explain(builder, "product_fit", "a", "s"), "product_fit", Side::Anchor),
        Value::Unknown
    );
    let mut builder = fasteners();
    product(&mut builder, "a", "bolt", Role::Needs, 1.0);
    builder.add_firm(Firm::new("w"));
    assert_eq!(
        value(&explain(builder, "product_fit", "a", "w"), "product_fit", Side::Supplier),
        Value::Unknown
    );
}

#[test]
fn gap_counts_what_the_region_does_not_deliver() {
    let mut builder = fasteners();
    let region = |id: &str, region: &str| Firm { region: Some(region.into()), ..Firm::new(id) };
    builder.add_firm(region("a", "north")).add_firm(region("t", "north")).add_firm(region("v", "south"));
    product(&mut builder, "a", "bolt", Role::Needs, 1.0);
    product(&mut builder, "a", "plate", Role::Needs, 1.0);
    // Bolts: three quarters from the north. Plate: all from the south.
    supply(&mut builder, "t", "a", "bolt", 300.0);
    supply(&mut builder, "v", "a", "bolt", 100.0);
    supply(&mut builder, "v", "a", "plate", 50.0);
    let found = explain(builder, "gap", "a", "s");
    // Open: a quarter of the bolts, all of the plate; s makes bolts, which are like plate
    // in metal alone, and metal is all there is: 2·0 / … = 0 but for the smoothing.
    let information = |count: f64| -((count + 1.0) / 5.0).ln();
    let plate = 2.0 * information(4.0) / (information(2.0) + information(1.0));
    near(known(&found, "gap", Side::Anchor), (0.25 + plate) / 1.25);
    assert_eq!(value(&found, "gap", Side::Supplier), Value::NotApplicable);
}

#[test]
fn gaps_weigh_as_much_as_what_is_wanted_and_may_be_closed() {
    let mut builder = Dataset::builder();
    let region = |id: &str, region: &str| Firm { region: Some(region.into()), ..Firm::new(id) };
    builder.add_firm(region("t", "north")).add_firm(region("v", "south"));
    product(&mut builder, "a", "bolt", Role::Needs, 2.0);
    product(&mut builder, "a", "paint", Role::Needs, 1.0);
    supply(&mut builder, "t", "a", "bolt", 300.0);
    supply(&mut builder, "v", "a", "bolt", 100.0);
    // Of unknown region, and left out.
    supply(&mut builder, "x", "a", "bolt", 400.0);
    product(&mut builder, "s", "bolt", Role::Makes, 1.0);
    let gap =
        |builder: &DatasetBuilder| value(&explain(builder.clone(), "gap", "a", "s"), "gap", Side::Anchor);
    assert_eq!(gap(&builder), Value::Unknown, "nobody knows where a is");
    builder.add_firm(region("a", "north"));
    // A quarter of the bolts is open, which weigh twice as much, and all of the paint.
    near(of(gap(&builder)).unwrap(), 0.5 / 1.5);
    let mut closed = Dataset::builder();
    closed.add_firm(region("a", "north")).add_firm(region("t", "north"));
    product(&mut closed, "a", "bolt", Role::Needs, 1.0);
    supply(&mut closed, "t", "a", "bolt", 300.0);
    product(&mut closed, "s", "bolt", Role::Makes, 1.0);
    assert_eq!(gap(&closed), Value::Known(0.0), "nothing is left to close");
}

#[test]
fn gaps_are_of_industries_where_no_product_is_told() {
    let mut builder = Dataset::builder();
    let firm = |id: &str, region: &str, code: &str| Firm {
        region: Some(region.into()),
        industry: Some(Industry::new(code)),
        ..Firm::new(id)
    };
    builder.add_firm(firm("a", "north", "C3714"));
    for (id, region, code) in [("b", "north", "C3311"), ("c", "south", "C2911")] {
        builder.add_firm(firm(id, region, code));
    }
    supply(&mut builder, "b", "a", "", 100.0);
    supply(&mut builder, "c", "a", "", 300.0);
    builder.add_firm(firm("s", "west", "C3311")).add_firm(firm("t", "west", "C2911"));
    let gap = |of| known(&explain(builder.clone(), "gap", "a", of), "gap", Side::Anchor);
    // What comes from the south is all that is open; inferred, it counts half.
    assert_eq!([gap("s"), gap("t")], [0.0, 0.5]);
}

#[test]
fn trade_favours_a_large_share_but_not_a_captive_supplier() {
    let mut builder = Dataset::builder();
    builder.add_firm(Firm { revenue: Some(400.0), ..Firm::new("s") });
    builder.add_firm(Firm { revenue: Some(1000.0), ..Firm::new("t") });
    supply(&mut builder, "s", "a", "bolt", 300.0);
    supply(&mut builder, "t", "a", "bolt", 100.0);
    supply(&mut builder, "t", "a", "nut", 100.0);
    builder.add_firm(Firm::new("u"));
    let found = explain(builder.clone(), "trade", "a", "s");
    // Three quarters of the bolts; three quarters of its revenue.
    near(known(&found, "trade", Side::Anchor), 0.75f64.sqrt() * 0.75);
    assert_eq!(value(&found, "trade", Side::Supplier), value(&found, "trade", Side::Anchor));
    let found = explain(builder.clone(), "trade", "a", "t");
    // A quarter of the bolts and all the nuts, 100 each; a fifth of its revenue.
    near(known(&found, "trade", Side::Anchor), 0.625f64.sqrt());
    let found = explain(builder, "trade", "a", "u");
    assert_eq!(value(&found, "trade", Side::Anchor), Value::NotApplicable, "not applicable without trade");
}

#[test]
fn trade_is_unknown_without_revenue() {
    let mut builder = Dataset::builder();
    supply(&mut builder, "s", "a", "", 300.0);
    let trade = |builder| value(&explain(builder, "trade", "a", "s"), "trade", Side::Anchor);
    assert_eq!(trade(builder.clone()), Value::Unknown);
    builder.add_firm(Firm { revenue: Some(0.0), ..Firm::new("s") });
    assert_eq!(trade(builder), Value::Unknown, "who sells has some");
}

#[test]
fn trade_without_a_product_is_one_product_and_nobody_lives_off_another_by_more_than_all() {
    let mut builder = Dataset::builder();
    builder.add_firm(Firm { revenue: Some(1000.0), ..Firm::new("s") });
    builder.add_firm(Firm { revenue: Some(100.0), ..Firm::new("t") });
    supply(&mut builder, "s", "a", "bolt", 100.0);
    supply(&mut builder, "s", "a", "", 100.0);
    supply(&mut builder, "t", "a", "bolt", 300.0);
    let trade = |of| known(&explain(builder.clone(), "trade", "a", of), "trade", Side::Anchor);
    // A quarter of the bolts, and all that no product is named for, 100 each.
    near(trade("s"), 0.625f64.sqrt());
    // Three quarters of the bolts; more than its revenue counts as all of it.
    near(trade("t"), 0.75f64.sqrt() * 0.5);
}

/// Bolts are made by s (of industry 34), t (33) and u (none), nuts by s and v (34), rails by w (35)
/// alone, and no nuts to speak of by t; a needs bolts, b bought them once.
fn workshops() -> DatasetBuilder {
    let mut builder = Dataset::builder();
    let makes = [("s", "bolt"), ("s", "nut"), ("t", "bolt"), ("u", "bolt"), ("v", "nut"), ("w", "rail")];
    for (firm, made) in makes {
        product(&mut builder, firm, made, Role::Makes, 1.0);
    }
    product(&mut builder, "t", "nut", Role::Makes, 0.0);
    for (firm, industry) in [("s", "34"), ("t", "33"), ("v", "34"), ("w", "35"), ("x", "34")] {
        builder.add_firm(Firm { industry: Some(Industry::new(industry)), ..Firm::new(firm) });
    }
    product(&mut builder, "a", "bolt", Role::Needs, 2.0);
    supply(&mut builder, "s", "b", "bolt", 1.0);
    supply(&mut builder, "x", "a", "", 1.0);
    builder
}

#[test]
fn relatedness_counts_what_is_made_beside_the_wants() {
    let network = Network::build(&workshops().finish().0).unwrap();
    let matcher = Matcher::builder(&network).build().unwrap();
    let m = matcher.calibration().factor("relatedness").unwrap().constant;
    let said = |anchor: &str, firm: &str| {
        let ix = |id: &str| network.firm_ix(id).unwrap();
        matcher.explain(ix(anchor), ix(firm)).unwrap()
    };
    // |F(bolt)| = 3, of which 1 makes nuts, made by 2; 1 is of industry 34, as 2 makers are, and 1 of
    // 33, as no other maker is; both are of section C, as 4 makers are.
    let (nut, of_34, of_33, of_c) =
        (6_f64.powf(-0.5), 6_f64.powf(-0.5), 3_f64.powf(-0.5), 2.0 / 12_f64.sqrt());
    let all = [
        ("s", 1.0 + nut + of_34 + of_c),
        ("t", 1.0 + of_33 + of_c),
        ("u", 1.0),
        ("v", nut + of_34 + of_c),
        ("w", of_c),
    ];
    for (firm, x) in all {
        near(known(&said("a", firm), "relatedness", Side::Anchor), x / (x + 4.0 * m));
        near(known(&said("a", firm), "relatedness", Side::Supplier), x / (x + 4.0 * m));
    }
    // Each of these is a kind of its own, and of both buyers a alone has wants that are not met.
    near(m, nut + of_34 + of_c);
    let related = |firm| {
        let witness = said("a", firm).witness;
        witness.into_iter().find_map(|one| match one {
            Witness::Related { made, likeness } => Some((made.to_string(), likeness)),
            _ => None,
        })
    };
    let (made, likeness) = related("v").expect("nuts");
    assert_eq!(made, "nut");
    near(likeness, nut);
    assert_eq!(related("u"), None, "bolts are wanted themselves");
    assert_eq!(related("w"), None, "nobody makes rails and bolts");
    let of_no_weight = said("a", "t").witness;
    assert!(!of_no_weight.iter().any(|one| matches!(one, Witness::Related { .. })), "no nuts to speak of");

    assert_eq!(value(&said("a", "x"), "relatedness", Side::Anchor), Value::Unknown, "makes nothing known");
    assert_eq!(value(&said("t", "v"), "relatedness", Side::Anchor), Value::Unknown, "wants nothing known");
    let bought = value(&said("b", "v"), "relatedness", Side::Anchor);
    assert_eq!(bought, Value::NotApplicable, "bought is met already");
}

#[test]
fn relatedness_counts_firms_and_weighs_wants() {
    let mut builder = workshops();
    product(&mut builder, "u2", "bolt", Role::Makes, 1.0);
    product(&mut builder, "c", "bolt", Role::Needs, 2.0);
    product(&mut builder, "c", "rail", Role::Needs, 1.0);
    let network = Network::build(&builder.finish().0).unwrap();
    let matcher = Matcher::builder(&network).build().unwrap();
    let m = matcher.calibration().factor("relatedness").unwrap().constant;
    // Four firms make bolts, of which u and u2 do nothing else. w alone makes rails and is of 35; of the four
    // makers of section C it is one, and two make bolts.
    let (bolt, of_35, of_c) = (1.0, 1.0, 1.0 / 4_f64.sqrt());
    let of_bolts = 2.0 / 16_f64.sqrt();
    for (firm, x) in [("u", 2.0 / 3.0 * bolt), ("w", (1.0 + of_35 + of_c) / 3.0 + 2.0 / 3.0 * of_bolts)] {
        let found = matcher.explain(network.firm_ix("c").unwrap(), network.firm_ix(firm).unwrap()).unwrap();
        near(known(&found, "relatedness", Side::Anchor), x / (x + 4.0 * m));
    }
}

#[test]
fn of_two_products_as_close_the_first_is_told() {
    let mut builder = Dataset::builder();
    for (firm, made) in [("s", "bolt"), ("s", "nut"), ("s", "plate"), ("v", "nut"), ("v", "plate")] {
        product(&mut builder, firm, made, Role::Makes, 1.0);
    }
    product(&mut builder, "a", "bolt", Role::Needs, 1.0);
    let found = explain(builder, "relatedness", "a", "v");
    assert!(
        found
            .witness
            .iter()
            .any(|one| matches!(one, Witness::Related { made, .. } if made.as_str() == "nut"))
    );
}

#[test]
fn structural_factors_are_squashed_by_their_median() {
    // One 3-path a ← u → v ← s; the only positive scores from the sample of buyers (a, v)
    // are those of s for a. The median is its own score: one half.
    let mut builder = Dataset::builder();
    for (supplier, buyer) in [("u", "a"), ("u", "v"), ("s", "v")] {
        supply(&mut builder, supplier, buyer, "", 1.0);
    }
    let found = explain(builder.clone(), "co_supply", "a", "s");
    assert_eq!(known(&found, "co_supply", Side::Anchor), 0.5);
    assert!(found.witness.iter().any(|one| matches!(one,
        Witness::CoSupply { supplier, buyer } if supplier.as_str() == "u" && buyer.as_str() == "v")));
    // a and v share u; u and s share v. From the buyers a and v: v, a and u ∼ … ½ each.
    let found = explain(builder.clone(), "shared_partners", "a", "v");
    assert_eq!(known(&found, "shared_partners", Side::Anchor), 0.5);
    builder.add_firm(Firm::new("w"));
    let found = explain(builder, "co_supply", "a", "w");
    assert_eq!(value(&found, "co_supply", Side::Anchor), Value::Unknown, "no relation on record");
}

#[test]
fn a_prospect_sells_now_and_wins_buyers() {
    // Two 3-paths of the same weights to a: from s and t over u and v. Month by month from 2020 on, s
    // sold to v last today, t five months ago; s has won w today and x three months ago.
    let mut builder = Dataset::builder();
    let rows = [
        ("u", "a", "2020-01"),
        ("u", "v", "2024-06"),
        ("s", "v", "2020-01"),
        ("t", "v", "2020-01"),
        ("s", "v", "2024-06"),
        ("t", "v", "2024-01"),
        ("s", "w", "2024-06"),
        ("s", "x", "2024-03"),
    ];
    for (supplier, buyer, date) in rows {
        builder.add_supply(&Supply { date: date.parse().ok(), ..Supply::new(supplier, buyer) });
    }
    let network = Network::build(&builder.finish().0).unwrap();
    let [a, s, t] = ["a", "s", "t"].map(|id| network.firm_ix(id).unwrap());
    near(network.newly_won(s), 1.5);
    assert_eq!(network.newly_won(t), 0.0, "first seen when the records begin");

    let paths = ThreePaths::new(&network, PathWeights::default());
    let pattern = Pattern::of(&paths);
    let mut scores = Scores::default();
    paths.score(a, &mut scores);
    let x = |firm, won: f64, idle: f64| {
        let own = scores.get(firm) - 0.5 * pattern.common(a, firm);
        own.max(0.0) * (0.1 + won).powf(0.2) / (1.0 + idle)
    };
    let matcher = Matcher::builder(&network).build().unwrap();
    let m = matcher.calibration().factor("prospect").unwrap().constant;
    for (firm, x) in [(s, x(s, 1.5, 0.0)), (t, x(t, 0.0, 5.0))] {
        let l = (x / m).ln_1p();
        let found = matcher.explain(a, firm).unwrap();
        near(known(&found, "prospect", Side::Anchor), if l > 1.0 { (l - 1.0) / (l - 0.65) } else { 0.0 });
        assert!(x > 0.0);
    }
}

#[test]
fn a_prospect_far_above_the_median_is_worth_more_than_half() {
    // As before, with three more like t, so that the median is that of one who sells no more.
    let mut builder = Dataset::builder();
    let mut sold = |supplier: &str, buyer: &str, date: &str| {
        builder.add_supply(&Supply { date: date.parse().ok(), ..Supply::new(supplier, buyer) });
    };
    for (supplier, buyer, date) in [("u", "a", "2020-01"), ("u", "v", "2024-06"), ("s", "w", "2024-06")] {
        sold(supplier, buyer, date);
    }
    for seller in ["s", "t1", "t2", "t3", "t4"] {
        sold(seller, "v", "2020-01");
        sold(seller, "v", "2024-01");
    }
    let network = Network::build(&builder.finish().0).unwrap();
    let a = network.firm_ix("a").unwrap();
    let paths = ThreePaths::new(&network, PathWeights::default());
    let pattern = Pattern::of(&paths);
    let mut scores = Scores::default();
    paths.score(a, &mut scores);
    let matcher = Matcher::builder(&network).build().unwrap();
    let m = matcher.calibration().factor("prospect").unwrap().constant;
    // s has won w today; the others won nobody and sold last five months ago.
    for (id, won, idle) in [("s", 1.0, 0.0), ("t1", 0.0, 5.0)] {
        let firm = network.firm_ix(id).unwrap();
        let own: f64 = scores.get(firm) - 0.5 * pattern.common(a, firm);
        let l = (own.max(0.0) * (0.1_f64 + won).powf(0.2) / (1.0 + idle) / m).ln_1p();
        let found = matcher.explain(a, firm).unwrap();
        near(known(&found, "prospect", Side::Anchor), if l > 1.0 { (l - 1.0) / (l - 0.65) } else { 0.0 });
        assert_eq!(l > 1.35, id == "s", "{l}");
    }
}

#[test]
fn nine_hundred_metres_give_0_85() {
    let mut builder = Dataset::builder();
    let km = std::f64::consts::PI * 6371.0088 / 180.0;
    for (id, latitude) in [("a", 27.0), ("s", 27.0 + 0.9 / km), ("t", 27.0 + 5.0 / km)] {
        builder.add_firm(Firm { place: Place::new(113.0, latitude).ok(), ..Firm::new(id) });
    }
    builder.add_firm(Firm::new("u"));
    let at = |id| explain(builder.clone(), "gradient", "a", id);
    assert!((known(&at("s"), "proximity", Side::Anchor) - 1.0 / 1.18).abs() < 1e-9);
    assert!((known(&at("t"), "proximity", Side::Supplier) - 0.5).abs() < 1e-9);
    assert_eq!(value(&at("u"), "proximity", Side::Supplier), Value::Unknown);
}

#[test]
fn a_department_has_the_size_of_its_house() {
    let mut builder = Dataset::builder();
    let sized = |id: &str, size| Firm { size: Some(size), ..Firm::new(id) };
    builder.add_firm(sized("works", SizeClass::Large)).add_firm(sized("s", SizeClass::Small));
    builder.add_firm(Firm {
        kind: Some(FirmKind::Department),
        parent: Some("works".into()),
        ..Firm::new("a")
    });
    assert_eq!(known(&explain(builder, "gradient", "a", "s"), "gradient", Side::Anchor), 1.0);
}

#[test]
fn technology_gap_is_one_at_twice_the_productivity() {
    let mut builder = Dataset::builder();
    for (id, revenue) in [("a", 2.02e8), ("s", 1e8), ("t", 2.02e8)] {
        builder.add_firm(Firm { employees: Some(100.0), revenue: Some(revenue), ..Firm::new(id) });
    }
    let found = explain(builder.clone(), "technology_gap", "a", "s");
    near(known(&found, "technology_gap", Side::Supplier), 1.0);
    assert_eq!(value(&found, "technology_gap", Side::Anchor), Value::NotApplicable);
    let level = known(&explain(builder, "technology_gap", "a", "t"), "technology_gap", Side::Supplier);
    near(level, (-(2.02f64.ln() / 0.287).powi(2) / 2.0).exp());
}

#[test]
fn who_tells_no_revenue_or_nobody_at_work_has_no_productivity() {
    let mut builder = Dataset::builder();
    for (id, revenue, employees) in [("a", 1e8, 100.0), ("s", 0.0, 100.0), ("t", 1e8, 0.0)] {
        builder.add_firm(Firm { employees: Some(employees), revenue: Some(revenue), ..Firm::new(id) });
    }
    for id in ["s", "t"] {
        let found = explain(builder.clone(), "technology_gap", "a", id);
        assert_eq!(value(&found, "technology_gap", Side::Supplier), Value::Unknown);
    }
}

#[test]
fn resource_fit_holds_offers_against_needs() {
    let row = |firm: &str, direction, category, amount: Option<f64>, unit: &str| Resource {
        firm: firm.into(),
        direction,
        category,
        item: None,
        amount,
        unit: (!unit.is_empty()).then(|| unit.into()),
    };
    let mut builder = Dataset::builder();
    builder
        .add_resource(row("s", Direction::Needs, Category::Laboratory, Some(40.0), "hours"))
        .add_resource(row("s", Direction::Needs, Category::Talent, Some(10.0), "people"))
        .add_resource(row("a", Direction::Offers, Category::Laboratory, Some(10.0), "hours"))
        .add_resource(row("a", Direction::Offers, Category::Laboratory, Some(100.0), "days"))
        .add_resource(row("a", Direction::Offers, Category::Venue, None, ""));
    let found = explain(builder.clone(), "resource_fit", "a", "s");
    // A quarter of the hours (days are not hours), nothing of the training.
    near(known(&found, "resource_fit", Side::Supplier), 0.125);
    let none = value(&found, "resource_fit", Side::Anchor);
    assert_eq!(none, Value::NotApplicable, "the anchor lists offers and no need");
    assert_eq!(found.modes.iter().map(|one| one.mode).collect::<Vec<_>>(), [CoBuildingMode::Platform]);
    builder.add_resource(row("s", Direction::Needs, Category::Venue, None, ""));
    near(
        known(&explain(builder, "resource_fit", "a", "s"), "resource_fit", Side::Supplier),
        (0.25 + 1.0) / 3.0,
    );
}

#[test]
fn resources_meet_within_a_category_and_no_more_than_is_needed() {
    use Category::{Laboratory, Other, Talent};
    use Direction::{Needs, Offers};
    type Row<'a> = (&'a str, Direction, Category, Option<f64>, &'a str);
    let fit = |rows: &[Row<'_>]| {
        let mut builder = Dataset::builder();
        for &(firm, direction, category, amount, unit) in rows {
            let unit = (!unit.is_empty()).then(|| unit.into());
            builder.add_resource(Resource {
                firm: firm.into(),
                direction,
                category,
                item: None,
                amount,
                unit,
            });
        }
        value(&explain(builder, "resource_fit", "a", "s"), "resource_fit", Side::Supplier)
    };
    let offer = |amount, unit| ("a", Offers, Laboratory, Some(amount), unit);
    let need = |amount, unit| ("s", Needs, Laboratory, amount, unit);
    // Three times as much as is needed makes up for nothing else.
    let talent = ("s", Needs, Talent, None, "");
    assert_eq!(fit(&[offer(30.0, "hours"), need(Some(10.0), "hours"), talent]), Value::Known(0.5));
    // A need without a unit is met by any offer.
    assert_eq!(fit(&[offer(5.0, "hours"), need(Some(10.0), "")]), Value::Known(1.0));
    // What is other on one side is not what it is on the other.
    let (others, one_needs) = (("a", Offers, Other, None, ""), ("s", Needs, Other, None, ""));
    let half = [offer(5.0, "hours"), need(Some(10.0), "hours"), others, one_needs];
    assert_eq!(fit(&half), Value::Known(0.5));
    assert_eq!(fit(&[others, one_needs]), Value::NotApplicable);
    // An amount that one need tells is not met because another tells none.
    let two = [offer(5.0, "hours"), need(None, "hours"), need(Some(10.0), "hours")];
    assert!(of(fit(&two)).unwrap() <= 0.5);
}

#[test]
fn organisation_asks_for_a_branch_or_members() {
    let mut builder = Dataset::builder();
    let firm =
        |id: &str, branch, members| Firm { party_branch: branch, party_members: members, ..Firm::new(id) };
    builder
        .add_firm(firm("a", Some(PartyBranch::Own), None))
        .add_firm(firm("s", Some(PartyBranch::Joint), Some(2)))
        .add_firm(firm("t", Some(PartyBranch::None), Some(2)))
        .add_firm(firm("u", Some(PartyBranch::None), Some(0)))
        .add_firm(firm("v", None, None))
        .add_firm(firm("w", None, Some(0)));
    let of = |id| of(value(&explain(builder.clone(), "organisation", "a", id), "organisation", Side::Anchor));
    assert_eq!([of("s"), of("t"), of("u"), of("v")], [Some(1.0), Some(0.5), Some(0.0), None]);
    assert_eq!(of("w"), Some(0.0), "without members there is no branch to be told of");
}

#[test]
fn incidents_are_a_need_and_a_risk() {
    let mut builder = Dataset::builder();
    let mut incident = |supplier: &str, lots, date: &str| {
        builder.add_incident(Incident {
            supplier: supplier.into(),
            buyer: "b".into(),
            kind: None,
            lots: Some(lots),
            date: Some(date.parse().unwrap()),
        });
    };
    incident("s", 100.0, "2025-06");
    incident("s", 50.0, "2024-12");
    incident("t", 100.0, "2024-12");
    incident("u", 25.0, "2025-06");
    supply(&mut builder, "clean", "b", "", 1.0);
    builder.add_firm(Firm::new("a")).add_firm(Firm::new("stranger"));
    let of = |id, side| of(value(&explain(builder.clone(), "incidents", "a", id), "incidents", side));
    // x: s 1 + 2·½ = 2, t ½, u 4; the median m is 2.
    near(of("s", Side::Supplier).unwrap(), 0.5);
    near(of("s", Side::Anchor).unwrap(), 0.5);
    near(of("t", Side::Supplier).unwrap(), 0.2);
    near(of("t", Side::Anchor).unwrap(), 0.8);
    near(of("u", Side::Supplier).unwrap(), 4.0 / 6.0);
    assert_eq!(of("clean", Side::Anchor), Some(1.0));
    assert_eq!(of("stranger", Side::Anchor), None);
}

#[test]
fn incidents_are_those_that_happened_and_lots_are_a_hundred_where_untold() {
    let mut builder = Dataset::builder();
    let mut incident = |supplier: &str, lots, date: &str| {
        let date = Some(date.parse().unwrap());
        let (supplier, buyer) = (supplier.into(), "b".into());
        builder.add_incident(Incident { supplier, buyer, kind: None, lots, date });
    };
    incident("s", None, "2025-06");
    incident("t", Some(50.0), "2025-06");
    incident("u", Some(25.0), "2025-06");
    incident("s", Some(1.0), "2025-09");
    for clean in ["v", "w", "x"] {
        supply(&mut builder, clean, "b", "", 1.0);
    }
    builder.add_firm(Firm::new("a"));
    let at = |date, id| value(&explain_as_of(&builder, date, "incidents", id), "incidents", Side::Supplier);
    // x: s 1, t 2, u 4; the clean ones do not lower the median, 2.
    for (id, x) in [("s", 1.0), ("t", 2.0), ("u", 4.0), ("v", 0.0)] {
        near(of(at("2025-06", id)).unwrap(), x / (x + 2.0));
    }
    assert_eq!(at("2025-03", "v"), Value::Unknown, "nothing was on record by then");
}

#[test]
fn concentration_is_the_index_of_the_other_sources() {
    let mut builder = fasteners();
    supply(&mut builder, "t", "a", "bolt", 300.0);
    supply(&mut builder, "x", "a", "bolt", 100.0);
    supply(&mut builder, "s", "a", "bolt", 600.0);
    supply(&mut builder, "u", "a", "nut", 10.0);
    builder.add_firm(Firm::new("w")).add_firm(Firm::new("silent"));
    product(&mut builder, "w", "nut", Role::Makes, 1.0);
    product(&mut builder, "u", "nut", Role::Makes, 1.0);
    let found = explain(builder.clone(), "concentration", "a", "s");
    near(known(&found, "concentration", Side::Anchor), 0.75 * 0.75 + 0.25 * 0.25);
    assert!(!found.flags.contains(&Flag::SingleSource));
    let found = explain(builder.clone(), "concentration", "a", "w");
    assert_eq!(known(&found, "concentration", Side::Anchor), 1.0);
    assert!(found.flags.contains(&Flag::SingleSource));
    let of = |supplier| {
        value(&explain(builder.clone(), "concentration", "a", supplier), "concentration", Side::Anchor)
    };
    assert_eq!(of("v"), Value::Known(0.0), "a buys no plate");
    assert_eq!(of("u"), Value::NotApplicable, "nobody else sells a nuts");
    assert_eq!(of("silent"), Value::Unknown, "it makes what nobody knows");
}

#[test]
fn concentration_weighs_by_spend_and_knows_what_it_does_not_know() {
    let mut builder = fasteners();
    supply(&mut builder, "t", "a", "bolt", 300.0);
    supply(&mut builder, "x", "a", "bolt", 100.0);
    supply(&mut builder, "u", "a", "nut", 600.0);
    product(&mut builder, "a", "bolt", Role::Needs, 1.0);
    product(&mut builder, "u", "nut", Role::Makes, 1.0);
    for made in ["bolt", "nut"] {
        product(&mut builder, "w", made, Role::Makes, 1.0);
    }
    let concentration = |builder: &DatasetBuilder, supplier| {
        value(&explain(builder.clone(), "concentration", "a", supplier), "concentration", Side::Anchor)
    };
    // 400 of bolts at (9 + 1) / 16, 600 of nuts at 1.
    near(of(concentration(&builder, "w")).unwrap(), 0.4 * 0.625 + 0.6);
    assert_eq!(concentration(&builder, "u"), Value::NotApplicable, "nobody else sells a nuts, wanted or not");
    assert_eq!(concentration(&builder, "v"), Value::Known(0.0), "a buys no plate");
    // Long ago somebody sold it who knows what.
    let old = Supply { value: Some(1.0), date: "2010".parse().ok(), ..Supply::new("y", "a") };
    builder.add_supply(&old);
    assert_eq!(concentration(&builder, "v"), Value::Known(0.0));
    builder.add_supply(&Supply { date: "2025-03".parse().ok(), ..old });
    assert_eq!(concentration(&builder, "v"), Value::Unknown, "y may sell it plate");
    product(&mut builder, "a", "plate", Role::Needs, 1.0);
    assert_eq!(concentration(&builder, "v"), Value::NotApplicable, "it would be the first");
}

#[test]
fn a_record_is_of_what_has_come_of_pairings_by_the_date() {
    let mut builder = Dataset::builder();
    let mut pairing = |id: &str, party: &str, signed: &str, ends: Option<&str>| {
        builder.add_pairing(Pairing {
            id: id.into(),
            parties: vec!["x".into(), party.into()],
            level: None,
            modes: vec![],
            theme: None,
            signed: Some(signed.parse().unwrap()),
            ends: ends.map(|ends| ends.parse().unwrap()),
        });
    };
    pairing("P1", "s", "2025-06", None);
    pairing("P2", "s", "2023-06", Some("2024-06"));
    pairing("P3", "t", "2025-06", None);
    pairing("P4", "u", "2025-06", None);
    let mut outcome = |pairing: &str, kind, date: &str| {
        let (pairing, date) = (pairing.into(), Some(date.parse().unwrap()));
        builder.add_outcome(Outcome { pairing, kind, amount: None, date, evidence: None });
    };
    outcome("P1", OutcomeKind::Order, "2025-06");
    outcome("P1", OutcomeKind::Failure, "2025-06");
    outcome("P3", OutcomeKind::Order, "2025-09");
    for (firm, answer, date) in [("s", Answer::Yes, "2025-06"), ("s", Answer::No, "2025-09")] {
        builder.add_response(Response {
            firm: firm.into(),
            partner: "y".into(),
            answer,
            date: date.parse().ok(),
            until: None,
        });
    }
    builder.add_firm(Firm::new("a"));
    let at = |factor, id| {
        of(value(&explain_as_of(&builder, "2025-06", factor, id), factor, Side::Supplier)).unwrap()
    };
    // P1 succeeded, whatever came after; P2, 24 months old, ended and nothing had come of it. What came of
    // the others is not known yet. x was in both: p₀ = (2 · 1 + 1) / (2 · 1½ + 2).
    let pooled = 3.0 / 5.0;
    near(at("track_record", "s"), (1.0 + 4.0 * pooled) / (1.5 + 4.0));
    near(at("track_record", "t"), pooled);
    near(at("track_record", "u"), pooled);
    // One yes so far: p₀ = (1 + 1) / (1 + 2).
    near(at("willingness", "s"), (1.0 + 4.0 * 2.0 / 3.0) / 5.0);
}

#[test]
fn priors_are_means_over_buyers_and_others_by_side() {
    let mut builder = Dataset::builder();
    let km = std::f64::consts::PI * 6371.0088 / 180.0;
    for (id, latitude) in [("a", 27.0), ("s", 27.0 + 5.0 / km), ("t", 27.0 + 15.0 / km)] {
        builder.add_firm(Firm { place: Place::new(113.0, latitude).ok(), ..Firm::new(id) });
    }
    supply(&mut builder, "s", "a", "", 1.0);
    for (supplier, lots) in [("s", 100.0), ("t", 20.0)] {
        builder.add_incident(Incident {
            supplier: supplier.into(),
            buyer: "a".into(),
            kind: None,
            lots: Some(lots),
            date: Some("2025-03".parse().unwrap()),
        });
    }
    let network = Network::build(&builder.finish().0).unwrap();
    let matcher = Matcher::builder(&network).build().unwrap();
    let prior = |factor, side| matcher.calibration().prior(factor, side);
    // a alone buys: 5 km to s, 15 km to t, and nothing to itself.
    for side in Side::ALL {
        assert!((prior("proximity", side) - 0.375).abs() < 1e-9, "the mean of ½ and ¼");
        assert_eq!(prior("technology_gap", side), 0.5, "nobody tells");
    }
    // x of s is 1, of t 5; the median, the upper of two, 5: the mean of 1/6 and ½.
    let need = 1.0 / 3.0;
    near(prior("incidents", Side::Supplier), need);
    near(prior("incidents", Side::Anchor), 1.0 - need);
}

#[test]
fn track_record_and_willingness_are_drawn_to_the_pooled_share() {
    let mut builder = Dataset::builder();
    for (number, party, kind) in
        [(1, "s", Some(OutcomeKind::Order)), (2, "s", Some(OutcomeKind::Failure)), (3, "t", None)]
    {
        let id = format!("P{number}");
        builder.add_pairing(Pairing {
            id: id.as_str().into(),
            parties: vec!["x".into(), party.into()],
            level: None,
            modes: vec![],
            theme: None,
            signed: Some("2023-06".parse().unwrap()),
            ends: None,
        });
        if let Some(kind) = kind {
            let date = Some("2025-06".parse().unwrap());
            builder.add_outcome(Outcome {
                pairing: id.as_str().into(),
                kind,
                amount: None,
                date,
                evidence: None,
            });
        }
    }
    for (firm, answer) in [("s", Answer::Yes), ("s", Answer::Yes), ("t", Answer::No), ("t", Answer::Other)] {
        builder.add_response(Response {
            firm: firm.into(),
            partner: "y".into(),
            answer,
            date: None,
            until: None,
        });
    }
    builder.add_firm(Firm::new("a"));
    // Two pairings of s, 24 months old, count ½ each; one succeeded: p₀ = (½ + 1) / (1 + 2).
    let of = |factor, id| of(value(&explain(builder.clone(), factor, "a", id), factor, Side::Supplier));
    near(of("track_record", "s").unwrap(), (0.5 + 4.0 * 0.5) / (1.0 + 4.0));
    near(of("track_record", "t").unwrap(), 0.5);
    // Two yes of three answers: p₀ = (2 + 1) / (3 + 2).
    near(of("willingness", "s").unwrap(), (2.0 + 4.0 * 0.6) / 6.0);
    near(of("willingness", "t").unwrap(), 4.0 * 0.6 / 5.0);
    let silent = explain(builder.clone(), "willingness", "a", "s");
    near(known(&silent, "willingness", Side::Anchor), 0.6);
}

#[test]
fn a_favourable_fact_lowers_no_value() {
    let value = |facts: &dyn Fn(&mut DatasetBuilder), factor, side| {
        let mut builder = Dataset::builder();
        for id in ["a", "s", "other"] {
            builder.add_firm(Firm::new(id));
        }
        facts(&mut builder);
        value(&explain(builder, factor, "a", "s"), factor, side)
    };
    let resource = |builder: &mut DatasetBuilder, firm: &str, direction, amount, unit: Option<&str>| {
        let (category, unit) = (Category::Laboratory, unit.map(Into::into));
        builder.add_resource(Resource { firm: firm.into(), direction, category, item: None, amount, unit });
    };
    let met = |amount, unit| {
        let facts = |builder: &mut DatasetBuilder| {
            resource(builder, "s", Direction::Needs, Some(10.0), Some("hours"));
            resource(builder, "a", Direction::Offers, amount, unit);
        };
        value(&facts, "resource_fit", Side::Supplier)
    };
    // What an offer does not tell is not nothing.
    assert_eq!(met(Some(5.0), Some("hours")), Value::Known(0.5));
    assert_eq!(met(None, Some("hours")), Value::Known(1.0));
    assert_eq!(met(Some(5.0), None), Value::Known(1.0));
    assert_eq!(met(Some(5.0), Some("benches")), Value::Known(0.0));
    // Who needs nothing needs no offers to be known.
    let content = |builder: &mut DatasetBuilder| resource(builder, "s", Direction::Offers, None, None);
    assert_eq!(value(&content, "resource_fit", Side::Supplier), Value::NotApplicable);
    // A branch that nobody told of is unknown, members or not.
    let members = |own, party_branch, party_members| {
        let facts = move |builder: &mut DatasetBuilder| {
            builder.add_firm(Firm { party_branch: own, ..Firm::new("a") });
            builder.add_firm(Firm { party_branch, party_members, ..Firm::new("s") });
        };
        value(&facts, "organisation", Side::Anchor)
    };
    assert_eq!(members(Some(PartyBranch::Own), None, Some(30)), Value::Unknown);
    assert_eq!(members(Some(PartyBranch::Own), Some(PartyBranch::None), Some(30)), Value::Known(0.5));
    assert_eq!(members(None, Some(PartyBranch::None), Some(0)), Value::Known(0.0));
    // One yes, one success are no worse than none.
    for yes in [0, 1] {
        let facts = move |builder: &mut DatasetBuilder| {
            for (firm, answer, times) in [("other", Answer::No, 60), ("s", Answer::Yes, yes)] {
                for _ in 0..times {
                    let (firm, partner) = (firm.into(), "x".into());
                    builder.add_response(Response { firm, partner, answer, date: None, until: None });
                }
            }
        };
        let Value::Known(share) = value(&facts, "willingness", Side::Supplier) else { panic!("unknown") };
        assert!((share > 0.1) == (yes == 1), "{share}");
    }
}

#[test]
fn trade_is_what_was_sold_within_the_year() {
    let row = |product: &str, value: Option<f64>, date: &str| Supply {
        product: (!product.is_empty()).then(|| product.into()),
        value,
        date: date.parse().ok(),
        ..Supply::new("s", "a")
    };
    let told = |rows: &[Supply]| {
        let mut builder = Dataset::builder();
        builder.add_firm(Firm { revenue: Some(1e6), ..Firm::new("s") });
        for row in rows.iter().chain([&Supply { date: "2025-06".parse().ok(), ..Supply::new("t", "u") }]) {
            builder.add_supply(row);
        }
        builder
    };
    let trade = |rows: &[Supply]| {
        let found = explain(told(rows), "trade", "a", "s");
        (value(&found, "trade", Side::Anchor), found.relation.yearly_value, found.relation.current)
    };
    // Long ago, with or without a value, is not within the year.
    let none = (Value::NotApplicable, Some(0.0), false);
    assert_eq!(trade(&[row("", None, "2010")]), none);
    assert_eq!(trade(&[row("", Some(5.0), "2010")]), none);
    // What is sold without a word of its value is not worth 0.
    assert_eq!(trade(&[row("", Some(5.0), "2010"), row("", None, "2025-03")]), (Value::Unknown, None, true));
    assert_eq!(trade(&[row("", Some(5.0), "2024"), row("", None, "2025-03")]).1, Some(5.0));
    // A product named without its value is the one bought, not all that the supplier makes.
    let mut builder = told(&[row("bolt", None, "2025-03")]);
    for product in ["bolt", "plate"] {
        self::product(&mut builder, "s", product, Role::Makes, 1.0);
        self::product(&mut builder, product, product, Role::Makes, 1.0);
    }
    let concentration =
        |of| value(&explain(builder.clone(), "concentration", "a", of), "concentration", Side::Anchor);
    assert_eq!(concentration("bolt"), Value::Known(1.0));
    assert_eq!(concentration("plate"), Value::Known(0.0));
}

//! Records as rows again: each table's columns in their order, ready for any format.

use serde::{Serialize, Serializer};

use crate::dataset::{Dataset, SupplyRow, Table};
use crate::model::{
    CreditCode, Date, Firm, FirmId, FirmKind, Industry, Level, Ownership, PartyBranch, Place, SizeClass,
};

/// A value on its way out.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value<'a> {
    Unknown,
    Text(&'a str),
    Date(Date),
    Flag(bool),
    Number(f64),
    List(Vec<&'a str>),
}

impl<'a> Value<'a> {
    fn text(text: Option<&'a str>) -> Self {
        text.map_or(Self::Unknown, Self::Text)
    }

    fn number(number: Option<f64>) -> Self {
        number.map_or(Self::Unknown, Self::Number)
    }

    fn whole(number: Option<u32>) -> Self {
        Self::number(number.map(f64::from))
    }

    fn date(date: Option<Date>) -> Self {
        date.map_or(Self::Unknown, Self::Date)
    }
}

/// The shortest digits that read back as the same number.
#[cfg(feature = "csv")]
pub(super) fn number_text(number: f64) -> String {
    if number == 0.0 || (1e-5..1e16).contains(&number.abs()) {
        number.to_string()
    } else {
        format!("{number:e}")
    }
}

impl Serialize for Value<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Unknown => serializer.serialize_none(),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Date(date) => date.serialize(serializer),
            Self::Flag(flag) => serializer.serialize_bool(*flag),
            // Whole numbers below 2⁵³ are exact as integers, and shorter.
            Self::Number(number) if number.fract() == 0.0 && number.abs() < 9_007_199_254_740_992.0 => {
                serializer.serialize_i64(*number as i64)
            }
            Self::Number(number) => serializer.serialize_f64(*number),
            Self::List(items) => items.serialize(serializer),
        }
    }
}

/// The tables that are written: those with a record, and the firms.
pub(super) fn written_tables(dataset: &Dataset) -> impl Iterator<Item = Table> + '_ {
    Table::ALL
        .iter()
        .copied()
        .filter(|table| *table == Table::Firms || rows(dataset, *table).next().is_some())
}

/// The rows of a table, in the order of its records.
pub(super) fn rows(dataset: &Dataset, table: Table) -> Box<dyn Iterator<Item = Vec<Value<'_>>> + '_> {
    use Value as V;
    let tables = dataset.tables();
    match table {
        Table::Firms => Box::new(tables.firms.iter().map(firm)),
        Table::Products => Box::new(
            // The parents have a table of their own, having sometimes several.
            tables
                .products
                .iter()
                .map(|row| vec![V::Text(row.id.as_str()), V::text(row.name.as_deref()), V::Unknown]),
        ),
        Table::ProductParents => Box::new(
            tables
                .product_parents
                .iter()
                .map(|row| vec![V::Text(row.product.as_str()), V::Text(row.parent.as_str())]),
        ),
        Table::ProductInputs => Box::new(tables.product_inputs.iter().map(|row| {
            vec![V::Text(row.input.as_str()), V::Text(row.output.as_str()), V::number(row.weight)]
        })),
        Table::FirmProducts => Box::new(tables.firm_products.iter().map(|row| {
            vec![
                V::Text(row.firm.as_str()),
                V::Text(row.product.as_str()),
                V::Text(row.role.as_str()),
                V::number(row.weight),
            ]
        })),
        Table::Supplies => Box::new(dataset.supplies().iter().map(|row| supply(dataset, row))),
        Table::Chains => Box::new(tables.chains.iter().map(|row| {
            vec![
                V::Text(row.id.as_str()),
                V::text(row.name.as_deref()),
                V::text(row.leader.as_deref()),
                V::text(row.office.as_deref()),
                V::text(row.association.as_deref()),
                V::text(row.committee.as_deref()),
                V::date(row.valid_from),
                V::date(row.valid_to),
            ]
        })),
        Table::ChainMembers => Box::new(tables.chain_members.iter().map(|row| {
            vec![V::Text(row.chain.as_str()), V::Text(row.firm.as_str()), V::text(row.position.as_deref())]
        })),
        Table::Resources => Box::new(tables.resources.iter().map(|row| {
            vec![
                V::Text(row.firm.as_str()),
                V::Text(row.direction.as_str()),
                V::Text(row.category.as_str()),
                V::text(row.item.as_deref()),
                V::number(row.amount),
                V::text(row.unit.as_deref()),
            ]
        })),
        Table::Pairings => Box::new(tables.pairings.iter().map(|row| {
            vec![
                V::Text(row.id.as_str()),
                V::List(row.parties.iter().map(FirmId::as_str).collect()),
                V::text(row.level.map(Level::as_str)),
                V::List(row.modes.iter().map(|mode| mode.as_str()).collect()),
                V::text(row.theme.as_deref()),
                V::date(row.signed),
                V::date(row.ends),
            ]
        })),
        Table::Outcomes => Box::new(tables.outcomes.iter().map(|row| {
            vec![
                V::Text(row.pairing.as_str()),
                V::Text(row.kind.as_str()),
                V::number(row.amount),
                V::date(row.date),
                V::text(row.evidence.as_deref()),
            ]
        })),
        Table::Incidents => Box::new(tables.incidents.iter().map(|row| {
            vec![
                V::Text(row.supplier.as_str()),
                V::Text(row.buyer.as_str()),
                V::text(row.kind.as_deref()),
                V::number(row.lots),
                V::date(row.date),
            ]
        })),
        Table::Responses => Box::new(tables.responses.iter().map(|row| {
            vec![
                V::Text(row.firm.as_str()),
                V::Text(row.partner.as_str()),
                V::Text(row.answer.as_str()),
                V::date(row.date),
                V::date(row.until),
            ]
        })),
    }
}

fn firm(firm: &Firm) -> Vec<Value<'_>> {
    use Value as V;
    vec![
        V::Text(firm.id.as_str()),
        V::text(firm.name.as_deref()),
        V::text(firm.credit_code.as_ref().map(CreditCode::as_str)),
        V::text(firm.kind.map(FirmKind::as_str)),
        V::text(firm.parent.as_ref().map(FirmId::as_str)),
        firm.anchor.map_or(V::Unknown, V::Flag),
        V::text(firm.ownership.map(Ownership::as_str)),
        V::text(firm.industry.as_ref().map(Industry::as_str)),
        V::text(firm.region.as_deref()),
        V::number(firm.place.map(Place::longitude)),
        V::number(firm.place.map(Place::latitude)),
        V::number(firm.employees),
        V::number(firm.revenue),
        V::text(firm.size.map(SizeClass::as_str)),
        V::text(firm.party_branch.map(PartyBranch::as_str)),
        V::whole(firm.party_members),
        V::whole(firm.quota),
    ]
}

fn supply<'a>(dataset: &'a Dataset, row: &SupplyRow) -> Vec<Value<'a>> {
    let tables = dataset.tables();
    vec![
        Value::Text(tables.firms[row.supplier().index()].id.as_str()),
        Value::Text(tables.firms[row.buyer().index()].id.as_str()),
        Value::text(row.product().map(|product| tables.products[product.index()].id.as_str())),
        Value::number(row.value()),
        Value::date(row.date()),
    ]
}

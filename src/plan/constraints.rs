//! What a plan must keep to, as an office writes it down.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::marker::PhantomData;

use serde::de::{self, Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize};

use super::{Agreements, Bundling, Event, Flaw, PlanError};
use crate::model::{Date, FirmId, Level, Ownership, Side, SizeClass};

/// What a plan must keep to (约束). Plain data that reads from JSON or TOML; whatever is
/// left out is as [`Default`] has it.
///
/// ```
/// # #[cfg(feature = "toml")] {
/// use jiedui::plan::Constraints;
///
/// let constraints = Constraints::from_toml(r#"
///     anchor_most = 3
///     firms."车辆厂" = { least = 1, levels = { branch = 2 } }
///     locks = [{ anchor = "车辆厂", supplier = "铸件厂" }]
///     vetoes = [{ anchor = "车辆厂", supplier = "轴承厂", until = "2026-06" }]
///     minimums = [{ name = "small firms", sizes = ["micro", "small"], share = 0.4 }]
/// "#)?;
/// assert_eq!(constraints.firms["车辆厂"].least, 1);
/// assert_eq!(constraints.supplier_most, 1);
/// # }
/// # Ok::<(), jiedui::plan::PlanError>(())
/// ```
///
/// In code, with `..` for what a lock, a veto or a group may one day have besides:
///
/// ```
/// use jiedui::plan::{Constraints, Group, Lock, Veto};
///
/// let mut constraints = Constraints::default();
/// constraints.locks = vec![Lock::new("车辆厂", "铸件厂")];
/// constraints.vetoes = vec![Veto { until: Some("2026-06".parse()?), ..Veto::new("车辆厂", "轴承厂") }];
/// constraints.groups = vec![Group { most: Some(8), ..Group::new("集团", ["车辆厂", "电机厂"]) }];
/// # Ok::<(), jiedui::model::DateError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Constraints {
    /// The most new pairings of an anchor.
    pub anchor_most: u32,
    /// The most new pairings of a supplier, and so the most anchors it can get.
    pub supplier_most: u32,
    /// What single firms are limited to.
    #[serde(deserialize_with = "each_once")]
    pub firms: BTreeMap<FirmId, FirmLimits>,
    /// Firms that share a quota, such as the departments of one house. A firm is in one
    /// group a side at most. A house whose head has a quota is a group, too: one holds the other, or they have
    /// no firm in common.
    pub groups: Vec<Group>,
    /// Pairs that have to be planned.
    pub locks: Vec<Lock>,
    /// Pairs that must not be planned for now.
    pub vetoes: Vec<Veto>,
    /// Groups of firms of which no two may pair.
    pub forbidden: Vec<Vec<FirmId>>,
    /// Minimum shares and counts.
    pub minimums: Vec<Minimum>,
    /// What a pairing costs each side in person-hours, for firms with a budget.
    pub hours: Hours,
    /// How group pairings are packed, and who competes.
    pub bundling: Bundling,
    /// Who joins pairings as a third party.
    pub agreements: Agreements,
    /// The level at which two firms pair: the first of these that is open to both. Where all
    /// are barred, they are no candidates. At least one.
    pub levels: Vec<Level>,
    /// What has happened since the plan was made: see [`Problem::after`](super::Problem::after).
    /// Building a problem leaves it out.
    pub events: Vec<Event>,
    /// How far the objective may then stay below the optimum for the sake of fewer changes, a finite number of
    /// at least 0; see [`replan`](super::replan()).
    pub tolerance: f64,
    /// As of when vetoes and pairings in force count; default the date of the data. Rankings know no other
    /// date than that of their network: what is in force then is no candidate of theirs.
    pub as_of: Option<Date>,
}

impl Default for Constraints {
    fn default() -> Self {
        Self {
            anchor_most: Self::ANCHOR_MOST,
            supplier_most: Self::SUPPLIER_MOST,
            firms: BTreeMap::new(),
            groups: Vec::new(),
            locks: Vec::new(),
            vetoes: Vec::new(),
            forbidden: Vec::new(),
            minimums: Vec::new(),
            hours: Hours::default(),
            bundling: Bundling::default(),
            agreements: Agreements::default(),
            levels: vec![Level::Enterprise, Level::Branch, Level::Specialists],
            events: Vec::new(),
            tolerance: Self::TOLERANCE,
            as_of: None,
        }
    }
}

impl Constraints {
    /// How many new pairings an anchor takes unless told otherwise.
    pub const ANCHOR_MOST: u32 = 3;
    /// How many new pairings a supplier takes unless told otherwise.
    pub const SUPPLIER_MOST: u32 = 1;
    /// How much of the objective fewer changes may cost unless told otherwise: a hundredth of the
    /// best possible score.
    pub const TOLERANCE: f64 = 0.01;

    /// Reads constraints from a JSON object.
    ///
    /// # Errors
    ///
    /// [`PlanError::ConstraintsFile`](super::PlanError::ConstraintsFile).
    #[cfg(feature = "json")]
    pub fn from_json(text: &str) -> Result<Self, PlanError> {
        // A byte order mark, as some editors leave one.
        let text = text.trim_start_matches('\u{feff}');
        let read = if text.trim_start().starts_with('{') {
            serde_json::from_str(text)
        } else {
            Err(de::Error::custom("expected an object of constraints"))
        };
        read.map_err(|error| PlanError::ConstraintsFile(Box::new(error)))
    }

    /// Reads constraints from a TOML document.
    ///
    /// # Errors
    ///
    /// [`PlanError::ConstraintsFile`](super::PlanError::ConstraintsFile).
    #[cfg(feature = "toml")]
    pub fn from_toml(text: &str) -> Result<Self, PlanError> {
        toml::from_str(text).map_err(|error| PlanError::ConstraintsFile(Box::new(error)))
    }
}

impl Constraints {
    /// Refuses values that make no sense: nothing is passed over for a slip of the pen.
    pub(super) fn check(&self) -> Result<(), PlanError> {
        let sense = |is_sense: bool, at: &dyn Fn() -> String, flaw| {
            if is_sense { Ok(()) } else { Err(PlanError::NoSense { at: at(), flaw }) }
        };
        let bundling = &self.bundling;
        if !bundling.is_sound() {
            return Err(PlanError::Bundling { least: bundling.least, most: bundling.most });
        }
        if !(self.tolerance >= 0.0 && self.tolerance.is_finite()) {
            return Err(PlanError::Tolerance(self.tolerance));
        }
        let levels: BTreeSet<Level> = self.levels.iter().copied().collect();
        sense(!levels.is_empty(), &|| "levels".into(), Flaw::Empty)?;
        sense(levels.len() == self.levels.len(), &|| "levels".into(), Flaw::Repeated)?;
        for (at, group) in self.groups.iter().enumerate() {
            sense(!group.name.is_empty(), &|| format!("groups[{at}].name"), Flaw::Empty)?;
            sense(!group.firms.is_empty(), &|| format!("groups[{at}].firms"), Flaw::Empty)?;
        }
        for (at, joining) in self.agreements.joined.iter().enumerate() {
            sense(!joining.party.is_empty(), &|| format!("agreements.joined[{at}].party"), Flaw::Empty)?;
        }
        let locks = self.locks.iter().map(|lock| ("locks", &lock.anchor, &lock.supplier)).enumerate();
        let vetoes = self.vetoes.iter().map(|veto| ("vetoes", &veto.anchor, &veto.supplier)).enumerate();
        for (at, (field, anchor, supplier)) in locks.chain(vetoes) {
            sense(anchor != supplier, &|| format!("{field}[{at}]"), Flaw::OneFirm)?;
        }
        for (at, event) in self.events.iter().enumerate() {
            let is_one = matches!(event, Event::Refusal { anchor, supplier } if anchor == supplier);
            sense(!is_one, &|| format!("events[{at}]"), Flaw::OneFirm)?;
        }
        let groups = [
            ("forbidden", &self.forbidden),
            ("bundling.rivals", &self.bundling.rivals),
            ("bundling.allies", &self.bundling.allies),
        ];
        for (field, groups) in groups {
            for (at, firms) in groups.iter().enumerate() {
                let are_two = firms.iter().any(|firm| *firm != firms[0]);
                sense(are_two, &|| format!("{field}[{at}]"), Flaw::OneFirm)?;
            }
        }
        let mut names = BTreeSet::new();
        match self.minimums.iter().find(|minimum| !names.insert(&minimum.name)) {
            Some(Minimum { name, .. }) => Err(PlanError::MinimumName(name.clone())),
            None => Ok(()),
        }
    }
}

/// Reads a map in which a key that is there twice, in whatever words, is refused.
fn each_once<'de, D, K, V>(deserializer: D) -> Result<BTreeMap<K, V>, D::Error>
where
    D: Deserializer<'de>,
    K: Deserialize<'de> + Ord + fmt::Display,
    V: Deserialize<'de>,
{
    struct EachOnce<K, V>(PhantomData<(K, V)>);

    impl<'de, K, V> Visitor<'de> for EachOnce<K, V>
    where
        K: Deserialize<'de> + Ord + fmt::Display,
        V: Deserialize<'de>,
    {
        type Value = BTreeMap<K, V>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a map")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut read = BTreeMap::new();
            while let Some((key, value)) = map.next_entry::<K, V>()? {
                if read.contains_key(&key) {
                    return Err(de::Error::custom(format_args!("{key} is there twice")));
                }
                read.insert(key, value);
            }
            Ok(read)
        }
    }

    deserializer.deserialize_map(EachOnce(PhantomData))
}

/// What one firm is limited to, in new pairings.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct FirmLimits {
    /// As an anchor, at least so many.
    pub least: u32,
    /// As an anchor, at most so many; else [`Constraints::anchor_most`].
    pub most: Option<u32>,
    /// As a supplier, at most so many; else [`Constraints::supplier_most`].
    pub supplier_most: Option<u32>,
    /// At most so many at a level, on each side.
    #[serde(deserialize_with = "each_once")]
    pub levels: BTreeMap<Level, u32>,
    /// Person-hours for new pairings, on each side.
    pub hours: Option<u32>,
}

/// Firms with a common quota.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// By which conflicts and prices name it.
    pub name: String,
    /// The side on which they share.
    #[serde(default = "anchor")]
    pub side: Side,
    /// The members.
    pub firms: Vec<FirmId>,
    /// At least so many new pairings together.
    #[serde(default)]
    pub least: u32,
    /// At most so many.
    #[serde(default)]
    pub most: Option<u32>,
}

impl Group {
    /// Firms that share something as anchors, without a limit yet.
    pub fn new<F: Into<FirmId>>(name: impl Into<String>, firms: impl IntoIterator<Item = F>) -> Self {
        Self {
            name: name.into(),
            side: anchor(),
            firms: firms.into_iter().map(Into::into).collect(),
            least: 0,
            most: None,
        }
    }
}

fn anchor() -> Side {
    Side::Anchor
}

/// A pair that has to be planned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lock {
    /// The anchor.
    pub anchor: FirmId,
    /// The supplier.
    pub supplier: FirmId,
}

impl Lock {
    /// The two have to be paired.
    pub fn new(anchor: impl Into<FirmId>, supplier: impl Into<FirmId>) -> Self {
        Self { anchor: anchor.into(), supplier: supplier.into() }
    }
}

/// Two firms that must not be paired, whoever would be the anchor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Veto {
    /// The anchor.
    pub anchor: FirmId,
    /// The supplier.
    pub supplier: FirmId,
    /// Its last day; without one it stands for good.
    #[serde(default)]
    pub until: Option<Date>,
}

impl Veto {
    /// A veto that stands for good.
    pub fn new(anchor: impl Into<FirmId>, supplier: impl Into<FirmId>) -> Self {
        Self { anchor: anchor.into(), supplier: supplier.into(), until: None }
    }

    /// Whether it stands on a date; without a date it does.
    pub fn stands_at(&self, date: Option<Date>) -> bool {
        match (self.until, date) {
            (Some(until), Some(date)) => until.last_day() >= date.first_day(),
            _ => true,
        }
    }
}

/// A minimum share or count of pairings whose supplier is of a kind. The kind is that of
/// all fields given; an empty list asks for nothing, and a firm of which the field is
/// unknown is not of the kind.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Minimum {
    /// By which conflicts name it; no two may have one name.
    pub name: String,
    /// Of one of these size classes.
    pub sizes: Vec<SizeClass>,
    /// Of one of these regions.
    pub regions: Vec<String>,
    /// In one of these chains.
    pub chains: Vec<String>,
    /// Of one of these ownerships.
    pub ownerships: Vec<Ownership>,
    /// At least this share of the planned pairings, in [0, 1], counted in millionths, rounded down.
    pub share: Option<f64>,
    /// At least so many of the planned pairings.
    pub count: Option<u32>,
}

/// What a pairing costs each side, person-hours by level.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Hours {
    /// Of a pairing at enterprise level, or at none in particular.
    pub enterprise: u32,
    /// Of a pairing of branches.
    pub branch: u32,
    /// Of a pairing of specialists.
    pub specialists: u32,
}

impl Default for Hours {
    /// A working week at every level: own definition, for want of a published figure.
    fn default() -> Self {
        Self { enterprise: 40, branch: 40, specialists: 40 }
    }
}

impl Hours {
    /// Of a pairing at a level.
    pub fn at(&self, level: Option<Level>) -> u32 {
        match level {
            Some(Level::Branch) => self.branch,
            Some(Level::Specialists) => self.specialists,
            _ => self.enterprise,
        }
    }
}

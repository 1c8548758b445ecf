//! The seventeen chains of the city, modelled on Zhuzhou's.

/// A chain as a template. Its id is the first part of the ids of its products.
#[derive(Debug)]
pub(super) struct Template {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    /// The body that runs the chain office.
    pub(super) office: &'static str,
    /// Percent of the city's units.
    pub(super) share: f64,
    /// The most anchors; a small city has fewer.
    pub(super) anchors: usize,
    /// How many of the anchors have a purchasing centre or a product centre.
    pub(super) departments: usize,
    /// Percent of the anchors' class of owners: state-owned, else private.
    pub(super) state_owned: f64,
    /// Positions in `PARKS` where half of the chain's firms stand.
    pub(super) parks: &'static [usize],
}

const fn chain(
    id: &'static str,
    name: &'static str,
    office: &'static str,
    share: f64,
    (anchors, departments, state_owned): (usize, usize, f64),
    parks: &'static [usize],
) -> Template {
    Template { id, name, office, share, anchors, departments, state_owned, parks }
}

/// The chains, the most connected first, so that a city of few chains can still trade.
/// The shares sum to 100.
pub(super) const CHAINS: [Template; 17] = [
    chain("rail", "轨道交通装备产业链", "市工业和信息化局", 12.0, (4, 2, 0.9), &[2, 3, 0]),
    chain("metal", "金属新材料产业链", "市发展和改革委员会", 8.0, (2, 1, 0.6), &[3, 5, 8]),
    chain("aviation", "航空动力产业链", "市工业和信息化局", 7.0, (3, 2, 0.9), &[6, 7]),
    chain("power", "电力新能源装备产业链", "市能源局", 7.0, (3, 1, 0.5), &[0, 1, 10]),
    chain("vehicle", "新能源汽车产业链", "市工业和信息化局", 9.0, (3, 1, 0.4), &[1, 0]),
    chain("electronics", "电子信息产业链", "市工业和信息化局", 7.0, (2, 1, 0.3), &[0, 1]),
    chain("semiconductor", "功率半导体产业链", "市科学技术局", 4.0, (2, 1, 0.8), &[2, 0]),
    chain("carbide", "先进硬质材料产业链", "市工业和信息化局", 8.0, (3, 1, 0.7), &[4, 5]),
    chain("chemical", "化工新材料产业链", "市生态环境局", 6.0, (2, 0, 0.5), &[3, 11, 8]),
    chain("ceramics", "陶瓷产业链", "醴陵市人民政府", 8.0, (2, 0, 0.2), &[9, 10]),
    chain("fireworks", "烟花爆竹产业链", "市应急管理局", 5.0, (2, 0, 0.1), &[9, 10]),
    chain("apparel", "服饰产业链", "市商务局", 6.0, (2, 0, 0.1), &[6]),
    chain("bamboo", "竹木产业链", "市林业局", 2.0, (1, 0, 0.2), &[13, 12]),
    chain("food", "绿色食品产业链", "市农业农村局", 4.0, (2, 0, 0.2), &[11, 12, 8]),
    chain("medicine", "生物医药产业链", "市卫生健康委员会", 3.0, (2, 1, 0.3), &[0, 1]),
    chain("building", "装配式建筑产业链", "市住房和城乡建设局", 2.0, (1, 0, 0.5), &[8, 4]),
    chain("environment", "节能环保产业链", "市生态环境局", 2.0, (1, 0, 0.5), &[2, 3]),
];

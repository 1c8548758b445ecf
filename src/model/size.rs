//! Size classes by the national rule.

use super::Industry;
use super::word::words;

words! {
    /// Size class of a firm by 统计上大中小微型企业划分办法 (2017), ascending.
    SizeClass {
        /// 微型.
        Micro = "micro", "微型", "微", "微型企业";
        /// 小型.
        Small = "small", "小型", "小", "小型企业";
        /// 中型.
        Medium = "medium", "中型", "中", "中型企业";
        /// 大型.
        Large = "large", "大型", "大", "大型企业";
    }
}

/// 10,000 CNY, the rule's unit of revenue.
const WAN: f64 = 10_000.0;

/// Lower limits for large, medium and small; `None` where the rule does not ask.
struct Limits {
    employees: Option<[f64; 3]>,
    /// 万元.
    revenue: Option<[f64; 3]>,
}

impl Limits {
    const fn both(employees: [f64; 3], revenue: [f64; 3]) -> Self {
        Self { employees: Some(employees), revenue: Some(revenue) }
    }
}

impl SizeClass {
    /// The class that headcount and yearly revenue (CNY) give.
    ///
    /// A class needs every figure that the rule asks of the industry, so the
    /// lower of the two counts. For industry (B, C, D), and where no industry of GB/T 4754 is
    /// known: large from 1,000 staff and 40,000 万元, medium from 300 and 2,000,
    /// small from 20 and 300. Trades that the rule measures by total assets
    /// (construction, property development, leasing and business services) are
    /// unknown here, as are those that it leaves out (railways, finance, education, health,
    /// the state), sections whose divisions have limits of their own, where no more is known, and
    /// everything with a figure missing.
    ///
    /// Source: 国家统计局, 统计上大中小微型企业划分办法（2017）, 国统字〔2017〕213号.
    ///
    /// ```
    /// use jiedui::model::SizeClass;
    ///
    /// // 1,500 staff would be large, 10,000 万元 only make it medium.
    /// assert_eq!(SizeClass::of(None, Some(1500.0), Some(1e8)), Some(SizeClass::Medium));
    /// assert_eq!(SizeClass::of(None, Some(1500.0), None), None);
    /// ```
    pub fn of(industry: Option<&Industry>, employees: Option<f64>, revenue: Option<f64>) -> Option<Self> {
        let section = industry.filter(|industry| industry.is_gb_t_4754()).map(Industry::as_str);
        let limits = match (industry.and_then(Industry::division), section) {
            (None, Some(section)) => limits_of_section(section)?,
            (division, _) => limits(division)?,
        };
        let mut class = Self::Large;
        for (value, limits) in [(employees, limits.employees), (revenue.map(|cny| cny / WAN), limits.revenue)]
        {
            if let Some([large, medium, small]) = limits {
                let value = value.filter(|value| !value.is_nan())?;
                class = class.min(match value {
                    v if v >= large => Self::Large,
                    v if v >= medium => Self::Medium,
                    v if v >= small => Self::Small,
                    _ => Self::Micro,
                });
            }
        }
        Some(class)
    }
}

/// The rule's limits for a two-digit division of GB/T 4754; `None` where it asks for
/// total assets, or does not apply.
fn limits(division: Option<u8>) -> Option<Limits> {
    Some(match division {
        Some(1..=5) => Limits { employees: None, revenue: Some([20_000.0, 500.0, 50.0]) },
        // Railways, finance, education, health, and the state are not the rule's.
        Some(47..=50 | 53 | 66..=72 | 83..=84 | 91..=97) => return None,
        Some(51) => Limits::both([200.0, 20.0, 5.0], [40_000.0, 5_000.0, 1_000.0]),
        Some(52) => Limits::both([300.0, 50.0, 10.0], [20_000.0, 500.0, 100.0]),
        Some(54..=58) => Limits::both([1_000.0, 300.0, 20.0], [30_000.0, 3_000.0, 200.0]),
        Some(59) => Limits::both([200.0, 100.0, 20.0], [30_000.0, 1_000.0, 100.0]),
        Some(60) => Limits::both([1_000.0, 300.0, 20.0], [30_000.0, 2_000.0, 100.0]),
        Some(61..=62) => Limits::both([300.0, 100.0, 10.0], [10_000.0, 2_000.0, 100.0]),
        Some(63..=64) => Limits::both([2_000.0, 100.0, 10.0], [100_000.0, 1_000.0, 100.0]),
        Some(65) => Limits::both([300.0, 100.0, 10.0], [10_000.0, 1_000.0, 50.0]),
        Some(73..=90) => Limits { employees: Some([300.0, 100.0, 10.0]), revenue: None },
        _ => Limits::both([1_000.0, 300.0, 20.0], [40_000.0, 2_000.0, 300.0]),
    })
}

/// The limits that all divisions of a section have; `None` where they differ, or where one has none.
fn limits_of_section(section: &str) -> Option<Limits> {
    limits(Some(match section {
        "A" => 1,
        "B" => 6,
        "C" => 13,
        "D" => 44,
        "H" => 61,
        "M" => 73,
        "N" => 76,
        "O" => 80,
        "R" => 85,
        _ => return None,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_alone_has_the_limits_of_its_divisions() {
        let class = |industry: &str| SizeClass::of(Some(&Industry::new(industry)), Some(1_200.0), Some(5e8));
        for of_industry in ["C", "C37", "制造业"] {
            assert_eq!(class(of_industry), Some(SizeClass::Large), "{of_industry}");
        }
        // Catering has a hundred staff for medium; finance is left out, trade and transport differ inside.
        assert_eq!((class("H"), class("H62")), (class("H61"), Some(SizeClass::Large)));
        for unknown in ["J", "E", "F", "G", "E47", "J66"] {
            assert_eq!(class(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn the_limits_themselves_belong_to_the_upper_class() {
        let class = |staff, wan: f64| SizeClass::of(None, Some(staff), Some(wan * WAN));
        assert_eq!(class(1000.0, 40_000.0), Some(SizeClass::Large));
        assert_eq!(class(999.0, 40_000.0), Some(SizeClass::Medium));
        assert_eq!(class(300.0, 2_000.0), Some(SizeClass::Medium));
        assert_eq!(class(300.0, 1_999.0), Some(SizeClass::Small));
        assert_eq!(class(20.0, 300.0), Some(SizeClass::Small));
        assert_eq!(class(19.0, 1e6), Some(SizeClass::Micro));
    }

    #[test]
    fn trades_have_limits_of_their_own() {
        let wholesale = Industry::new("F5137");
        assert_eq!(SizeClass::of(Some(&wholesale), Some(30.0), Some(6_000.0 * WAN)), Some(SizeClass::Medium));
        let research = Industry::new("M7320");
        assert_eq!(SizeClass::of(Some(&research), Some(120.0), None), Some(SizeClass::Medium));
        let leasing = Industry::new("L7111");
        assert_eq!(SizeClass::of(Some(&leasing), Some(120.0), Some(1e9)), None);
        for beyond in ["G5311", "J6620", "P8321", "T9700"] {
            assert_eq!(SizeClass::of(Some(&Industry::new(beyond)), Some(120.0), Some(1e9)), None, "{beyond}");
        }
    }
}

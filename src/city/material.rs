//! The bill of materials of the city: classes, products, and what goes into them.
//!
//! Ids are paths: `rail.bogie.frame` is a product of the class `rail.bogie`, which is
//! one of the class `rail`. They are stable: the golden test and the data of
//! `examples/data/cases` name them.

/// A product that firms make.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    /// GB/T 4754-2017 class of a firm whose main product it is.
    pub(super) industry: &'static str,
    /// What goes in, with weights falling in the order listed.
    pub(super) inputs: &'static [&'static str],
}

const fn item(
    id: &'static str,
    name: &'static str,
    industry: &'static str,
    inputs: &'static [&'static str],
) -> Item {
    Item { id, name, industry, inputs }
}

/// What every firm buys a little of.
pub(super) const CONSUMABLES: [&str; 6] = [
    "bamboo.packaging.carton",
    "chemical.auxiliary.lubricant",
    "carbide.tool.insert",
    "apparel.workwear.protective",
    "power.distribution.cabinet",
    "environment.treatment.wastewater",
];

/// The classes, id and name. A product's class is its id without the last part.
pub(super) const CLASSES: [(&str, &str); 71] = [
    ("rail", "轨道交通装备"),
    ("rail.vehicle", "轨道车辆"),
    ("rail.bogie", "转向架部件"),
    ("rail.traction", "牵引系统部件"),
    ("rail.body", "车体与内装"),
    ("rail.brake", "制动系统部件"),
    ("rail.control", "列车控制"),
    ("metal", "金属材料"),
    ("metal.raw", "金属原料"),
    ("metal.rolled", "金属型材"),
    ("metal.casting", "铸件"),
    ("metal.forging", "锻件"),
    ("metal.part", "金属基础件"),
    ("aviation", "航空动力装备"),
    ("aviation.aircraft", "航空器"),
    ("aviation.engine", "航空发动机"),
    ("aviation.material", "航空材料"),
    ("aviation.service", "航空服务"),
    ("power", "电力与新能源装备"),
    ("power.generation", "发电装备"),
    ("power.distribution", "输配电装备"),
    ("power.storage", "储能"),
    ("power.part", "电气部件"),
    ("vehicle", "汽车"),
    ("vehicle.complete", "整车"),
    ("vehicle.drive", "驱动系统"),
    ("vehicle.chassis", "底盘系统"),
    ("vehicle.body", "车身系统"),
    ("electronics", "电子信息"),
    ("electronics.terminal", "电子整机"),
    ("electronics.board", "电路与组件"),
    ("electronics.component", "电子元件"),
    ("electronics.software", "软件"),
    ("semiconductor", "功率半导体"),
    ("semiconductor.device", "功率器件"),
    ("semiconductor.material", "半导体材料"),
    ("carbide", "硬质材料"),
    ("carbide.powder", "硬质材料粉末"),
    ("carbide.blank", "硬质合金毛坯"),
    ("carbide.tool", "硬质合金工具"),
    ("chemical", "化工材料"),
    ("chemical.base", "基础化学品"),
    ("chemical.polymer", "高分子材料"),
    ("chemical.auxiliary", "助剂"),
    ("ceramics", "陶瓷"),
    ("ceramics.material", "陶瓷原料"),
    ("ceramics.product", "陶瓷制品"),
    ("fireworks", "烟花爆竹"),
    ("fireworks.material", "烟花原料"),
    ("fireworks.product", "烟花制品"),
    ("apparel", "服饰"),
    ("apparel.fabric", "面辅料"),
    ("apparel.workwear", "职业装"),
    ("apparel.fashion", "时装"),
    ("bamboo", "竹木"),
    ("bamboo.material", "竹木材料"),
    ("bamboo.product", "竹木制品"),
    ("bamboo.packaging", "包装"),
    ("food", "绿色食品"),
    ("food.farm", "农产品"),
    ("food.processed", "加工食品"),
    ("medicine", "生物医药"),
    ("medicine.material", "医药原料"),
    ("medicine.product", "医药制品"),
    ("building", "装配式建筑"),
    ("building.material", "建筑材料"),
    ("building.structure", "建筑构件"),
    ("environment", "节能环保"),
    ("environment.material", "环保材料"),
    ("environment.treatment", "治理设备"),
    ("environment.service", "环保服务"),
];

/// The products. No product goes into itself, however far one follows the inputs.
#[rustfmt::skip]
pub(super) const ITEMS: [Item; 160] = [
    item("rail.vehicle.locomotive", "电力机车", "C3712", &["rail.bogie.assembly", "rail.bogie.frame", "rail.traction.converter", "rail.traction.motor", "rail.body.shell", "rail.brake.system", "rail.control.network"]),
    item("rail.vehicle.metro", "城轨车辆", "C3720", &["rail.bogie.assembly", "rail.bogie.frame", "rail.traction.converter", "rail.body.shell", "rail.body.interior", "rail.brake.system", "rail.control.network"]),
    item("rail.traction.system", "牵引传动系统", "C3715", &["rail.traction.converter", "rail.traction.motor", "rail.traction.busbar", "rail.traction.transformer", "rail.control.network", "electronics.board.control"]),
    item("rail.bogie.assembly", "转向架总成", "C3715", &["rail.bogie.frame", "rail.bogie.wheelset", "rail.bogie.gearbox", "rail.bogie.spring"]),
    item("rail.bogie.frame", "转向架构架", "C3715", &["metal.casting.steel", "metal.rolled.plate", "carbide.tool.mill"]),
    item("rail.bogie.wheelset", "轮对", "C3715", &["metal.forging.ring", "metal.part.bearing"]),
    item("rail.bogie.gearbox", "牵引齿轮箱", "C3453", &["metal.part.gear", "metal.casting.steel", "metal.part.bearing"]),
    item("rail.bogie.spring", "橡胶减振弹簧", "C2913", &["chemical.polymer.rubber", "metal.rolled.wire"]),
    item("rail.traction.converter", "牵引变流器", "C3824", &["semiconductor.device.igbt", "rail.traction.busbar", "electronics.component.capacitor", "electronics.board.control", "metal.part.radiator"]),
    item("rail.traction.motor", "牵引电机", "C3812", &["metal.rolled.copper-wire", "metal.casting.iron", "metal.part.bearing", "chemical.polymer.insulation"]),
    item("rail.traction.transformer", "牵引变压器", "C3821", &["metal.rolled.silicon-steel", "metal.rolled.copper-wire", "chemical.polymer.insulation"]),
    item("rail.traction.busbar", "母排", "C3829", &["metal.rolled.copper-bar", "chemical.polymer.insulation"]),
    item("rail.body.shell", "铝合金车体", "C3715", &["metal.rolled.aluminium", "metal.rolled.plate", "metal.part.fastener"]),
    item("rail.body.interior", "车辆内装件", "C3715", &["chemical.polymer.composite", "metal.rolled.aluminium", "electronics.component.led"]),
    item("rail.body.door", "车门系统", "C3715", &["metal.rolled.aluminium", "electronics.board.control", "chemical.polymer.rubber"]),
    item("rail.brake.system", "制动系统", "C3714", &["rail.brake.pad", "rail.brake.disc", "electronics.board.control"]),
    item("rail.brake.pad", "粉末冶金闸片", "C3714", &["carbide.powder.copper", "metal.rolled.plate"]),
    item("rail.brake.disc", "制动盘", "C3714", &["metal.casting.iron", "metal.part.fastener"]),
    item("rail.control.network", "列车网络控制系统", "C3891", &["electronics.board.control", "electronics.software.embedded", "electronics.component.connector"]),

    item("metal.raw.ingot", "有色金属锭", "C3212", &[]),
    item("metal.raw.billet", "钢坯", "C3120", &[]),
    item("metal.raw.titanium-sponge", "海绵钛", "C3229", &["chemical.base.chlorine"]),
    item("metal.rolled.plate", "钢板", "C3130", &["metal.raw.billet"]),
    item("metal.rolled.wire", "钢丝", "C3340", &["metal.raw.billet"]),
    item("metal.rolled.silicon-steel", "硅钢片", "C3130", &["metal.raw.billet"]),
    item("metal.rolled.aluminium", "铝型材", "C3252", &["metal.raw.ingot"]),
    item("metal.rolled.copper-wire", "铜绕组线", "C3251", &["metal.raw.ingot", "chemical.polymer.insulation"]),
    item("metal.rolled.copper-bar", "铜排", "C3251", &["metal.raw.ingot"]),
    item("metal.casting.steel", "铸钢件", "C3391", &["metal.raw.billet", "ceramics.material.refractory"]),
    item("metal.casting.iron", "铸铁件", "C3391", &["metal.raw.billet", "ceramics.material.refractory"]),
    item("metal.casting.aluminium", "铝压铸件", "C3392", &["metal.raw.ingot"]),
    item("metal.forging.ring", "环锻件", "C3393", &["metal.raw.billet"]),
    item("metal.forging.titanium", "钛合金锻件", "C3393", &["metal.raw.titanium-sponge"]),
    item("metal.part.bearing", "轴承", "C3451", &["metal.forging.ring", "metal.rolled.wire", "chemical.auxiliary.lubricant"]),
    item("metal.part.gear", "齿轮", "C3453", &["metal.forging.ring", "carbide.tool.mill"]),
    item("metal.part.fastener", "紧固件", "C3482", &["metal.rolled.wire"]),
    item("metal.part.radiator", "散热器", "C3464", &["metal.rolled.aluminium"]),

    item("aviation.aircraft.light", "轻型飞机", "C3741", &["aviation.engine.turboshaft", "aviation.aircraft.airframe", "aviation.aircraft.avionics"]),
    item("aviation.aircraft.drone", "无人机", "C3963", &["aviation.engine.small", "aviation.aircraft.avionics", "power.storage.cell"]),
    item("aviation.aircraft.airframe", "机体结构件", "C3744", &["aviation.material.composite", "metal.rolled.aluminium", "metal.part.fastener"]),
    item("aviation.aircraft.avionics", "机载电子", "C3744", &["electronics.board.control", "electronics.software.embedded", "electronics.component.connector"]),
    item("aviation.engine.turboshaft", "涡轴发动机", "C3744", &["aviation.engine.precision-part", "aviation.engine.blade", "aviation.engine.casing", "aviation.engine.control", "aviation.engine.gearbox", "aviation.service.test"]),
    item("aviation.engine.small", "小型航空发动机", "C3744", &["aviation.engine.precision-part", "aviation.engine.blade", "metal.casting.aluminium"]),
    item("aviation.engine.precision-part", "航空发动机精密零件", "C3744", &["aviation.material.titanium-bar", "carbide.tool.mill", "metal.forging.titanium"]),
    item("aviation.engine.blade", "涡轮叶片", "C3744", &["aviation.material.superalloy", "aviation.service.coating", "ceramics.product.core"]),
    item("aviation.engine.casing", "发动机机匣", "C3744", &["metal.forging.titanium", "aviation.material.superalloy", "carbide.tool.mill"]),
    item("aviation.engine.control", "发动机控制器", "C3744", &["electronics.board.control", "electronics.software.embedded"]),
    item("aviation.engine.gearbox", "航空减速器", "C3744", &["metal.part.gear", "metal.part.bearing", "aviation.material.titanium-bar"]),
    item("aviation.material.superalloy", "高温合金", "C3240", &["metal.raw.ingot", "carbide.powder.cobalt"]),
    item("aviation.material.titanium-bar", "钛合金棒材", "C3259", &["metal.raw.titanium-sponge"]),
    item("aviation.material.composite", "航空复合材料", "C3062", &["chemical.polymer.composite"]),
    item("aviation.service.coating", "热障涂层加工", "C3360", &["ceramics.material.zirconia", "chemical.base.acid"]),
    item("aviation.service.test", "发动机试验检测", "M7452", &["aviation.aircraft.avionics"]),

    item("power.generation.wind", "风力发电机组", "C3811", &["power.generation.wind-blade", "power.part.converter", "metal.part.gear", "metal.part.bearing"]),
    item("power.generation.wind-blade", "风电叶片", "C3062", &["chemical.polymer.composite", "chemical.polymer.resin"]),
    item("power.generation.solar", "光伏组件", "C3825", &["semiconductor.material.silicon", "metal.rolled.aluminium", "building.material.glass"]),
    item("power.distribution.transformer", "电力变压器", "C3821", &["metal.rolled.silicon-steel", "metal.rolled.copper-wire", "power.part.insulator"]),
    item("power.distribution.cabinet", "配电柜", "C3823", &["metal.rolled.plate", "power.part.switch", "metal.rolled.copper-bar"]),
    item("power.distribution.cable", "电线电缆", "C3831", &["metal.rolled.copper-wire", "chemical.polymer.insulation"]),
    item("power.storage.system", "储能系统", "C3849", &["power.storage.cell", "power.part.converter", "electronics.board.control"]),
    item("power.storage.cell", "锂电池", "C3841", &["chemical.base.cathode", "chemical.base.electrolyte", "metal.rolled.aluminium"]),
    item("power.part.converter", "变流器", "C3824", &["semiconductor.device.igbt", "electronics.component.capacitor", "metal.part.radiator"]),
    item("power.part.switch", "真空开关", "C3823", &["ceramics.product.tube", "metal.rolled.copper-bar"]),
    item("power.part.insulator", "绝缘子", "C3834", &["ceramics.material.powder", "metal.casting.iron"]),

    item("vehicle.complete.bus", "新能源客车", "C3612", &["vehicle.drive.motor", "vehicle.drive.battery-pack", "vehicle.chassis.axle", "vehicle.body.shell", "vehicle.body.seat", "vehicle.drive.controller"]),
    item("vehicle.complete.car", "新能源乘用车", "C3612", &["vehicle.drive.motor", "vehicle.drive.battery-pack", "vehicle.chassis.brake", "vehicle.body.shell", "vehicle.body.interior", "vehicle.body.wiring", "vehicle.drive.controller"]),
    item("vehicle.drive.motor", "驱动电机", "C3812", &["metal.rolled.copper-wire", "metal.rolled.silicon-steel", "metal.casting.aluminium"]),
    item("vehicle.drive.battery-pack", "动力电池包", "C3849", &["power.storage.cell", "metal.casting.aluminium", "electronics.board.control"]),
    item("vehicle.drive.controller", "电机控制器", "C3670", &["semiconductor.device.igbt", "semiconductor.device.sic", "electronics.board.control"]),
    item("vehicle.chassis.axle", "车桥", "C3670", &["metal.part.gear", "metal.casting.iron", "metal.part.bearing"]),
    item("vehicle.chassis.brake", "汽车制动器", "C3670", &["metal.casting.iron", "carbide.powder.copper"]),
    item("vehicle.chassis.tyre", "轮胎", "C2911", &["chemical.polymer.rubber", "metal.rolled.wire"]),
    item("vehicle.body.shell", "车身冲压件", "C3660", &["metal.rolled.plate", "carbide.tool.die"]),
    item("vehicle.body.seat", "汽车座椅", "C3670", &["apparel.fabric.technical", "metal.rolled.wire", "chemical.polymer.resin"]),
    item("vehicle.body.interior", "汽车内饰", "C3670", &["chemical.polymer.composite", "apparel.fabric.technical"]),
    item("vehicle.body.wiring", "汽车线束", "C3670", &["metal.rolled.copper-wire", "electronics.component.connector"]),

    item("electronics.terminal.industrial", "工业控制终端", "C3914", &["electronics.board.control", "electronics.terminal.display", "electronics.software.embedded"]),
    item("electronics.terminal.sensor", "智能传感器", "C3983", &["electronics.board.printed", "semiconductor.device.mosfet", "ceramics.product.substrate"]),
    item("electronics.terminal.display", "显示模组", "C3974", &["building.material.glass", "electronics.component.led", "electronics.board.printed"]),
    item("electronics.terminal.beidou", "北斗终端", "C3922", &["electronics.board.control", "electronics.component.connector", "electronics.software.embedded"]),
    item("electronics.board.control", "控制板", "C3982", &["electronics.board.printed", "electronics.component.capacitor", "electronics.component.resistor", "semiconductor.device.mosfet"]),
    item("electronics.board.printed", "印制电路板", "C3982", &["electronics.board.laminate", "carbide.tool.micro-drill"]),
    item("electronics.board.laminate", "覆铜板", "C3985", &["metal.rolled.copper-bar", "chemical.polymer.resin"]),
    item("electronics.component.capacitor", "电容器", "C3981", &["metal.rolled.aluminium", "chemical.polymer.insulation"]),
    item("electronics.component.resistor", "电阻器", "C3981", &["ceramics.material.powder"]),
    item("electronics.component.connector", "连接器", "C3989", &["metal.rolled.copper-bar", "chemical.polymer.resin"]),
    item("electronics.component.led", "LED器件", "C3975", &["semiconductor.material.wafer", "electronics.board.printed"]),
    item("electronics.software.embedded", "嵌入式软件", "I6513", &["electronics.terminal.industrial-pc"]),
    item("electronics.terminal.industrial-pc", "工业计算机", "C3911", &["electronics.board.control"]),

    item("semiconductor.device.igbt", "IGBT模块", "C3972", &["semiconductor.material.wafer", "ceramics.product.substrate", "metal.rolled.copper-bar", "chemical.polymer.resin"]),
    item("semiconductor.device.sic", "碳化硅模块", "C3972", &["semiconductor.material.sic-wafer", "ceramics.product.substrate", "metal.rolled.copper-bar"]),
    item("semiconductor.device.mosfet", "MOSFET器件", "C3972", &["semiconductor.material.wafer", "chemical.polymer.resin"]),
    item("semiconductor.material.wafer", "硅晶圆", "C3985", &["semiconductor.material.silicon", "chemical.base.acid"]),
    item("semiconductor.material.sic-wafer", "碳化硅衬底", "C3985", &["chemical.base.acid"]),
    item("semiconductor.material.silicon", "多晶硅", "C3985", &["chemical.base.chlorine"]),

    item("carbide.powder.tungsten", "碳化钨粉", "C3239", &[]),
    item("carbide.powder.cobalt", "钴粉", "C3219", &[]),
    item("carbide.powder.copper", "铜基粉末", "C3240", &["metal.raw.ingot"]),
    item("carbide.blank.rod", "硬质合金棒材", "C3240", &["carbide.powder.tungsten", "carbide.powder.cobalt"]),
    item("carbide.blank.plate", "硬质合金板材", "C3240", &["carbide.powder.tungsten", "carbide.powder.cobalt"]),
    item("carbide.tool.insert", "数控刀片", "C3321", &["carbide.blank.plate", "carbide.tool.coating"]),
    item("carbide.tool.mill", "整体铣刀", "C3321", &["carbide.blank.rod", "carbide.tool.coating"]),
    item("carbide.tool.micro-drill", "微钻", "C3321", &["carbide.blank.rod"]),
    item("carbide.tool.die", "硬质合金模具", "C3525", &["carbide.blank.plate"]),
    item("carbide.tool.mining", "矿用钻齿", "C3511", &["carbide.blank.rod", "metal.forging.ring"]),
    item("carbide.tool.system", "成套刀具系统", "C3321", &["carbide.tool.insert", "carbide.tool.mill", "carbide.tool.micro-drill", "metal.part.fastener"]),
    item("carbide.tool.coating", "刀具涂层加工", "C3360", &["chemical.base.acid"]),

    item("chemical.base.acid", "工业酸", "C2611", &[]),
    item("chemical.base.chlorine", "氯碱", "C2612", &[]),
    item("chemical.base.oxidant", "氧化剂", "C2613", &["chemical.base.chlorine"]),
    item("chemical.base.cathode", "正极材料", "C2613", &["carbide.powder.cobalt", "chemical.base.acid"]),
    item("chemical.base.electrolyte", "电解液", "C2669", &["chemical.base.acid"]),
    item("chemical.polymer.resin", "合成树脂", "C2651", &["chemical.base.chlorine"]),
    item("chemical.polymer.rubber", "橡胶制品料", "C2652", &["chemical.polymer.resin"]),
    item("chemical.polymer.insulation", "绝缘材料", "C2659", &["chemical.polymer.resin"]),
    item("chemical.polymer.composite", "复合材料板", "C3062", &["chemical.polymer.resin", "apparel.fabric.technical"]),
    item("chemical.polymer.engineering", "工程塑料制品", "C2929", &["chemical.polymer.resin", "chemical.auxiliary.pigment", "carbide.tool.die"]),
    item("chemical.auxiliary.lubricant", "润滑油脂", "C2511", &["chemical.base.acid"]),
    item("chemical.auxiliary.pigment", "颜料涂料", "C2641", &["chemical.base.acid", "chemical.polymer.resin"]),

    item("ceramics.material.powder", "陶瓷粉体", "C3099", &[]),
    item("ceramics.material.zirconia", "氧化锆粉", "C3099", &["chemical.base.acid"]),
    item("ceramics.material.refractory", "耐火材料", "C3089", &["ceramics.material.powder"]),
    item("ceramics.material.glaze", "釉料", "C2643", &["ceramics.material.powder", "chemical.auxiliary.pigment"]),
    item("ceramics.product.tableware", "日用瓷", "C3074", &["ceramics.material.powder", "ceramics.material.glaze", "bamboo.packaging.carton"]),
    item("ceramics.product.tube", "陶瓷管壳", "C3073", &["ceramics.material.powder", "ceramics.material.zirconia"]),
    item("ceramics.product.substrate", "陶瓷基板", "C3073", &["ceramics.material.zirconia", "metal.rolled.copper-bar"]),
    item("ceramics.product.core", "陶瓷型芯", "C3073", &["ceramics.material.zirconia"]),

    item("fireworks.material.paper-tube", "纸筒", "C2239", &["bamboo.material.pulp"]),
    item("fireworks.material.fuse", "引火线", "C2672", &["chemical.base.oxidant"]),
    item("fireworks.material.powder", "烟火药", "C2672", &["chemical.base.oxidant", "carbide.powder.copper"]),
    item("fireworks.product.shell", "礼花弹", "C2672", &["fireworks.material.powder", "fireworks.material.fuse", "fireworks.material.paper-tube"]),
    item("fireworks.product.cake", "组合烟花", "C2672", &["fireworks.material.powder", "fireworks.material.fuse", "fireworks.material.paper-tube", "bamboo.packaging.carton"]),

    item("apparel.fabric.cotton", "棉布", "C1711", &[]),
    item("apparel.fabric.technical", "产业用布", "C1789", &["chemical.polymer.resin"]),
    item("apparel.fabric.trim", "辅料", "C1789", &["chemical.polymer.resin", "metal.rolled.wire"]),
    item("apparel.workwear.protective", "劳保服装", "C1819", &["apparel.fabric.technical", "apparel.fabric.trim"]),
    item("apparel.fashion.trousers", "裤装", "C1811", &["apparel.fabric.cotton", "apparel.fabric.trim"]),
    item("apparel.fashion.brand", "品牌女装", "C1819", &["apparel.fabric.cotton", "apparel.fabric.trim", "apparel.fashion.trousers"]),

    item("bamboo.material.pulp", "竹浆", "C2212", &["chemical.base.chlorine"]),
    item("bamboo.material.board", "竹木板材", "C2029", &["chemical.polymer.resin"]),
    item("bamboo.product.furniture", "竹木家具", "C2120", &["bamboo.material.board", "metal.part.fastener"]),
    item("bamboo.packaging.carton", "纸箱", "C2231", &["bamboo.material.pulp"]),

    item("food.farm.camellia", "油茶籽", "A0122", &[]),
    item("food.farm.pork", "生猪", "A0313", &[]),
    item("food.processed.oil", "茶油", "C1331", &["food.farm.camellia", "bamboo.packaging.carton"]),
    item("food.processed.meat", "肉制品", "C1353", &["food.farm.pork", "bamboo.packaging.carton"]),

    item("medicine.material.herb", "中药材", "A0171", &[]),
    item("medicine.material.active", "原料药", "C2710", &["chemical.base.acid", "chemical.base.chlorine"]),
    item("medicine.product.tablet", "化学制剂", "C2720", &["medicine.material.active", "medicine.product.vial", "bamboo.packaging.carton"]),
    item("medicine.product.herbal", "中成药", "C2740", &["medicine.material.herb", "medicine.product.vial", "bamboo.packaging.carton"]),
    item("medicine.product.vial", "药用包装瓶", "C3055", &["ceramics.material.powder", "chemical.polymer.resin"]),

    item("building.material.cement", "水泥", "C3011", &[]),
    item("building.material.glass", "平板玻璃", "C3041", &["ceramics.material.refractory"]),
    item("building.structure.concrete", "预制混凝土构件", "C3022", &["building.material.cement", "metal.rolled.wire"]),
    item("building.structure.steel", "钢结构构件", "C3311", &["metal.rolled.plate", "metal.part.fastener"]),
    item("building.structure.house", "装配式房屋", "C3021", &["building.structure.concrete", "building.structure.steel", "building.material.glass"]),

    item("environment.material.membrane", "过滤膜", "C2666", &["chemical.polymer.resin", "ceramics.material.zirconia"]),
    item("environment.treatment.wastewater", "污水处理设备", "C3591", &["environment.material.membrane", "metal.rolled.plate", "electronics.terminal.sensor"]),
    item("environment.treatment.exhaust", "废气治理设备", "C3591", &["environment.material.membrane", "metal.rolled.plate"]),
    item("environment.service.recycling", "再生资源加工", "C4210", &[]),
];

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::model::Industry;

    #[test]
    fn ids_are_distinct_and_every_one_named_exists() {
        let classes: BTreeSet<&str> = CLASSES.iter().map(|(id, _)| *id).collect();
        let items: BTreeSet<&str> = ITEMS.iter().map(|item| item.id).collect();
        assert_eq!((classes.len(), items.len()), (CLASSES.len(), ITEMS.len()));
        for (id, _) in CLASSES {
            assert!(id.rsplit_once('.').is_none_or(|(parent, _)| classes.contains(parent)), "{id}");
        }
        for item in &ITEMS {
            assert!(
                item.id.rsplit_once('.').is_some_and(|(class, _)| classes.contains(class)),
                "{}",
                item.id
            );
            assert!(Industry::new(item.industry).is_gb_t_4754(), "{}", item.id);
            assert!(item.inputs.iter().all(|input| items.contains(input)), "{}", item.id);
        }
        assert!(CONSUMABLES.iter().all(|id| items.contains(id)));
    }

    #[test]
    fn no_product_goes_into_itself() {
        let mut inputs: BTreeMap<&str, &[&str]> = ITEMS.iter().map(|item| (item.id, item.inputs)).collect();
        // Take away what is made of nothing that is left, until nothing is.
        while let Some(id) = inputs
            .iter()
            .find(|(_, needs)| needs.iter().all(|input| !inputs.contains_key(input)))
            .map(|(id, _)| *id)
        {
            inputs.remove(id);
        }
        assert!(inputs.is_empty(), "{:?}", inputs.keys());
    }
}

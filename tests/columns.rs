//! docs/columns.md lists the headers and words that are understood, and no others.
//!
//! After a change: `JIEDUI_BLESS=1 cargo test --test columns`.

use std::fmt::Write;
use std::path::Path;

use jiedui::dataset::{Reader, Table};
use jiedui::model::{
    Answer, Category, CoBuildingMode, Direction, FirmKind, Level, OutcomeKind, Ownership, PartyBranch, Role,
    SizeClass,
};

fn page() -> String {
    let mut page = String::from(
        "# Tables, columns and words\n\n\
         What the reader understands, English or Chinese: headers, and as names of files and sheets those of the tables. Columns in **bold** are needed (a name does for \
         the key of a firm, product or chain); the rest may be missing, and so may every table but `firms`. Names may say more: a year, a number, 表, 明细, 台账, \
         something in brackets or behind a dash; such are parts of one table. A workbook whose sheets \
         have no such names is the table that its file is named for. Supplies without dates, or with mere days (3月5日), take the year that \
         such a name tells.\n\n\
         A header may carry its unit, 营业收入（万元）, begin with a year, 2024年营业收入 (of several the latest \
         counts), and be told in two languages. Several parties, modes, products, chains or firms in one \
         cell stand in lines of their own or are separated by `;` `；` `、` `，` or `|`, and may be numbered (1、轴；2、孔); of `supplies` and `chain_members` by the Chinese \
         ones alone, and then everybody counts with everybody, in equal shares of the value. The last five \
         columns of `firms` are such lists: each item becomes a row of another table. Parties may also \
         stand in several columns. Where a column of another table than `firms` names a firm, 编号, 代码, \
         统一社会信用代码 or 名称 may stand behind its header, as 供方编号 or 链主企业名称: of several the one that \
         stands first counts, where its cell is empty or nobody's key the name. Of a workbook they may also stand below it, in the second line of a \
         header of two (链主企业 above 编号 and 名称), and years below a figure (营业收入 above 2023年 and \
         2024年). Other headers are mapped with `--columns TABLE.FIELD=HEADER` \
         (`Reader::map_column`), parties in two columns with two.\n",
    );
    for &table in Table::ALL {
        let names = table.chinese().join(", ");
        write!(page, "\n## {table} ({names})\n\n| column | also |\n| --- | --- |\n").unwrap();
        for column in table.columns() {
            let name = if column.required { format!("**{}**", column.name) } else { column.name.to_owned() };
            writeln!(page, "| {name} | {} |", column.chinese.join(", ")).unwrap();
        }
    }
    page.push_str(
        "\n# Words\n\nA word outside these lists becomes `other` where there is one, else the value is \
         unknown. A row of `firm_products` whose role, or of `resources` whose direction, is in other \
         words is left out: to guess would be worse.\n",
    );
    let mut list = |column: &str, words: Vec<&[&str]>| {
        write!(page, "\n## {column}\n\n| word | also |\n| --- | --- |\n").unwrap();
        for words in words {
            writeln!(page, "| {} | {} |", words[0], words[1..].join(", ")).unwrap();
        }
    };
    list("firms.kind", FirmKind::ALL.iter().map(|one| one.words()).collect());
    list("firms.anchor", vec![Reader::YES, Reader::NO]);
    list("firms.ownership", Ownership::ALL.iter().map(|one| one.words()).collect());
    list("firms.size", SizeClass::ALL.iter().map(|one| one.words()).collect());
    list("firms.party_branch", PartyBranch::ALL.iter().map(|one| one.words()).collect());
    list("firm_products.role", Role::ALL.iter().map(|one| one.words()).collect());
    list("resources.direction", Direction::ALL.iter().map(|one| one.words()).collect());
    list("resources.category", Category::ALL.iter().map(|one| one.words()).collect());
    list("pairings.level", Level::ALL.iter().map(|one| one.words()).collect());
    list("pairings.modes", CoBuildingMode::ALL.iter().map(|one| one.words()).collect());
    list("outcomes.kind", OutcomeKind::ALL.iter().map(|one| one.words()).collect());
    list("responses.answer", Answer::ALL.iter().map(|one| one.words()).collect());
    page
}

#[test]
fn the_page_lists_what_is_understood() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/columns.md");
    if std::env::var_os("JIEDUI_BLESS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, page()).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap(), page());
}

//! Who makes and needs what, with products and firms by index.

use crate::dataset::Tables;
use crate::model::{FirmIx, FirmProduct, ProductId, ProductIx, Role};

use super::rows::Rows;

/// The product side of a network: makers, needs, bill of materials, class tree.
///
/// Weights are as given, an unsaid one 1. Rows are sorted by index.
#[derive(Debug)]
pub struct Catalog {
    makes: Rows<(ProductIx, f64)>,
    needs: Rows<(ProductIx, f64)>,
    makers: Rows<FirmIx>,
    inputs: Rows<(ProductIx, f64)>,
    parents: Rows<ProductIx>,
    children: Rows<ProductIx>,
}

impl Catalog {
    /// `supplied` holds who sold what, once for each buyer.
    pub(super) fn build(tables: &Tables, supplied: &[(FirmIx, ProductIx)]) -> Self {
        let (n_firms, n_products) = (tables.firms.len(), tables.products.len());
        let product = |id: &ProductId| tables.product_ix(id.as_str());
        // Sorted by firm as the firm table is: one walk down both.
        let mut firm = 0;
        let mut rows: Vec<(usize, Role, ProductIx, f64)> = tables
            .firm_products
            .iter()
            .filter_map(|row: &FirmProduct| {
                while tables.firms[firm].id < row.firm {
                    firm += 1;
                }
                Some((firm, row.role, product(&row.product)?, row.weight.unwrap_or(1.0)))
            })
            .collect();
        let says =
            Rows::group(n_firms, rows.iter().filter(|row| row.1 == Role::Makes).map(|row| (row.0, ())));
        let silent = supplied.iter().filter(|(firm, _)| says.row(firm.index()).is_empty());
        let mut sold: Vec<(usize, Role, ProductIx, f64)> =
            silent.map(|&(firm, product)| (firm.index(), Role::Makes, product, 1.0)).collect();
        sold.sort_by_key(|row| (row.0, row.2));
        sold.dedup_by(|row, sum| {
            let same = (row.0, row.2) == (sum.0, sum.2);
            if same {
                sum.3 += row.3;
            }
            same
        });
        rows.extend(sold);
        rows.sort_by_key(|row| (row.0, row.2));
        let of_role = |role: Role| {
            rows.iter()
                .filter(move |row| row.1 == role)
                .map(|&(firm, _, product, weight)| (firm, (product, weight)))
        };
        let inputs: Vec<(usize, (ProductIx, f64))> = tables
            .product_inputs
            .iter()
            .filter_map(|row| {
                Some((product(&row.output)?.index(), (product(&row.input)?, row.weight.unwrap_or(1.0))))
            })
            .collect();
        let parents: Vec<(ProductIx, ProductIx)> = tables
            .product_parents
            .iter()
            .filter_map(|row| Some((product(&row.product)?, product(&row.parent)?)))
            .collect();
        Self {
            makes: Rows::group(n_firms, of_role(Role::Makes)),
            needs: Rows::group(n_firms, of_role(Role::Needs)),
            makers: Rows::group(
                n_products,
                of_role(Role::Makes).map(|(firm, (product, _))| (product.index(), FirmIx::new(firm))),
            ),
            inputs: Rows::group(n_products, inputs.iter().copied()),
            parents: Rows::group(n_products, parents.iter().map(|&(child, parent)| (child.index(), parent))),
            children: Rows::group(n_products, parents.iter().map(|&(child, parent)| (parent.index(), child))),
        }
    }

    /// What a firm makes, with weights: its own rows, else what supply rows say it sold,
    /// weighted by the number of buyers.
    pub fn makes(&self, firm: FirmIx) -> &[(ProductIx, f64)] {
        self.makes.row(firm.index())
    }

    /// What a firm says that it needs, with weights.
    pub fn needs(&self, firm: FirmIx) -> &[(ProductIx, f64)] {
        self.needs.row(firm.index())
    }

    /// The firms that make a product.
    pub fn makers(&self, product: ProductIx) -> &[FirmIx] {
        self.makers.row(product.index())
    }

    /// What goes into a product, with weights.
    pub fn inputs(&self, product: ProductIx) -> &[(ProductIx, f64)] {
        self.inputs.row(product.index())
    }

    /// The broader classes of a product.
    pub fn parents(&self, product: ProductIx) -> &[ProductIx] {
        self.parents.row(product.index())
    }

    /// The narrower products of a class.
    pub fn children(&self, product: ProductIx) -> &[ProductIx] {
        self.children.row(product.index())
    }

    pub(super) fn bytes(&self) -> usize {
        self.makes.bytes()
            + self.needs.bytes()
            + self.makers.bytes()
            + self.inputs.bytes()
            + self.parents.bytes()
            + self.children.bytes()
    }
}

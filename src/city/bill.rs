//! The products a city trades in: its own bill of materials and what given records add.

use rustc_hash::FxHashMap;

use super::material::{CLASSES, CONSUMABLES, ITEMS};
use crate::dataset::{DatasetBuilder, Tables};
use crate::model::{Product, ProductId, ProductInput, ProductParent};

/// Weight of the first input of a product; each further one weighs this much of the last.
const INPUT_DECAY: f64 = 0.8;

/// A product as the rest of the generator sees it, by position.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) id: ProductId,
    /// Name as firms are called after it.
    pub(super) name: Box<str>,
    /// The class it is one of, as text.
    class: Option<Box<str>>,
    /// The industry of its makers; `None` for a given product.
    pub(super) industry: Option<&'static str>,
    /// Inputs with their weights, by position.
    pub(super) inputs: Vec<(u32, f64)>,
    /// How many products are made of it.
    pub(super) uses: usize,
    /// The longest way down to a product without inputs; 0 for a given one.
    pub(super) tier: usize,
}

impl Line {
    /// The class it is one of.
    pub(super) fn class(&self) -> Option<&str> {
        self.class.as_deref()
    }
}

/// All products, and which are bought by everybody.
#[derive(Debug)]
pub(super) struct Bill {
    pub(super) lines: Vec<Line>,
    pub(super) consumables: Vec<u32>,
    positions: FxHashMap<ProductId, u32>,
}

impl Bill {
    /// The city's own products, then those that `given` adds.
    pub(super) fn new(given: &Tables) -> Self {
        let mut bill = Self { lines: Vec::new(), consumables: Vec::new(), positions: FxHashMap::default() };
        for item in &ITEMS {
            let class = item.id.rsplit_once('.').map(|(class, _)| class.into());
            bill.add(item.id.into(), item.name.into(), class, Some(item.industry));
        }
        for product in &given.products {
            if !bill.positions.contains_key(&product.id) && !is_class(product.id.as_str()) {
                let name = product.name.as_deref().unwrap_or(product.id.as_str()).into();
                let parent = given.product_parents.iter().find(|row| row.product == product.id);
                let class = parent.map(|row| row.parent.as_str().into());
                bill.add(product.id.clone(), name, class, None);
            }
        }
        for item in &ITEMS {
            let mut weight = 1.0;
            for input in item.inputs {
                bill.connect(input, item.id, weight);
                weight *= INPUT_DECAY;
            }
        }
        for row in &given.product_inputs {
            bill.connect(row.input.as_str(), row.output.as_str(), row.weight.unwrap_or(1.0));
        }
        bill.consumables = CONSUMABLES.iter().filter_map(|id| bill.position(id)).collect();
        bill.number_tiers();
        bill
    }

    fn add(
        &mut self,
        id: ProductId,
        name: Box<str>,
        class: Option<Box<str>>,
        industry: Option<&'static str>,
    ) {
        self.positions.insert(id.clone(), self.lines.len() as u32);
        self.lines.push(Line { id, name, class, industry, inputs: Vec::new(), uses: 0, tier: 0 });
    }

    fn connect(&mut self, input: &str, output: &str, weight: f64) {
        let (Some(input), Some(output)) = (self.position(input), self.position(output)) else { return };
        let inputs = &mut self.lines[output as usize].inputs;
        if inputs.iter().all(|(known, _)| *known != input) {
            inputs.push((input, weight));
            self.lines[input as usize].uses += 1;
        }
    }

    /// The city's own products hold no circle, so as many passes as there are tiers do.
    fn number_tiers(&mut self) {
        loop {
            let mut changed = false;
            for position in 0..ITEMS.len() {
                let inputs = self.lines[position].inputs.iter();
                let below = inputs.filter(|(input, _)| (*input as usize) < ITEMS.len());
                let tier = below.map(|(input, _)| self.lines[*input as usize].tier + 1).max().unwrap_or(0);
                // Given inputs may close a circle; a tier above the number of products would be one.
                if tier > self.lines[position].tier && tier <= ITEMS.len() {
                    self.lines[position].tier = tier;
                    changed = true;
                }
            }
            if !changed {
                return;
            }
        }
    }

    pub(super) fn position(&self, id: &str) -> Option<u32> {
        self.positions.get(id).copied()
    }

    pub(super) fn line(&self, position: u32) -> &Line {
        &self.lines[position as usize]
    }

    /// The positions of a chain's products.
    pub(super) fn of_chain(&self, chain: &str) -> Vec<u32> {
        let belongs = |line: &Line| line.id.as_str().split_once('.').is_some_and(|(first, _)| first == chain);
        (0..ITEMS.len() as u32).filter(|&position| belongs(self.line(position))).collect()
    }

    /// How well one product does for another: 1 the same, ½ one of the same class, else 0.
    pub(super) fn closeness(&self, a: u32, b: u32) -> f64 {
        if a == b {
            1.0
        } else if self.line(a).class.is_some() && self.line(a).class == self.line(b).class {
            0.5
        } else {
            0.0
        }
    }

    /// Adds the products, their classes and inputs; what `given` says of them goes first.
    pub(super) fn write(&self, given: &Tables, builder: &mut DatasetBuilder) {
        let named = |id: &str| given.product_ix(id).and_then(|ix| given.products[ix.index()].name.clone());
        for (id, name) in CLASSES.iter().copied().chain(ITEMS.iter().map(|item| (item.id, item.name))) {
            let name = named(id).or_else(|| Some(name.into()));
            builder.add_product(Product { id: id.into(), name });
            if let Some((parent, _)) = id.rsplit_once('.') {
                builder.add_product_parent(ProductParent { product: id.into(), parent: parent.into() });
            }
        }
        for product in &given.products {
            let own = is_class(product.id.as_str())
                || self.position(product.id.as_str()).is_some_and(|at| (at as usize) < ITEMS.len());
            if !own {
                builder.add_product(product.clone());
            }
        }
        for row in &given.product_parents {
            builder.add_product_parent(row.clone());
        }
        for line in &self.lines {
            for &(input, weight) in &line.inputs {
                let (input, output) = (self.line(input).id.clone(), line.id.clone());
                builder.add_product_input(ProductInput { input, output, weight: Some(weight) });
            }
        }
        // Inputs that name a class are no lines of the bill, but were given.
        for row in &given.product_inputs {
            if self.position(row.input.as_str()).is_none() || self.position(row.output.as_str()).is_none() {
                builder.add_product_input(row.clone());
            }
        }
    }
}

fn is_class(id: &str) -> bool {
    CLASSES.iter().any(|(class, _)| *class == id)
}

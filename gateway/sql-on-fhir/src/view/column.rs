//! A column of a view: its name, its type, and where its values come from.

/// A column of a view.
#[derive(Clone)]
pub struct ViewColumn {
    pub(super) name: String,
    pub(super) declared: Option<String>,
    pub(super) collection: bool,
    pub(super) paths: Vec<String>,
    pub(super) quantity: bool,
    /// Where the column stands in the view.
    pub(super) place: String,
}

impl ViewColumn {
    /// The column's name: letters, digits and underscores.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The type that the view declares, without the address of the specification in front.
    pub fn declared_type(&self) -> Option<&str> {
        self.declared.as_deref()
    }

    /// Whether a cell is a list.
    pub fn collection(&self) -> bool {
        self.collection
    }

    /// The expression; of a union, that of the first branch.
    pub fn path(&self) -> &str {
        self.paths.first().map_or("", String::as_str)
    }

    /// The expressions of all branches of a union, or the one there is.
    pub fn paths(&self) -> &[String] {
        &self.paths
    }

    /// Whether some branch takes the number out of a Quantity and leaves its unit and comparator
    /// behind. Where a choice has no `ofType`, and may be a Quantity, the answer is yes.
    pub fn quantity_value(&self) -> bool {
        self.quantity
    }
}

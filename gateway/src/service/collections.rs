//! Private data collections of a consortium: derived, checked, checked against an upgrade.

use crate::error::{Context, GatewayError};
use crate::output::Step;
use collections_config::{CollectionsConfig, Consortium, SharingGroups};
use std::path::Path;

fn text(path: &Path) -> Result<String, GatewayError> {
    std::fs::read_to_string(path)
        .map_err(|e| GatewayError::not_found("collections", format!("{}: {e}", path.display())))
}

/// Derives the collections of a consortium and its sharing groups.
///
/// **Errors**: every problem of either file.
pub fn derive(consortium: &Path, groups: &Path) -> Result<Step, GatewayError> {
    let consortium = Consortium::from_json(&text(consortium)?).input("consortium")?;
    let groups = SharingGroups::from_json(&text(groups)?, &consortium).input("sharing groups")?;
    let config = CollectionsConfig::derive(&consortium, &groups).input("collections")?;
    let json = config.to_json();
    let value: serde_json::Value = serde_json::from_str(&json).internal("collections")?;
    Ok(Step::new("collections.derive")
        .line(json)
        .field("collections", value))
}

/// Checks a configuration, and whether another may replace it.
///
/// **Errors**: every problem of either file, or of the step between them.
pub fn check(file: &Path, next: Option<&Path>) -> Result<Step, GatewayError> {
    let now = CollectionsConfig::from_json(&text(file)?).input("collections")?;
    let mut step = Step::new("collections.check").line(format!(
        "{}: {} collections, all sound",
        file.display(),
        now.as_slice().len()
    ));
    if let Some(next) = next {
        let after = CollectionsConfig::from_json(&text(next)?).input("next collections")?;
        now.check_upgrade(&after).refused("upgrade")?;
        step = step.line(format!("{}: may replace it", next.display()));
    }
    Ok(step.field("collections", now.as_slice().len()))
}

//! The folder of what this program keeps for a user beside their homes, and can make again.

use std::path::PathBuf;

/// `$XDG_CACHE_HOME/medveil`, or `~/.cache/medveil`; none where the system names neither.
///
/// **Source**: the XDG base directory specification, which has relative ones left aside.
pub fn folder() -> Option<PathBuf> {
    let named = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let named = named.filter(|path| path.is_absolute());
    let own =
        || Some(PathBuf::from(std::env::var_os("HOME").filter(|h| !h.is_empty())?).join(".cache"));
    Some(named.or_else(own)?.join("medveil"))
}

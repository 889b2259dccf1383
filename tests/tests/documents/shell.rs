//! A folder with what the pages take as given, and a shell in it.

use crate::pages::{Block, root};
use medveil_source::synthetic;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use tempfile::TempDir;

/// Keeps the words of the last command, and lets `cargo` stand for this build. Development keys are
/// the same bytes in every home: one page makes them for all.
const PRELUDE: &str = r#"
set -euo pipefail
medveil() { share_keys; command medveil "$@" | tee said; share_keys; }
share_keys() {
  local home
  for home in */private; do
    home=${home%/private}
    [ -d "$home" ] || continue
    mkdir -p "$home/keys"
    cp --link --recursive --no-clobber "$home/keys/." "$KEYS" || true
    cp --link --recursive --no-clobber "$KEYS/." "$home/keys" || true
  done
}
cargo() {
  local words=("$@") at
  case "$1" in
    run) medveil "${@:4}" ;;
    build) for at in "${!words[@]}"; do
        [ "${words[at]}" != -p ] ||
          command cargo pkgid --quiet --manifest-path "$WORKSPACE/Cargo.toml" "${words[at + 1]}"
      done ;;
    *) echo "no page tells to type cargo $1" >&2; return 2 ;;
  esac
}
id() { grep -oE "$1 [0-9a-f]{32,}" said | head -1 | cut -d' ' -f2; }
"#;

pub struct Shell(TempDir);

/// The keys that the pages share: a folder that each run of this program makes anew.
static KEYS: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("page-keys");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
});

/// `medveil` of this build, beside the test's own program.
pub fn program() -> PathBuf {
    let me = std::env::current_exe().unwrap();
    let path = me.parent().and_then(Path::parent).unwrap().join("medveil");
    assert!(path.is_file(), "{} is not built", path.display());
    path
}

impl Shell {
    pub fn new() -> Self {
        let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        synthetic::write(&dir.path().join("fhir-bundles"), 300, 5).unwrap();
        let policy = root().join("gateway/data/quickstart/policy.yaml");
        std::fs::copy(policy, dir.path().join("policy.yaml")).unwrap();
        let schema = root().join("tests/tests/journeys/visits.schema.json");
        std::fs::copy(schema, dir.path().join("visits.schema.json")).unwrap();
        std::fs::write(dir.path().join("visits.csv"), visits()).unwrap();
        std::fs::write(dir.path().join("letter.txt"), "We study blood sugar.\n").unwrap();
        Self(dir)
    }

    pub fn folder(&self) -> &Path {
        self.0.path()
    }

    /// Everything that the blocks print. Panics where a command fails.
    pub fn run(&self, blocks: &[Block]) -> String {
        let mut script = PRELUDE.to_owned();
        for block in blocks {
            writeln!(script, "echo '== {}' >&2", block.place).unwrap();
            if let Some(name) = &block.id {
                writeln!(script, "{name}=$(id {})", name.to_lowercase()).unwrap();
            }
            script.push_str(&block.text);
        }
        let path = std::env::var("PATH").unwrap();
        let program = program();
        let ran = Command::new("bash")
            .args(["-c", &script])
            .current_dir(self.folder())
            .env(
                "PATH",
                format!("{}:{path}", program.parent().unwrap().display()),
            )
            .env("WORKSPACE", root())
            .env("KEYS", &*KEYS)
            .env("MEDVEIL_PASSPHRASE", "correct horse battery")
            .env_remove("MEDVEIL_HOME")
            .env_remove("MEDVEIL_NET")
            .env_remove("MEDVEIL_AS")
            .output()
            .unwrap();
        let said = String::from_utf8(ran.stdout).unwrap();
        let errors = String::from_utf8_lossy(&ran.stderr);
        assert!(ran.status.success(), "{said}\n{errors}");
        said
    }
}

fn visits() -> String {
    let row = |n: u32| {
        let smokes = if n.is_multiple_of(3) { "yes" } else { "no" };
        format!(
            "p{},{},{}.{},{smokes}\n",
            n / 2,
            30 + n % 50,
            4 + n % 9,
            n % 10
        )
    };
    "patient,age,sugar,smoker\n".to_owned() + &(0..80).map(row).collect::<String>()
}

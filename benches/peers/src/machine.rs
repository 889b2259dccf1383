//! What a run was made on.

use crate::session::Cpus;
use schemars::JsonSchema;
use serde::Serialize;

/// Instructions that provers are written for.
const FLAGS: [&str; 8] = [
    "adx",
    "bmi2",
    "avx2",
    "avx512f",
    "avx512dq",
    "avx512vl",
    "avx512ifma",
    "asimd",
];

/// A machine.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Machine {
    /// The processor's name.
    pub cpu: String,
    /// Those of its instructions that provers are written for.
    pub flags: Vec<String>,
    /// Processors that the run could use.
    pub cpus: usize,
    /// Memory in all, in MiB, where the system says it.
    pub memory_mib: Option<u64>,
    /// System, its release and the processor's family.
    pub system: String,
    /// Processes that were at work in the last minute before the run: peers are slower beside
    /// others.
    pub load: Option<String>,
    /// Whether threads were kept to processors by affinity.
    pub pinned: bool,
    /// How this program was built.
    pub build: String,
}

fn system(path: &str) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}

/// The value of the first line `name : value`.
fn field(text: &str, names: &[&str]) -> Option<String> {
    let mut lines = text.lines().filter_map(|line| line.split_once(':'));
    let found = lines.find(|(name, _)| names.contains(&name.trim()));
    found.map(|(_, value)| value.trim().to_owned())
}

impl Machine {
    /// This one.
    pub fn here() -> Self {
        let (cpu, memory) = (system("/proc/cpuinfo"), system("/proc/meminfo"));
        let flags = field(&cpu, &["flags", "Features"]).unwrap_or_default();
        let has = |flag: &&str| flags.split_whitespace().any(|known| known == *flag);
        let memory = field(&memory, &["MemTotal"]);
        let kib = memory.and_then(|kib| kib.strip_suffix("kB")?.trim().parse::<u64>().ok());
        let (os, family) = (std::env::consts::OS, std::env::consts::ARCH);
        let release = system("/proc/sys/kernel/osrelease");
        let checks = cfg!(debug_assertions);
        Machine {
            cpu: field(&cpu, &["model name"]).unwrap_or_else(|| "unknown".to_owned()),
            flags: FLAGS
                .iter()
                .filter(|f| has(f))
                .map(|f| (*f).to_owned())
                .collect(),
            cpus: Cpus::all().count(),
            memory_mib: kib.map(|kib| kib / 1024),
            system: format!("{os} {} {family}", release.trim()).replace("  ", " "),
            load: system("/proc/loadavg")
                .split(' ')
                .next()
                .filter(|l| !l.is_empty())
                .map(str::to_owned),
            pinned: cfg!(target_os = "linux"),
            build: if checks {
                "with debug assertions"
            } else {
                "for release"
            }
            .to_owned(),
        }
    }
}

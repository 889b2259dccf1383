use collections_config::MspId;
use gateway::{backend::*, channel::*, custody::*, desk::*, home::*, office::*, output::*, service::*, startup};
use std::sync::Arc;
fn main() {
    let home = Home::new("/tmp/j1home");
    let _ = std::fs::remove_dir_all("/tmp/j1home");
    write_secret_file(std::path::Path::new("/tmp/j1pass"), b"correct horse battery").unwrap();
    let off = || Offices::new(home.clone(), Some(PassphraseSource::File("/tmp/j1pass".into())));
    let mut rng = startup::rng().unwrap();
    let files = consortium::files(None, None, &mut rng).unwrap();
    consortium::found(&home, &off(), &files, &SystemClock, &mut rng).unwrap();
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let channel = EmbeddedChannel::open(&home.ledger(), clock, startup::rng().unwrap()).unwrap();
    let desk =
        Desk::new(home.clone(), off(), Output::new(false), Box::new(channel), startup::rng().unwrap(), startup::pool().unwrap()).unwrap();
    let o = |n: &str| MspId::new(n).unwrap();
    let t = std::time::Instant::now();
    let p = |s: Step| {
        desk.output.step(&s);
        eprintln!("[{:.2}]", t.elapsed().as_secs_f64());
    };
    p(consortium::bootstrap(&desk).unwrap());
    for c in ["registration-256", "handover"] {
        p(circuit::propose(&desk, &o("HospitalA"), c).unwrap());
        p(circuit::approve(&desk, &o("HospitalB"), c).unwrap());
        p(circuit::approve(&desk, &o("University"), c).unwrap());
        p(circuit::activate(&desk, &o("HospitalA"), c).unwrap());
    }
    let src = std::path::Path::new("/tmp/j1src");
    let _ = std::fs::remove_dir_all(src);
    gateway::source::synthetic::write(src, 300, 1).unwrap();
    p(dataset::commit(&desk, &o("HospitalA"), src, None, "cohort", "research").unwrap());
    p(dataset::register(&desk, &o("HospitalA"), "cohort").unwrap());
    p(dataset::store(&desk, &o("HospitalA"), "cohort").unwrap());
}

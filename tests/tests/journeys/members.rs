//! P, R: who sees private values on real peers, what happens while a member is down, and what a
//! clock that is off can do.

use crate::world::{Kind, World, binaries, org, wait};
use medveil_circuits::ids::DatasetRoot;
use medveil_collections_config::{MspId, Role};
use medveil_contract::call::transient::{PAGES, PagesPart};
use medveil_contract::call::{Call, Query, Request, StorePages, request};
use medveil_fabric_client::FabricClient;
use medveil_gateway::Session;
use medveil_gateway::journey::claim;
use medveil_gateway::journey::dataset::{self, CommitOptions, LocalDataset};
use medveil_gateway::journey::day;
use medveil_gateway::progress::Quiet;
use medveil_gateway::session::SessionParts;
use medveil_gateway::startup;
use medveil_ledger::{Clock, SystemClock, Transaction, Transient};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

const SCHEMA: &str = include_str!("visits.schema.json");
const ROWS: &str = "patient,age,sugar,smoker\np1,44,5.4,no\np2,61,,yes\n";
const MINUTE_MS: i64 = 60_000;

/// A clock that is off.
struct Off(i64);

impl Clock for Off {
    fn now_ms(&self) -> u64 {
        SystemClock.now_ms().saturating_add_signed(self.0)
    }
}

/// A session whose clock is off.
fn session_off(world: &World, ms: i64) -> Session {
    let rng = || startup::rng().unwrap();
    let notify = Arc::new(|_: &str| {});
    let network = startup::network(&world.home(), Arc::new(Off(ms)), notify).unwrap();
    Session::new(SessionParts {
        person: None,
        home: world.home(),
        keyring: world.keyring(),
        ledger: Arc::new(FabricClient::new(network, rng())),
        progress: Arc::new(Quiet),
        rng: rng(),
        pool: startup::pool().unwrap(),
    })
    .unwrap()
}

/// A client of one organisation that asks another organisation's peer directly.
fn foreign(world: &World, client: &str, peer: &str, query: &Query) -> Result<String, String> {
    let (layout, state) = (world.net().layout(), world.net().state());
    let mut environment =
        medveil_fabric_net::environment(layout, &state, &org(peer), &binaries()).unwrap();
    environment.push(("CORE_PEER_LOCALMSPID".to_owned(), client.to_owned()));
    environment.push((
        "CORE_PEER_MSPCONFIGPATH".to_owned(),
        layout
            .user(&org(client), "User1")
            .join("msp")
            .display()
            .to_string(),
    ));
    let args: Vec<String> = query
        .to_args()
        .into_iter()
        .map(|a| String::from_utf8(a).unwrap())
        .collect();
    let args = serde_json::json!({ "Args": args }).to_string();
    let mut command = Command::new(binaries().program("peer"));
    let output = command
        .args([
            "chaincode",
            "query",
            "-C",
            &state.channel,
            "-n",
            "medveil",
            "-c",
            &args,
        ])
        .envs(environment)
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() {
        Ok(text(&output.stdout))
    } else {
        Err(text(&output.stderr))
    }
}

fn registered(world: &World, session: &Session, holder: &MspId) -> DatasetRoot {
    world.activate(session, "registration-16");
    let (source, schema) = (world.path("visits.csv"), world.path("visits.schema.json"));
    std::fs::write(&source, ROWS).unwrap();
    std::fs::write(&schema, SCHEMA).unwrap();
    wait(dataset::commit(
        session,
        holder,
        &CommitOptions {
            source: &source,
            views: None,
            accept: &[],
            schema: Some(&schema),
            name: "visits",
            group: "research",
        },
    ))
    .unwrap();
    let registered = wait(claim::register_dataset(session, holder, "visits", false));
    registered.unwrap().dataset
}

/// P8: a client that is told to name a non-member sends nothing.
fn p8_private_arguments_do_not_leave_for_a_peer_that_is_no_member(
    session: &Session,
    holder: &MspId,
    root: DatasetRoot,
) {
    let chunks = LocalDataset::new(session, holder, "visits")
        .unwrap()
        .pages()
        .unwrap();
    let call = Call::StorePages(StorePages {
        dataset: root,
        grant: None,
        first_chunk: 0,
        n_chunks: 1,
    });
    let transient = Transient::from([(
        PAGES.to_owned(),
        borsh::to_vec(&PagesPart { chunks }).unwrap(),
    )]);
    let transaction = Transaction {
        args: call.to_args(),
        transient,
        ..Transaction::default()
    };
    let endorsers = vec![vec![holder.clone(), org("EthicsBoard")]];
    let identity = session.identity(holder, Role::Client).unwrap();
    let submitted = wait(session.ledger().submit(&identity, transaction, endorsers));
    let error = submitted.unwrap_err();
    assert!(
        error.to_string().contains("EthicsBoard is not a member"),
        "{error}"
    );
}

#[test]
fn p_private_values_stay_with_members_that_ask_their_own_peers() {
    let world = World::new(Kind::Fabric);
    let (session, holder) = (world.session(), org("HospitalA"));
    let root = registered(&world, &session, &holder);
    p8_private_arguments_do_not_leave_for_a_peer_that_is_no_member(&session, &holder, root);

    // F: a member that is down does not stop the others, and gets what it missed.
    world.net().kill("peer-HospitalB");
    wait(dataset::store(&session, &holder, "visits")).unwrap();
    world.net().restart();
    let pages = request::ReadPages {
        dataset: root,
        chunk: 0,
        grant: None,
    };
    let ask = |name: &str| wait(session.ask_private(&org(name), pages.clone()));
    let read = pages.clone().query();
    let begun = Instant::now();
    while let Err(e) = ask("HospitalB") {
        assert!(
            begun.elapsed() < Duration::from_secs(90),
            "what it missed never came: {e}"
        );
        std::thread::sleep(Duration::from_millis(200));
    }
    assert!(ask("University").is_ok());

    // Not at one's own peer without being a member, and not at a member's peer either; nor a member
    // at another member's.
    let refused = ask("EthicsBoard").err().unwrap();
    assert_eq!(refused.code(), Some(medveil_contract::Code::Forbidden));
    for (client, peer) in [("EthicsBoard", "HospitalA"), ("University", "HospitalA")] {
        let refused = foreign(&world, client, peer, &read).unwrap_err();
        assert!(
            refused.contains("forbidden"),
            "{client} at {peer}: {refused}"
        );
    }
    assert!(foreign(&world, "University", "University", &read).is_ok());
    assert!(
        foreign(&world, "EthicsBoard", "HospitalA", &Query::GetDay).is_ok(),
        "what is public is"
    );

    // R: a clock that is a quarter of an hour off is noticed.
    for (minutes, is_taken) in [(-16, false), (-14, true), (14, true), (16, false)] {
        let off = session_off(&world, minutes * MINUTE_MS);
        assert_eq!(
            wait(off.ask(&holder, request::GetDay)).is_ok(),
            is_taken,
            "{minutes} minutes"
        );
    }
}

#[test]
fn r_without_the_check_of_clocks_two_organisations_move_the_day() {
    let world = World::without_time_check();
    eprintln!(
        "this network takes proposals of any time: peers and contracts were started without the check"
    );
    let three_days = 3 * 24 * 60 * MINUTE_MS;
    let today = wait(world.session().ask(&org("HospitalA"), request::GetDay))
        .unwrap()
        .current;
    // One organisation alone: its vote stands, and it is told who else can act.
    let alone = world.only("HospitalA");
    let error = wait(day::tick(
        &session_off(&alone, three_days),
        &org("HospitalA"),
    ))
    .unwrap_err()
    .to_string();
    assert!(
        error.contains("3 days behind") && error.contains("HospitalB"),
        "{error}"
    );
    assert!(
        wait(world.session().ask(&org("HospitalA"), request::GetDay))
            .unwrap()
            .current
            .0
            <= today.0 + 1
    );
    let step = wait(day::tick(
        &session_off(&world, three_days),
        &org("HospitalB"),
    ))
    .unwrap();
    assert_eq!(step.day.0, today.0 + 3);
    // A clock that lags behind the ledger cannot move it back.
    wait(day::tick(&world.session(), &org("HospitalA"))).unwrap();
    assert_eq!(
        wait(world.session().ask(&org("HospitalA"), request::GetDay))
            .unwrap()
            .current
            .0,
        today.0 + 3
    );
}

//! P, R: who sees private values on real peers, what happens while a member is down, and what a
//! clock that is off can do.

use crate::world::{Kind, World, binaries, org};
use circuits::ids::DatasetRoot;
use collections_config::{MspId, Role};
use gateway::backend::{Clock, SystemClock};
use gateway::channel::{FabricChannel, Private, Transient};
use gateway::desk::Desk;
use gateway::output::Output;
use gateway::service::local::LocalDataset;
use gateway::service::{dataset, day};
use gateway::startup;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};
use verifier_chaincode::call::transient::{PAGES, PagesPart};
use verifier_chaincode::call::{Call, Query, StorePages};

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

/// A desk whose clock is off.
fn desk_off(world: &World, ms: i64) -> Desk {
    let rng = || startup::rng().unwrap();
    let channel = FabricChannel::open(&world.home(), Arc::new(Off(ms)), rng()).unwrap();
    let offices = startup::offices(&world.home(), Some(world.path("passphrase")));
    Desk::new(
        world.home(),
        offices,
        Output::new(true),
        Box::new(channel),
        rng(),
        startup::pool().unwrap(),
    )
    .unwrap()
}

/// A client of one organisation that asks another organisation's peer directly.
fn foreign(world: &World, client: &str, peer: &str, query: &Query) -> Result<String, String> {
    let (layout, state) = (world.net().layout(), world.net().state());
    let mut environment = fabric_net::environment(layout, &state, &org(peer), &binaries()).unwrap();
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

fn registered(world: &World, desk: &Desk, holder: &MspId) -> DatasetRoot {
    world.activate(desk, "registration-16");
    let (source, schema) = (world.path("visits.csv"), world.path("visits.schema.json"));
    std::fs::write(&source, ROWS).unwrap();
    std::fs::write(&schema, SCHEMA).unwrap();
    dataset::commit(desk, holder, &source, Some(&schema), "visits", "research").unwrap();
    dataset::register(desk, holder, "visits").unwrap();
    dataset::version(
        desk,
        holder,
        LocalDataset::new(desk, holder, "visits")
            .unwrap()
            .lineage(desk)
            .unwrap(),
    )
    .unwrap()
}

/// P8: a client that is told to name a non-member sends nothing.
fn p8_private_arguments_do_not_leave_for_a_peer_that_is_no_member(
    desk: &Desk,
    holder: &MspId,
    root: DatasetRoot,
) {
    let chunks = LocalDataset::new(desk, holder, "visits")
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
    let private = Private {
        transient,
        expected: Vec::new(),
    };
    let endorsers = vec![vec![holder.clone(), org("EthicsBoard")]];
    let error = desk
        .channel()
        .submit(
            desk.identity(holder, Role::Client).unwrap(),
            &call,
            private,
            endorsers,
        )
        .unwrap_err();
    assert!(
        error.to_string().contains("EthicsBoard is not a member"),
        "{error}"
    );
}

#[test]
fn p_private_values_stay_with_members_that_ask_their_own_peers() {
    let world = World::new(Kind::Fabric);
    let (desk, holder) = (world.desk(), org("HospitalA"));
    let root = registered(&world, &desk, &holder);
    p8_private_arguments_do_not_leave_for_a_peer_that_is_no_member(&desk, &holder, root);

    // F: a member that is down does not stop the others, and gets what it missed.
    world.net().kill("peer-HospitalB");
    dataset::store(&desk, &holder, "visits").unwrap();
    world.net().restart();
    let read = Query::ReadPages {
        dataset: root,
        chunk: 0,
        grant: None,
    };
    let begun = Instant::now();
    while let Err(e) = desk.query_bytes(&org("HospitalB"), &read) {
        assert!(
            begun.elapsed() < Duration::from_secs(90),
            "what it missed never came: {e}"
        );
        std::thread::sleep(Duration::from_millis(200));
    }
    assert!(desk.query_bytes(&org("University"), &read).is_ok());

    // Not at one's own peer without being a member, and not at a member's peer either; nor a member
    // at another member's.
    let refused = desk
        .query_bytes(&org("EthicsBoard"), &read)
        .unwrap_err()
        .to_string();
    assert!(refused.contains("forbidden"), "{refused}");
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
        let off = desk_off(&world, minutes * MINUTE_MS);
        assert_eq!(off.day(&holder).is_ok(), is_taken, "{minutes} minutes");
    }
}

#[test]
fn r_without_the_check_of_clocks_two_organisations_move_the_day() {
    let world = World::without_time_check();
    eprintln!(
        "this network takes proposals of any time: peers and contracts were started without the check"
    );
    let three_days = 3 * 24 * 60 * MINUTE_MS;
    let today = world.desk().day(&org("HospitalA")).unwrap().current;
    // One organisation alone: its vote stands, and it is told who else can act.
    let alone = world.only("HospitalA");
    let error = day::tick(&desk_off(&alone, three_days), &org("HospitalA"))
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("3 days behind") && error.contains("HospitalB"),
        "{error}"
    );
    assert!(world.desk().day(&org("HospitalA")).unwrap().current.0 <= today.0 + 1);
    let step = day::tick(&desk_off(&world, three_days), &org("HospitalB")).unwrap();
    assert_eq!(
        step.get("day").unwrap().as_u64().unwrap(),
        u64::from(today.0) + 3
    );
    // A clock that lags behind the ledger cannot move it back.
    day::tick(&world.desk(), &org("HospitalA")).unwrap();
    assert_eq!(
        world.desk().day(&org("HospitalA")).unwrap().current.0,
        today.0 + 3
    );
}

use medveil_peers::machine::Machine;
use medveil_peers::peer::Peer;
use medveil_peers::report::*;
use medveil_peers::spread::Spread;

fn spread(samples: &[f64]) -> Option<Spread> {
    Spread::of(samples)
}

fn measured(peer: Peer, prove: &[f64]) -> Measured {
    Measured {
        peer: peer.to_string(),
        prove: spread(prove),
        ..Measured::default()
    }
}

fn run(log: u32, scale: f64) -> RunReport {
    let gnark = Measured {
        solve: spread(&[0.5]),
        setup_ms: Some(1234.5),
        ..measured(Peer::Gnark, &[60.0 * scale])
    };
    let medveil = Measured {
        verify: spread(&[0.61, 0.59, 0.6]),
        batch: spread(&[0.125]),
        load_ms: Some(4.25),
        first_ms: Some(22.5),
        peak_bytes: Some(64 << 20),
        ..measured(Peer::Medveil, &[21.0 * scale, 19.0 * scale, 20.0 * scale])
    };
    let snarkjs = Measured {
        error: Some("failed: <no memory> & more".to_owned()),
        ..measured(Peer::Snarkjs, &[])
    };
    let mut run = RunReport {
        circuit: format!("dense-{log}"),
        kind: "dense".to_owned(),
        constraints: (1 << log) - 16,
        variables: 1 << log,
        public: 8,
        domain: 1 << log,
        threads: 2,
        measured: vec![
            medveil,
            measured(Peer::Ark, &[100.0 * scale]),
            gnark,
            snarkjs,
        ],
    };
    run.compare();
    run
}

fn report() -> Report {
    Report {
        day: "2026-11-30".to_owned(),
        command: "medveil bench peers --to <here>".to_owned(),
        machine: Machine {
            cpu: "A & B".to_owned(),
            flags: vec!["adx".to_owned(), "avx512ifma".to_owned()],
            cpus: 2,
            memory_mib: Some(24000),
            system: "linux 6.1 x86_64".to_owned(),
            load: Some("0.10".to_owned()),
            pinned: true,
            build: "for release".to_owned(),
        },
        rounds: 3,
        slow_rounds: 1,
        peers: vec![PeerInfo::of(Peer::Medveil), PeerInfo::of(Peer::Ark)],
        left_out: vec![LeftOut {
            peer: "rapidsnark".to_owned(),
            why: "it is compared where --rapidsnark names a build".to_owned(),
        }],
        runs: vec![run(14, 1.0), run(16, 4.0)],
    }
}

#[test]
fn ratios_are_those_of_medians() {
    let run = run(14, 1.0);
    let ratio = |peer: Peer| {
        let found = run.measured.iter().find(|m| m.peer == peer.name()).unwrap();
        (found.over_ark, found.over_gnark)
    };
    assert_eq!(ratio(Peer::Medveil), (Some(5.0), Some(3.0)));
    assert_eq!(ratio(Peer::Ark), (Some(1.0), Some(0.6)));
    assert_eq!(ratio(Peer::Snarkjs), (None, None));
    assert_eq!(run.measured[0].bytes_per_constraint, Some(4100));
}

#[test]
fn the_table_has_the_columns_that_say_something() {
    let table = report().table().join("\n");
    let expected = "
dense-14: 16368 constraints (2^14), 2 threads
  peer         prove ms     quartiles  x ark  x gnark  solve ms  verify ms  batch ms  load ms  peak MiB
  medveil          20.0  19.5 to 20.5   5.00     3.00                 0.60      0.12     4.25        64
  ark-groth16       100    100 to 100   1.00     0.60                                                  \n  gnark            60.0  60.0 to 60.0   1.67     1.00      0.50                                        \n  snarkjs                                                                                              \n  snarkjs failed: <no memory> & more
";
    assert!(table.contains(expected), "{table}");
    assert!(
        table.ends_with("rapidsnark is left out: it is compared where --rapidsnark names a build")
    );
    let mut short = report();
    short
        .runs
        .iter_mut()
        .for_each(|run| run.measured.truncate(2));
    assert!(!short.table().join("\n").contains("solve ms"));
}

#[test]
fn the_csv_has_a_row_for_each_peer_and_run() {
    let csv = report().to_csv().unwrap();
    let rows: Vec<&str> = csv.lines().collect();
    assert_eq!(rows.len(), 1 + 2 * 4);
    let expected = "dense-14,16368,16384,2,medveil,3,20.000,19.000,19.500,20.500,21.000,5.000,3.000,,\
        0.600,0.590,0.610,0.125,0.125,0.125,4.250,22.500,,67108864,4100,16384,";
    assert_eq!(rows[1], expected);
    assert!(rows[4].ends_with(",16384,failed: <no memory> & more"));
}

#[test]
fn the_page_needs_nothing_beside_itself_and_shows_foreign_words_as_words() {
    let page = report().to_html().unwrap();
    assert_eq!(page.matches("<svg").count(), 4);
    for foreign in ["<script", "http-equiv", "<link", "src=", "@import", "url("] {
        assert!(!page.contains(foreign), "{foreign}");
    }
    for (raw, shown) in [
        ("A & B", "A &amp; B"),
        ("--to <here>", "--to &lt;here&gt;"),
        ("<no memory> & more", "&lt;no memory&gt; &amp; more"),
    ] {
        assert!(page.contains(shown) && !page.contains(raw), "{raw}");
    }
    assert!(page.contains("dense-16: 65520 constraints (2^16), 2 threads"));
}

#[test]
fn a_report_of_nothing_or_of_one_size_is_drawn_too() {
    let mut one = report();
    one.runs.truncate(1);
    one.runs[0].measured.truncate(1);
    assert_eq!(one.to_html().unwrap().matches("<svg").count(), 4);
    one.runs[0].measured.clear();
    assert_eq!(one.to_html().unwrap().matches("<svg").count(), 0);
    one.runs.clear();
    assert!(one.to_html().unwrap().contains("</html>"));
    assert!(!one.table().is_empty());
}

#[test]
fn three_files_are_written() {
    let folder = tempfile::tempdir().unwrap();
    let written = report().write(&folder.path().join("in")).unwrap();
    for path in [&written.csv, &written.json, &written.html] {
        assert!(std::fs::metadata(path).unwrap().len() > 100);
    }
    let json = std::fs::read(&written.json).unwrap();
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(
        json["runs"][0]["measured"][0]["over_ark"].as_f64(),
        Some(5.0)
    );
}

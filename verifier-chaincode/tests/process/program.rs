//! The program itself: what it refuses to start with, when it says that it listens, and how it
//! ends.

use crate::authority::Authority;
use medveil_contract::testing::fixture::{config, consortium};
use medveil_verifier_chaincode::label;
use std::io::{BufRead, BufReader, Read};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_medveil-chaincode"));
    command
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    command
}

/// A folder with everything that the program reads.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&folder).unwrap();
    let authority = Authority::new();
    let (certificate, key) = authority.issue("peer");
    let collections = config(&consortium("ffeeddccbbaa99887766554433221100"))
        .collections
        .to_canonical();
    for (name, bytes) in [
        ("tls.crt", certificate.into_bytes()),
        ("tls.key", key.into_bytes()),
        ("ca.crt", authority.pem().into_bytes()),
        ("c.json", collections),
    ] {
        std::fs::write(folder.join(name), bytes).unwrap();
    }
    folder
}

fn serving(folder: &Path, package_id: &str, address: SocketAddr) -> Command {
    let mut command = program();
    command.current_dir(folder).args([
        "--msp-id",
        "Hospital",
        "--consortium-digest",
        &"ab".repeat(32),
        "--collections",
        "c.json",
    ]);
    command.args([
        "--tls-cert",
        "tls.crt",
        "--tls-key",
        "tls.key",
        "--client-ca",
        "ca.crt",
    ]);
    command.args(["--package-id", package_id, "--listen", &address.to_string()]);
    command
}

fn ended(mut command: Command) -> (Option<i32>, String) {
    let Output { status, stderr, .. } = command.output().unwrap();
    (status.code(), String::from_utf8(stderr).unwrap())
}

/// An address that nobody has.
fn free() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
}

#[test]
fn f_a_package_of_another_build_and_wrong_options_end_the_program_with_their_codes() {
    let folder = folder("codes");
    let other = format!("medveil_{}:hash", "0".repeat(32));
    let (code, text) = ended(serving(&folder, &other, free()));
    assert_eq!(code, Some(3), "{text}");
    assert!(
        text.contains(&label()) && text.contains(&"0".repeat(32)) && !text.contains("listens"),
        "{text}"
    );

    let own = format!("{}:hash", label());
    let missing = |option: &str| {
        let mut command = serving(&folder, &own, free());
        command.args([option, "missing"]);
        command
    };
    for command in [
        program(),
        missing("--no-such-option"),
        serving(Path::new("/"), &own, free()),
    ] {
        let (code, text) = ended(command);
        assert_eq!(code, Some(2), "{text}");
    }
    // Nothing is said to listen where the address is somebody else's.
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let (code, text) = ended(serving(&folder, &own, taken.local_addr().unwrap()));
    assert_eq!(code, Some(1), "{text}");
    assert!(!text.contains("listens"), "{text}");
}

#[test]
fn the_program_says_that_it_listens_once_it_does_and_ends_when_asked() {
    let (folder, address) = (folder("listens"), free());
    let mut child: Child = serving(&folder, &format!("{}:hash", label()), address)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap());
    let mut said = String::new();
    // Behind what it warns of.
    while !said.contains(" listens on ") {
        assert_ne!(lines.read_line(&mut said).unwrap(), 0, "{said}");
    }
    assert!(
        said.contains(&format!("of Hospital listens on {address}")),
        "{said}"
    );
    TcpStream::connect(address).unwrap();
    assert!(
        Command::new("kill")
            .args(["-TERM", &child.id().to_string()])
            .status()
            .unwrap()
            .success()
    );
    let mut rest = String::new();
    lines.read_to_string(&mut rest).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0), "{rest}");
}

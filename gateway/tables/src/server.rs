//! A PostgreSQL server for a test, of this crate or another: in a folder of its own, gone with the
//! test.
//!
//! Its programs are found in the folder `MEDVEIL_POSTGRES`, or where Debian puts them.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use std::fs::{self, Permissions};
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A server that runs until it is dropped.
pub struct Server {
    folder: tempfile::TempDir,
    programs: PathBuf,
    user: Option<u32>,
    child: Child,
    /// Where it listens, on this machine alone; its socket is of the same number.
    pub port: u16,
    /// Whether the server was built with encryption.
    pub encrypts: bool,
}

/// The folder of the server's programs.
pub fn programs() -> Option<PathBuf> {
    let said = std::env::var_os("MEDVEIL_POSTGRES").map(PathBuf::from);
    let debian = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten();
    let found = debian.map(|entry| entry.path().join("bin"));
    said.into_iter()
        .chain(found)
        .find(|folder| folder.join("initdb").is_file())
}

/// The server refuses to run as root, so root runs it as another user.
fn other_user() -> Option<u32> {
    if fs::metadata("/proc/self").unwrap().uid() != 0 {
        return None;
    }
    let users = fs::read_to_string("/etc/passwd").unwrap();
    let number = |name: &str| {
        let line = users
            .lines()
            .find(|line| line.starts_with(&format!("{name}:")))?;
        line.split(':').nth(2)?.parse().ok()
    };
    Some(
        number("postgres")
            .or_else(|| number("nobody"))
            .expect("a user that is not root"),
    )
}

fn command(programs: &Path, name: &str, user: Option<u32>) -> Command {
    let mut command = Command::new(programs.join(name));
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.current_dir("/").env("LC_ALL", "C");
    if let Some(user) = user {
        command.uid(user);
    }
    command
}

impl Server {
    /// `root` may do everything, over the socket; `reader` has a password, over encrypted TCP.
    pub fn start(programs: PathBuf) -> Self {
        let (folder, user) = (tempfile::tempdir().unwrap(), other_user());
        chown(folder.path(), user, None).unwrap();
        let data = folder.path().join("data");
        let mut make = command(&programs, "initdb", user);
        make.arg("-D")
            .arg(&data)
            .args(["-U", "root", "-A", "trust", "-E", "UTF8", "--no-sync"]);
        assert!(make.status().unwrap().success(), "initdb");
        let rules = "local all all trust\nhostssl all all 127.0.0.1/32 scram-sha-256\n";
        fs::write(data.join("pg_hba.conf"), rules).unwrap();
        certificates(folder.path(), user);
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        // Builds without encryption end at once when asked for it.
        for encrypts in [true, false] {
            let mut run = command(&programs, "postgres", user);
            run.arg("-D").arg(&data).arg("-k").arg(folder.path());
            run.args(["-p", &port.to_string(), "-c", "listen_addresses=127.0.0.1"]);
            run.args(["-c", "fsync=off", "-c", "timezone=Europe/Zurich"]);
            run.args(["-c", if encrypts { "ssl=on" } else { "ssl=off" }]);
            for (setting, file) in [
                ("ssl_cert_file", "server.crt"),
                ("ssl_key_file", "server.key"),
            ] {
                let path = folder.path().join(file);
                run.arg("-c").arg(format!("{setting}={}", path.display()));
            }
            let mut child = run.spawn().unwrap();
            if ready(folder.path(), port, &mut child) {
                return Self {
                    folder,
                    programs,
                    user,
                    child,
                    port,
                    encrypts,
                };
            }
        }
        panic!("the server does not start");
    }

    /// The address of the database `postgres` for a user of it, over the socket.
    pub fn address(&self, user: &str) -> String {
        format!(
            "postgresql://{user}@{}:{}/postgres",
            self.socket(),
            self.port
        )
    }

    /// The folder of the socket, as an address has it.
    pub fn socket(&self) -> String {
        self.folder.path().display().to_string().replace('/', "%2F")
    }

    /// A place in a folder that the server may read.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs statements as the owner.
    ///
    /// **Errors**: what the server refuses.
    pub fn run(&self, sql: &str) -> Result<(), tokio_postgres::Error> {
        run(self.folder.path(), self.port, sql)
    }
}

fn run(socket: &Path, port: u16, sql: &str) -> Result<(), tokio_postgres::Error> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut config = tokio_postgres::Config::new();
        config
            .host_path(socket)
            .port(port)
            .user("root")
            .dbname("postgres");
        let (client, connection) = config.connect(tokio_postgres::NoTls).await?;
        let connection = tokio::spawn(connection);
        let done = client.batch_execute(sql).await;
        drop(client);
        let _ = connection.await;
        done
    })
}

/// Waits until the server answers; `false` where it ended instead.
fn ready(socket: &Path, port: u16, child: &mut Child) -> bool {
    let until = Instant::now() + Duration::from_secs(60);
    while run(socket, port, "SELECT 1").is_err() {
        if child.try_wait().unwrap().is_some() {
            return false;
        }
        assert!(Instant::now() < until, "the server does not answer");
        std::thread::sleep(Duration::from_millis(100));
    }
    true
}

impl Drop for Server {
    fn drop(&mut self) {
        let mut stop = command(&self.programs, "pg_ctl", self.user);
        stop.arg("-D")
            .arg(self.folder.path().join("data"))
            .args(["stop", "-m", "immediate"]);
        if !stop.status().is_ok_and(|status| status.success()) {
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
    }
}

/// An authority (`ca.crt`), another one (`other.crt`), and a server's certificate for `localhost`.
fn certificates(folder: &Path, user: Option<u32>) {
    let authority = |file: &str| {
        let key = KeyPair::generate().unwrap();
        let mut about = CertificateParams::new(Vec::new()).unwrap();
        about.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = about.self_signed(&key).unwrap().pem();
        fs::write(folder.join(file), pem).unwrap();
        Issuer::new(about, key)
    };
    authority("other.crt");
    let issuer = authority("ca.crt");
    let key = KeyPair::generate().unwrap();
    let about = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let pem = about.signed_by(&key, &issuer).unwrap().pem();
    fs::write(folder.join("server.crt"), pem).unwrap();
    let path = folder.join("server.key");
    fs::write(&path, key.serialize_pem()).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    chown(&path, user, None).unwrap();
}

//! The thread that talks with the server: one connection, one transaction, requests one by one.

use super::address::{Encryption, PostgresAddress};
use super::password::Password;
use super::{decode, tls};
use crate::error::TableError;
use crate::query::reads_only;
use crate::table::{Scalar, TableColumn};
use crate::zone::Clock;
use futures_util::{TryStreamExt, pin_mut};
use std::collections::HashSet;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;
use tokio::runtime::Builder;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio_postgres::config::SslMode;
use tokio_postgres::types::Type;
use tokio_postgres::{Client, Config, Error, IsolationLevel, Row, Statement, Transaction};

/// Rows that the server is asked for at once.
const FETCH: i32 = 4096;
/// Rows, and about how many bytes, that are passed on at once.
const PORTION: usize = 256;
const PORTION_BYTES: usize = 1 << 20;

/// Cells of some rows, row after row.
type Portion = Vec<Scalar>;
type Answer<T> = SyncSender<Result<T, TableError>>;

/// A statement that the server knows.
pub(super) struct Prepared {
    pub number: usize,
    pub columns: Vec<TableColumn>,
}

enum Job {
    Prepare(String, String, Answer<Prepared>),
    /// Ends with an empty portion.
    Rows(usize, String, Answer<Portion>),
}

/// The way to the thread, which ends with it.
pub(super) struct Session {
    jobs: UnboundedSender<Job>,
}

fn gone(place: &str) -> TableError {
    TableError::Malformed {
        place: place.to_owned(),
        what: "the connection is closed: open the database again".to_owned(),
    }
}

impl Session {
    /// **Errors**: see [`super::PostgresDatabase::connect`].
    pub fn start(
        address: &PostgresAddress,
        password: Option<&Password>,
        timeout: Duration,
        zone: Option<(String, Clock)>,
    ) -> Result<Self, TableError> {
        let place = address.place();
        let (jobs, todo) = unbounded_channel();
        let (answer, started) = sync_channel(1);
        let config = config(address, password);
        let tls = tls::connector(address)?;
        let io = |source| TableError::Io {
            path: place.clone().into(),
            source,
        };
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(io)?;
        let (name, clock) = zone.unzip();
        let begin = begin(timeout, name.as_deref());
        let at = place.clone();
        let work = move || {
            runtime.block_on(async move {
                match connect(&config, tls).await {
                    Ok(client) => {
                        let _ = answer.send(Ok(()));
                        serve(client, todo, &begin, clock.as_ref()).await;
                    }
                    Err(source) => {
                        let _ = answer.send(Err(refused(&at, source)));
                    }
                }
            });
        };
        let thread = std::thread::Builder::new().name("postgres".to_owned());
        thread.spawn(work).map_err(io)?;
        started.recv().map_err(|_| gone(&place))??;
        Ok(Self { jobs })
    }

    pub fn prepare(&self, sql: &str, place: &str) -> Result<Prepared, TableError> {
        if !reads_only(sql) {
            return Err(TableError::Malformed {
                place: place.to_owned(),
                what: "expected a statement that starts with SELECT, WITH or VALUES".to_owned(),
            });
        }
        let (answer, prepared) = sync_channel(1);
        let job = Job::Prepare(sql.to_owned(), place.to_owned(), answer);
        self.jobs.send(job).map_err(|_| gone(place))?;
        prepared.recv().map_err(|_| gone(place))?
    }

    /// Begins to read. What waits to be taken is bounded.
    pub fn rows(
        &self,
        number: usize,
        place: &str,
    ) -> Result<Receiver<Result<Portion, TableError>>, TableError> {
        let (answer, portions) = sync_channel(2);
        let job = Job::Rows(number, place.to_owned(), answer);
        self.jobs.send(job).map_err(|_| gone(place))?;
        Ok(portions)
    }
}

/// The next portion; `None` behind the last.
pub(super) fn next(
    portions: &Receiver<Result<Portion, TableError>>,
    place: &str,
) -> Result<Option<Portion>, TableError> {
    let portion = portions.recv().map_err(|_| gone(place))??;
    Ok(Some(portion).filter(|portion| !portion.is_empty()))
}

fn config(address: &PostgresAddress, password: Option<&Password>) -> Config {
    let mut config = Config::new();
    config.host(&address.host).port(address.port);
    config.user(&address.user).dbname(&address.database);
    config
        .application_name("medveil")
        .connect_timeout(address.connect_timeout);
    config.ssl_mode(match address.encryption {
        Encryption::Disable => SslMode::Disable,
        Encryption::Prefer => SslMode::Prefer,
        Encryption::Require | Encryption::Full(_) => SslMode::Require,
    });
    if let Some(password) = password {
        config.password(&password.0);
    }
    config
}

/// The first statement takes the state that all others see; from then on the server refuses to make
/// the transaction one that writes. A slow taker is no idle one. The zone is one that is known.
fn begin(timeout: Duration, zone: Option<&str>) -> String {
    let timeout = timeout.as_millis().min(i32::MAX as u128);
    let zone = zone.map_or_else(String::new, |zone| {
        format!("SET LOCAL TIME ZONE '{zone}'; ")
    });
    format!(
        "SET LOCAL statement_timeout = {timeout}; \
         SET LOCAL idle_in_transaction_session_timeout = 0; {zone}SELECT 1"
    )
}

async fn connect(
    config: &Config,
    tls: tokio_postgres_rustls::MakeRustlsConnect,
) -> Result<Client, Error> {
    let (client, connection) = config.connect(tls).await?;
    // How a connection ended is told by the next request.
    tokio::spawn(async move { connection.await.is_ok() });
    Ok(client)
}

async fn serve(
    mut client: Client,
    mut todo: UnboundedReceiver<Job>,
    begin: &str,
    clock: Option<&Clock>,
) {
    let transaction = client
        .build_transaction()
        .isolation_level(IsolationLevel::RepeatableRead)
        .read_only(true);
    let transaction = match transaction.start().await {
        Ok(transaction) => transaction.batch_execute(begin).await.map(|()| transaction),
        Err(source) => Err(source),
    };
    let mut statements = Vec::new();
    while let Some(job) = todo.recv().await {
        match (job, &transaction) {
            (Job::Prepare(sql, place, answer), Ok(transaction)) => {
                let found = prepare(transaction, (&sql, &place), clock, &mut statements).await;
                let _ = answer.send(found);
            }
            (Job::Rows(number, place, answer), Ok(transaction)) => {
                let read = match statements.get(number) {
                    Some(statement) => rows(transaction, (statement, clock), &place, &answer).await,
                    None => Err(gone(&place)),
                };
                let _ = answer.send(read.map(|()| Vec::new()));
            }
            (Job::Prepare(_, place, answer), Err(source)) => {
                let _ = answer.send(Err(said(&place, source, true)));
            }
            (Job::Rows(_, place, answer), Err(source)) => {
                let _ = answer.send(Err(said(&place, source, true)));
            }
        }
    }
}

async fn prepare(
    transaction: &Transaction<'_>,
    (sql, place): (&str, &str),
    clock: Option<&Clock>,
    statements: &mut Vec<Statement>,
) -> Result<Prepared, TableError> {
    let failed = |source: Error| said(place, &source, true);
    // A statement that is refused would end the transaction, and with it the state that all see.
    transaction
        .batch_execute("SAVEPOINT before")
        .await
        .map_err(failed)?;
    let prepared = transaction.prepare(sql).await;
    let after = match prepared {
        Ok(_) => "RELEASE SAVEPOINT before",
        Err(_) => "ROLLBACK TO SAVEPOINT before; RELEASE SAVEPOINT before",
    };
    transaction.batch_execute(after).await.map_err(failed)?;
    let statement = prepared.map_err(failed)?;
    let columns = columns(&statement, place, clock.is_some())?;
    statements.push(statement);
    Ok(Prepared {
        number: statements.len() - 1,
        columns,
    })
}

fn columns(
    statement: &Statement,
    place: &str,
    has_zone: bool,
) -> Result<Vec<TableColumn>, TableError> {
    let (mut columns, mut wrong, mut seen) = (Vec::new(), Vec::new(), HashSet::new());
    if !statement.params().is_empty() {
        wrong.push(format!(
            "{place}: a statement has no parameters: write the values out"
        ));
    }
    if statement.columns().is_empty() {
        wrong.push(format!("{place}: the statement selects no column"));
    }
    for column in statement.columns() {
        let name = column.name();
        if !seen.insert(name) {
            wrong.push(format!(
                "{place}: two columns are named {name:?}: rename one with AS"
            ));
        }
        if *column.type_() == Type::TIMESTAMPTZ && !has_zone {
            wrong.push(format!(
                "{place}: column {name:?} holds instants (timestamptz), and nothing says whose \
                 clocks tell their day: name them in the setting zone, as Europe/Berlin, or cast in \
                 the query, as (x AT TIME ZONE 'Europe/Berlin')::date AS {name}"
            ));
            continue;
        }
        match decode::kind(column.type_()) {
            Some(kind) => columns.push(TableColumn {
                name: name.to_owned(),
                kind,
            }),
            None => wrong.push(format!(
                "{place}: column {name:?} has the type {}, which cannot be read: leave it out, \
                 or cast it in the query, as CAST({name} AS text)",
                column.type_()
            )),
        }
    }
    if wrong.is_empty() {
        return Ok(columns);
    }
    Err(TableError::Settings(wrong))
}

/// Reads all rows of a statement and passes them on; ends early where nobody takes them.
async fn rows(
    transaction: &Transaction<'_>,
    (statement, clock): (&Statement, Option<&Clock>),
    place: &str,
    answer: &Answer<Portion>,
) -> Result<(), TableError> {
    let mut count = 0u64;
    let failed = |source: Error| said(place, &source, false);
    let portal = transaction.bind(statement, &[]).await.map_err(failed)?;
    let (mut portion, mut bytes) = (Vec::new(), 0);
    loop {
        let stream = transaction
            .query_portal_raw(&portal, FETCH)
            .await
            .map_err(failed)?;
        pin_mut!(stream);
        let before = count;
        while let Some(row) = stream.try_next().await.map_err(failed)? {
            count += 1;
            let at = || format!("{place}, row {count}");
            bytes += cells((&row, clock), &mut portion, &at)?;
            if portion.len() >= PORTION * row.len() || bytes > PORTION_BYTES {
                bytes = 0;
                if answer.send(Ok(std::mem::take(&mut portion))).is_err() {
                    return Ok(());
                }
            }
        }
        if count - before < FETCH as u64 {
            break;
        }
    }
    if !portion.is_empty() {
        let _ = answer.send(Ok(portion));
    }
    Ok(())
}

/// Appends the cells of a row; answers how many bytes it has.
fn cells(
    (row, clock): (&Row, Option<&Clock>),
    portion: &mut Portion,
    place: &dyn Fn() -> String,
) -> Result<usize, TableError> {
    let mut bytes = 0;
    for (index, column) in row.columns().iter().enumerate() {
        let bad = |what: &str| TableError::Malformed {
            place: place(),
            what: format!("column {:?}: {what}", column.name()),
        };
        let raw: Option<decode::Raw<'_>> = row
            .try_get(index)
            .map_err(|_| bad("the server's answer is damaged"))?;
        portion.push(match raw {
            None => Scalar::Null,
            Some(decode::Raw(raw)) => {
                bytes += raw.len();
                decode::scalar(column.type_(), raw, clock).map_err(bad)?
            }
        });
    }
    Ok(bytes)
}

fn refused(place: &str, source: Error) -> TableError {
    TableError::Format {
        place: place.to_owned(),
        source: Box::new(source),
    }
}

/// What the server says. Of a statement that is prepared it speaks of the statement; of one that
/// runs it may quote a value, so only its code is passed on.
fn said(place: &str, source: &Error, words: bool) -> TableError {
    let what = match source.as_db_error() {
        Some(error) if words => {
            format!(
                "the server refuses: {} (code {})",
                error.message(),
                error.code().code()
            )
        }
        Some(error) if error.code().code() == "57014" => {
            "the server took longer than the bound for a statement: raise it, or select less".into()
        }
        Some(error) => format!("the server failed (code {})", error.code().code()),
        None if source.is_closed() => "the connection is closed: open the database again".into(),
        None => "the connection failed".into(),
    };
    TableError::Malformed {
        place: place.to_owned(),
        what,
    }
}

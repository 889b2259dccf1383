//! Tables of OMOP CDM 5.4 in memory, and laid down as CSV, as Parquet and in PostgreSQL.
//!
//! Names and types of columns: OHDSI, CommonDataModel 5.4.

use super::parquet;
use medveil_tables::server::Server;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// The type of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    Whole,
    Decimal,
    Date,
    Time,
    Text,
}

/// The columns of each table, in the order of the model.
const TABLES: [(&str, &str); 9] = [
    (
        "person",
        "person_id gender_concept_id year_of_birth month_of_birth day_of_birth birth_datetime \
         race_concept_id ethnicity_concept_id location_id provider_id care_site_id \
         person_source_value gender_source_value gender_source_concept_id race_source_value \
         race_source_concept_id ethnicity_source_value ethnicity_source_concept_id",
    ),
    (
        "observation_period",
        "observation_period_id person_id observation_period_start_date \
         observation_period_end_date period_type_concept_id",
    ),
    (
        "visit_occurrence",
        "visit_occurrence_id person_id visit_concept_id visit_start_date visit_start_datetime \
         visit_end_date visit_end_datetime visit_type_concept_id provider_id care_site_id \
         visit_source_value visit_source_concept_id admitted_from_concept_id \
         admitted_from_source_value discharged_to_concept_id discharged_to_source_value \
         preceding_visit_occurrence_id",
    ),
    (
        "condition_occurrence",
        "condition_occurrence_id person_id condition_concept_id condition_start_date \
         condition_start_datetime condition_end_date condition_end_datetime \
         condition_type_concept_id condition_status_concept_id stop_reason provider_id \
         visit_occurrence_id visit_detail_id condition_source_value condition_source_concept_id \
         condition_status_source_value",
    ),
    (
        "measurement",
        "measurement_id person_id measurement_concept_id measurement_date measurement_datetime \
         measurement_time measurement_type_concept_id operator_concept_id value_as_number \
         value_as_concept_id unit_concept_id range_low range_high provider_id \
         visit_occurrence_id visit_detail_id measurement_source_value \
         measurement_source_concept_id unit_source_value unit_source_concept_id \
         value_source_value measurement_event_id meas_event_field_concept_id",
    ),
    (
        "observation",
        "observation_id person_id observation_concept_id observation_date observation_datetime \
         observation_type_concept_id value_as_number value_as_string value_as_concept_id \
         qualifier_concept_id unit_concept_id provider_id visit_occurrence_id visit_detail_id \
         observation_source_value observation_source_concept_id unit_source_value \
         qualifier_source_value value_source_value observation_event_id \
         obs_event_field_concept_id",
    ),
    (
        "death",
        "person_id death_date death_datetime death_type_concept_id cause_concept_id \
         cause_source_value cause_source_concept_id",
    ),
    (
        "concept",
        "concept_id concept_name domain_id vocabulary_id concept_class_id standard_concept \
         concept_code valid_start_date valid_end_date invalid_reason",
    ),
    (
        "concept_ancestor",
        "ancestor_concept_id descendant_concept_id min_levels_of_separation \
         max_levels_of_separation",
    ),
];

/// The type of a column by its name, as the model gives it.
pub fn type_of(column: &str) -> Type {
    match column {
        "vocabulary_id" | "domain_id" | "concept_class_id" => Type::Text,
        "value_as_number" | "range_low" | "range_high" => Type::Decimal,
        _ if column.ends_with("_datetime") => Type::Time,
        _ if column.ends_with("_date") => Type::Date,
        _ if column.ends_with("_id") || column.ends_with("_of_birth") => Type::Whole,
        _ if column.ends_with("_of_separation") => Type::Whole,
        _ => Type::Text,
    }
}

/// A table: its columns, and rows of texts.
#[derive(Clone, Default)]
pub struct Rows {
    pub columns: Vec<String>,
    pub rows: Vec<Vec<Option<String>>>,
}

impl Rows {
    /// The cells of some columns, row by row.
    pub fn cells<'a, const N: usize>(
        &'a self,
        names: [&str; N],
    ) -> impl Iterator<Item = [Option<&'a str>; N]> + 'a {
        let place = |name: &str| self.columns.iter().position(|c| c == name).unwrap();
        let places = names.map(place);
        let row = move |row: &'a Vec<Option<String>>| places.map(|at| row[at].as_deref());
        self.rows.iter().map(row)
    }
}

/// The tables of a source.
#[derive(Clone, Default)]
pub struct Cdm(pub BTreeMap<String, Rows>);

impl Cdm {
    /// All tables, without a row.
    pub fn new() -> Self {
        let table = |(name, columns): &(&str, &str)| {
            let columns = columns.split_whitespace().map(str::to_owned).collect();
            let rows = Vec::new();
            ((*name).to_owned(), Rows { columns, rows })
        };
        Cdm(TABLES.iter().map(table).collect())
    }

    /// Adds a row: `column=value` for those that have one, parted by `; `.
    pub fn add(&mut self, table: &str, row: &str) {
        let table = self.0.get_mut(table).unwrap();
        let mut cells = vec![None; table.columns.len()];
        for pair in row.split("; ") {
            let (column, value) = pair.split_once('=').unwrap();
            let at = table.columns.iter().position(|c| c == column);
            cells[at.unwrap_or_else(|| panic!("{column}"))] = Some(value.to_owned());
        }
        table.rows.push(cells);
    }

    /// Reads the CSV files of a folder that are tables of the model; others are passed over.
    pub fn read(folder: &Path, delimiter: char) -> Self {
        let mut cdm = Cdm::default();
        for (name, _) in TABLES {
            let path = folder.join(format!("{}.csv", name.to_uppercase()));
            let Ok(text) = fs::read_to_string(path) else {
                continue;
            };
            let mut lines = text.lines().map(|line| fields(line, delimiter));
            let columns = lines.next().unwrap().into_iter().map(Option::unwrap);
            let (columns, rows) = (columns.collect(), lines.collect());
            cdm.0.insert(name.to_owned(), Rows { columns, rows });
        }
        cdm
    }

    /// Lays the tables down as CSV, each beside the others.
    pub fn csv(&self, folder: &Path, style: Style) {
        for (name, table) in &self.0 {
            let header = table.columns.iter().map(|c| style.cased(c));
            let header: Vec<String> = header.collect();
            let mut text = header.join(&style.delimiter.to_string()) + "\n";
            for row in &table.rows {
                let cells = row.iter().zip(&table.columns);
                let cells = cells.map(|(cell, column)| style.field(cell, column));
                text += &cells.collect::<Vec<_>>().join(&style.delimiter.to_string());
                text.push('\n');
            }
            fs::write(folder.join(style.cased(name) + ".csv"), text).unwrap();
        }
    }

    /// Lays the tables down as Parquet, with the model's types.
    pub fn parquet(&self, folder: &Path) {
        for (name, table) in &self.0 {
            parquet::write(&folder.join(format!("{name}.parquet")), table);
        }
    }

    /// Makes the tables in a schema of the database, with the model's types, and fills them.
    pub fn postgres(&self, server: &Server, schema: &str) {
        let folder = server.path(schema);
        fs::create_dir(&folder).unwrap();
        self.csv(&folder, Style::PLAIN);
        let mut sql = format!("CREATE SCHEMA {schema};");
        for (name, table) in &self.0 {
            let column = |c: &String| format!("{c} {}", sql_type(type_of(c)));
            let columns: Vec<String> = table.columns.iter().map(column).collect();
            let file = folder.join(format!("{name}.csv"));
            sql += &format!(
                "CREATE TABLE {schema}.{name} ({});
                 COPY {schema}.{name} FROM '{}' (FORMAT csv, HEADER);",
                columns.join(", "),
                file.display()
            );
        }
        server.run(&sql).unwrap();
    }
}

fn sql_type(of: Type) -> &'static str {
    match of {
        Type::Whole => "bigint",
        Type::Decimal => "numeric",
        Type::Date => "date",
        Type::Time => "timestamp",
        Type::Text => "text",
    }
}

/// How CSV files are written.
#[derive(Clone, Copy)]
pub struct Style {
    pub delimiter: char,
    /// Names of tables and columns.
    pub upper_case: bool,
    /// Whole numbers as `1.0`, as data frames write columns with gaps; and every field in quotes,
    /// those of no value too.
    pub floats_in_quotes: bool,
}

impl Style {
    pub const PLAIN: Style = Style {
        delimiter: ',',
        upper_case: false,
        floats_in_quotes: false,
    };

    fn cased(self, name: &str) -> String {
        match self.upper_case {
            true => name.to_uppercase(),
            false => name.to_owned(),
        }
    }

    fn field(self, cell: &Option<String>, column: &str) -> String {
        let text = cell.as_deref().unwrap_or_default();
        let is_whole = type_of(column) == Type::Whole && cell.is_some();
        if self.floats_in_quotes {
            let part = if is_whole { ".0" } else { "" };
            return format!("\"{}{part}\"", text.replace('"', "\"\""));
        }
        match text.contains([self.delimiter, '"']) {
            true => format!("\"{}\"", text.replace('"', "\"\"")),
            false => text.to_owned(),
        }
    }
}

/// The fields of a line; quotes part texts that hold the delimiter.
fn fields(line: &str, delimiter: char) -> Vec<Option<String>> {
    let (mut fields, mut field, mut is_quoted) = (Vec::new(), String::new(), false);
    let mut end = |field: &mut String| {
        let field = std::mem::take(field);
        fields.push((!field.is_empty()).then_some(field));
    };
    for c in line.trim_end_matches('\r').chars() {
        match c {
            '"' => is_quoted = !is_quoted,
            c if c == delimiter && !is_quoted => end(&mut field),
            c => field.push(c),
        }
    }
    end(&mut field);
    fields
}

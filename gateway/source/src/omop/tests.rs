use super::*;
use medveil_circuits::schema::Schema;

fn body(statement: &Statement) -> Vec<&str> {
    // Comments and the heads that read raw tables differ as dialects do; what follows does not.
    let text = statement.text;
    let lines = text.lines().filter(|line| !line.starts_with("--"));
    let joined: Vec<&str> = lines.collect();
    let from = joined.iter().rposition(|line| {
        line.strip_prefix("  FROM ")
            .is_some_and(|table| table.ends_with("),") || table.ends_with(')'))
            && statement
                .needs
                .iter()
                .any(|need| line.contains(&format!("FROM {need})")))
    });
    joined[from.unwrap() + 1..].to_vec()
}

#[test]
fn both_dialects_differ_in_how_they_read_raw_tables_only() {
    let ((_, folder), (_, postgres)) = (statements(FOLDER), statements(POSTGRES));
    assert_eq!(folder.len(), postgres.len());
    for (one, other) in folder.iter().zip(&postgres) {
        assert_eq!((one.name, &one.needs), (other.name, &other.needs));
        assert!(body(one).len() > 1, "{}", one.name);
        assert_eq!(body(one), body(other), "{}", one.name);
    }
}

#[test]
fn statements_and_columns_that_ship_belong_together() {
    assert!(Schema::from_json(SCHEMA).is_ok());
    let (_, statements) = statements(FOLDER);
    for column in columns() {
        let statement = statements.iter().find(|s| s.name == column.table);
        assert!(statement.is_some(), "{}", column.name);
    }
    let all: Vec<&Statement> = statements.iter().collect();
    assert_eq!(
        schema(&all),
        SCHEMA,
        "the whole is cut from itself unchanged"
    );
    for statement in &statements {
        assert!(
            columns().any(|c| c.table == statement.name),
            "{}",
            statement.name
        );
        for need in &statement.needs {
            assert!(statement.text.contains(&format!("FROM {need})")), "{need}");
        }
    }
}

#[test]
fn what_a_folder_lacks_is_left_out_and_told() {
    let folder = tempfile::tempdir().unwrap();
    let place = OmopPlace::Folder {
        folder: folder.path().to_owned(),
        named: Some("/data/cdm".to_owned()),
    };
    let refused = omop(&place).err().unwrap().to_string();
    assert!(refused.contains("no `person`"), "{refused}");
    for name in [
        "PERSON.csv",
        "measurement.CSV",
        "Concept.tsv",
        "death.csv.gz",
    ] {
        std::fs::write(folder.path().join(name), "x\n").unwrap();
    }
    let cut = omop(&place).unwrap();
    let schema = Schema::from_json(&cut.schema).unwrap();
    let names: Vec<&str> = schema.columns().iter().map(|c| c.name.as_str()).collect();
    let expected = [
        "birth_year",
        "age",
        "sex",
        "hba1c",
        "bmi",
        "systolic",
        "diastolic",
    ];
    assert_eq!(names, expected);
    assert!(cut.queries.contains("\n-- database: folder /data/cdm\n"));
    assert_eq!(cut.queries.matches(TABLE).count(), 3);
    let smoking = cut
        .left_out
        .iter()
        .find(|l| l.columns == ["smoking"])
        .unwrap();
    assert_eq!(smoking.tables, ["observation"]);
    let told: usize = cut.left_out.iter().map(|l| l.columns.len()).sum();
    assert_eq!(names.len() + told, columns().count());
}

//! Files with types, queries and views: small ones of each form.

use super::Corpus;
use arrow_array::{Float64Array, RecordBatch, StringArray};
use arrow_ipc::writer::{FileWriter, StreamWriter};
use medveil_circuits::field::{Digest, Felt};
use medveil_fuzz::fixture::{JOIN_FILE, profile};
use medveil_fuzz::join_parts;
use medveil_gateway::journey::dataset::{FilesReading, OpenReport, Part};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use std::io::{Cursor, Write};
use std::sync::Arc;
use zip::write::SimpleFileOptions;

pub fn put(corpus: &mut Corpus) {
    corpus.put("workbook", "one-sheet", workbook());
    columnar(corpus);
    corpus.put("sqlite", "one-table", sqlite());
    queries(corpus);
    corpus.put("dicom", "instance", dicom("1.5"));
    corpus.put("dicom", "several-windows", dicom("1.50 "));
    views(corpus);
    application(corpus);
}

const RELATION: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/// A workbook of one sheet with a header and two rows.
fn workbook() -> Vec<u8> {
    let text = |text: &str| format!("<c t=\"str\"><v>{text}</v></c>");
    let row = |id: &str, value: &str| format!("<row>{}<c><v>{value}</v></c></row>", text(id));
    let head = format!("<row>{}{}</row>", text("id"), text("hba1c"));
    let sheet = format!(
        "<worksheet><sheetData>{head}{}{}</sheetData></worksheet>",
        row("p1", "7.2"),
        row("p2", "6.9")
    );
    let relation = |kind: &str, target: &str| {
        format!(
            "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"r1\" Type=\"{RELATION}/{kind}\" Target=\"{target}\"/></Relationships>"
        )
    };
    let files = [
        ("_rels/.rels", relation("officeDocument", "xl/workbook.xml")),
        (
            "xl/workbook.xml",
            "<workbook><sheets><sheet name=\"Visits\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>".to_owned(),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            relation("worksheet", "worksheets/sheet1.xml"),
        ),
        ("xl/worksheets/sheet1.xml", sheet),
    ];
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        zip.start_file(name, SimpleFileOptions::default())
            .expect("a file");
        zip.write_all(content.as_bytes()).expect("bytes");
    }
    zip.finish().expect("an archive").into_inner()
}

fn batch() -> RecordBatch {
    let ids = StringArray::from(vec!["p1", "p2", "p3"]);
    let values = Float64Array::from(vec![Some(7.2), None, Some(6.9)]);
    RecordBatch::try_from_iter([
        ("id", Arc::new(ids) as arrow_array::ArrayRef),
        ("hba1c", Arc::new(values)),
    ])
    .expect("a batch")
}

fn columnar(corpus: &mut Corpus) {
    let batch = batch();
    for (name, compression) in [
        ("plain", Compression::UNCOMPRESSED),
        ("snappy", Compression::SNAPPY),
        ("zstd", Compression::ZSTD(ZstdLevel::default())),
    ] {
        let properties = WriterProperties::builder()
            .set_compression(compression)
            .build();
        let mut bytes = Vec::new();
        let writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties));
        let mut writer = writer.expect("a writer");
        writer.write(&batch).expect("rows");
        writer.close().expect("a file");
        corpus.put("parquet", name, bytes);
    }
    let mut file = Vec::new();
    let mut writer = FileWriter::try_new(&mut file, &batch.schema()).expect("a writer");
    writer.write(&batch).expect("rows");
    writer.finish().expect("a file");
    drop(writer);
    corpus.put("arrow", "file", file);
    let mut stream = Vec::new();
    let mut writer = StreamWriter::try_new(&mut stream, &batch.schema()).expect("a writer");
    writer.write(&batch).expect("rows");
    writer.finish().expect("a stream");
    drop(writer);
    corpus.put_as_it_reads("arrow", "stream", stream);
}

fn sqlite() -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("database.sqlite");
    let connection = rusqlite::Connection::open(&path).expect("a database");
    let sql = "PRAGMA page_size = 512; CREATE TABLE visits (id TEXT, hba1c REAL);
        INSERT INTO visits VALUES ('p1', 7.2), ('p2', NULL), ('p3', 6.9);";
    connection.execute_batch(sql).expect("a table");
    drop(connection);
    std::fs::read(path).expect("a file")
}

fn queries(corpus: &mut Corpus) {
    let head = "-- database: folder\n-- table: cohort\n";
    let texts = [
        format!("{head}SELECT id, number(hba1c) AS hba1c FROM visits;\n"),
        format!(
            "{head}WITH x AS (SELECT * FROM visits) SELECT id, hba1c FROM x WHERE id <> 'p9'\n"
        ),
    ];
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    corpus.put_all("query_file", "folder-", &texts);
    let other = "-- database: postgresql://reader@db/ehr\n-- table: t\nSELECT 1\n";
    corpus.put_as_it_reads("query_file", "another-database", other.into());
}

/// An element in Explicit VR Little Endian, of a representation with a short length.
fn element(tag: (u16, u16), vr: &str, value: &str) -> Vec<u8> {
    let pad = if vr == "UI" { "\0" } else { " " };
    let value = match value.len() % 2 {
        0 => value.to_owned(),
        _ => format!("{value}{pad}"),
    };
    let length = u16::try_from(value.len()).expect("a short value");
    let (group, number) = (tag.0.to_le_bytes(), tag.1.to_le_bytes());
    let head = [&group[..], &number, vr.as_bytes(), &length.to_le_bytes()].concat();
    [head, value.into_bytes()].concat()
}

fn dicom(thickness: &str) -> Vec<u8> {
    let meta = element((2, 0x10), "UI", "1.2.840.10008.1.2.1");
    let size = u32::try_from(meta.len()).expect("a short head");
    let length = [
        &element((2, 0), "UL", "")[..6],
        &[4, 0],
        &size.to_le_bytes(),
    ]
    .concat();
    let data = [
        element((8, 0x18), "UI", "1.1.1.1"),
        element((0x10, 0x20), "LO", "P1"),
        element((0x18, 0x50), "DS", thickness),
        element((0x20, 0xd), "UI", "1.1"),
        element((0x20, 0xe), "UI", "1.1.1"),
        element((0x28, 0x1050), "DS", "40\\400"),
    ];
    [&[0; 128][..], b"DICM", &length, &meta, &data.concat()].concat()
}

fn views(corpus: &mut Corpus) {
    let patient = br#"{"resourceType":"Patient","id":"p1","birthDate":"1970-06","name":[{"family":"A","given":["B","C"]}],
        "multipleBirthInteger":2}"#;
    let views = [
        r#"{"resource":"Patient","select":[{"column":[{"name":"id","path":"getResourceKey()","type":"id"},
            {"name":"born","path":"birthDate","type":"date"}]}]}"#,
        r#"{"resource":"Patient","constant":[{"name":"x","valueString":"A"}],"where":[{"path":"name.exists()"}],
            "select":[{"forEach":"name","column":[{"name":"f","path":"family","type":"string"}],
            "unionAll":[{"column":[{"name":"g","path":"given.first()"}]},{"forEachOrNull":"given.where($this=%x)","column":[{"name":"g","path":"$this"}]}]}]}"#,
    ];
    for (i, view) in views.into_iter().enumerate() {
        let input = join_parts(&[view.as_bytes(), patient]);
        corpus.put_as_it_reads("view", &format!("patient-{i}"), input);
    }
}

/// What people give to the program.
fn application(corpus: &mut Corpus) {
    corpus.put("join_file", "own-peers", JOIN_FILE);
    corpus.put("connection_profile", "one-peer", profile());
    let one = Felt::from_u64(1).to_hex();
    let request = format!(
        "{{\"format\":\"medveil-visa-request-1\",\"schema\":\"ethics\",\"commitment\":\"{one}\"}}"
    );
    corpus.put("visa_request", "ethics", request);
    let closed = OpenReport::new(vec![Digest([7; 32]), Digest([8; 32])], std::iter::empty());
    let closed = serde_json::to_vec(&closed).expect("a report");
    corpus.put("open_report", "closed", closed);
    let files = Part::Files(FilesReading {
        read: Vec::new(),
        skipped: Vec::new(),
    });
    let files = serde_json::to_value(files).expect("a part").to_string();
    corpus.put("report_part", "files", files);
    let addresses = ["postgresql://reader@db.example/ehr?sslmode=verify-full"];
    corpus.put_all("postgres_address", "one-", &addresses);
    let moments = [
        "2024",
        "2024-02",
        "2024-02-29",
        "2024-02-29T10:11:12.345+01:00",
    ];
    corpus.put_all("moment", "of-", &moments);
}

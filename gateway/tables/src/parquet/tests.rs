use super::*;
use crate::columnar::samples;
use crate::testing::{damage, most_memory, rows, words};
use ::parquet::arrow::ArrowWriter;
use ::parquet::basic::{BrotliLevel, Compression, GzipLevel, ZstdLevel};
use ::parquet::file::properties::{WriterProperties, WriterVersion};
use arrow_array::RecordBatch;
use std::sync::Arc;

fn file(batches: &[RecordBatch], properties: WriterProperties) -> Vec<u8> {
    let mut bytes = Vec::new();
    let schema = batches[0].schema();
    let mut writer = ArrowWriter::try_new(&mut bytes, schema, Some(properties)).unwrap();
    for batch in batches {
        writer.write(batch).unwrap();
        // Each becomes a row group.
        writer.flush().unwrap();
    }
    writer.close().unwrap();
    bytes
}

fn stored(folder: &tempfile::TempDir, bytes: &[u8]) -> PathBuf {
    let path = folder.path().join("visits.parquet");
    std::fs::write(&path, bytes).unwrap();
    path
}

fn strs(names: &[String]) -> Vec<&str> {
    names.iter().map(String::as_str).collect()
}

#[test]
fn every_type_is_read_exactly_in_every_compression() {
    let folder = tempfile::tempdir().unwrap();
    let (batch, _) = samples::batch();
    let (names, expected) = samples::expected(2);
    for compression in [
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::GZIP(GzipLevel::default()),
        Compression::ZSTD(ZstdLevel::default()),
        Compression::LZ4_RAW,
        Compression::LZ4,
        Compression::BROTLI(BrotliLevel::default()),
    ] {
        for version in [WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0] {
            let properties = WriterProperties::builder()
                .set_compression(compression)
                .set_writer_version(version)
                .build();
            let path = stored(&folder, &file(&[batch.clone(), batch.clone()], properties));
            let table = ParquetTable::open(&path).unwrap();
            assert_eq!(table.name(), "visits");
            let mut table = table.select(&strs(&names)).unwrap();
            assert_eq!(rows(&mut table).unwrap(), expected);
            // A second reading starts anew.
            assert_eq!(rows(&mut table).unwrap(), expected);
        }
    }
}

#[test]
fn columns_are_taken_in_the_order_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let (batch, _) = samples::batch();
    let path = stored(&folder, &file(&[batch], WriterProperties::default()));
    let table = ParquetTable::open(&path).unwrap();
    let mut table = table.select(&["utf8", "i8", "date32"]).unwrap();
    let first = &rows(&mut table).unwrap()[1];
    assert_eq!(first, &["t ", "n 127", "d 9999-12-31"]);
    let none = ParquetTable::open(&path).unwrap().select(&[]).unwrap();
    assert_eq!(rows(&mut { none }).unwrap().len(), 4);
    let wrong = ParquetTable::open(&path)
        .unwrap()
        .select(&["i8", "i8", "no", "nor"]);
    let text = words(&wrong.err().unwrap());
    assert_eq!(text.lines().count(), 3, "{text}");
}

#[test]
fn columns_that_cannot_be_read_are_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let (batch, _) = samples::batch();
    let path = stored(&folder, &file(&[batch], WriterProperties::default()));
    let mut table = ParquetTable::open(&path).unwrap();
    let names: Vec<_> = table.unsupported().iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["bytes", "clock"]);
    let text = words(&rows(&mut table).unwrap_err());
    assert!(
        text.contains("\"bytes\"") && text.contains("\"clock\""),
        "{text}"
    );
}

#[test]
fn values_that_no_text_says_spoil_their_cell_alone() {
    let folder = tempfile::tempdir().unwrap();
    for (array, word) in samples::untellable() {
        let bytes = file(&[samples::single(array)], WriterProperties::default());
        let path = stored(&folder, &bytes);
        let rows = rows(&mut ParquetTable::open(&path).unwrap()).unwrap();
        assert!(!rows[0][0].starts_with('!'), "{rows:?}");
        assert!(
            rows[1][0].starts_with('!') && rows[1][0].contains(word),
            "{rows:?}"
        );
    }
}

#[test]
fn an_empty_table_has_columns_and_no_rows() {
    let folder = tempfile::tempdir().unwrap();
    let (batch, _) = samples::batch();
    let bytes = file(&[batch.slice(0, 0)], WriterProperties::default());
    let table = ParquetTable::open(&stored(&folder, &bytes)).unwrap();
    let mut table = table.select(&["i64", "utf8"]).unwrap();
    assert_eq!(table.columns().len(), 2);
    assert!(rows(&mut table).unwrap().is_empty());
}

#[test]
fn files_that_are_none_are_refused_with_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let huge = b"PAR1xxxxxxxx\xff\xff\xff\xffPAR1";
    let locked = b"PAR1xxxxxxxx\x04\0\0\0PARE";
    for (bytes, word) in [
        (&b""[..], "PAR1"),
        (b"PAR1PAR1", "PAR1"),
        (b"a,b\n1,2\n3,4\n5,6\n", "PAR1"),
        (huge, "larger"),
        (locked, "encrypted"),
    ] {
        let text = words(&ParquetTable::open(&stored(&folder, bytes)).err().unwrap());
        assert!(text.contains(word), "{text}");
    }
    assert!(matches!(
        ParquetTable::open(&folder.path().join("none")),
        Err(TableError::Io { .. })
    ));
}

#[test]
fn what_take_answers_ends_the_reading() {
    let folder = tempfile::tempdir().unwrap();
    let (batch, _) = samples::batch();
    let path = stored(&folder, &file(&[batch], WriterProperties::default()));
    let mut table = ParquetTable::open(&path).unwrap().select(&["i8"]).unwrap();
    let mut taken = 0;
    let ended = table.rows(&mut |_| {
        taken += 1;
        Err(TableError::Taken("enough".into()))
    });
    assert!(matches!(ended, Err(TableError::Taken(_))) && taken == 1);
}

#[test]
fn old_times_of_96_bits_are_refused() {
    use ::parquet::data_type::{Int96, Int96Type};
    use ::parquet::file::writer::SerializedFileWriter;
    use ::parquet::schema::parser::parse_message_type;
    let schema = parse_message_type("message m { required int96 at; required int32 id; }").unwrap();
    let mut bytes = Vec::new();
    let mut writer =
        SerializedFileWriter::new(&mut bytes, Arc::new(schema), Default::default()).unwrap();
    let mut group = writer.next_row_group().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    column
        .typed::<Int96Type>()
        .write_batch(&[Int96::from(vec![0, 0, 9])], None, None)
        .unwrap();
    column.close().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    let ids = column.typed::<::parquet::data_type::Int32Type>();
    ids.write_batch(&[7], None, None).unwrap();
    column.close().unwrap();
    group.close().unwrap();
    writer.close().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = stored(&folder, &bytes);
    let mut table = ParquetTable::open(&path).unwrap();
    assert!(words(&rows(&mut table).unwrap_err()).contains("96 bits"));
    let mut table = table.select(&["id"]).unwrap();
    assert_eq!(rows(&mut table).unwrap(), [["n 7"]]);
}

#[test]
fn damaged_files_are_refused_without_harm() {
    let folder = tempfile::tempdir().unwrap();
    let (batch, _) = samples::batch();
    let (names, _) = samples::expected(1);
    let properties = || WriterProperties::builder().set_compression(Compression::SNAPPY);
    let bytes = file(&[batch.clone(), batch], properties().build());
    let before = most_memory();
    let path = folder.path().join("damaged.parquet");
    let refused = damage(&bytes, 500, &path, &mut |path| {
        let mut table = ParquetTable::open(path)?.select(&strs(&names))?;
        rows(&mut table).map(|_| ())
    });
    assert!(refused > 150, "{refused}");
    assert!(most_memory() - before < 512 << 20);
}

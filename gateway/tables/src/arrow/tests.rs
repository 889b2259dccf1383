use super::*;
use crate::columnar::samples;
use crate::testing::{damage, most_memory, rows, words};
use arrow_array::RecordBatch;
use arrow_ipc::writer::{FileWriter, IpcWriteOptions, StreamWriter};
use arrow_ipc::{CompressionType, MetadataVersion};

fn options(compression: Option<CompressionType>) -> IpcWriteOptions {
    IpcWriteOptions::default()
        .try_with_compression(compression)
        .unwrap()
}

fn file(batches: &[RecordBatch], options: IpcWriteOptions) -> Vec<u8> {
    let mut bytes = Vec::new();
    let schema = batches[0].schema();
    let mut writer = FileWriter::try_new_with_options(&mut bytes, &schema, options).unwrap();
    batches
        .iter()
        .for_each(|batch| writer.write(batch).unwrap());
    writer.finish().unwrap();
    drop(writer);
    bytes
}

fn stream(batches: &[RecordBatch], options: IpcWriteOptions) -> Vec<u8> {
    let mut bytes = Vec::new();
    let schema = batches[0].schema();
    let mut writer = StreamWriter::try_new_with_options(&mut bytes, &schema, options).unwrap();
    batches
        .iter()
        .for_each(|batch| writer.write(batch).unwrap());
    writer.finish().unwrap();
    drop(writer);
    bytes
}

fn stored(folder: &tempfile::TempDir, bytes: &[u8]) -> PathBuf {
    let path = folder.path().join("visits.arrow");
    std::fs::write(&path, bytes).unwrap();
    path
}

fn readable(path: &Path) -> Result<Vec<Vec<String>>, TableError> {
    let (names, _) = samples::expected(1);
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    rows(&mut ArrowTable::open(path)?.select(&names)?)
}

#[test]
fn every_type_is_read_exactly_from_files_and_streams() {
    let folder = tempfile::tempdir().unwrap();
    let (batch, _) = samples::batch();
    let (_, expected) = samples::expected(2);
    let old = IpcWriteOptions::try_new(8, true, MetadataVersion::V4).unwrap();
    for options in [
        options(None),
        options(Some(CompressionType::LZ4_FRAME)),
        options(Some(CompressionType::ZSTD)),
        old,
    ] {
        let batches = [batch.clone(), batch.clone()];
        let path = stored(&folder, &file(&batches, options.clone()));
        assert_eq!(readable(&path).unwrap(), expected);
        let path = stored(&folder, &stream(&batches, options));
        assert_eq!(readable(&path).unwrap(), expected);
    }
}

#[test]
fn columns_are_selected_and_others_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let (batch, _) = samples::batch();
    let path = stored(&folder, &file(&[batch], options(None)));
    let mut table = ArrowTable::open(&path).unwrap();
    assert_eq!((table.name(), table.unsupported().len()), ("visits", 2));
    assert!(words(&rows(&mut table).unwrap_err()).contains("\"clock\""));
    let mut table = table.select(&["utf8", "i8"]).unwrap();
    assert_eq!(rows(&mut table).unwrap()[1], ["t ", "n 127"]);
    assert!(table.select(&["none"]).is_err());
}

#[test]
fn values_that_no_text_says_spoil_their_cell_alone() {
    let folder = tempfile::tempdir().unwrap();
    for (array, word) in samples::untellable() {
        let path = stored(&folder, &stream(&[samples::single(array)], options(None)));
        let rows = rows(&mut ArrowTable::open(&path).unwrap()).unwrap();
        let error = &rows[1][0];
        assert!(error.starts_with('!') && error.contains(word), "{error}");
    }
}

#[test]
fn an_empty_table_has_columns_and_no_rows() {
    let folder = tempfile::tempdir().unwrap();
    let (batch, _) = samples::batch();
    let path = stored(&folder, &file(&[batch.slice(0, 0)], options(None)));
    assert!(readable(&path).unwrap().is_empty());
}

#[test]
fn a_file_cut_at_any_byte_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let array = arrow_array::Int32Array::from(vec![1, 2, 3]);
    let batch = samples::single(std::sync::Arc::new(array));
    let batches = [batch.clone(), batch];
    for bytes in [
        file(&batches, options(None)),
        stream(&batches, options(None)),
    ] {
        let whole = stored(&folder, &bytes);
        assert_eq!(
            rows(&mut ArrowTable::open(&whole).unwrap()).unwrap().len(),
            6
        );
        for end in 0..bytes.len() {
            let path = stored(&folder, &bytes[..end]);
            let read = ArrowTable::open(&path).and_then(|mut table| rows(&mut table));
            assert!(read.is_err(), "cut at {end} of {}", bytes.len());
        }
    }
}

#[test]
fn files_that_are_none_are_refused_with_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let huge = b"\xff\xff\xff\xff\xf0\xff\xff\x7f........";
    for (bytes, word) in [
        (&b""[..], "no Arrow file"),
        (b"FEA1............", "version 1"),
        (b"ARROW1\0\0..................", "cut short"),
        (b"a,b\n1,2\n3,4\n", "damaged"),
        (huge, "damaged"),
        (b"\0\0\0\0\0\0\0\0\0", "damaged"),
    ] {
        let text = words(&ArrowTable::open(&stored(&folder, bytes)).err().unwrap());
        assert!(text.contains(word), "{text}");
    }
}

/// The library would reserve what a compressed part says of itself.
#[test]
fn a_huge_announced_size_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let array = arrow_array::Int64Array::from(vec![7i64; 4000]);
    let batch = samples::single(std::sync::Arc::new(array));
    let mut bytes = stream(&[batch], options(Some(CompressionType::ZSTD)));
    let size = 32_000i64.to_le_bytes();
    let at = bytes.windows(8).position(|window| window == size).unwrap();
    for announced in [1i64 << 60, i64::MAX, 1 << 40, -7] {
        bytes[at..at + 8].copy_from_slice(&announced.to_le_bytes());
        let opened = ArrowTable::open(&stored(&folder, &bytes));
        assert!(opened.and_then(|mut table| rows(&mut table)).is_err());
    }
}

#[test]
fn damaged_files_are_refused_without_harm() {
    let folder = tempfile::tempdir().unwrap();
    let (batch, _) = samples::batch();
    let path = folder.path().join("damaged.arrow");
    let before = most_memory();
    let batches = [batch.clone(), batch];
    let zstd = options(Some(CompressionType::ZSTD));
    for bytes in [file(&batches, options(None)), stream(&batches, zstd)] {
        let refused = damage(&bytes, 500, &path, &mut |path| readable(path).map(|_| ()));
        assert!(refused > 150, "{refused}");
    }
    assert!(most_memory() - before < 512 << 20);
}

#[test]
fn a_column_of_an_unknown_zone_is_refused_by_name() {
    let array = arrow_array::TimestampSecondArray::from(vec![0i64]).with_timezone("Europe/Nowhere");
    let batch = samples::single(std::sync::Arc::new(array));
    let place = std::path::Path::new("x.parquet");
    let columns = crate::columnar::Columns::new(&batch.schema(), place).unwrap();
    let text = words(&columns.readable(place).unwrap_err());
    for part in ["\"value\"", "Europe/Nowhere", "UTC", "leave it out"] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

//! Rows that are left out and told, where it is sure where the next one begins.

use super::*;
use proptest::prelude::*;

/// The lines that are read and the faults that are told, until the file ends or is no further sure.
type Gathered = (Vec<u64>, Vec<(u64, String)>, bool);

/// None where the file has no header that is sure.
fn gathered(bytes: &[u8], settings: &[(&str, &str)]) -> Option<Gathered> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("data.csv");
    std::fs::write(&path, bytes).unwrap();
    let mut settings = CsvSettings::from_words(settings.iter().copied()).unwrap();
    settings.gather = true;
    let mut table = CsvTable::open(&path, &settings, 1 << 30).ok()?;
    let mut rows = Vec::new();
    let read = table.rows(&mut |record| {
        rows.push(record.row);
        Ok(())
    });
    let faults = table.take_faults();
    assert_eq!(faults.count, faults.listed.len() as u64);
    let listed = faults.listed.into_iter().map(|f| (f.row, f.what));
    Some((rows, listed.collect(), read.is_ok()))
}

/// Lines with faults, and a word of each.
#[track_caller]
fn check(text: &str, rows: &[u64], faults: &[(u64, &str)], is_whole: bool) {
    for end in ["\n", "\r\n", "\r"] {
        let bytes = text.replace('\n', end);
        let (read, told, ended) = gathered(bytes.as_bytes(), &[]).unwrap();
        assert_eq!((read.as_slice(), ended), (rows, is_whole), "{bytes:?}");
        assert_eq!(told.len(), faults.len(), "{told:?}");
        for ((row, what), (expected, word)) in told.iter().zip(faults) {
            assert_eq!(row, expected);
            assert!(what.contains(word) && !what.contains("CANARY"), "{what}");
        }
    }
}

#[test]
fn b14_rows_of_another_width_are_all_told() {
    check(
        "a;b\n1;2\n\n3\n4;5;CANARY\n6;7\n8\n",
        &[2, 6],
        &[(4, "got 1"), (5, "got 3"), (7, "got 1")],
        true,
    );
    check("id\n1\n\n2\n3\n", &[2, 4, 5], &[(3, "blank line")], true);
}

#[test]
fn b14_stray_quotes_are_told_where_the_next_line_is_sure() {
    check(
        "a,b\n1,CAN\"ARY\n2,\"x\"CANARY\n3,\"fi\nne\"\n4, \"x\"\n5,6\n",
        &[4, 7],
        &[(2, "no quote"), (3, "after a closing"), (6, "no quote")],
        true,
    );
    // A stray quote after a field that goes on in the next line as it may.
    check(
        "a,b,c\n\"x\ny\",CAN\"ARY,1\n4,5,6\n",
        &[4],
        &[(2, "no quote")],
        true,
    );
    // Another field of the line may go on in the next.
    check("a,b\n\"x\"y,\"z\n1,2\n", &[], &[], false);
    check("a,b\n1,2\n\"x\ny\"z,1\n3,4\n", &[2], &[], false);
    check("a,b\n1,2\n3,\"x\n4,5\n", &[2], &[], false);
    check("a,b\n1,\"x\"CAN\"ARY\n4,5\n", &[], &[], false);
}

#[test]
fn b14_bytes_that_are_not_of_the_encoding_are_told_by_row() {
    let utf8 = b"a,b\n1,M\xfcller\n2,\xe4\xf6\n3,x\n4,\0\n";
    let (rows, faults, ended) = gathered(utf8, &[]).unwrap();
    assert_eq!((rows, ended), (vec![4], true));
    assert_eq!(faults.iter().map(|f| f.0).collect::<Vec<_>>(), [2, 3, 5]);
    assert!(faults.iter().all(|(_, what)| what.contains("UTF-8")));
    let (rows, faults, _) =
        gathered(b"a,b\n1,\x81\n2,\xfc\n", &[("encoding", "windows-1252")]).unwrap();
    assert_eq!((rows, faults.len()), (vec![3], 1));
    // Half a surrogate.
    let mut wide: Vec<u8> = vec![0xff, 0xfe];
    let text: Vec<u16> = "a,b\n1,".encode_utf16().chain([0xd800]).collect();
    let text = text.into_iter().chain("\n2,3\n".encode_utf16());
    wide.extend(text.flat_map(u16::to_le_bytes));
    let (rows, faults, ended) = gathered(&wide, &[]).unwrap();
    assert_eq!((rows, faults.len(), ended), (vec![3], 1, true));
}

#[test]
fn b14_faults_are_listed_up_to_a_bound_and_counted_beyond() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("data.csv");
    std::fs::write(&path, format!("a,b\n{}1,2\n", "1\n".repeat(1500))).unwrap();
    let settings = CsvSettings {
        gather: true,
        ..CsvSettings::default()
    };
    let mut table = CsvTable::open(&path, &settings, 1 << 30).unwrap();
    let mut n = 0;
    table
        .rows(&mut |_| {
            n += 1;
            Ok(())
        })
        .unwrap();
    let faults = table.take_faults();
    assert_eq!((n, faults.listed.len(), faults.count), (1, 1000, 1500));
}

#[test]
fn b14_a_fault_of_the_header_ends_the_file() {
    for text in ["a,\"b\"x\n1,2\n", "a,a\n1,2\n", "a,b;c\n1,2;3\n"] {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("data.csv");
        std::fs::write(&path, text).unwrap();
        let settings = CsvSettings {
            gather: true,
            ..CsvSettings::default()
        };
        assert!(CsvTable::open(&path, &settings, 1 << 30).is_err(), "{text}");
    }
}

proptest! {
    #[test]
    fn b14_gathering_reads_what_strict_reading_reads_and_tells_of_the_rest(
        rows in "[ab,\"\n\r\u{fc}]{0,60}",
        cut in 0usize..80,
    ) {
        let mut bytes = format!("h,i\n{rows}").into_bytes();
        // A letter cut in half, as often as not.
        bytes.truncate(cut.max(4));
        let comma = [("delimiter", "comma")];
        let strict = read_named("data.csv", &bytes, &comma);
        let Some((read, faults, is_whole)) = gathered(&bytes, &comma) else {
            prop_assert!(strict.is_err());
            return Ok(());
        };
        match strict {
            Ok((_, strict)) => {
                let strict: Vec<u64> = strict.iter().map(|(row, _)| *row).collect();
                prop_assert_eq!((read, faults.len(), is_whole), (strict, 0, true));
            }
            Err(_) => prop_assert!(!faults.is_empty() || !is_whole),
        }
    }
}

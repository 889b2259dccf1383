//! A batch of every type, with the values at the ends of their ranges, and what it must read as.

use arrow_array::types::{Int16Type, UInt8Type};
use arrow_array::*;
use arrow_buffer::i256;
use arrow_schema::{ArrowError, DataType, Field, Schema};
use std::sync::Arc;

const DAY: i64 = 86_400;

/// A column's name, its values, and what they read as.
type Sample = (&'static str, ArrayRef, [&'static str; 4]);

fn numbers() -> Vec<Sample> {
    vec![
        (
            "i8",
            Arc::new(Int8Array::from(vec![
                Some(i8::MIN),
                Some(i8::MAX),
                None,
                Some(0),
            ])),
            ["n -128", "n 127", "-", "n 0"],
        ),
        (
            "i16",
            Arc::new(Int16Array::from(vec![
                Some(i16::MIN),
                Some(i16::MAX),
                None,
                Some(1),
            ])),
            ["n -32768", "n 32767", "-", "n 1"],
        ),
        (
            "i32",
            Arc::new(Int32Array::from(vec![
                Some(i32::MIN),
                Some(i32::MAX),
                None,
                Some(2),
            ])),
            ["n -2147483648", "n 2147483647", "-", "n 2"],
        ),
        (
            "i64",
            Arc::new(Int64Array::from(vec![
                Some(i64::MIN),
                Some(i64::MAX),
                None,
                Some(3),
            ])),
            [
                "n -9223372036854775808",
                "n 9223372036854775807",
                "-",
                "n 3",
            ],
        ),
    ]
}

fn unsigned() -> Vec<Sample> {
    vec![
        (
            "u8",
            Arc::new(UInt8Array::from(vec![
                Some(0),
                Some(u8::MAX),
                None,
                Some(4),
            ])),
            ["n 0", "n 255", "-", "n 4"],
        ),
        (
            "u16",
            Arc::new(UInt16Array::from(vec![
                Some(0),
                Some(u16::MAX),
                None,
                Some(5),
            ])),
            ["n 0", "n 65535", "-", "n 5"],
        ),
        (
            "u32",
            Arc::new(UInt32Array::from(vec![
                Some(0),
                Some(u32::MAX),
                None,
                Some(6),
            ])),
            ["n 0", "n 4294967295", "-", "n 6"],
        ),
        (
            "u64",
            Arc::new(UInt64Array::from(vec![
                Some(0),
                Some(u64::MAX),
                None,
                Some(7),
            ])),
            ["n 0", "n 18446744073709551615", "-", "n 7"],
        ),
    ]
}

fn floats() -> Vec<Sample> {
    vec![
        (
            "f32",
            Arc::new(Float32Array::from(vec![
                Some(0.1),
                Some(-0.0),
                None,
                Some(16_777_216.0),
            ])),
            ["n 0.1", "n 0", "-", "n 16777216"],
        ),
        (
            "f64",
            Arc::new(Float64Array::from(vec![
                Some(0.1),
                Some(-1.5e-7),
                None,
                Some(1e21),
            ])),
            ["n 0.1", "n -0.00000015", "-", "n 1000000000000000000000"],
        ),
        (
            "bool",
            Arc::new(BooleanArray::from(vec![
                Some(true),
                Some(false),
                None,
                Some(true),
            ])),
            ["b true", "b false", "-", "b true"],
        ),
    ]
}

fn decimals() -> Result<Vec<Sample>, ArrowError> {
    let most = 99_999_999_999_999_999_999_999_999_999_999_999_999i128;
    let long = i256::from_string(&"9".repeat(76)).unwrap();
    let d32 = Decimal32Array::from(vec![Some(-999_999_999), Some(5), None, Some(0)]);
    let d64 = Decimal64Array::from(vec![Some(-1), Some(999_999_999_999_999_999), None, Some(0)]);
    let d128 = Decimal128Array::from(vec![Some(-most), Some(most), None, Some(1)]);
    let d256 = Decimal256Array::from(vec![Some(long), Some(-long), None, Some(i256::ONE)]);
    let below = Decimal128Array::from(vec![Some(12), Some(-1), None, Some(0)]);
    Ok(vec![
        (
            "d32",
            Arc::new(d32.with_precision_and_scale(9, 2)?),
            ["n -9999999.99", "n 0.05", "-", "n 0.00"],
        ),
        (
            "d64",
            Arc::new(d64.with_precision_and_scale(18, 3)?),
            ["n -0.001", "n 999999999999999.999", "-", "n 0.000"],
        ),
        (
            "d128",
            Arc::new(d128.with_precision_and_scale(38, 10)?),
            [
                "n -9999999999999999999999999999.9999999999",
                "n 9999999999999999999999999999.9999999999",
                "-",
                "n 0.0000000001",
            ],
        ),
        (
            "d256",
            Arc::new(d256.with_precision_and_scale(76, 0)?),
            [
                "n 9999999999999999999999999999999999999999999999999999999999999999999999999999",
                "n -9999999999999999999999999999999999999999999999999999999999999999999999999999",
                "-",
                "n 1",
            ],
        ),
        (
            "below",
            Arc::new(below.with_precision_and_scale(5, 0)?),
            ["n 12", "n -1", "-", "n 0"],
        ),
    ])
}

fn dates() -> Vec<Sample> {
    let from = -62_135_596_800 / DAY;
    vec![
        (
            "date32",
            Arc::new(Date32Array::from(vec![
                Some(from as i32),
                Some(2_932_896),
                None,
                Some(-1),
            ])),
            ["d 0001-01-01", "d 9999-12-31", "-", "d 1969-12-31"],
        ),
        (
            "date64",
            Arc::new(Date64Array::from(vec![
                Some(from * DAY * 1000),
                Some(DAY * 1000),
                None,
                Some(0),
            ])),
            ["d 0001-01-01", "d 1970-01-02", "-", "d 1970-01-01"],
        ),
    ]
}

fn times() -> Vec<Sample> {
    let seconds = TimestampSecondArray::from(vec![Some(-1), Some(0), None, Some(253_402_300_799)]);
    let millis = TimestampMillisecondArray::from(vec![Some(-1), Some(1500), None, Some(0)]);
    let micros = TimestampMicrosecondArray::from(vec![Some(-1), Some(0), None, Some(20)]);
    let nanos = TimestampNanosecondArray::from(vec![Some(i64::MIN), Some(i64::MAX), None, Some(1)]);
    vec![
        (
            "seconds",
            Arc::new(seconds),
            [
                "m 1969-12-31T23:59:59",
                "m 1970-01-01T00:00:00",
                "-",
                "m 9999-12-31T23:59:59",
            ],
        ),
        (
            "millis",
            Arc::new(millis.with_timezone("UTC")),
            [
                "m 1969-12-31T23:59:59.999Z",
                "m 1970-01-01T00:00:01.5Z",
                "-",
                "m 1970-01-01T00:00:00Z",
            ],
        ),
        (
            "micros",
            Arc::new(micros.with_timezone("+02:00")),
            [
                "m 1970-01-01T01:59:59.999999+02:00",
                "m 1970-01-01T02:00:00+02:00",
                "-",
                "m 1970-01-01T02:00:00.00002+02:00",
            ],
        ),
        (
            "nanos",
            Arc::new(nanos.with_timezone("Europe/Zurich")),
            [
                "m 1677-09-21T00:46:51.145224192+00:34",
                "m 2262-04-12T01:47:16.854775807+02:00",
                "-",
                "m 1970-01-01T01:00:00.000000001+01:00",
            ],
        ),
    ]
}

fn texts() -> Vec<Sample> {
    let said = vec![
        Some("Zürich, \"CH\"\n"),
        Some(""),
        None,
        Some("a longer text than twelve"),
    ];
    let expected = [
        "t Zürich, \"CH\"\n",
        "t ",
        "-",
        "t a longer text than twelve",
    ];
    let listed: DictionaryArray<Int16Type> = said.clone().into_iter().collect();
    let short: DictionaryArray<UInt8Type> = said.clone().into_iter().collect();
    vec![
        ("utf8", Arc::new(StringArray::from(said.clone())), expected),
        (
            "large",
            Arc::new(LargeStringArray::from(said.clone())),
            expected,
        ),
        ("view", Arc::new(StringViewArray::from(said)), expected),
        ("listed", Arc::new(listed), expected),
        ("short", Arc::new(short), expected),
        ("nothing", Arc::new(NullArray::new(4)), ["-", "-", "-", "-"]),
    ]
}

fn refused() -> Vec<Sample> {
    let bytes: Vec<Option<&[u8]>> = vec![Some(b"\xff"), None, Some(b""), Some(b"x")];
    let clock = Time64MicrosecondArray::from(vec![0, 1, 2, 3]);
    vec![
        ("bytes", Arc::new(BinaryArray::from(bytes)), [""; 4]),
        ("clock", Arc::new(clock), [""; 4]),
    ]
}

/// A batch of four rows, and for each column what it reads as; the last two cannot be read.
pub(crate) fn batch() -> (RecordBatch, Vec<[&'static str; 4]>) {
    let parts = [
        numbers(),
        unsigned(),
        floats(),
        decimals().unwrap(),
        dates(),
        times(),
        texts(),
        refused(),
    ]
    .concat();
    let field =
        |(name, array, _): &(&str, ArrayRef, _)| Field::new(*name, array.data_type().clone(), true);
    let schema = Schema::new(parts.iter().map(field).collect::<Vec<_>>());
    let arrays = parts.iter().map(|(_, array, _)| array.clone()).collect();
    let expected = parts.iter().map(|(_, _, expected)| *expected).collect();
    (
        RecordBatch::try_new(Arc::new(schema), arrays).unwrap(),
        expected,
    )
}

/// The names of the columns that can be read, and their rows `times` over.
pub(crate) fn expected(times: usize) -> (Vec<String>, Vec<Vec<String>>) {
    let (batch, expected) = batch();
    let fit = expected.len() - 2;
    let names = batch
        .schema()
        .fields()
        .iter()
        .take(fit)
        .map(|f| f.name().clone())
        .collect();
    let row = |row: usize| {
        expected
            .iter()
            .take(fit)
            .map(|c| c[row].to_owned())
            .collect()
    };
    (names, (0..4 * times).map(|at| row(at % 4)).collect())
}

/// A batch of one column.
pub(crate) fn single(array: ArrayRef) -> RecordBatch {
    let field = Field::new("value", array.data_type().clone(), true);
    RecordBatch::try_new(Arc::new(Schema::new(vec![field])), vec![array]).unwrap()
}

/// Values that no text of this crate says, each with a word of the refusal.
pub(crate) fn untellable() -> Vec<(ArrayRef, &'static str)> {
    vec![
        (Arc::new(Date32Array::from(vec![0, i32::MAX])), "1 to 9999"),
        (Arc::new(Date64Array::from(vec![0, 1])), "time of day"),
        (
            Arc::new(TimestampSecondArray::from(vec![0, i64::MIN])),
            "1 to 9999",
        ),
    ]
}

#[test]
fn two_columns_of_one_name_are_refused() {
    let field = || Field::new("a", DataType::Int8, true);
    let schema = Schema::new(vec![field(), field()]);
    let place = std::path::Path::new("x.parquet");
    assert!(super::Columns::new(&schema, place).is_err());
}

#[test]
fn numbers_that_are_none_spoil_their_cell_alone() {
    let arrays: [(ArrayRef, &str); 3] = [
        (Arc::new(Float64Array::from(vec![1.0, f64::NAN])), "NaN"),
        (
            Arc::new(Float32Array::from(vec![1.0, f32::INFINITY])),
            "infinity",
        ),
        (
            Arc::new(Float64Array::from(vec![1.0, f64::NEG_INFINITY])),
            "-infinity",
        ),
    ];
    for (array, word) in arrays {
        let read = |row| super::cell::read(array.as_ref(), &super::Shape::Plain, row);
        assert!(read(0) == Ok(crate::Scalar::Number("1".to_owned())));
        assert!(matches!(read(1), Ok(crate::Scalar::Error(error)) if error.word == word));
    }
}

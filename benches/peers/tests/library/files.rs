use medveil_circuits::shape::Matrices;
use medveil_circuits::testing::Factors;
use medveil_peers::files::*;

fn written() -> (Matrices, Vec<u8>) {
    let matrices = Matrices::of::<Factors>().unwrap();
    let mut bytes = Vec::new();
    write_r1cs(&matrices, &mut bytes).unwrap();
    (matrices, bytes)
}

#[test]
fn circuits_are_read_as_they_were_written() {
    let (matrices, bytes) = written();
    let read = read_r1cs(&bytes).unwrap();
    assert!(read.rows == *matrices.rows());
    assert_eq!(read.instance, 2);
}

#[test]
fn a_circuit_that_is_cut_is_refused() {
    let (_, bytes) = written();
    // Labels, the last section, are not looked at.
    let end = bytes.len() - 12 - 8 * 4;
    assert!(read_r1cs(&bytes[..end]).is_some());
    for length in 0..end {
        assert!(read_r1cs(&bytes[..length]).is_none(), "{length}");
    }
}

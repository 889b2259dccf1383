use super::*;

#[test]
fn ports_lie_outside_what_the_system_gives_out_and_a_taken_one_is_named() {
    assert_eq!(range("32768\t60999\n"), 10_000..32_768);
    assert_eq!(range("1024 60999"), 61_000..65_535);
    assert_eq!(range("nothing"), 10_000..32_768);
    assert_eq!(range("1024 65535"), 10_000..65_535);
    let found = free(3, Path::new("/net"), &[]).expect("ports");
    let others = free(3, Path::new("/net"), &found).expect("other ports");
    assert!(found.iter().all(|port| !others.contains(port)));
    let _held = bind(found[0]).expect("a listener");
    let said = check_free("orderer0", &found)
        .expect_err("taken")
        .to_string();
    assert!(
        said.contains(&format!("port {} of orderer0", found[0])),
        "{said}"
    );
}

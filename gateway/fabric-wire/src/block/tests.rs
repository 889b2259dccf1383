use super::*;
use crate::ordering::authorities;
use crate::proto::FabricMspConfig;
use crate::testing::{Mark, Net, block};
use medveil_collections_config::Role;
use medveil_msp::testing::NOW;
use medveil_msp::testing::{Ca, plain};
use medveil_msp::{Identity, Validity};

fn ordering(net: &Net, consenters: &[&Identity]) -> Ordering {
    let genesis = block(
        0,
        &[],
        &[(net.configuration(&[&net.ordering], consenters), 0)],
        &[],
    );
    WholeBlock::read(&genesis)
        .unwrap()
        .configuration()
        .unwrap()
        .unwrap()
}

fn check(ordering: &Ordering, at_ms: u64, marks: &[Mark<'_>]) -> Result<usize, FormError> {
    WholeBlock::read(&block(7, &[1; 32], &[(b"tx".to_vec(), 0)], marks))
        .unwrap()
        .check_signatures(ordering, at_ms)
}

#[test]
fn one_organisations_further_certificates_make_no_quorum() {
    let net = Net::new();
    let four: Vec<Identity> = (0..4).map(|_| net.orderer()).collect();
    let ordering = ordering(&net, &four.iter().collect::<Vec<_>>());
    let others: Vec<Identity> = (0..3).map(|_| net.orderer()).collect();
    let forged: Vec<Mark<'_>> = others.iter().map(Mark::By).collect();
    assert!(check(&ordering, NOW, &forged).is_err());
    // Nor does one consenter under two headers.
    let twice = [
        Mark::Consenter(1, &four[0]),
        Mark::By(&four[0]),
        Mark::Consenter(2, &four[1]),
    ];
    assert!(check(&ordering, NOW, &twice).is_err());
    // A consenter counts under either header.
    let quorum = [
        Mark::Consenter(1, &four[0]),
        Mark::By(&four[1]),
        Mark::Consenter(3, &four[2]),
    ];
    assert_eq!(check(&ordering, NOW, &quorum), Ok(3));
}

#[test]
fn a_signature_that_does_not_hold_is_passed_over() {
    let net = Net::new();
    let four: Vec<Identity> = (0..4).map(|_| net.orderer()).collect();
    let bft = ordering(&net, &four.iter().collect::<Vec<_>>());
    let good = |i: usize| Mark::Consenter(i as u32 + 1, &four[i]);
    let stranger = &net.org("HospitalA").peer;
    let marks = [
        Mark::Junk,
        good(0),
        Mark::Consenter(9, &four[0]),
        good(1),
        Mark::By(stranger),
        Mark::Consenter(4, &four[0]),
        good(2),
    ];
    assert_eq!(check(&bft, NOW, &marks), Ok(3));
    let raft = ordering(&net, &[]);
    assert_eq!(check(&raft, NOW, &[Mark::Junk, Mark::By(&four[0])]), Ok(1));
    assert!(check(&raft, NOW, &[Mark::Junk, Mark::By(stranger)]).is_err());
}

#[test]
fn a_certificate_is_judged_at_the_blocks_time() {
    let net = Net::new();
    let raft = ordering(&net, &[]);
    let until = NOW / 1000 + 60;
    let short = net.issue(
        &net.ordering,
        Role::Orderer,
        Validity {
            not_before_s: NOW / 1000,
            not_after_s: until,
        },
    );
    assert_eq!(
        check(&raft, 0, &[Mark::By(&short)]),
        Ok(1),
        "before anything attests a moment"
    );
    assert_eq!(check(&raft, until * 1000, &[Mark::By(&short)]), Ok(1));
    assert!(check(&raft, until * 1000 + 1000, &[Mark::By(&short)]).is_err());
}

#[test]
fn a_configuration_counts_only_where_it_is_valid() {
    let net = Net::new();
    let config = net.configuration(&[&net.ordering], &[]);
    let carries = |number, code| {
        let bytes = block(number, &[], &[(config.clone(), code)], &[]);
        WholeBlock::read(&bytes)
            .unwrap()
            .configuration()
            .unwrap()
            .is_some()
    };
    assert!(carries(3, 0) && carries(0, 254));
    assert!(!carries(3, 6));
}

#[test]
fn an_orderers_organisation_may_have_several_authorities() {
    let (old, new) = (Ca::root("ca", &plain), Ca::root("ca", &plain));
    let (one, gone) = (new.below("one", &plain), new.client());
    let pem = |ca: &Ca| ca.certificate().to_pem().into_bytes();
    let config = FabricMspConfig {
        name: "Orderers".to_owned(),
        root_certs: vec![pem(&old), pem(&new)],
        intermediate_certs: vec![pem(&one)],
        revocation_list: vec![new.revoke(&[&gone.certificate], 0).to_pem().into_bytes()],
        node_ous: None,
    };
    assert_eq!(
        authorities(config.clone()).unwrap().authorities().count(),
        3
    );
    assert!(
        authorities(FabricMspConfig {
            root_certs: vec![pem(&old)],
            revocation_list: vec![],
            ..config.clone()
        })
        .is_err()
    );
    assert!(
        authorities(FabricMspConfig {
            root_certs: vec![],
            ..config.clone()
        })
        .is_err()
    );
    assert!(
        authorities(FabricMspConfig {
            root_certs: vec![vec![0xff]],
            ..config
        })
        .is_err()
    );
}

//! Who ordered the blocks, and whether peers hold the same ones.

use super::*;

#[test]
fn an_ordering_service_comes_by_valid_configurations_only() {
    let channel = |code, by_other: bool| {
        let mut channel = Channel::new();
        let other = &channel.net.org("HospitalA").authority;
        let rogue = channel
            .net
            .issue(other, Role::Orderer, Validity::years_from(NOW, 1));
        let config = channel.net.configuration(&[other], &[]);
        channel.commit(vec![(config, code)]);
        let orderer = if by_other {
            rogue
        } else {
            channel.orderer.clone()
        };
        let tick = channel.net.seal(&channel.tick(1));
        channel.commit_by(vec![(tick, VALID)], &orderer);
        channel
    };
    channel(6, false).finds(&[]);
    channel(6, true).finds(&["signatures of enough orderers"]);
    channel(VALID, true).finds(&[]);
}

#[test]
fn an_orderers_certificate_is_judged_at_its_blocks() {
    let mut channel = Channel::new();
    let first = NOW / 1000;
    let short = channel.net.issue(
        &channel.net.ordering,
        Role::Orderer,
        Validity {
            not_before_s: first,
            not_after_s: first + 3600,
        },
    );
    let tick = |c: &Channel, days| vec![(c.net.seal(&c.tick(days)), VALID)];
    let one = tick(&channel, 1);
    channel.commit_by(one, &short);
    channel.finds(&[]);
    // That block attests that the certificate has expired since.
    let two = tick(&channel, 2);
    channel.commit_by(two, &short);
    channel.finds(&["block 3: expected signatures of enough orderers"]);
}

#[test]
fn peers_that_differ_and_blocks_that_do_not_follow_are_found() {
    let mut channel = Channel::new();
    let other = block(
        2,
        &[9; 32],
        &[(channel.net.seal(&channel.tick(1)), VALID)],
        &[Mark::By(&channel.orderer)],
    );
    channel.commits(&[&channel.tick(1)]);
    channel.blocks[2][1].1 = other.clone();
    channel.finds(&["is not the same at every peer asked"]);
    channel.blocks[2][0].1 = other;
    channel.finds(&["does not follow the block before it"]);
    channel.blocks[2][1].1 = b"\xff".to_vec();
    channel.finds(&[
        "block 2 of the peer of HospitalB: expected",
        "does not follow the block before it",
    ]);
}

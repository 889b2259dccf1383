use super::*;

type Places = Vec<(char, Place<char>)>;

/// A crowd of so many, with these members in this order; those in capitals have a stream.
fn crowd(most: usize, members: &str) -> (Arc<Crowd<char>>, Places, Vec<OpenStream>) {
    let crowd = Crowd::new(most);
    let (mut places, mut streams) = (Vec::new(), Vec::new());
    for name in members.chars() {
        let (place, left) = crowd.enter(name.to_ascii_lowercase()).unwrap();
        assert!(!left);
        if name.is_uppercase() {
            streams.push(place.streams.open());
        }
        places.push((name, place));
    }
    (crowd, places, streams)
}

/// Which of them has been told to leave, by position.
fn told(places: &mut Places) -> Vec<usize> {
    let mut told = Vec::new();
    for (i, (_, place)) in places.iter_mut().enumerate() {
        if place.leave.try_recv() != Err(oneshot::error::TryRecvError::Empty) {
            told.push(i);
        }
    }
    told
}

#[test]
fn the_largest_group_makes_room_its_oldest_without_a_stream_first() {
    for (members, newcomer, leaves) in [
        // One address fills everything: its oldest leaves, whoever comes.
        ("aaaa", 'a', Some(0)),
        ("aaaa", 'b', Some(0)),
        // Somebody who came first and is alone is not the one.
        ("baaa", 'a', Some(1)),
        ("baaa", 'b', Some(1)),
        // The newcomer counts: of two groups alike, its own is the larger one.
        ("aabb", 'b', Some(2)),
        ("aabb", 'c', Some(0)),
        // Those with a stream leave last, and only for the sake of others than themselves.
        ("AAaA", 'b', Some(2)),
        ("BAAA", 'b', Some(1)),
        ("BAAA", 'a', Some(1)),
        ("AAAA", 'b', Some(0)),
        ("ABcD", 'e', Some(2)),
        ("ABCD", 'e', None),
        ("ABCD", 'd', Some(3)),
        // Two of sixteen are a share: who has no stream leaves before anybody's second.
        ("ABCDEFGHIJKLMNop", 'a', Some(14)),
        ("ABCDEFGHIJKLNoPP", 'q', Some(13)),
        ("ABCDEFGHIJKLnNop", 'q', Some(12)),
        ("ABCDEFGHIJKLMOOo", 'q', Some(15)),
        ("ABCDEFGHIJKnNOOO", 'q', Some(13)),
        ("ABCDEFGHIJKLMNOP", 'c', Some(2)),
        ("ABCDEFGHIJKLMNOP", 'q', None),
    ] {
        let most = members.len();
        let (crowd, mut places, _streams) = crowd(most, members);
        let entered = crowd.enter(newcomer);
        assert_eq!(entered.is_some(), leaves.is_some(), "{members} {newcomer}");
        assert_eq!(
            told(&mut places),
            Vec::from_iter(leaves),
            "{members} {newcomer}"
        );
        assert_eq!(crowd.members().by_age.len(), most);
    }
}

#[test]
fn a_place_that_is_given_back_is_free_and_one_that_was_taken_away_frees_nothing_twice() {
    let (crowd, mut places, _) = crowd(2, "aa");
    let (_newer, left) = crowd.enter('a').unwrap();
    assert!(left);
    assert_eq!(told(&mut places), [0]);
    drop(places.remove(0));
    assert_eq!(crowd.members().by_age.len(), 2);
    drop(places);
    let (_again, left) = crowd.enter('a').unwrap();
    assert!(!left);
}

#[test]
fn whoever_has_no_stream_for_too_long_leaves() {
    let (crowd, mut places, mut streams) = crowd(4, "aBC");
    let (begun, longest) = (Instant::now(), Duration::from_secs(30));
    let later = |seconds| begun + Duration::from_secs(seconds);
    assert_eq!(crowd.end_idle(later(29), longest), 0);
    assert_eq!(crowd.end_idle(later(31), longest), 1);
    assert_eq!(told(&mut places), [0]);
    // `B` has none any more.
    streams.remove(0);
    assert_eq!(crowd.end_idle(later(29), longest), 0);
    assert_eq!(crowd.end_idle(later(86_400), longest), 1);
    assert_eq!(told(&mut places), [0, 1]);
}

use super::*;
use std::collections::HashSet;

#[test]
fn generators_are_distinct_points_of_the_prime_subgroup() {
    let mut all: Vec<Point> = (0..LANES).map(lane).collect();
    all.push(blind());
    all.push(Point::BASE8);
    assert!(all.iter().all(|p| p.in_subgroup() && !p.is_identity()));
    let distinct: HashSet<Point> = all.iter().copied().collect();
    assert_eq!(distinct.len(), all.len());
}

//! Support code of the workspace's journeys and invariants; the tests themselves lie in `tests/`.

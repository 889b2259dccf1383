//! Native tests of claims.

//! Tests of the statement "registration".

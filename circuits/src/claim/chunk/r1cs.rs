//! The circuit of statement "claim-chunk" (SPEC section 12).

//! The circuit of statement "claim-final" (SPEC section 12).

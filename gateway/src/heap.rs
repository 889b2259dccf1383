//! The memory of the `medveil` program.
//!
//! Rows, keys and passphrases pass through texts, lists and maps of many libraries. So whatever the
//! program frees, or moves because it grows, is overwritten: no type can be forgotten.

use std::alloc::System;
use zeroizing_alloc::ZeroAlloc;

#[global_allocator]
static HEAP: ZeroAlloc<System> = ZeroAlloc(System);

//! The processor's hint that memory is about to be read.
#![allow(unsafe_code)]

/// Says that these bytes are about to be read, as far as a line of the cache goes.
#[inline(always)]
pub(super) fn soon(bytes: &[u8]) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: every processor of this kind has the instruction. It is a hint: whatever the address,
        // nothing is read.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(bytes.as_ptr().cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = bytes;
}

//! A library that is loaded beside a program (`LD_PRELOAD`) and puts its clock off: what it is told of
//! the time of day is `MEDVEIL_CLOCK_OFF` seconds later, or earlier where that is below zero. Time
//! that only runs, by which programs wait, is as it was.
#![allow(unsafe_code)]

use libc::{c_int, clockid_t, timespec};
use std::ffi::CStr;
use std::sync::OnceLock;

/// **Units**: seconds.
fn off() -> i64 {
    static OFF: OnceLock<i64> = OnceLock::new();
    *OFF.get_or_init(|| {
        // SAFETY: the name ends with a zero, and the value is copied at once.
        let value = unsafe { libc::getenv(c"MEDVEIL_CLOCK_OFF".as_ptr()) };
        // SAFETY: a value of the environment ends with a zero.
        let text = (!value.is_null()).then(|| unsafe { CStr::from_ptr(value) }.to_string_lossy());
        text.and_then(|text| text.parse().ok()).unwrap_or_default()
    })
}

/// # Safety
/// As of the C library's own: `time` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn clock_gettime(clock: clockid_t, time: *mut timespec) -> c_int {
    // The system is asked itself: the C library's name is this function's by now.
    // SAFETY: the caller's promise.
    let answer = unsafe { libc::syscall(libc::SYS_clock_gettime, clock, time) };
    let is_of_day = clock == libc::CLOCK_REALTIME || clock == libc::CLOCK_REALTIME_COARSE;
    if answer == 0 && is_of_day {
        // SAFETY: the system has just written there.
        unsafe { (*time).tv_sec += off() };
    }
    c_int::try_from(answer).unwrap_or(-1)
}

//! A library that is loaded beside a program (`LD_PRELOAD`) and ends its process, as `kill -9` would,
//! just before the n-th call that changes a file or sends something. Every second write is torn: half
//! of it is done first.
//!
//! `MEDVEIL_CRASH_AT` is n; without it nothing is ended. `MEDVEIL_CRASH_COUNT` names a file that gets
//! the number of such calls when the process ends by itself, so that a test knows what n may be.
//! Calls that go around the C library, such as some renames, are not counted: the points before and
//! after them are.
#![allow(unsafe_code)]

use libc::{
    c_char, c_int, c_uint, c_void, mode_t, msghdr, off_t, size_t, sockaddr, socklen_t, ssize_t,
};
use std::ffi::CStr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// Calls so far.
static CALLS: AtomicU64 = AtomicU64::new(0);
static AT: OnceLock<Option<u64>> = OnceLock::new();

fn variable(name: &CStr) -> Option<String> {
    // SAFETY: the name ends with a zero, and the value is copied at once.
    let value = unsafe { libc::getenv(name.as_ptr()) };
    // SAFETY: a value of the environment ends with a zero.
    (!value.is_null()).then(|| {
        unsafe { CStr::from_ptr(value) }
            .to_string_lossy()
            .into_owned()
    })
}

extern "C" fn tell() {
    if let Some(path) = variable(c"MEDVEIL_CRASH_COUNT") {
        let calls = CALLS.load(Ordering::SeqCst);
        let _ = std::fs::write(path, calls.to_string());
    }
}

/// The number of the call at which the process ends.
fn at() -> Option<u64> {
    *AT.get_or_init(|| {
        // SAFETY: a function without arguments, which stays as long as the process.
        unsafe { libc::atexit(tell) };
        variable(c"MEDVEIL_CRASH_AT").and_then(|n| n.parse().ok())
    })
}

/// Whether the process ends at this call, and the call's number.
fn is_last() -> (bool, u64) {
    let at = at();
    let number = CALLS.fetch_add(1, Ordering::SeqCst) + 1;
    (at == Some(number), number)
}

fn end() -> ! {
    // SAFETY: signals this very process.
    unsafe { libc::kill(libc::getpid(), libc::SIGKILL) };
    loop {
        std::hint::spin_loop();
    }
}

/// Counts a call that does nothing by halves.
fn count() {
    if is_last().0 {
        end();
    }
}

/// Whether a descriptor is a plain file or a socket: what else is written to stays in the process, or
/// is the terminal.
fn counts(descriptor: c_int) -> bool {
    // SAFETY: a structure of plain numbers, for which all zeros is a value.
    let mut about: libc::stat = unsafe { std::mem::zeroed() };
    // SAFETY: the structure is of the type that the call fills.
    let found = unsafe { libc::fstat(descriptor, &mut about) } == 0;
    let kind = about.st_mode & libc::S_IFMT;
    found && (kind == libc::S_IFREG || kind == libc::S_IFSOCK)
}

/// The C library's own function of a name.
macro_rules! next {
    ($name:literal, $type:ty) => {{
        static NEXT: OnceLock<usize> = OnceLock::new();
        // SAFETY: the name ends with a zero; the C library has a function of that name and type.
        let address =
            *NEXT.get_or_init(|| unsafe { libc::dlsym(libc::RTLD_NEXT, $name.as_ptr()) as usize });
        // SAFETY: as above.
        unsafe { std::mem::transmute::<usize, $type>(address) }
    }};
}

/// Passes a call on, counted where it changes something.
macro_rules! counted {
    ($(fn $name:ident($($arg:ident: $type:ty),*) -> $result:ty, $symbol:literal, if $when:expr;)*) => {$(
        /// # Safety
        ///
        /// As the C library's function of this name.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name($($arg: $type),*) -> $result {
            if $when {
                count();
            }
            let next = next!($symbol, unsafe extern "C" fn($($type),*) -> $result);
            // SAFETY: the caller's arguments, unchanged.
            unsafe { next($($arg),*) }
        }
    )*};
}

counted! {
    fn rename(from: *const c_char, to: *const c_char) -> c_int, c"rename", if true;
    fn link(from: *const c_char, to: *const c_char) -> c_int, c"link", if true;
    fn linkat(a: c_int, from: *const c_char, b: c_int, to: *const c_char, flags: c_int) -> c_int, c"linkat", if true;
    fn unlink(path: *const c_char) -> c_int, c"unlink", if true;
    fn unlinkat(folder: c_int, path: *const c_char, flags: c_int) -> c_int, c"unlinkat", if true;
    fn mkdir(path: *const c_char, mode: mode_t) -> c_int, c"mkdir", if true;
    fn fsync(file: c_int) -> c_int, c"fsync", if true;
    fn fdatasync(file: c_int) -> c_int, c"fdatasync", if true;
    fn ftruncate64(file: c_int, length: off_t) -> c_int, c"ftruncate64", if true;
    fn fchmod(file: c_int, mode: mode_t) -> c_int, c"fchmod", if true;
    fn send(socket: c_int, bytes: *const c_void, length: size_t, flags: c_int) -> ssize_t, c"send", if true;
    fn sendto(socket: c_int, bytes: *const c_void, length: size_t, flags: c_int, to: *const sockaddr, size: socklen_t) -> ssize_t, c"sendto", if true;
    fn sendmsg(socket: c_int, message: *const msghdr, flags: c_int) -> ssize_t, c"sendmsg", if true;
    fn renameat2(a: c_int, from: *const c_char, b: c_int, to: *const c_char, flags: c_uint) -> c_int, c"renameat2", if true;
    fn writev(file: c_int, parts: *const libc::iovec, n: c_int) -> ssize_t, c"writev", if counts(file);
}

/// # Safety
///
/// As the C library's function of this name.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn write(file: c_int, bytes: *const c_void, length: size_t) -> ssize_t {
    let next = next!(
        c"write",
        unsafe extern "C" fn(c_int, *const c_void, size_t) -> ssize_t
    );
    if counts(file) {
        let (is_last, number) = is_last();
        if is_last {
            if number % 2 == 0 {
                // SAFETY: a part of the caller's own bytes.
                unsafe { next(file, bytes, length / 2) };
            }
            end();
        }
    }
    // SAFETY: the caller's arguments, unchanged.
    unsafe { next(file, bytes, length) }
}

/// # Safety
///
/// As the C library's function of this name.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pwrite64(
    file: c_int,
    bytes: *const c_void,
    length: size_t,
    at: off_t,
) -> ssize_t {
    let next = next!(
        c"pwrite64",
        unsafe extern "C" fn(c_int, *const c_void, size_t, off_t) -> ssize_t
    );
    let (is_last, number) = is_last();
    if is_last {
        if number % 2 == 0 {
            // SAFETY: a part of the caller's own bytes.
            unsafe { next(file, bytes, length / 2, at) };
        }
        end();
    }
    // SAFETY: the caller's arguments, unchanged.
    unsafe { next(file, bytes, length, at) }
}

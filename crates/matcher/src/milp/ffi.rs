//! The only file with `unsafe`: callbacks of HiGHS, which its binding does not offer.
//!
//! In: a model and a [`Watch`]. Out: the solved model. Must not know what is solved.
//! Rejected: a C shim (a second language for forty lines), and the version of HiGHS as a
//! constant (it would lie after an update).
#![allow(unsafe_code)]

use std::any::Any;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use highs::{HighsStatus, Model, SolvedModel};

/// Whom to ask and whom to tell while HiGHS works.
pub(super) struct Watch<'a> {
    /// Asked now and then; true ends the solve.
    pub stop: &'a (dyn Fn() -> bool + Sync),
    /// Told each better point, in the columns of the model.
    pub incumbent: &'a mut dyn FnMut(&[f64]),
}

/// What the callback reads and writes.
struct State<'a, 'b> {
    watch: &'a mut Watch<'b>,
    columns: usize,
    panic: Option<Box<dyn Any + Send>>,
}

const KINDS: [c_int; 3] = [
    highs_sys::kHighsCallbackMipImprovingSolution,
    highs_sys::kHighsCallbackMipInterrupt,
    highs_sys::kHighsCallbackSimplexInterrupt,
];

/// Runs HiGHS on a model of so many columns. A panic of the watch goes on here.
pub(super) fn solve(
    mut model: Model,
    columns: usize,
    watch: &mut Watch<'_>,
) -> Result<SolvedModel, HighsStatus> {
    let mut state = State { watch, columns, panic: None };
    let data: *mut State<'_, '_> = &raw mut state;
    let highs = model.as_mut_ptr();
    // SAFETY: `highs` is a live instance owned by `model`. `data` points to `state`, which
    // outlives the run below and is not touched by us until the callbacks are stopped.
    let ready = unsafe {
        highs_sys::Highs_setCallback(highs, Some(on_callback), data.cast::<c_void>())
            != highs_sys::STATUS_ERROR
            && KINDS
                .iter()
                .all(|&kind| highs_sys::Highs_startCallback(highs, kind) != highs_sys::STATUS_ERROR)
    };
    if !ready {
        return Err(HighsStatus::Error);
    }
    let solved = model.try_solve();
    let solved = solved.map(|mut solved| {
        for kind in KINDS {
            // SAFETY: the instance is live. From here on it holds a pointer to `state`
            // that it never follows, and no run comes after.
            unsafe { highs_sys::Highs_stopCallback(solved.as_mut_ptr(), kind) };
        }
        solved
    });
    if let Some(panic) = state.panic {
        resume_unwind(panic);
    }
    solved
}

/// Called by HiGHS on the thread of the run (it has one thread).
unsafe extern "C" fn on_callback(
    kind: c_int,
    _message: *const c_char,
    out: *const highs_sys::HighsCallbackDataOut,
    input: *mut highs_sys::HighsCallbackDataIn,
    data: *mut c_void,
) {
    // SAFETY: `data` is the pointer given in `solve`, whose state lives and is used by
    // nobody else during the run.
    let Some(state) = (unsafe { data.cast::<State<'_, '_>>().as_mut() }) else { return };
    let State { watch, columns, panic } = state;
    // Unwinding through C++ is undefined, so a panic waits until the run is over.
    let work = AssertUnwindSafe(|| {
        if kind == highs_sys::kHighsCallbackMipImprovingSolution {
            // SAFETY: HiGHS hands over a valid record for the time of the call.
            if let Some(out) = unsafe { out.as_ref() }
                && !out.mip_solution.is_null()
                && usize::try_from(out.mip_solution_size) == Ok(*columns)
            {
                // SAFETY: the point has as many values as the record says.
                let point = unsafe { std::slice::from_raw_parts(out.mip_solution, *columns) };
                (watch.incumbent)(point);
            }
            false
        } else {
            (watch.stop)()
        }
    });
    let end = panic.is_some()
        || catch_unwind(work).unwrap_or_else(|caught| {
            *panic = Some(caught);
            true
        });
    // Setting the flag in an informative callback would trip an assertion of HiGHS.
    if end && kind != highs_sys::kHighsCallbackMipImprovingSolution {
        // SAFETY: as above; HiGHS reads the flag after the call.
        if let Some(input) = unsafe { input.as_mut() } {
            input.user_interrupt = 1;
        }
    }
}

/// Branch-and-bound nodes; a 64-bit value that the binding cannot read.
pub(super) fn nodes(solved: &SolvedModel) -> u64 {
    let mut count = 0i64;
    // SAFETY: a live instance, a name that ends in zero, a place for the value.
    let status = unsafe {
        highs_sys::Highs_getInt64InfoValue(
            solved.as_ptr(),
            c"mip_node_count".as_ptr(),
            &raw mut count,
        )
    };
    if status == highs_sys::STATUS_ERROR { 0 } else { u64::try_from(count).unwrap_or(0) }
}

/// Version of HiGHS as it was linked.
pub(super) fn version() -> String {
    // SAFETY: HiGHS returns a constant string that ends in zero.
    let text = unsafe { CStr::from_ptr(highs_sys::Highs_version()) };
    text.to_string_lossy().into_owned()
}

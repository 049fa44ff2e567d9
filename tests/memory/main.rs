//! Large allocations: none for each frame once a source runs. A binary of its own, because it counts every allocation.
#![cfg(feature = "inference")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use livedance::capture::{self, SourceSpec};
use livedance::motion::filter::SmoothingParams;
use livedance::pipeline::PipelineOptions;
use livedance::pipeline::offline::OfflineTracker;
use livedance::settings::HandsMode;

/// Allocations of this many bytes count: a tenth of the demo's picture.
const LARGE: usize = 640 * 480 * 3 / 10;

static LARGE_ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);

struct Counting;

fn count(size: usize) {
    if size >= LARGE {
        LARGE_ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
    }
}

#[expect(unsafe_code, reason = "an allocator can only be wrapped so; each call goes to the system's unchanged")]
// SAFETY: every call is the system allocator's own, with the same arguments.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size);
        unsafe { System.realloc(pointer, layout, size) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[test]
fn no_frame_allocates_a_picture() {
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo/demo.mp4");
    // Full size, and scaled down: both with hands.
    for short_side in [0, 256] {
        let mut source = capture::open(&SourceSpec::Path(demo.clone())).unwrap();
        let options = PipelineOptions { short_side, people: 2, hands: HandsMode::On, ..PipelineOptions::default() };
        let mut tracker = OfflineTracker::open(options, SmoothingParams::Ema { alpha: 0.7 }, None).unwrap();
        let mut before = 0;
        for index in 0..120 {
            if index == 20 {
                before = LARGE_ALLOCATIONS.load(Ordering::Relaxed);
            }
            let frame = source.next_frame().unwrap().unwrap();
            drop(tracker.push(frame).unwrap());
        }
        let allocated = LARGE_ALLOCATIONS.load(Ordering::Relaxed) - before;
        assert!(before > 0, "nothing was counted");
        assert_eq!(allocated, 0, "in 100 frames at short side {short_side}");
    }
}

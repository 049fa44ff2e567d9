use livedance::motion::fit::{SkeletonFit, View};
use livedance::pipeline::PipelineOptions;

use crate::support::{packaged, track_file};

#[test]
fn dump() {
    let frames = track_file(&packaged("assets/demo/demo.mp4"), PipelineOptions::default());
    let mut out = String::new();
    let mut fit = SkeletonFit::new();
    let fov: f32 = std::env::var("FOV").ok().and_then(|v| v.parse().ok()).unwrap_or(40.0);
    if let Ok(h) = std::env::var("HEIGHT") {
        fit.set_height(h.parse().ok());
    }
    let mut times = Vec::new();
    for frame in &frames {
        let view = View { width: 640, height: 480, field_of_view: fov };
        let began = std::time::Instant::now();
        let fitted = fit.fit(frame.time_s, &frame.people[0], view).unwrap();
        times.push(began.elapsed().as_secs_f64() * 1e6);
        let points: Vec<[f32; 3]> = fitted.world.iter().map(|l| l.position.to_array()).collect();
        out +=
            &format!("{{\"w\":{points:?},\"hips\":{:?},\"l\":{:?}}}\n", fitted.hips.to_array(), fit.lengths().main());
    }
    times.sort_by(f64::total_cmp);
    println!("median {:.0} p95 {:.0} us", times[150], times[285]);
    std::fs::write("/tmp/fit.jsonl", out).unwrap();
}

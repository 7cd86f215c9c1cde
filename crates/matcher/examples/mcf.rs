//! Solves a DIMACS minimum-cost-flow file and prints one line of JSON.
//!
//! `cargo run --release --example mcf -- FILE.dimacs [repetitions]`; times are wall seconds, of
//! the fastest repetition. A comment `objective(max) = N - mincost` adds the field `maximum`.

use concentric_matcher::flow::{Simplex, Status, dimacs::read_min};
use std::time::Instant;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments
        .next()
        .ok_or("usage: mcf FILE.dimacs [repetitions]")?;
    let repetitions: u32 = arguments.next().map_or(Ok(1), |text| text.parse())?;
    let bytes = std::fs::read(path)?;
    let start = Instant::now();
    let problem = read_min(&bytes)?;
    let load_s = start.elapsed().as_secs_f64();
    let (nodes, arcs) = (problem.nodes(), problem.arcs());
    let mut best = f64::INFINITY;
    let mut last = None;
    for _ in 0..repetitions.max(1) {
        let problem = problem.clone();
        let start = Instant::now();
        let mut simplex = Simplex::new(problem)?;
        let status = simplex.solve(&mut |_| false);
        best = best.min(start.elapsed().as_secs_f64());
        last = Some((status, simplex));
    }
    let (status, simplex) = last.ok_or("nothing solved")?;
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(4096)]).into_owned();
    let maximum = head
        .split_once("objective(max) = ")
        .and_then(|(_, rest)| rest.split_once(' '))
        .and_then(|(number, _)| number.parse::<i128>().ok())
        .map_or(String::new(), |base| {
            format!("\"maximum\":{},", base - simplex.objective())
        });
    if status == Status::Optimal && simplex.dual_bound() != Some(simplex.objective()) {
        return Err("primal and dual objective differ".into());
    }
    println!(
        "{{\"objective\":{},{maximum}\"status\":\"{status:?}\",\"nodes\":{nodes},\"arcs\":{arcs},\
         \"load_s\":{load_s:.4},\"solve_s\":{best:.4},\"pivots\":{},\"work\":{}}}",
        simplex.objective(),
        simplex.pivots(),
        simplex.work()
    );
    Ok(())
}

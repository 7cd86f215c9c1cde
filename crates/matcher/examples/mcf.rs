//! Solves a DIMACS minimum-cost-flow file and prints one line of JSON.
//!
//! `cargo run --release --example mcf -- FILE.dimacs [repetitions] [reuse]`; times are wall seconds, of
//! the fastest repetition. A comment `objective(max) = N - mincost` adds the field `maximum`.
//! With `reuse`, a second line times two uses of the basis: a what-if (the largest flow is halved by an upper
//! bound) and three further lexicographic levels of small costs.

use concentric_matcher::flow::{Simplex, Status, dimacs::read_min};
use std::io::Write;
use std::time::Instant;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("usage: mcf FILE.dimacs [repetitions] [reuse]")?;
    let repetitions: u32 = arguments.next().map_or(Ok(1), |text| text.parse())?;
    let more = arguments.next().is_some_and(|word| word == "reuse");
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
    let (status, mut simplex) = last.ok_or("nothing solved")?;
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(4096)]).into_owned();
    let maximum = head
        .split_once("objective(max) = ")
        .and_then(|(_, rest)| rest.split_once(' '))
        .and_then(|(number, _)| number.parse::<i128>().ok())
        .map_or(String::new(), |base| format!("\"maximum\":{},", base - simplex.objective()));
    if status == Status::Optimal && simplex.dual_bound() != Some(simplex.objective()) {
        return Err("primal and dual objective differ".into());
    }
    writeln!(
        std::io::stdout(),
        "{{\"objective\":{},{maximum}\"status\":\"{status:?}\",\"nodes\":{nodes},\"arcs\":{arcs},\
         \"load_s\":{load_s:.4},\"solve_s\":{best:.4},\"pivots\":{},\"work\":{}}}",
        simplex.objective(),
        simplex.pivots(),
        simplex.work()
    )?;
    if more { reuse(&mut simplex) } else { Ok(()) }
}

/// Times a what-if and three lexicographic levels on the solved problem.
fn reuse(simplex: &mut Simplex) -> Result<(), Box<dyn std::error::Error>> {
    let before = simplex.pivots();
    let arcs = simplex.problem().arcs();
    let busiest = (0..arcs).max_by_key(|&arc| simplex.flow(arc)).ok_or("no arcs")?;
    let (lower, flow) = (simplex.problem().lower[busiest], simplex.flow(busiest));
    let start = Instant::now();
    simplex.set_bounds(busiest, lower, lower.max(flow / 2))?;
    let status = simplex.solve(&mut |_| false);
    let what_if_s = start.elapsed().as_secs_f64();
    let what_if_pivots = simplex.pivots() - before;
    let mut levels = Vec::new();
    for level in 1..4u64 {
        let open = simplex.fix_face();
        // Small costs without a pattern, so that the face is large and falls apart slowly.
        simplex.set_costs(|arc| ((arc as u64 * level).wrapping_mul(0x9E37_79B9) >> 20 & 7) as i64);
        let (start, before) = (Instant::now(), simplex.pivots());
        simplex.solve(&mut |_| false);
        levels.push((start.elapsed().as_secs_f64(), open, simplex.pivots() - before));
    }
    writeln!(
        std::io::stdout(),
        "{{\"what_if\":\"{status:?}\",\"what_if_s\":{what_if_s:.4},\
         \"what_if_pivots\":{what_if_pivots},\"levels\":\"{levels:?}\"}}"
    )?;
    Ok(())
}

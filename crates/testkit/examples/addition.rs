//! Adds a plan up from its assignments, by code that shares nothing with the engine but
//! the record types: every row of the ledger, and what each level is worth.
//!
//! In: `LEDGER PLAN`, two files. Out: the levels, or the first rule that is broken.
//! Must not know certificates: it judges whoever's plan by addition alone.
//!
//! `cargo run --release -p concentric-testkit --example addition -- LEDGER PLAN`

use concentric_matcher::io;
use concentric_testkit::brute;
use serde_json::Value;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let files: Vec<String> = std::env::args().skip(1).collect();
    let [ledger, plan] = &files[..] else {
        return Err("LEDGER PLAN".into());
    };
    let ledger =
        io::read_ledger(&std::fs::read(ledger)?).map_err(|issues| format!("{issues:?}"))?;
    let plan: Value = serde_json::from_slice(&std::fs::read(plan)?)?;
    let mut triples = Vec::new();
    for row in plan["assignments"].as_array().ok_or("no assignments")? {
        let word = |key: &str| row[key].as_str().map(str::to_owned).ok_or("an id is missing");
        let quantity = row["quantity"].as_i64().ok_or("a quantity is missing")?;
        triples.push((word("offer")?, word("need")?, quantity));
    }
    let levels = brute::evaluate(&ledger, &triples)?;
    for (k, level) in levels.iter().enumerate() {
        println!("{} {level:?}", plan["levels"][k]["goal"].as_str().unwrap_or("level"));
    }
    println!("{} assignments obey every rule", triples.len());
    Ok(())
}

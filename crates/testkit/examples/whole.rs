//! Prints the ledger of a seed, for a closer look at a case that a test names.
//!
//! `cargo run --release -p concentric-testkit --example whole -- 42 > ledger.json`

fn main() {
    let seed = std::env::args().nth(1).and_then(|word| word.parse().ok()).unwrap_or(0);
    let ledger = concentric_testkit::random::whole(seed);
    match serde_json::to_string_pretty(&ledger) {
        Ok(text) => println!("{text}"),
        Err(error) => eprintln!("{error}"),
    }
    match concentric_testkit::brute::solve(&ledger) {
        Ok(oracle) => eprintln!("{:?} {:?} {:?}", oracle.names, oracle.levels, oracle.plan),
        Err(error) => eprintln!("{error}"),
    }
}

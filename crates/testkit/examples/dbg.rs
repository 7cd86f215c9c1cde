//! debug
use concentric_matcher::*;
fn main() {
    let seed: u64 = std::env::args().nth(1).unwrap().parse().unwrap();
    let p = if std::env::args().nth(2).is_some() { concentric_testkit::random::Profile::with_fair() } else { Default::default() };
    let l = concentric_testkit::random::ledger(seed, &p);
    println!("{}", serde_json::to_string(&l.goals).unwrap());
    println!("offers {:?}", l.offers.iter().map(|o| (&o.id,&o.unit,o.quantity)).collect::<Vec<_>>());
    println!("needs {:?}", l.needs.iter().map(|o| (&o.id,&o.place,o.quantity)).collect::<Vec<_>>());
    println!("limits {:?}", l.limits);
    println!("pairs {:?}", l.pairs);
    let o = concentric_testkit::brute::solve(&l).unwrap();
    println!("{o:?}");
    let v = validate::validate(l).unwrap();
    match Engine::default().match_valid(&v, &Control::default()) { Ok(p) => { println!("{:?}", p.levels); println!("{:?}", p.assignments.iter().map(|a| (&a.offer,&a.need,a.quantity)).collect::<Vec<_>>()) }, Err(e) => println!("{e}") }
}

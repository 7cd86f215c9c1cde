use concentric_matcher::*;
fn main() {
    let path = std::env::args().nth(1).unwrap();
    let text = std::fs::read(&path).unwrap();
    let t=std::time::Instant::now();
    let mut ledger = io::read_ledger(&text).unwrap();
    if let Some(s) = std::env::args().nth(2) { ledger = scenario::apply(&ledger, &s).unwrap(); }
    let valid = validate::validate(ledger).unwrap();
    println!("valid {:?}", t.elapsed());
    let c = Engine::default().classify(&valid).unwrap();
    println!("arcs {} comps {} largest {} features {} none {}", c.arcs, c.components.len(), c.components.iter().map(|c| c.arcs).max().unwrap_or(0), c.features.len(), c.needs_without_offers);
    println!("classify {:?}", t.elapsed());
    match Engine::default().match_valid(&valid, &Control::default()) {
        Ok(plan) => {
            println!("match {:?}", t.elapsed());
            for l in &plan.levels { println!("{} {} bound {:?} of {:?} {:?}", l.goal, l.value.0 as f64 / l.scale as f64, l.bound.map(|b| b.0), l.of.map(|b| b.0 as f64 / l.scale as f64), l.proof); }
            println!("{:?} {}", plan.termination, plan.conflict.join(","));
            let mut codes = std::collections::BTreeMap::new();
            for o in &plan.outcomes { for r in &o.reasons { *codes.entry(format!("{:?}", r.code)).or_insert(0) += 1; } }
            println!("{codes:?}");
            let j = serde_json::to_string(&plan).unwrap();
            println!("json {} bytes {:?}", j.len(), t.elapsed());
            let back: Plan = serde_json::from_str(&j).unwrap();
            println!("verify {:?}", Engine::default().verify(&valid, &back).unwrap().map(|v| v.reason));
            println!("verified {:?}", t.elapsed());
        }
        Err(e) => { let s = e.to_string(); println!("{}", &s[..s.len().min(1500)]); }
    }
}

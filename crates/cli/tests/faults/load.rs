//! A client that writes, remembers what was acknowledged, and asks again what was not.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use concentric_proto::v1;
use concentric_testkit::rng::Rng;
use tonic::Status;

use crate::clients::{Clients, ended, message, options, reason};
use crate::support::example;

/// Ledgers of the jobs: two networks, and one that needs integers and gets a second.
pub const KINDS: [&str; 3] = ["first.json", "luotang.json", "yixin.json"];
/// The first of them have one plan each, whoever makes it.
pub const NETWORKS: usize = 2;

/// One change that is asked for.
#[derive(Clone)]
enum Wish {
    Create(v1::CreateLedgerRequest),
    Update(v1::UpdateLedgerRequest),
    Job(usize, v1::CreateMatchJobRequest),
    Publish(String),
}

/// A client and its memory.
pub struct Client {
    number: usize,
    rng: Rng,
    count: usize,
    /// Versions of each ledger, by name, as they were sent; and the newest etag.
    pub ledgers: BTreeMap<String, (Vec<v1::Ledger>, String)>,
    /// Kind by name of the job.
    pub jobs: BTreeMap<String, usize>,
    pub published: BTreeSet<String>,
    requests: Vec<(v1::CreateMatchJobRequest, String)>,
    /// What was asked when the server died: done or not, nobody knows.
    doubt: Option<Wish>,
    /// How many answers came, and how many questions were asked again.
    pub acknowledged: usize,
    pub again: usize,
}

impl Client {
    pub fn new(number: usize, seed: u64) -> Client {
        Client {
            number,
            rng: Rng::new(seed),
            count: 0,
            ledgers: BTreeMap::new(),
            jobs: BTreeMap::new(),
            published: BTreeSet::new(),
            requests: Vec::new(),
            doubt: None,
            acknowledged: 0,
            again: 0,
        }
    }

    /// Writes until the server is gone.
    pub async fn write(mut self, mut clients: Clients) -> Client {
        loop {
            let wish = match self.doubt.take() {
                Some(wish) => Some(wish),
                None => self.choose(&mut clients).await,
            };
            let Some(wish) = wish else { return self };
            if self.ask(&mut clients, &wish).await.is_err() {
                self.doubt = Some(wish);
                self.again += 1;
                return self;
            }
            let pause = self.rng.range(0, 15) as u64;
            tokio::time::sleep(Duration::from_millis(pause)).await;
        }
    }

    /// Asks again what was in doubt.
    pub async fn settle(&mut self, clients: &mut Clients) {
        if let Some(wish) = self.doubt.take() {
            self.ask(clients, &wish).await.unwrap();
        }
    }

    /// A random version 4 UUID.
    fn request_id(&mut self) -> String {
        let mut digits = |count: usize| -> String {
            (0..count).map(|_| char::from(b"0123456789abcdef"[self.rng.below(16)])).collect()
        };
        let [a, b, c, d, e] = [digits(8), digits(4), digits(3), digits(3), digits(12)];
        format!("{a}-{b}-4{c}-8{d}-{e}")
    }

    /// The next wish; none: the server is gone.
    async fn choose(&mut self, clients: &mut Clients) -> Option<Wish> {
        self.count += 1;
        let request_id = self.request_id();
        let mut ledger = message("first.json");
        ledger.title = Some(format!("{} of {}", self.count, self.number));
        match self.rng.range(1, 100) {
            1..=20 => Some(Wish::Create(v1::CreateLedgerRequest {
                ledger_id: format!("l{}-{}", self.number, self.count),
                ledger: Some(ledger),
                request_id,
                ..Default::default()
            })),
            21..=50 if !self.ledgers.is_empty() => {
                let names: Vec<&String> = self.ledgers.keys().collect();
                let name = self.rng.pick(&names).to_string();
                Some(Wish::Update(v1::UpdateLedgerRequest {
                    etag: self.ledgers[&name].1.clone(),
                    name,
                    ledger: Some(ledger),
                    request_id,
                    ..Default::default()
                }))
            }
            51..=60 if !self.jobs.is_empty() => {
                let names: Vec<&String> = self.jobs.keys().collect();
                let name = self.rng.pick(&names).to_string();
                let job = clients.get_job(&name).await.map_err(silent).ok()?;
                if job.plan.is_empty() {
                    assert!(!ended(&job) || job.state() == v1::JobState::Failed, "{job:?}");
                    return Some(self.job(request_id));
                }
                Some(Wish::Publish(job.plan))
            }
            61..=68 if !self.requests.is_empty() => {
                // Asked long ago and answered: the answer stays.
                let (request, name) = self.rng.pick(&self.requests).clone();
                let kind = self.jobs[&name];
                Some(Wish::Job(kind, request))
            }
            _ => Some(self.job(request_id)),
        }
    }

    fn job(&mut self, request_id: String) -> Wish {
        let kind = match self.rng.range(1, 100) {
            1..=88 => 0,
            89..=97 => 1,
            _ => 2,
        };
        let request = v1::CreateMatchJobRequest {
            source: Some(v1::create_match_job_request::Source::LedgerJson(example(KINDS[kind]))),
            options: (kind >= NETWORKS).then(|| options(Duration::from_secs(1))),
            request_id,
            ..Default::default()
        };
        Wish::Job(kind, request)
    }

    /// Asks, and remembers the answer.
    async fn ask(&mut self, clients: &mut Clients, wish: &Wish) -> Result<(), ()> {
        loop {
            match self.once(clients, wish).await {
                Ok(()) => {
                    self.acknowledged += 1;
                    return Ok(());
                }
                Err(status) if matches!(reason(&status).as_str(), "STORE_UNAVAILABLE") => {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
                Err(status) => {
                    silent(status);
                    return Err(());
                }
            }
        }
    }

    async fn once(&mut self, clients: &mut Clients, wish: &Wish) -> Result<(), Status> {
        match wish {
            Wish::Create(request) => {
                let answer = clients.ledgers.create_ledger(request.clone()).await?.into_inner();
                let made = answer.ledger.unwrap();
                assert_eq!(made.version, 1);
                let sent = request.ledger.clone().unwrap();
                let before = self.ledgers.insert(made.name, (vec![sent], made.etag));
                assert!(before.is_none(), "a ledger was made twice");
            }
            Wish::Update(request) => {
                let answer = clients.ledgers.update_ledger(request.clone()).await?.into_inner();
                let made = answer.ledger.unwrap();
                let (versions, etag) = self.ledgers.get_mut(&made.name).unwrap();
                versions.push(request.ledger.clone().unwrap());
                assert_eq!(made.version, versions.len() as i64, "a version was lost or doubled");
                *etag = made.etag;
            }
            Wish::Job(kind, request) => {
                let answer = clients.jobs.create_match_job(request.clone()).await?.into_inner();
                let name = answer.job.unwrap().name;
                self.jobs.insert(name.clone(), *kind);
                let before = self.requests.iter().find(|(r, _)| r.request_id == request.request_id);
                match before {
                    Some((_, before)) => assert_eq!(*before, name, "one request made two jobs"),
                    None => self.requests.push((request.clone(), name)),
                }
            }
            Wish::Publish(name) => {
                let request = v1::PublishPlanRequest { name: name.clone(), ..Default::default() };
                let answer = clients.plans.publish_plan(request).await?.into_inner();
                assert_eq!(answer.plan.unwrap().state(), v1::PlanState::Published);
                self.published.insert(name.clone());
            }
        }
        Ok(())
    }
}

/// Holds that a failure is one of the line, not a word of the server.
fn silent(status: Status) {
    assert_eq!(reason(&status), "", "{status:?}");
}

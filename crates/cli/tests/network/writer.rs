//! A client on a bad line: it asks until it is answered, and remembers every answer.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use concentric_proto::v1;
use concentric_testkit::rng::Rng;
use prost::Message;
use tonic::transport::Channel;
use tonic::{Code, Response, Status};

use crate::clients::{Clients, message, reason};
use crate::proxy::Line;
use crate::support::{LONG, example};

/// A change with its request id.
#[derive(Clone)]
pub enum Change {
    Create(v1::CreateLedgerRequest),
    Upload(Vec<v1::UploadLedgerRequest>),
    Update(v1::UpdateLedgerRequest),
    Delete(v1::DeleteLedgerRequest),
    Job(v1::CreateMatchJobRequest),
}

/// What an answer names: a version of a ledger, or a ledger that is gone, or a job.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Effect {
    pub name: String,
    pub version: i64,
    pub etag: String,
}

impl Effect {
    fn named(name: String) -> Effect {
        Effect { name, version: 0, etag: String::new() }
    }

    pub fn of(ledger: v1::StoredLedger) -> Effect {
        Effect { name: ledger.name, version: ledger.version, etag: ledger.etag }
    }
}

/// An effect, and whether the answer says that it is an old one.
fn told<T>(answer: Response<T>, effect: impl FnOnce(T) -> Effect) -> (Effect, bool) {
    let mark = answer.metadata().get("idempotent-replay").map(|mark| mark.to_str().unwrap());
    assert!(matches!(mark, None | Some("true")), "{mark:?}");
    let replay = mark.is_some();
    (effect(answer.into_inner()), replay)
}

impl Change {
    pub async fn ask(&self, to: &mut Clients) -> Result<(Effect, bool), Status> {
        Ok(match self {
            Change::Create(request) => {
                let answer = to.ledgers.create_ledger(request.clone()).await?;
                told(answer, |answer| Effect::of(answer.ledger.unwrap()))
            }
            Change::Upload(parts) => {
                let parts = tokio_stream::iter(parts.clone());
                let answer = to.ledgers.upload_ledger(parts).await?;
                told(answer, |answer| Effect::of(answer.ledger.unwrap()))
            }
            Change::Update(request) => {
                let answer = to.ledgers.update_ledger(request.clone()).await?;
                told(answer, |answer| Effect::of(answer.ledger.unwrap()))
            }
            Change::Delete(request) => {
                let answer = to.ledgers.delete_ledger(request.clone()).await?;
                told(answer, |_| Effect::named(request.name.clone()))
            }
            Change::Job(request) => {
                let answer = to.jobs.create_match_job(request.clone()).await?;
                told(answer, |answer| Effect::named(answer.job.unwrap().name))
            }
        })
    }

    /// Asks until there is an answer; the answer, and the codes of what came before it.
    async fn settle(&self, to: &mut Caller) -> ((Effect, bool), Vec<String>) {
        let mut codes = Vec::new();
        loop {
            let asked = tokio::select! {
                asked = tokio::time::timeout(LONG, self.ask(&mut to.clients)) => asked,
                // Once in ten thousand calls the client misses the end of its connection; nobody is
                // left then who could answer.
                () = to.line.forsaken() => {
                    codes.push("no word".to_owned());
                    to.clients = at(to.line.address);
                    continue;
                }
            };
            match asked.expect("the server hears and never answers") {
                Ok(answer) => return (answer, codes),
                Err(status) => {
                    // Words of the server carry a reason; this one says that time will mend it.
                    let of_line = match reason(&status).as_str() {
                        "" => matches!(
                            status.code(),
                            Code::Unavailable | Code::Cancelled | Code::Unknown
                        ),
                        reason => reason == "OVERLOADED",
                    };
                    assert!(of_line, "{status:?}");
                    codes.push(format!("{:?}", status.code()));
                }
            }
        }
    }
}

/// Clients on a connection of their own, which is made anew when it breaks.
pub fn at(address: SocketAddr) -> Clients {
    Clients::over(Channel::from_shared(format!("http://{address}")).unwrap().connect_lazy())
}

/// Clients on a line.
struct Caller {
    line: Line,
    clients: Clients,
}

/// A client and its memory.
pub struct Writer {
    number: usize,
    rng: Rng,
    lines: [Caller; 2],
    /// The life of each ledger that is there: its changes, and the content of the newest version.
    pub ledgers: BTreeMap<String, (Vec<(Change, Effect)>, v1::Ledger)>,
    /// The whole lives of ledgers that are gone. Others may have come by their names.
    pub deleted: Vec<(Change, Effect)>,
    pub jobs: Vec<(Change, Effect)>,
    /// Answers that were old ones; changes that were asked for twice at once.
    pub replays: usize,
    pub doubled: usize,
    /// Calls that had no answer, by code.
    pub codes: BTreeMap<String, usize>,
}

impl Writer {
    pub fn new(number: usize, seed: u64, lines: [Line; 2]) -> Writer {
        let call = |line: Line| Caller { clients: at(line.address), line };
        Writer {
            number,
            rng: Rng::new(seed),
            lines: lines.map(call),
            ledgers: BTreeMap::new(),
            deleted: Vec::new(),
            jobs: Vec::new(),
            replays: 0,
            doubled: 0,
            codes: BTreeMap::new(),
        }
    }

    /// Makes so many changes.
    pub async fn write(mut self, changes: usize) -> Writer {
        for count in 0..changes {
            let (change, content) = self.choose(count);
            let [one, other] = &mut self.lines;
            let mut answers = Vec::new();
            if self.rng.chance(15) {
                self.doubled += 1;
                let (first, second) = tokio::join!(change.settle(one), change.settle(other));
                answers.extend([first, second]);
            } else {
                answers.push(change.settle(one).await);
            }
            let effect = answers[0].0.0.clone();
            for ((named, _), codes) in &answers {
                assert_eq!(*named, effect, "one request id, two effects");
                for code in codes {
                    *self.codes.entry(code.clone()).or_default() += 1;
                }
            }
            let old = answers.iter().filter(|((_, replay), _)| *replay).count();
            assert!(old + 1 >= answers.len(), "one request id was done twice");
            self.replays += old;
            self.remember(change, effect, content);
        }
        self
    }

    /// A random version 4 UUID.
    fn request_id(&mut self) -> String {
        let mut digits = |count: usize| -> String {
            (0..count).map(|_| char::from(b"0123456789abcdef"[self.rng.below(16)])).collect()
        };
        let [a, b, c, d, e] = [digits(8), digits(4), digits(3), digits(3), digits(12)];
        format!("{a}-{b}-4{c}-8{d}-{e}")
    }

    /// The next change, and the content of the ledger after it.
    fn choose(&mut self, count: usize) -> (Change, v1::Ledger) {
        let request_id = self.request_id();
        let mut content = message("first.json");
        content.title = Some(format!("{count} of {}", self.number));
        let ledger = Some(content.clone());
        let names: Vec<String> = self.ledgers.keys().cloned().collect();
        let change = match self.rng.range(1, 100) {
            1..=28 => {
                let source =
                    v1::create_match_job_request::Source::LedgerJson(example("first.json"));
                let source = Some(source);
                Change::Job(v1::CreateMatchJobRequest { source, request_id, ..Default::default() })
            }
            29..=55 if !names.is_empty() => {
                let name = self.rng.pick(&names).clone();
                let etag = self.ledgers[&name].0.last().unwrap().1.etag.clone();
                let request = v1::UpdateLedgerRequest {
                    name,
                    ledger,
                    etag,
                    request_id,
                    ..Default::default()
                };
                Change::Update(request)
            }
            56..=68 if !names.is_empty() => {
                let name = self.rng.pick(&names).clone();
                // Without an etag only the request id keeps it from being done once more.
                Change::Delete(v1::DeleteLedgerRequest { name, request_id, ..Default::default() })
            }
            kind => {
                let ledger_id = self.free_id(count);
                if kind % 3 == 0 {
                    return (upload(&ledger_id, &content, request_id), content);
                }
                let request =
                    v1::CreateLedgerRequest { ledger_id, ledger, request_id, ..Default::default() };
                Change::Create(request)
            }
        };
        (change, content)
    }

    /// An id that no ledger has; often one that a ledger had.
    fn free_id(&mut self, count: usize) -> String {
        let gone = self.deleted.iter().map(|(_, effect)| &effect.name);
        let gone: Vec<&String> = gone.filter(|name| !self.ledgers.contains_key(*name)).collect();
        if gone.is_empty() || self.rng.chance(40) {
            return format!("l{}-{count}", self.number);
        }
        self.rng.pick(&gone).rsplit('/').next().unwrap().to_owned()
    }

    fn remember(&mut self, change: Change, effect: Effect, content: v1::Ledger) {
        match change {
            Change::Job(_) => self.jobs.push((change, effect)),
            Change::Delete(_) => {
                let (life, _) = self.ledgers.remove(&effect.name).unwrap();
                self.deleted.extend(life);
                self.deleted.push((change, effect));
            }
            Change::Create(_) | Change::Upload(_) => {
                assert_eq!(effect.version, 1);
                let life = (vec![(change, effect.clone())], content);
                assert!(self.ledgers.insert(effect.name, life).is_none());
            }
            Change::Update(_) => {
                let (life, newest) = self.ledgers.get_mut(&effect.name).unwrap();
                life.push((change, effect.clone()));
                assert_eq!(effect.version, life.len() as i64, "a version was lost or doubled");
                *newest = content;
            }
        }
    }
}

/// A first version in parts.
fn upload(id: &str, ledger: &v1::Ledger, request_id: String) -> Change {
    let bytes = ledger.encode_to_vec();
    let header = v1::UploadHeader {
        name: format!("tenants/default/ledgers/{id}"),
        format: v1::UploadFormat::Protobuf.into(),
        size: bytes.len() as u64,
        sha256: concentric_server::hex::sha256(&bytes),
        request_id,
        ..Default::default()
    };
    let mut parts = vec![v1::upload_ledger_request::Part::Header(header)];
    let chunks = bytes.chunks(bytes.len() / 2 + 1);
    parts.extend(chunks.map(|chunk| v1::upload_ledger_request::Part::Chunk(chunk.to_vec())));
    let message = |part| v1::UploadLedgerRequest { part: Some(part) };
    Change::Upload(parts.into_iter().map(message).collect())
}

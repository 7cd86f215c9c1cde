//! Who may do what: roles, methods, tenants; bad tokens.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use bytes::Bytes;
use concentric_proto::v1;
use concentric_server::auth::{RULES, Role};
use concentric_server::hex;
use prost::Message;
use ring::signature::{Ed25519KeyPair, KeyPair};
use tonic::transport::Channel;
use tonic::{Code, Request, Status};

use crate::jobs::{claim, create, finish_with};
use crate::raw::Raw;
use crate::support::{Running, refused, server, small};

/// One message to a method, by path; the first answer.
async fn call(channel: &Channel, path: &str, token: &str, body: Vec<u8>) -> Result<(), Status> {
    let mut client = tonic::client::Grpc::new(channel.clone());
    client.ready().await.unwrap();
    let mut request = Request::new(tokio_stream::once(Bytes::from(body)));
    if !token.is_empty() {
        let value = format!("Bearer {token}").parse().unwrap();
        request.metadata_mut().insert("authorization", value);
    }
    request.metadata_mut().insert("grpc-timeout", "5S".parse().unwrap());
    let path = path.parse().unwrap();
    let mut stream = client.streaming(request, path, Raw).await?.into_inner();
    stream.message().await.map(drop)
}

#[allow(clippy::needless_update, reason = "some messages have one field only")]
/// For each method the least role that may call it, and a message that speaks of the tenant
/// `t` and of its ledger, job and plan of these ids.
fn rows(t: &str, [ledger, job, plan]: [&str; 3]) -> Vec<(&'static str, Role, Vec<u8>)> {
    let name = |list: &str, id: &str| format!("tenants/{t}/{list}/{id}");
    let (by_name, job, plan) = (name("ledgers", ledger), name("jobs", job), name("plans", plan));
    let (parent, ledger) = (format!("tenants/{t}"), Some(small()));
    macro_rules! row {
        ($role:ident, $path:literal, $message:ident { $($field:ident: $value:expr),* $(,)? }) => {
            (
                concat!("/concentric.v1.", $path),
                Role::$role,
                v1::$message { $($field: $value,)* ..Default::default() }.encode_to_vec(),
            )
        };
    }
    macro_rules! source {
        ($kind:ident) => {
            Some(v1::$kind::Source::LedgerName(by_name.clone()))
        };
    }
    let header = v1::UploadHeader { name: by_name.clone(), ..Default::default() };
    let part = Some(v1::upload_ledger_request::Part::Header(header));
    vec![
        row!(Planner, "MatchService/Match", MatchRequest { source: source!(match_request) }),
        row!(
            Planner,
            "MatchService/StreamMatch",
            StreamMatchRequest { source: source!(stream_match_request) }
        ),
        row!(
            Viewer,
            "MatchService/Validate",
            ValidateRequest { source: source!(validate_request) }
        ),
        row!(
            Viewer,
            "MatchService/VerifyPlan",
            VerifyPlanRequest { source: source!(verify_plan_request) }
        ),
        row!(
            Planner,
            "LedgerService/CreateLedger",
            CreateLedgerRequest {
                parent: parent.clone(),
                ledger: ledger.clone(),
                validate_only: true
            }
        ),
        row!(Viewer, "LedgerService/GetLedger", GetLedgerRequest { name: by_name.clone() }),
        row!(Viewer, "LedgerService/ListLedgers", ListLedgersRequest { parent: parent.clone() }),
        row!(
            Planner,
            "LedgerService/UpdateLedger",
            UpdateLedgerRequest {
                name: by_name.clone(),
                etag: "\"1-x\"".into(),
                ledger: ledger.clone()
            }
        ),
        row!(Admin, "LedgerService/DeleteLedger", DeleteLedgerRequest { name: by_name.clone() }),
        row!(
            Viewer,
            "LedgerService/ListLedgerVersions",
            ListLedgerVersionsRequest { parent: by_name.clone() }
        ),
        row!(Planner, "LedgerService/UploadLedger", UploadLedgerRequest { part: part }),
        row!(
            Planner,
            "JobService/CreateMatchJob",
            CreateMatchJobRequest {
                parent: parent.clone(),
                source: source!(create_match_job_request)
            }
        ),
        row!(Viewer, "JobService/GetJob", GetJobRequest { name: job.clone() }),
        row!(Viewer, "JobService/ListJobs", ListJobsRequest { parent: parent.clone() }),
        row!(Planner, "JobService/CancelJob", CancelJobRequest { name: job.clone() }),
        row!(Viewer, "JobService/WaitJob", WaitJobRequest { name: job.clone() }),
        row!(Viewer, "JobService/WatchJob", WatchJobRequest { name: job.clone() }),
        row!(Viewer, "PlanService/GetPlan", GetPlanRequest { name: plan.clone() }),
        row!(Viewer, "PlanService/ListPlans", ListPlansRequest { parent: parent.clone() }),
        row!(Admin, "PlanService/PublishPlan", PublishPlanRequest { name: plan.clone() }),
        row!(Admin, "PlanService/WithdrawPlan", WithdrawPlanRequest { name: plan.clone() }),
        row!(Viewer, "PlanService/DiffPlans", DiffPlansRequest { before: plan.clone() }),
        row!(Viewer, "PlanService/ExportPlan", ExportPlanRequest { name: plan.clone() }),
    ]
}

/// Ids that nothing has.
const MISSING: [&str; 3] = ["missing", "missing", "missing"];

fn methods() -> Vec<String> {
    let set = prost_types::FileDescriptorSet::decode(concentric_proto::DESCRIPTORS).unwrap();
    let mut paths = Vec::new();
    for file in set.file.iter().filter(|file| file.package() == "concentric.v1") {
        for service in &file.service {
            for method in &service.method {
                paths.push(format!("/concentric.v1.{}/{}", service.name(), method.name()));
            }
        }
    }
    paths.sort();
    paths
}

#[test]
fn every_method_has_a_rule_and_a_row() {
    let mut ruled: Vec<&str> = RULES.iter().map(|(path, _)| *path).collect();
    ruled.sort_unstable();
    assert_eq!(methods(), ruled, "a method without a rule is closed to everyone");
    let mut tried: Vec<&str> = rows("a", MISSING).iter().map(|row| row.0).collect();
    tried.sort_unstable();
    assert_eq!(methods(), tried);
}

/// A server with a token for each role of two tenants: the token is `role-tenant`.
async fn guarded() -> (Running, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let mut file = String::new();
    for tenant in ["a", "b"] {
        for role in ["viewer", "planner", "admin"] {
            let sha = hex::sha256(format!("{role}-{tenant}").as_bytes());
            file.push_str(&format!(
                "[[token]]\nsha256 = \"{sha}\"\nsubject = \"{role}\"\ntenant = \"{tenant}\"\nrole = \"{role}\"\n"
            ));
        }
    }
    let path = folder.path().join("tokens.toml");
    std::fs::write(&path, file).unwrap();
    (server(&[("tokens", path.to_str().unwrap())]).await, folder)
}

#[tokio::test(flavor = "multi_thread")]
async fn roles_methods_and_tenants_in_every_combination() {
    let (server, _folder) = guarded().await;
    let channel = server.channel().await;
    // Things of the tenant a that are there.
    let parent = "tenants/a".to_owned();
    let keep = v1::CreateLedgerRequest { parent, ledger: Some(small()), ..Default::default() };
    let path = "/concentric.v1.LedgerService/CreateLedger";
    call(&channel, path, "planner-a", keep.encode_to_vec()).await.unwrap();
    let begin = v1::CreateMatchJobRequest { parent: "tenants/a".into(), ..create() };
    let path = "/concentric.v1.JobService/CreateMatchJob";
    call(&channel, path, "planner-a", begin.encode_to_vec()).await.unwrap();
    let job = claim(&*server.store).await;
    let plan = finish_with(&*server.store, &job, v1::Plan::default()).await;
    let there = rows("a", ["street", &job.id, &plan]);

    let roles = [("viewer", Role::Viewer), ("planner", Role::Planner), ("admin", Role::Admin)];
    for ((path, least, own), (_, _, there)) in rows("a", MISSING).into_iter().zip(there) {
        let missing = call(&channel, path, "", own.clone()).await;
        assert_eq!(refused(missing), (Code::Unauthenticated, "TOKEN_MISSING".into()), "{path}");
        let unknown = call(&channel, path, "guess", own.clone()).await;
        assert_eq!(refused(unknown), (Code::Unauthenticated, "TOKEN_INVALID".into()), "{path}");
        for (word, role) in roles {
            let mine = call(&channel, path, &format!("{word}-a"), own.clone()).await;
            let denied = (Code::PermissionDenied, "ACCESS_DENIED".to_owned());
            if role < least {
                assert_eq!(refused(mine), denied, "{path} as {word}");
            } else if let Err(status) = mine {
                let code = status.code();
                let shut = [Code::PermissionDenied, Code::Unauthenticated, Code::Unimplemented];
                assert!(!shut.contains(&code), "{path} as {word}: {status:?}");
            }
            // Names of the tenant a in the mouth of b: the same answer, byte for byte, whether
            // or not they exist.
            let other = async |body: &[u8]| {
                call(&channel, path, &format!("{word}-b"), body.to_vec()).await.unwrap_err()
            };
            let (gone, there) = (other(&own).await, other(&there).await);
            assert_eq!(refused::<()>(Err(gone.clone())), denied, "{path} as {word} of another");
            assert_eq!(gone.message(), there.message(), "{path} as {word} of another");
            assert_eq!(gone.details(), there.details(), "{path} as {word} of another");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn health_needs_no_token_and_reflection_does() {
    let (server, _folder) = guarded().await;
    let channel = server.channel().await;
    call(&channel, "/grpc.health.v1.Health/Check", "", Vec::new()).await.unwrap();
    let path = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
    assert_eq!(refused(call(&channel, path, "", Vec::new()).await).0, Code::Unauthenticated);
}

fn jwt(key: &Ed25519KeyPair, header: &str, claims: &str) -> String {
    let message = format!("{}.{}", B64.encode(header), B64.encode(claims));
    let sign = key.sign(message.as_bytes());
    format!("{message}.{}", B64.encode(sign.as_ref()))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_jwt_is_taken_only_if_everything_about_it_is_right() {
    let random = ring::rand::SystemRandom::new();
    let pair = || {
        let bytes = Ed25519KeyPair::generate_pkcs8(&random).unwrap();
        Ed25519KeyPair::from_pkcs8(bytes.as_ref()).unwrap()
    };
    let (key, stranger) = (pair(), pair());
    let point = B64.encode(key.public_key().as_ref());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("jwks.json");
    let jwks = format!(r#"{{"keys":[{{"kty":"OKP","crv":"Ed25519","kid":"k1","x":"{point}"}}]}}"#);
    std::fs::write(&path, jwks).unwrap();
    let settings = [
        ("jwks", path.to_str().unwrap()),
        ("jwt_issuer", "https://issuer"),
        ("jwt_audience", "concentric"),
    ];
    let server = server(&settings).await;
    let channel = server.channel().await;
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let now = now.as_secs();
    let head = r#"{"alg":"EdDSA","kid":"k1","typ":"JWT"}"#;
    let claims = |more: &str| {
        format!(
            r#"{{"iss":"https://issuer","aud":"concentric","sub":"grid","tenant":"a","role":"viewer","exp":{}{more}}}"#,
            now + 600
        )
    };
    let good = claims("");
    let path = "/concentric.v1.LedgerService/ListLedgers";
    let body = || rows("a", MISSING).into_iter().find(|row| row.0 == path).unwrap().2;
    call(&channel, path, &jwt(&key, head, &good), body()).await.unwrap();

    let unsigned = format!("{}.{}.", B64.encode(r#"{"alg":"none","kid":"k1"}"#), B64.encode(&good));
    let confused = {
        // The public key as the secret of an HMAC.
        let head = r#"{"alg":"HS256","kid":"k1"}"#;
        let message = format!("{}.{}", B64.encode(head), B64.encode(&good));
        let secret = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, key.public_key().as_ref());
        format!("{message}.{}", B64.encode(ring::hmac::sign(&secret, message.as_bytes())))
    };
    let wrong = [
        ("no algorithm", unsigned),
        ("confused algorithm", confused),
        ("stranger's key", jwt(&stranger, head, &good)),
        ("other algorithm", jwt(&key, r#"{"alg":"RS256","kid":"k1"}"#, &good)),
        ("no kid", jwt(&key, r#"{"alg":"EdDSA"}"#, &good)),
        ("unknown kid", jwt(&key, r#"{"alg":"EdDSA","kid":"../k1"}"#, &good)),
        ("other type", jwt(&key, r#"{"alg":"EdDSA","kid":"k1","typ":"secevent+jwt"}"#, &good)),
        ("critical", jwt(&key, r#"{"alg":"EdDSA","kid":"k1","crit":["x"]}"#, &good)),
        ("issuer", jwt(&key, head, &good.replace("https://issuer", "https://other"))),
        ("audience", jwt(&key, head, &good.replace("\"concentric\"", "\"other\""))),
        ("not yet", jwt(&key, head, &claims(&format!(r#","nbf":{}"#, now + 300)))),
        ("twice", jwt(&key, head, &claims(r#","role":"admin""#))),
        ("no expiry", jwt(&key, head, &good.replace("\"exp\"", "\"expires\""))),
        ("role", jwt(&key, head, &good.replace("viewer", "owner"))),
        ("long", format!("{}{}", jwt(&key, head, &good), "A".repeat(9000))),
        ("changed", jwt(&key, head, &good).replacen('.', ".e", 1)),
    ];
    for (what, token) in wrong {
        let answer = call(&channel, path, &token, body()).await;
        let expected = (Code::Unauthenticated, "TOKEN_INVALID".to_owned());
        assert_eq!(refused(answer), expected, "{what}");
    }
    let old = good.replace(&(now + 600).to_string(), &(now - 60).to_string());
    let answer = call(&channel, path, &jwt(&key, head, &old), body()).await;
    assert_eq!(refused(answer), (Code::Unauthenticated, "TOKEN_EXPIRED".into()));
}

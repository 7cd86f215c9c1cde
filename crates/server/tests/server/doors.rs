//! The front door: health, reflection, browsers, limits, drain.

use std::time::{Duration, Instant};

use concentric_proto::v1;
use concentric_proto::v1::job_service_client::JobServiceClient;
use concentric_proto::v1::match_service_client::MatchServiceClient;
use prost::Message;
use tokio_stream::StreamExt;
use tonic::{Code, Request};
use tonic_health::pb::health_client::HealthClient;
use tonic_health::pb::{HealthCheckRequest, health_check_response::ServingStatus};
use tonic_reflection::pb::v1 as reflection;
use tonic_types::StatusExt;

use crate::support::{fields, refused, server, small};

pub fn ask() -> v1::MatchRequest {
    let source = Some(v1::match_request::Source::Ledger(small()));
    v1::MatchRequest { source, ..Default::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn plain_http_tells_of_life_readiness_and_numbers() {
    let server = server(&[]).await;
    MatchServiceClient::new(server.channel().await).r#match(ask()).await.unwrap();
    for (path, word) in [
        ("/healthz", "ok"),
        ("/readyz", "ready"),
        (
            "/metrics",
            "concentric_calls_total{method=\"/concentric.v1.MatchService/Match\",code=\"Ok\"} 1",
        ),
        ("/metrics", "concentric_jobs"),
        ("/metrics", "concentric_slots_taken{pool=\"solves\"} 0\n"),
        ("/metrics", "concentric_queue_length{pool=\"checks\"} 0\n"),
    ] {
        let answer = server.http(&format!("GET {path} HTTP/1.1")).await;
        assert!(answer.starts_with("HTTP/1.1 200") && answer.contains(word), "{answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn health_and_reflection_speak_for_every_service() {
    let server = server(&[]).await;
    let channel = server.channel().await;
    let mut health = HealthClient::new(channel.clone());
    tokio::time::sleep(Duration::from_millis(200)).await;
    for service in ["", "concentric.v1.MatchService", "concentric.v1.JobService"] {
        let request = HealthCheckRequest { service: service.into() };
        let answer = health.check(request).await.unwrap().into_inner();
        assert_eq!(answer.status(), ServingStatus::Serving, "{service}");
    }
    let mut client = reflection::server_reflection_client::ServerReflectionClient::new(channel);
    let list = reflection::server_reflection_request::MessageRequest::ListServices(String::new());
    let request =
        reflection::ServerReflectionRequest { message_request: Some(list), ..Default::default() };
    let mut answers =
        client.server_reflection_info(tokio_stream::once(request)).await.unwrap().into_inner();
    let answer = answers.next().await.unwrap().unwrap().message_response.unwrap();
    let reflection::server_reflection_response::MessageResponse::ListServicesResponse(list) =
        answer
    else {
        panic!("{answer:?}");
    };
    let names: Vec<String> = list.service.into_iter().map(|service| service.name).collect();
    for service in ["Match", "Ledger", "Job", "Plan"] {
        assert!(names.contains(&format!("concentric.v1.{service}Service")), "{names:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn browsers_are_answered_over_http_1() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let server = server(&[]).await;
    let message = ask().encode_to_vec();
    let mut body = vec![0];
    body.extend(u32::try_from(message.len()).unwrap().to_be_bytes());
    body.extend(message);
    let head = format!(
        "POST /concentric.v1.MatchService/Match HTTP/1.1\r\nhost: t\r\nconnection: close\r\n\
         content-type: application/grpc-web+proto\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    let mut stream = tokio::net::TcpStream::connect(server.address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&body).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let text = String::from_utf8_lossy(&answer);
    assert!(text.starts_with("HTTP/1.1 200"), "{text}");
    assert!(text.contains("grpc-status:0") && text.contains("checks"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_tonic_refuses_has_our_reasons_too() {
    let server = server(&[("max_message_bytes", "2000")]).await;
    let channel = server.channel().await;
    let mut client = MatchServiceClient::new(channel.clone());
    let mut large = small();
    large.note = Some("x".repeat(5000));
    let source = Some(v1::match_request::Source::Ledger(large));
    let request = v1::MatchRequest { source, ..Default::default() };
    let answer = client.r#match(request).await;
    assert_eq!(refused(answer), (Code::InvalidArgument, "MESSAGE_TOO_LARGE".into()));

    let mut request = Request::new(ask());
    request.metadata_mut().insert("grpc-timeout", "abc".parse().unwrap());
    let status = client.r#match(request).await.unwrap_err();
    assert_eq!(fields(&status), [("grpc-timeout".into(), "FIELD_INVALID".into())]);

    // A message of another kind, whose bytes are none of this method.
    let mut raw = tonic::client::Grpc::new(channel);
    for (path, body, code, reason) in [
        (
            "/concentric.v1.MatchService/Match",
            vec![0xff; 20],
            Code::InvalidArgument,
            "FIELD_INVALID",
        ),
        ("/concentric.v1.MatchService/Guess", vec![], Code::Unimplemented, "METHOD_UNKNOWN"),
        ("/other.Service/Do", vec![], Code::Unimplemented, "METHOD_UNKNOWN"),
    ] {
        raw.ready().await.unwrap();
        let codec = tonic_prost_codec();
        let request = Request::new(Bytes(body));
        let answer = raw.unary(request, path.parse().unwrap(), codec).await;
        assert_eq!(refused(answer), (code, reason.to_owned()), "{path}");
    }
}

/// Bytes sent as they are.
#[derive(Debug)]
struct Bytes(Vec<u8>);
#[derive(Default)]
struct AsIs;
fn tonic_prost_codec() -> AsIs {
    AsIs
}
impl tonic::codec::Codec for AsIs {
    type Encode = Bytes;
    type Decode = ();
    type Encoder = AsIs;
    type Decoder = AsIs;
    fn encoder(&mut self) -> AsIs {
        AsIs
    }
    fn decoder(&mut self) -> AsIs {
        AsIs
    }
}
impl tonic::codec::Encoder for AsIs {
    type Item = Bytes;
    type Error = tonic::Status;
    fn encode(
        &mut self,
        item: Bytes,
        to: &mut tonic::codec::EncodeBuf<'_>,
    ) -> Result<(), tonic::Status> {
        bytes::BufMut::put_slice(to, &item.0);
        Ok(())
    }
}
impl tonic::codec::Decoder for AsIs {
    type Item = ();
    type Error = tonic::Status;
    fn decode(
        &mut self,
        from: &mut tonic::codec::DecodeBuf<'_>,
    ) -> Result<Option<()>, tonic::Status> {
        let length = bytes::Buf::remaining(from);
        bytes::Buf::advance(from, length);
        Ok(Some(()))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drain_tells_watchers_and_ends_in_time() {
    let mut server = server(&[("drain", "3s")]).await;
    let channel = server.channel().await;
    let mut jobs = JobServiceClient::new(channel.clone());
    let source = Some(v1::create_match_job_request::Source::Ledger(small()));
    let request = v1::CreateMatchJobRequest { source, ..Default::default() };
    let job = jobs.create_match_job(request).await.unwrap().into_inner().job.unwrap();
    let watch = v1::WatchJobRequest { name: job.name, after_sequence: 0 };
    let mut stream = jobs.watch_job(watch).await.unwrap().into_inner();
    stream.message().await.unwrap().unwrap();
    // A peer that never reads or closes.
    let _dead = tokio::net::TcpStream::connect(server.address).await.unwrap();
    let begin = Instant::now();
    server.begin_stop();
    let status = stream.message().await.unwrap_err();
    assert!(status.get_error_details().retry_info().is_some());
    assert_eq!(refused::<()>(Err(status)), (Code::Unavailable, "DRAINING".into()));
    server.ended().await;
    assert!(begin.elapsed() < Duration::from_secs(5), "{:?}", begin.elapsed());
}

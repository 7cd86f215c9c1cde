//! A collector of traces that keeps what it gets.
//!
//! In: calls of OTLP over gRPC. Out: the spans, read with messages written down here from the
//! standard's numbers, so that what is sent is held against something else than the sender.
//! The tests of the command read this file too.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use axum::extract::Request;
use bytes::Bytes;
use prost::Message;
use tokio::net::TcpListener;
use tonic::Status;

use super::raw::Raw;

/// The one method that is called.
const PATH: &str = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";

#[derive(Clone, PartialEq, Message)]
struct Exported {
    #[prost(message, repeated, tag = "1")]
    resources: Vec<OfResource>,
}

#[derive(Clone, PartialEq, Message)]
struct OfResource {
    #[prost(message, optional, tag = "1")]
    resource: Option<Resource>,
    #[prost(message, repeated, tag = "2")]
    scopes: Vec<OfScope>,
}

#[derive(Clone, PartialEq, Message)]
struct Resource {
    #[prost(message, repeated, tag = "1")]
    attributes: Vec<KeyValue>,
}

#[derive(Clone, PartialEq, Message)]
struct OfScope {
    #[prost(message, repeated, tag = "2")]
    spans: Vec<Span>,
}

#[derive(Clone, PartialEq, Message)]
pub struct Span {
    #[prost(bytes = "vec", tag = "1")]
    pub trace: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    pub id: Vec<u8>,
    #[prost(bytes = "vec", tag = "4")]
    pub parent: Vec<u8>,
    #[prost(string, tag = "5")]
    pub name: String,
    /// 2: of a server.
    #[prost(int32, tag = "6")]
    pub kind: i32,
    #[prost(fixed64, tag = "7")]
    pub begin: u64,
    #[prost(fixed64, tag = "8")]
    pub end: u64,
    #[prost(message, repeated, tag = "9")]
    attributes: Vec<KeyValue>,
    #[prost(message, repeated, tag = "11")]
    pub events: Vec<Event>,
    #[prost(message, optional, tag = "15")]
    status: Option<Told>,
}

#[derive(Clone, PartialEq, Message)]
pub struct Event {
    #[prost(string, tag = "2")]
    pub name: String,
}

#[derive(Clone, PartialEq, Message)]
struct Told {
    /// 2: an error.
    #[prost(int32, tag = "3")]
    code: i32,
}

#[derive(Clone, PartialEq, Message)]
struct KeyValue {
    #[prost(string, tag = "1")]
    key: String,
    #[prost(message, optional, tag = "2")]
    value: Option<Value>,
}

#[derive(Clone, PartialEq, Message)]
struct Value {
    #[prost(oneof = "Kind", tags = "1, 2, 3")]
    kind: Option<Kind>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
enum Kind {
    #[prost(string, tag = "1")]
    Text(String),
    #[prost(bool, tag = "2")]
    Truth(bool),
    #[prost(int64, tag = "3")]
    Number(i64),
}

fn text(attributes: &[KeyValue], key: &str) -> Option<String> {
    let found = attributes.iter().find(|attribute| attribute.key == key)?;
    Some(match found.value.as_ref()?.kind.as_ref()? {
        Kind::Text(text) => text.clone(),
        Kind::Truth(truth) => truth.to_string(),
        Kind::Number(number) => number.to_string(),
    })
}

impl Span {
    /// The value of an attribute.
    pub fn get(&self, key: &str) -> Option<String> {
        text(&self.attributes, key)
    }

    /// Whether it says that it failed.
    pub fn failed(&self) -> bool {
        self.status.as_ref().is_some_and(|status| status.code == 2)
    }

    /// Names of its attributes, sorted.
    pub fn keys(&self) -> Vec<String> {
        let mut keys: Vec<String> = self.attributes.iter().map(|a| a.key.clone()).collect();
        keys.sort();
        keys
    }
}

/// What came so far.
#[derive(Clone, Default)]
pub struct Collector(Arc<Mutex<Vec<(String, Span)>>>);

impl Collector {
    /// Begins to take spans.
    pub fn serve(listener: TcpListener) -> Collector {
        let collector = Collector::default();
        let kept = collector.clone();
        let router = axum::Router::new().fallback(move |request: Request| {
            let kept = kept.clone();
            async move {
                assert_eq!(request.uri().path(), PATH);
                let take = tower::service_fn(move |request: tonic::Request<Bytes>| {
                    kept.keep(&request.into_inner());
                    // An answer without fields: all was taken.
                    async { Ok::<_, Status>(tonic::Response::new(Bytes::new())) }
                });
                Ok::<_, Infallible>(tonic::server::Grpc::new(Raw).unary(take, request).await)
            }
        });
        tokio::spawn(async move { axum::serve(listener, router).await });
        collector
    }

    fn keep(&self, bytes: &Bytes) {
        let exported = Exported::decode(bytes.clone()).unwrap();
        let mut kept = self.0.lock().unwrap();
        for of in exported.resources {
            let service = text(&of.resource.unwrap().attributes, "service.name").unwrap();
            let spans = of.scopes.into_iter().flat_map(|scope| scope.spans);
            kept.extend(spans.map(|span| (service.clone(), span)));
        }
    }

    /// All spans; each must be of the service of that name.
    pub fn spans(&self, of: &str) -> Vec<Span> {
        let kept = self.0.lock().unwrap();
        let spans = kept.iter().map(|(service, span)| {
            assert_eq!(service, of);
            span.clone()
        });
        spans.collect()
    }
}

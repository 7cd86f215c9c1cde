//! A client that keeps no time of its own.
//!
//! In: an address. Out: calls whose deadline stands in their header alone. The channel of tonic
//! reads that header too and gives up at the very time at which the server's answer is a few
//! ms old, so that either word may come first.

use std::net::SocketAddr;

use concentric_proto::v1::match_service_client::MatchServiceClient;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tonic::body::Body;

/// A client of `MatchService`.
pub fn client(address: SocketAddr) -> MatchServiceClient<Client<HttpConnector, Body>> {
    let wire = Client::builder(TokioExecutor::new()).http2_only(true).build_http();
    let origin = format!("http://{address}").parse().expect("an address makes an origin");
    MatchServiceClient::with_origin(wire, origin).max_decoding_message_size(64 << 20)
}

//! Statuses that tonic makes itself, in our taxonomy.
//!
//! In: a response. Out: the same, or one whose code and reason tell the caller what to do:
//! tonic answers OUT_OF_RANGE for a message that is too large, INTERNAL for one that is no
//! message, UNIMPLEMENTED for an unknown method, all without details.

use axum::http::HeaderMap;
use axum::response::Response;
use tonic::{Code, Status};

use crate::errors::{Reason, Refusal, field};
use crate::wire::NO_MESSAGE;

/// Code that stands in the headers or trailers of a response; there is none before its end.
pub fn code(headers: &HeaderMap) -> Option<Code> {
    headers.get("grpc-status").map(|value| Code::from_bytes(value.as_bytes()))
}

/// Gives a status without details its reason.
pub fn rewrite(response: Response, most: usize) -> Response {
    let headers = response.headers();
    if code(headers).unwrap_or(Code::Ok) == Code::Ok
        || headers.contains_key("grpc-status-details-bin")
    {
        return response;
    }
    let Some(status) = Status::from_header_map(headers) else {
        return response;
    };
    refusal(&status, most).into_status().into_http()
}

fn refusal(status: &Status, most: usize) -> Refusal {
    let no_message = || field(Reason::FieldInvalid, "$", NO_MESSAGE);
    match status.code() {
        Code::OutOfRange => Refusal::new(Reason::MessageTooLarge).with("limit", most.to_string()),
        Code::Unimplemented if status.message().contains("compressed") => {
            field(Reason::FeatureDisabled, "grpc-encoding", "this server reads no compression")
        }
        Code::Unimplemented => Refusal::new(Reason::MethodUnknown),
        Code::Internal | Code::InvalidArgument | Code::Unknown => no_message(),
        Code::Cancelled => Refusal::new(Reason::ClientCancelled),
        _ => {
            let refusal = Refusal::new(Reason::HandlerPanic).with_incident();
            tracing::error!(incident = refusal.incident(), code = ?status.code(), "bare status");
            refusal
        }
    }
}

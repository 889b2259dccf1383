//! The one call that peers make: a stream of messages each way.
//!
//! Not the generated service, because what that has taken for its largest message stays with each
//! stream until it ends.

use crate::invoke::Invoke;
use crate::limits::MAX_MESSAGE;
use crate::messages::Messages;
use crate::places::Caller;
use crate::shared::Shared;
use std::convert::Infallible;
use std::future::{Ready, ready};
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;
use tonic::body::Body;
use tonic::codec::EncodeBody;
use tonic::codegen::Service;
use tonic::codegen::http::{Request, Response, header::CONTENT_TYPE};
use tonic::metadata::GRPC_CONTENT_TYPE;
use tonic_prost::ProstEncoder;

/// `Connect` of the service `protos.Chaincode`.
const CONNECT: &str = "/protos.Chaincode/Connect";

/// What peers call.
pub(crate) struct Connect<I>(pub(crate) Arc<Shared<I>>);

impl<I> Clone for Connect<I> {
    fn clone(&self) -> Self {
        Connect(self.0.clone())
    }
}

impl<I: Invoke> Connect<I> {
    fn begin(&self, request: Request<Body>) -> Result<Response<Body>, Status> {
        if request.uri().path() != CONNECT {
            return Err(Status::unimplemented("expected a chaincode's stream"));
        }
        let (parts, body) = request.into_parts();
        let caller = parts.extensions.get::<Option<Arc<Caller>>>().cloned();
        let caller = caller
            .flatten()
            .ok_or(Status::internal("connection: expected a caller"))?;
        let outgoing = self.0.start(&caller.clone(), Messages::new(caller, body));
        let outgoing = EncodeBody::new_server(
            ProstEncoder::default(),
            ReceiverStream::new(outgoing),
            None,
            Default::default(),
            Some(MAX_MESSAGE),
        );
        let mut response = Response::new(Body::new(outgoing));
        response
            .headers_mut()
            .insert(CONTENT_TYPE, GRPC_CONTENT_TYPE);
        Ok(response)
    }
}

impl<I: Invoke> Service<Request<Body>> for Connect<I> {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Ready<Result<Response<Body>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        ready(Ok(self.begin(request).unwrap_or_else(Status::into_http)))
    }
}

//! The fake behind real gRPC and TLS.

use super::fake::Fake;
use medveil_fabric_wire::proto::*;
use prost::Message;
use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tonic::body::Body;
use tonic::codegen::http::{Request as Http, Response as Answer};
use tonic::codegen::{BoxFuture, Service};
use tonic::server::{Grpc, NamedService, UnaryService};
use tonic::transport::server::TcpIncoming;
use tonic::transport::{Identity, Server, ServerTlsConfig};
use tonic::{Request, Response, Status};
use tonic_prost::ProstCodec;

#[derive(Clone)]
struct Gateway(Arc<Fake>);

impl NamedService for Gateway {
    const NAME: &'static str = "gateway.Gateway";
}

/// One method of the service.
struct Method<F>(F);

impl<Q, A, F, R> UnaryService<Q> for Method<F>
where
    F: FnMut(Q) -> R,
    R: Future<Output = Result<A, Status>> + Send + 'static,
{
    type Response = A;
    type Future = Pin<Box<dyn Future<Output = Result<Response<A>, Status>> + Send>>;

    fn call(&mut self, request: Request<Q>) -> Self::Future {
        let answer = (self.0)(request.into_inner());
        Box::pin(async move { answer.await.map(Response::new) })
    }
}

async fn unary<Q, A, R>(request: Http<Body>, method: impl FnMut(Q) -> R) -> Answer<Body>
where
    Q: Message + Default + 'static,
    A: Message + 'static,
    R: Future<Output = Result<A, Status>> + Send + 'static,
{
    let mut grpc = Grpc::new(ProstCodec::<A, Q>::default()).max_decoding_message_size(100 << 20);
    grpc.unary(Method(method), request).await
}

impl Service<Http<Body>> for Gateway {
    type Response = Answer<Body>;
    type Error = Infallible;
    type Future = BoxFuture<Answer<Body>, Infallible>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Http<Body>) -> Self::Future {
        let fake = self.0.clone();
        Box::pin(async move {
            let of = |fake: &Arc<Fake>| fake.clone();
            let method = request
                .uri()
                .path()
                .rsplit('/')
                .next()
                .unwrap_or_default()
                .to_owned();
            Ok(match method.as_str() {
                "Endorse" => {
                    unary(request, |q: EndorseRequest| {
                        std::future::ready(of(&fake).endorse(q))
                    })
                    .await
                }
                "Evaluate" => {
                    unary(request, |q: EvaluateRequest| {
                        std::future::ready(of(&fake).evaluate(q))
                    })
                    .await
                }
                "Submit" => {
                    unary(request, |q: SubmitRequest| {
                        std::future::ready(of(&fake).submit(q))
                    })
                    .await
                }
                _ => {
                    let status = |q: SignedCommitStatusRequest| {
                        let fake = of(&fake);
                        async move { fake.commit_status(q).await }
                    };
                    unary(request, status).await
                }
            })
        })
    }
}

/// Serves the fake on a port of its own until the runtime ends.
pub struct Serving {
    pub address: SocketAddr,
    runtime: Option<tokio::runtime::Runtime>,
}

impl Serving {
    pub fn start(fake: &Arc<Fake>) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let listener = runtime
            .block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))
            .unwrap();
        let address = listener.local_addr().unwrap();
        let tls = ServerTlsConfig::new().identity(Identity::from_pem(&fake.tls.0, &fake.tls.1));
        let server = Server::builder()
            .tls_config(tls)
            .unwrap()
            .add_service(Gateway(fake.clone()));
        runtime.spawn(server.serve_with_incoming(TcpIncoming::from(listener)));
        Serving {
            address,
            runtime: Some(runtime),
        }
    }

    /// Breaks every connection, as a killed process does.
    pub fn kill(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

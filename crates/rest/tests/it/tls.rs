//! TLS: who is shown, to whom, and what happens when a certificate is renewed.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clients::Client;
use lifecycle::metrics::Metrics;
use lifecycle::{ProcessClock, Shutdown, Tasks};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rest::{KeySet, Principal, Role, Server, ServerError, Settings, Tls};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto::ring};

use crate::sample;

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority() -> Authority {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// Writes a certificate of `authority` and its key over the server's files.
fn issue(authority: &Authority, files: &Tls) {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec!["127.0.0.1".into()]).unwrap().signed_by(&key, authority).unwrap();
    std::fs::write(&files.certificate, certificate.pem()).unwrap();
    std::fs::write(&files.key, key.serialize_pem()).unwrap();
}

struct World {
    folder: tempfile::TempDir,
    files: Tls,
    keys: KeySet,
    url: String,
    address: SocketAddr,
    inner: SocketAddr,
    shutdown: Shutdown,
    tasks: Tasks,
}

impl World {
    fn new(authority: &Authority) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let files = Tls {
            certificate: folder.path().join("server.pem"),
            key: folder.path().join("server.key"),
            reload_seconds: 1,
        };
        issue(authority, &files);
        let keys = KeySet::ephemeral(ProcessClock::default()).unwrap();
        let settings =
            Settings { address: "127.0.0.1:0".into(), workers: 1, tls: Some(files.clone()), ..Settings::default() };
        let inner = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let inner_address = inner.local_addr().unwrap();
        let server =
            Server::new(settings, keys.clone(), Metrics::new()).mount(sample::routes).bind().unwrap().also_on(inner);
        let (url, address) = (server.url(), server.address());
        let shutdown = Shutdown::default();
        let tasks = Tasks::new(shutdown.clone());
        let stop = shutdown.clone();
        tasks.spawn::<_, ServerError>("server", async move { server.run(stop).await });
        Self { folder, files, keys, url, address, inner: inner_address, shutdown, tasks }
    }

    fn authorities(&self, name: &str, authority: &Authority) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, authority.pem()).unwrap();
        path
    }

    /// A client that trusts the authorities of `file`, and no connection made before.
    fn client(&self, file: &Path) -> Client {
        let token = self.keys.issue(&Principal::new("x", [Role::Officer]), Duration::from_mins(1));
        Client::trusting(Some(file), &self.url, token).unwrap()
    }

    async fn stop(self) {
        self.shutdown.trigger();
        self.tasks.join(Duration::from_secs(10)).await.unwrap();
    }
}

#[tokio::test]
async fn client_that_trusts_the_authority_is_answered_and_others_do_not_speak() {
    let (ours, foreign) = (authority(), authority());
    let world = World::new(&ours);
    assert!(world.url.starts_with("https://"), "{}", world.url);
    let trusted = world.authorities("ours.pem", &ours);
    assert!(world.client(&trusted).ready().await.unwrap());
    let untrusted = world.authorities("foreign.pem", &foreign);
    assert!(world.client(&untrusted).ready().await.is_err());
    // In the clear nobody is answered on that port; within the machine, on the other one, they are.
    assert!(Client::new(&format!("http://{}", world.address), "").unwrap().ready().await.is_err());
    assert!(Client::new(&format!("http://{}", world.inner), "").unwrap().ready().await.unwrap());
    world.stop().await;
}

#[tokio::test]
async fn http_2_is_spoken_over_tls() {
    let ours = authority();
    let world = World::new(&ours);
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(ours.pem().as_bytes()).unwrap()).unwrap();
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec()];
    let stream = tokio::net::TcpStream::connect(world.address).await.unwrap();
    let name = ServerName::try_from("127.0.0.1").unwrap();
    let stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(b"h2".as_slice()));

    let (mut send, connection) = h2::client::handshake(stream).await.unwrap();
    let token = world.keys.issue(&Principal::new("x", [Role::Officer]), Duration::from_mins(1));
    let request = http::Request::get(format!("{}/v1/parcels/7", world.url))
        .header("authorization", format!("Bearer {token}"))
        .body(())
        .unwrap();
    let exchange = async {
        let (response, _) = send.send_request(request, true).unwrap();
        let response = response.await.unwrap();
        assert_eq!((response.version(), response.status().as_u16()), (http::Version::HTTP_2, 200));
        response.into_body().data().await.unwrap().unwrap()
    };
    tokio::select! {
        body = exchange => assert_eq!(&body[..], b"7"),
        ended = connection => panic!("the connection ended first: {ended:?}"),
    }
    world.stop().await;
}

#[tokio::test]
async fn renewed_certificate_is_shown_without_a_restart_and_a_broken_one_never() {
    let (old, new) = (authority(), authority());
    let world = World::new(&old);
    let trusted = world.authorities("new.pem", &new);
    assert!(world.client(&trusted).ready().await.is_err());
    // A key that is not the certificate's: what is in force stays.
    std::fs::write(&world.files.key, KeyPair::generate().unwrap().serialize_pem()).unwrap();
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    let before = world.authorities("old.pem", &old);
    assert!(world.client(&before).ready().await.unwrap());
    issue(&new, &world.files);
    let shown = async {
        while world.client(&trusted).ready().await.is_err() {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), shown).await.expect("the renewed certificate is shown");
    assert!(world.client(&before).ready().await.is_err());
    world.stop().await;
}

#[test]
fn files_that_cannot_be_shown_are_named_before_anything_is_served() {
    let folder = tempfile::tempdir().unwrap();
    let files = Tls {
        certificate: folder.path().join("server.pem"),
        key: folder.path().join("server.key"),
        reload_seconds: 30,
    };
    let open = || {
        let settings = Settings { address: "127.0.0.1:0".into(), tls: Some(files.clone()), ..Settings::default() };
        let keys = KeySet::ephemeral(ProcessClock::default()).unwrap();
        match Server::new(settings, keys, Metrics::new()).bind() {
            Err(ServerError::Tls(error)) => error.to_string(),
            Err(other) => panic!("{other}"),
            Ok(_) => panic!("it is served"),
        }
    };
    assert!(open().contains("server.pem holds no certificate"));
    let ours = authority();
    issue(&ours, &files);
    std::fs::write(&files.key, "no key").unwrap();
    assert!(open().contains("server.key holds no private key"));
    std::fs::write(&files.key, KeyPair::generate().unwrap().serialize_pem()).unwrap();
    assert!(open().contains("do not fit together"));
}

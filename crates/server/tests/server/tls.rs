//! TLS: who comes in with which certificate, and what is no TLS that we speak.

use std::time::{Duration, Instant};

use concentric_proto::v1::match_service_client::MatchServiceClient;
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CertifiedIssuer, IsCa,
    KeyIdMethod, KeyPair, KeyUsagePurpose, RevokedCertParams, SerialNumber, date_time_ymd,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Identity};

use crate::doors::ask;
use crate::support::{Running, server};

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority(name: &str) -> Authority {
    let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
    params.distinguished_name.push(rcgen::DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// Certificate and key, PEM.
#[derive(Clone)]
struct Pair {
    cert: String,
    key: String,
}

/// A certificate with a serial number, signed by an authority, good until a year.
fn signed(by: &Authority, name: &str, serial: u64, until: i32) -> Pair {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    params.serial_number = Some(SerialNumber::from(serial));
    params.not_after = date_time_ymd(until, 1, 1);
    Pair { cert: params.signed_by(&key, by).unwrap().pem(), key: key.serialize_pem() }
}

/// A list on which one serial number stands.
fn revoked(by: &Authority, serial: u64) -> String {
    let list = CertificateRevocationListParams {
        this_update: date_time_ymd(2026, 1, 1),
        next_update: date_time_ymd(2100, 1, 1),
        crl_number: SerialNumber::from(1),
        issuing_distribution_point: None,
        revoked_certs: vec![RevokedCertParams {
            serial_number: SerialNumber::from(serial),
            revocation_time: date_time_ymd(2026, 1, 1),
            reason_code: None,
            invalidity_date: None,
        }],
        key_identifier_method: KeyIdMethod::Sha256,
    };
    list.signed_by(by).unwrap().pem().unwrap()
}

/// A server with a certificate of `ours`, and what else it is to have.
async fn guarded(ours: &Authority, files: &[(&str, String)]) -> (Running, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let own = signed(ours, "localhost", 1, 2100);
    let mut all = vec![("tls_cert", own.cert), ("tls_key", own.key)];
    all.extend(files.iter().cloned());
    let paths: Vec<(&str, String)> = all
        .into_iter()
        .map(|(name, text)| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            (name, path.to_str().unwrap().to_owned())
        })
        .collect();
    let settings: Vec<(&str, &str)> = paths.iter().map(|(a, b)| (*a, b.as_str())).collect();
    (server(&settings).await, folder)
}

/// One call, by a client that trusts a root and calls the server by a name.
async fn call(
    server: &Running,
    own: Option<&Pair>,
    root: &Authority,
    name: &str,
) -> Result<(), String> {
    let mut tls =
        ClientTlsConfig::new().ca_certificate(Certificate::from_pem(root.pem())).domain_name(name);
    if let Some(Pair { cert, key }) = own {
        tls = tls.identity(Identity::from_pem(cert, key));
    }
    let endpoint = format!("https://{}", server.address);
    let channel = Channel::from_shared(endpoint).unwrap().tls_config(tls).unwrap();
    let channel = channel.connect().await.map_err(|error| error.to_string())?;
    let answer = MatchServiceClient::new(channel).r#match(ask()).await;
    answer.map(drop).map_err(|status| status.to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn with_mutual_tls_only_good_certificates_of_the_authority_come_in() {
    let (ours, theirs) = (authority("ours"), authority("theirs"));
    let files = [("tls_client_ca", ours.pem()), ("tls_client_crl", revoked(&ours, 7))];
    let (server, _folder) = guarded(&ours, &files).await;
    let good = signed(&ours, "grid", 8, 2100);
    let cases = [
        ("good", Some(good.clone()), &ours, "localhost", true),
        ("none", None, &ours, "localhost", false),
        ("another authority", Some(signed(&theirs, "grid", 8, 2100)), &ours, "localhost", false),
        ("expired", Some(signed(&ours, "grid", 9, 2020)), &ours, "localhost", false),
        ("revoked", Some(signed(&ours, "grid", 7, 2100)), &ours, "localhost", false),
        ("a server that is not trusted", Some(good.clone()), &theirs, "localhost", false),
        ("a server by another name", Some(good.clone()), &ours, "elsewhere", false),
        ("good again", Some(good), &ours, "localhost", true),
    ];
    for (what, own, root, name, fine) in cases {
        let answer = call(&server, own.as_ref(), root, name).await;
        assert_eq!(answer.is_ok(), fine, "{what}: {answer:?}");
    }
    // Never in the clear.
    let plain = Channel::from_shared(format!("http://{}", server.address)).unwrap();
    let plain = match plain.connect().await {
        Ok(channel) => MatchServiceClient::new(channel).r#match(ask()).await.is_ok(),
        Err(_) => false,
    };
    assert!(!plain);
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_list_an_authority_without_one_is_not_taken_for_good() {
    let (ours, other) = (authority("ours"), authority("other"));
    let both = format!("{}{}", ours.pem(), other.pem());
    let files = [("tls_client_ca", both), ("tls_client_crl", revoked(&ours, 7))];
    let (server, _folder) = guarded(&ours, &files).await;
    let listed = signed(&ours, "grid", 8, 2100);
    let unlisted = signed(&other, "grid", 8, 2100);
    assert_eq!(call(&server, Some(&listed), &ours, "localhost").await, Ok(()));
    assert!(call(&server, Some(&unlisted), &ours, "localhost").await.is_err());
}

/// A client's first words, for a version of TLS: 3.3 is 1.2, 3.2 is 1.1. All else is the same.
fn hello(minor: u8) -> Vec<u8> {
    let extensions: &[&[u8]] = &[
        &[0, 10, 0, 4, 0, 2, 0, 29], // groups: X25519
        &[0, 11, 0, 2, 1, 0],        // points as they are
        &[0, 13, 0, 4, 0, 2, 4, 3],  // signatures: ECDSA with P-256 and SHA-256
        &[0, 23, 0, 0],              // extended master secret
    ];
    let extensions = extensions.concat();
    let mut body = vec![3, minor];
    body.extend([5; 32]); // random
    body.push(0); // no session
    body.extend([0, 2, 0xc0, 0x2b]); // ECDHE, ECDSA, AES-128-GCM
    body.extend([1, 0]); // no compression
    body.extend(u16::try_from(extensions.len()).unwrap().to_be_bytes());
    body.extend(extensions);
    let mut message = vec![1, 0];
    message.extend(u16::try_from(body.len()).unwrap().to_be_bytes());
    message.extend(body);
    let mut record = vec![22, 3, 1];
    record.extend(u16::try_from(message.len()).unwrap().to_be_bytes());
    record.extend(message);
    record
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_older_than_tls_1_2_is_refused_by_name() {
    const HANDSHAKE: u8 = 22;
    const ALERT: u8 = 21;
    const PROTOCOL_VERSION: u8 = 70;
    let (server, _folder) = guarded(&authority("ours"), &[]).await;
    for (minor, kind) in [(3, HANDSHAKE), (2, ALERT), (1, ALERT)] {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(&hello(minor)).await.unwrap();
        let mut record = [0; 7];
        stream.read_exact(&mut record).await.unwrap();
        assert_eq!(record[0], kind, "3.{minor}: {record:?}");
        if kind == ALERT {
            assert_eq!(record[6], PROTOCOL_VERSION, "3.{minor}: {record:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handshake_that_stalls_is_cut_and_delays_nobody() {
    let ours = authority("ours");
    let (server, _folder) = guarded(&ours, &[]).await;
    let begin = Instant::now();
    let mut stalled = Vec::new();
    for sent in [0, 20, 60] {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(&hello(3)[..sent]).await.unwrap();
        stalled.push(stream);
    }
    assert_eq!(call(&server, None, &ours, "localhost").await, Ok(()));
    assert!(begin.elapsed() < Duration::from_secs(4), "it waited for them");
    for mut stream in stalled {
        let end = tokio::time::timeout(Duration::from_secs(10), stream.read(&mut [0; 16])).await;
        assert!(matches!(end, Ok(Ok(0) | Err(_))), "{end:?}");
    }
}

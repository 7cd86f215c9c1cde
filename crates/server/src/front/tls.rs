//! TLS, and certificates of clients, from PEM files.
//!
//! In: paths. Out: an acceptor. TLS 1.2 and 1.3 with ring; nothing older is compiled in.

use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tokio_rustls::TlsAcceptor;

use crate::config::Config;

/// The acceptor, if the configuration names a certificate.
///
/// # Errors
/// One sentence that names the file.
pub fn acceptor(config: &Config) -> Result<Option<TlsAcceptor>, String> {
    let (Some(cert), Some(key)) = (&config.tls_cert, &config.tls_key) else {
        return Ok(None);
    };
    let chain = entries::<CertificateDer>(cert)?;
    let key = PrivateKeyDer::from_pem_file(key)
        .map_err(|error| format!("tls_key: {}: {error}", key.display()))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?;
    let builder = match &config.tls_client_ca {
        None => builder.with_no_client_auth(),
        Some(path) => {
            let mut roots = RootCertStore::empty();
            for certificate in entries::<CertificateDer>(path)? {
                let wrong = |error| format!("tls_client_ca: {}: {error}", path.display());
                roots.add(certificate).map_err(wrong)?;
            }
            let mut verifier =
                WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
            if let Some(path) = &config.tls_client_crl {
                // With a list, a certificate of an authority without one is refused too.
                verifier = verifier.with_crls(entries::<CertificateRevocationListDer>(path)?);
            }
            let wrong = |error| format!("tls_client_ca and tls_client_crl: {error}");
            builder.with_client_cert_verifier(verifier.build().map_err(wrong)?)
        }
    };
    let mut tls = builder
        .with_single_cert(chain, key)
        .map_err(|error| format!("tls_cert and tls_key: {error}"))?;
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Some(TlsAcceptor::from(Arc::new(tls))))
}

/// What a file holds of a kind, at least one.
fn entries<T: PemObject>(path: &Path) -> Result<Vec<T>, String> {
    let wrong = |what: String| format!("{}: {what}", path.display());
    let found: Result<Vec<_>, _> =
        T::pem_file_iter(path).map_err(|e| wrong(e.to_string()))?.collect();
    let found = found.map_err(|error| wrong(error.to_string()))?;
    if found.is_empty() {
        Err(wrong("nothing of that kind is in it".to_owned()))
    } else {
        Ok(found)
    }
}

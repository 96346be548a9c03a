#ifndef CTLS_H
#define CTLS_H

#include <stddef.h>
#include <stdint.h>

/// TLS connections to one broker, made by OpenSSL for libmosquitto: at least TLS 1.2, and only with a certificate that
/// is valid for the broker's name. libmosquitto by itself does not report why it refused a certificate.
struct pm_tls;

/// NULL if memory has run out or `host` is empty. `host` is a name or an IP address.
struct pm_tls *pm_tls_new(const char *host);

void pm_tls_free(struct pm_tls *tls);

/// The SSL_CTX. It belongs to `tls`.
void *pm_tls_context(struct pm_tls *tls);

/// Results of pm_tls_load: what it could not read; 0 if all is well.
enum { PM_TLS_CA = 1, PM_TLS_CERTIFICATE, PM_TLS_KEY, PM_TLS_KEY_MISMATCH };

/// Reads the files again, for connections from now on. `ca` is a PEM file of CA certificates, or NULL for the system's;
/// `certificate` and `key` may both be NULL.
int pm_tls_load(struct pm_tls *tls, const char *ca, const char *certificate, const char *key);

/// The verification error of the latest handshake, as OpenSSL's text, or NULL.
const char *pm_tls_verify_error(const struct pm_tls *tls);

/// Whether the verification error is about time: the certificate is not valid yet, or has expired.
int pm_tls_verify_error_is_validity(const struct pm_tls *tls);

/// Whether the verification error is that no subject alternative name of the certificate is a host name.
int pm_tls_verify_error_is_nameless(const struct pm_tls *tls);

/// The alert that the broker sent in the latest handshake, as OpenSSL's text, or NULL.
const char *pm_tls_peer_alert(const struct pm_tls *tls);

/// Whether the latest handshake has ended well, and whether anything was received in it.
int pm_tls_is_established(const struct pm_tls *tls);
int pm_tls_has_answer(const struct pm_tls *tls);

/// What the broker speaks instead of TLS, or NULL.
const char *pm_tls_other_protocol(const struct pm_tls *tls);

/// Forgets the latest handshake.
void pm_tls_reset(struct pm_tls *tls);

/// The SHA-256 of the bytes (FIPS 180-4); 0, or -1 if memory has run out.
int pm_sha256(const void *bytes, size_t count, uint8_t digest[32]);

/// Base64 (RFC 4648 section 4) and a zero byte: four bytes for each three of `bytes`, and one.
void pm_base64(const void *bytes, size_t count, char *text);

/// The value of Sec-WebSocket-Accept for a Sec-WebSocket-Key (RFC 6455 section 4.2.2), and a zero byte: 29 bytes.
void pm_websocket_accept(const char *key, char *accept);

#endif

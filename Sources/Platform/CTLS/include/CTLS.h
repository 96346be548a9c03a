#ifndef CTLS_H
#define CTLS_H

/// TLS connections to one broker, as OpenSSL makes them for libmosquitto: TLS 1.2 at least, and nothing but a certificate
/// that is valid for the broker's name. libmosquitto by itself can't say why it refused one.
struct pm_tls;

/// NULL when memory has run out. `host` is a name or an address.
struct pm_tls *pm_tls_new(const char *host);

void pm_tls_free(struct pm_tls *tls);

/// The SSL_CTX, which stays the caller's.
void *pm_tls_context(struct pm_tls *tls);

/// What pm_tls_load could not read, beside 0 for fine.
enum { PM_TLS_CA = 1, PM_TLS_CERTIFICATE, PM_TLS_KEY, PM_TLS_KEY_MISMATCH };

/// Reads the files anew, for the connections from now on. `ca` is a file of certificates in PEM, or NULL for those that this
/// machine trusts; `certificate` and `key` may both be NULL.
int pm_tls_load(struct pm_tls *tls, const char *ca, const char *certificate, const char *key);

/// The verification error of the latest handshake, in OpenSSL's words, or NULL.
const char *pm_tls_verify_error(const struct pm_tls *tls);

/// Whether that is a matter of time: not valid yet, or no longer.
int pm_tls_verify_error_is_validity(const struct pm_tls *tls);

/// Whether it is because no subject alternative name of the certificate is a host's.
int pm_tls_verify_error_is_nameless(const struct pm_tls *tls);

/// What the broker had to object in the latest handshake, in OpenSSL's words, or NULL.
const char *pm_tls_peer_alert(const struct pm_tls *tls);

/// Forgets all of that.
void pm_tls_reset(struct pm_tls *tls);

#endif

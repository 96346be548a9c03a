#include "CTLS.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

struct pm_tls {
	SSL_CTX *context;
	char *host;
	int refusal;
	int is_nameless;
	int objection;
	int is_established;
	int has_answer;
	const char *other_protocol;
};

// Whether a certificate has no host name in its subject alternative names. Its subject does not count, because it is
// text that an authority need not have checked (RFC 9525).
static int names_no_host(const X509 *certificate) {
	GENERAL_NAMES *names = certificate ? X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL) : NULL;
	int count = 0;
	for (int index = 0; index < sk_GENERAL_NAME_num(names); index++)
		if (sk_GENERAL_NAME_value(names, index)->type == GEN_DNS) count++;
	GENERAL_NAMES_free(names);
	return count == 0;
}

// OpenSSL's own check of the chain, the name and the purpose of a server's certificate; records the result.
static int check(X509_STORE_CTX *store, void *argument) {
	struct pm_tls *tls = argument;
	X509_VERIFY_PARAM *rules = X509_STORE_CTX_get0_param(store);
	X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
	int is_set = X509_VERIFY_PARAM_set1_ip_asc(rules, tls->host) || X509_VERIFY_PARAM_set1_host(rules, tls->host, 0);
	int is_valid = is_set && X509_verify_cert(store) == 1;
	tls->refusal = is_valid ? X509_V_OK : X509_STORE_CTX_get_error(store);
	if (!is_valid && tls->refusal == X509_V_OK) tls->refusal = X509_V_ERR_UNSPECIFIED;
	tls->is_nameless = tls->refusal == X509_V_ERR_HOSTNAME_MISMATCH && names_no_host(X509_STORE_CTX_get0_cert(store));
	ERR_clear_error();
	return is_valid;
}

static void note(const SSL *connection, int event, int value) {
	struct pm_tls *tls = SSL_CTX_get_app_data(SSL_get_SSL_CTX(connection));
	if (event & SSL_CB_HANDSHAKE_DONE) tls->is_established = 1;
	if ((event & SSL_CB_READ_ALERT) == SSL_CB_READ_ALERT && (value & 0xff) != SSL_AD_CLOSE_NOTIFY) tls->objection = value;
}

// Looks at the first bytes that the broker sends: OpenSSL only says that a record has a wrong version.
static void look(int is_sent, int version, int type, const void *bytes, size_t count, SSL *connection, void *argument) {
	(void)version;
	(void)connection;
	struct pm_tls *tls = argument;
	if (is_sent || type != SSL3_RT_HEADER || count < 5 || tls->has_answer) return;
	tls->has_answer = 1;
	const unsigned char *header = bytes;
	// The content types of TLS records (RFC 8446 section 5.1).
	if (header[0] >= SSL3_RT_CHANGE_CIPHER_SPEC && header[0] <= SSL3_RT_APPLICATION_DATA) return;
	tls->other_protocol = memcmp(header, "HTTP/", 5) == 0 ? "HTTP" : "another protocol";
}

struct pm_tls *pm_tls_new(const char *host) {
	// OpenSSL would accept any name for an empty one.
	if (!*host) return NULL;
	struct pm_tls *tls = calloc(1, sizeof *tls);
	if (!tls) return NULL;
	tls->host = strdup(host);
	tls->context = SSL_CTX_new(TLS_client_method());
	if (!tls->host || !tls->context || SSL_CTX_set_min_proto_version(tls->context, TLS1_2_VERSION) != 1) {
		pm_tls_free(tls);
		return NULL;
	}
	SSL_CTX_set_app_data(tls->context, tls);
	SSL_CTX_set_verify(tls->context, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_cert_verify_callback(tls->context, check, tls);
	SSL_CTX_set_info_callback(tls->context, note);
	SSL_CTX_set_msg_callback(tls->context, look);
	SSL_CTX_set_msg_callback_arg(tls->context, tls);
	SSL_CTX_set_mode(tls->context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE);
	return tls;
}

void pm_tls_free(struct pm_tls *tls) {
	if (!tls) return;
	SSL_CTX_free(tls->context);
	free(tls->host);
	free(tls);
}

void *pm_tls_context(struct pm_tls *tls) { return tls->context; }

static int load(struct pm_tls *tls, const char *ca, const char *certificate, const char *key) {
	// A new store each time, because a certificate that was trusted before may not be any more.
	X509_STORE *store = X509_STORE_new();
	if (!store) return PM_TLS_CA;
	SSL_CTX_set_cert_store(tls->context, store);
	int is_read = ca ? SSL_CTX_load_verify_file(tls->context, ca) : SSL_CTX_set_default_verify_paths(tls->context);
	if (is_read != 1) return PM_TLS_CA;
	if (!certificate) return 0;
	if (SSL_CTX_use_certificate_chain_file(tls->context, certificate) != 1) return PM_TLS_CERTIFICATE;
	if (SSL_CTX_use_PrivateKey_file(tls->context, key, SSL_FILETYPE_PEM) != 1)
		return ERR_GET_REASON(ERR_peek_last_error()) == X509_R_KEY_VALUES_MISMATCH ? PM_TLS_KEY_MISMATCH : PM_TLS_KEY;
	return SSL_CTX_check_private_key(tls->context) == 1 ? 0 : PM_TLS_KEY_MISMATCH;
}

int pm_tls_load(struct pm_tls *tls, const char *ca, const char *certificate, const char *key) {
	ERR_clear_error();
	int result = load(tls, ca, certificate, key);
	// An error left in OpenSSL's queue would be reported for the next connection.
	ERR_clear_error();
	return result;
}

const char *pm_tls_verify_error(const struct pm_tls *tls) {
	return tls->refusal == X509_V_OK ? NULL : X509_verify_cert_error_string(tls->refusal);
}

int pm_tls_verify_error_is_validity(const struct pm_tls *tls) {
	return tls->refusal == X509_V_ERR_CERT_NOT_YET_VALID || tls->refusal == X509_V_ERR_CERT_HAS_EXPIRED;
}

int pm_tls_verify_error_is_nameless(const struct pm_tls *tls) { return tls->is_nameless; }

const char *pm_tls_peer_alert(const struct pm_tls *tls) {
	// OpenSSL has no text for this alert of TLS 1.3.
	if ((tls->objection & 0xff) == SSL_AD_CERTIFICATE_REQUIRED) return "certificate required";
	return tls->objection ? SSL_alert_desc_string_long(tls->objection) : NULL;
}

int pm_tls_is_established(const struct pm_tls *tls) { return tls->is_established; }

int pm_tls_has_answer(const struct pm_tls *tls) { return tls->has_answer; }

const char *pm_tls_other_protocol(const struct pm_tls *tls) { return tls->other_protocol; }

void pm_tls_reset(struct pm_tls *tls) {
	tls->is_established = 0;
	tls->has_answer = 0;
	tls->other_protocol = NULL;
	tls->refusal = X509_V_OK;
	tls->is_nameless = 0;
	tls->objection = 0;
}

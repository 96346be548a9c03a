#include "CTLS.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

int pm_sha256(const void *bytes, size_t count, uint8_t digest[32]) {
	return EVP_Digest(bytes, count, digest, NULL, EVP_sha256(), NULL) == 1 ? 0 : -1;
}

void pm_base64(const void *bytes, size_t count, char *text) {
	EVP_EncodeBlock((unsigned char *)text, bytes, (int)count);
}

void pm_websocket_accept(const char *key, char *accept) {
	char text[128];
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int count = 0;
	snprintf(text, sizeof text, "%s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", key);
	EVP_Digest(text, strlen(text), digest, &count, EVP_sha1(), NULL);
	pm_base64(digest, count, accept);
}

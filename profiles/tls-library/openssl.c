/*
 * An OpenSSL server with external pre-shared keys (SSL_CTX_set_psk_server_callback and its TLS 1.3 counterpart), or with
 * a certificate.
 */
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <string.h>
#include <strings.h>

#include "gateway.h"

const char library_usage[] =
    "usage: openssl HOST SOCKET OLDEST NEWEST CIPHERS CIPHERSUITES (psk HINT | certificate CHAIN KEY), with versions as "
    "OpenSSL's MinProtocol has them and files in PEM";

static SSL_CTX *context;
static bool has_certificate;

static struct visit *visit_of(const SSL *ssl) { return SSL_get_app_data(ssl); }

static const char *version_of(const SSL *ssl) {
  switch (SSL_version(ssl)) {
    case TLS1_VERSION: return "1.0";
    case TLS1_1_VERSION: return "1.1";
    case TLS1_2_VERSION: return "1.2";
    default: return "1.3";
  }
}

/* The server name (RFC 6066 3): in TLS 1.3 OpenSSL asks for keys before SSL_get_servername knows it. */
static int on_client_hello(SSL *ssl, int *alert, void *unused) {
  const unsigned char *list;
  size_t size;
  (void)unused;
  if (!SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_server_name, &list, &size)) return SSL_CLIENT_HELLO_SUCCESS;
  /* One name of type host_name in a list: what is more or less is malformed. */
  size_t length = size < 5 ? 0 : (size_t)list[3] << 8 | list[4];
  if (length == 0 || length > MAX_SERVER_NAME || size != length + 5 || list[2] != TLSEXT_NAMETYPE_host_name ||
      memchr(list + 5, 0, length) != NULL) {
    *alert = SSL_AD_DECODE_ERROR;
    return SSL_CLIENT_HELLO_ERROR;
  }
  memcpy(visit_of(ssl)->server_name, list + 5, length);
  return SSL_CLIENT_HELLO_SUCCESS;
}

static int on_server_name(SSL *ssl, int *alert, void *unused) {
  (void)ssl, (void)alert, (void)unused;
  return SSL_TLSEXT_ERR_OK;
}

/* What goes into a session, and so into its tickets: for which name, and whose key it rests on. */
struct origin {
  char server_name[MAX_SERVER_NAME + 1];
  size_t identity_length;
  unsigned char identity[MAX_IDENTITY];
};

static bool remember(SSL_SESSION *session, const struct visit *visit) {
  struct origin origin = {.identity_length = visit->identity_length};
  memcpy(origin.server_name, visit->server_name, sizeof origin.server_name);
  memcpy(origin.identity, visit->identity, visit->identity_length);
  return SSL_SESSION_set1_ticket_appdata(session, &origin, sizeof origin) == 1;
}

/* TLS 1.2 and older. OpenSSL gives the identity as a string of C, cut at the first NUL. */
static unsigned on_identity(SSL *ssl, const char *identity, unsigned char *key, unsigned size) {
  /* OpenSSL comes here in TLS 1.3 too, with what on_identity13 did not know. */
  if (SSL_version(ssl) == TLS1_3_VERSION) return 0;
  struct visit *visit = visit_of(ssl);
  const unsigned char *octets = (const unsigned char *)identity;
  unsigned suite = SSL_CIPHER_get_protocol_id(SSL_get_pending_cipher(ssl));
  if (size < KEY_LENGTH || !ask_key(visit, octets, strlen(identity), version_of(ssl), suite, key)) return 0;
  return remember(SSL_get_session(ssl), visit) ? KEY_LENGTH : 0;
}

/* TLS 1.3, for each identity that is offered until one has a key; tickets come here first too. */
static int on_identity13(SSL *ssl, const unsigned char *identity, size_t length, SSL_SESSION **found) {
  static const unsigned char sha256_suite[] = {0x13, 0x01};
  unsigned char key[KEY_LENGTH];
  struct visit *visit = visit_of(ssl);
  *found = NULL;
  if (!ask_key(visit, identity, length, "1.3", 0, key)) return 1;
  SSL_SESSION *session = SSL_SESSION_new();
  if (session != NULL && SSL_SESSION_set1_master_key(session, key, sizeof key) &&
      SSL_SESSION_set_cipher(session, SSL_CIPHER_find(ssl, sha256_suite)) &&
      SSL_SESSION_set_protocol_version(session, TLS1_3_VERSION) && remember(session, visit)) {
    *found = session;
    return 1;
  }
  SSL_SESSION_free(session);
  return 0;
}

static void use_keys(const char *hint) {
  SSL_CTX_set_psk_server_callback(context, on_identity);
  SSL_CTX_set_psk_find_session_callback(context, on_identity13);
  if (!SSL_CTX_use_psk_identity_hint(context, hint)) give_up("the hint is too long");
}

static void use_certificate(const char *chain, const char *key) {
  has_certificate = true;
  if (SSL_CTX_use_certificate_chain_file(context, chain) != 1 ||
      SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1)
    give_up("OpenSSL does not take the certificate");
}

void library_start(int argc, char **argv) {
  if (argc < 6) give_up(library_usage);
  context = SSL_CTX_new(TLS_server_method());
  SSL_CONF_CTX *settings = SSL_CONF_CTX_new();
  SSL_CONF_CTX_set_flags(settings, SSL_CONF_FLAG_FILE | SSL_CONF_FLAG_SERVER);
  SSL_CONF_CTX_set_ssl_ctx(settings, context);
  const char *names[] = {"MinProtocol", "MaxProtocol", "CipherString", "Ciphersuites"};
  for (int i = 0; i < 4; i++)
    if (SSL_CONF_cmd(settings, names[i], argv[i]) != 2) give_up(library_usage);
  SSL_CONF_CTX_free(settings);
  SSL_CTX_set_dh_auto(context, 1);
  SSL_CTX_set_options(context, SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_session_id_context(context, (const unsigned char *)"seccf", 5);
  SSL_CTX_set_client_hello_cb(context, on_client_hello, NULL);
  SSL_CTX_set_tlsext_servername_callback(context, on_server_name);
  if (argc == 6 && strcmp(argv[4], "psk") == 0) use_keys(argv[5]);
  else if (argc == 7 && strcmp(argv[4], "certificate") == 0) use_certificate(argv[5], argv[6]);
  else give_up(library_usage);
}

void *session_start(struct visit *visit) {
  SSL *ssl = SSL_new(context);
  if (ssl == NULL || !SSL_set_fd(ssl, visit->tcp)) give_up("no memory for another connection");
  SSL_set_app_data(ssl, visit);
  SSL_set_accept_state(ssl);
  return ssl;
}

static int outcome_of(SSL *ssl, int result) {
  switch (SSL_get_error(ssl, result)) {
    case SSL_ERROR_NONE: return result;
    case SSL_ERROR_WANT_READ: return WANTS_READ;
    case SSL_ERROR_WANT_WRITE: return WANTS_WRITE;
    case SSL_ERROR_ZERO_RETURN: return 0;
    default: ERR_print_errors_fp(stderr); return BROKEN;
  }
}

int session_handshake(void *session) {
  ERR_clear_error();
  int outcome = outcome_of(session, SSL_do_handshake(session));
  /* 0: ended by a close_notify. */
  return outcome == 1 ? 0 : outcome == 0 ? BROKEN : outcome;
}

/* Whose key the session rests on, of this handshake or of one before it. */
static bool read_origin(SSL *ssl, struct visit *visit) {
  void *data;
  size_t length;
  struct origin origin;
  if (!SSL_SESSION_get0_ticket_appdata(SSL_get_session(ssl), &data, &length) || length != sizeof origin) return false;
  memcpy(&origin, data, sizeof origin);
  /* A session goes on for the name for which it was made, and for no other. */
  if (strcasecmp(origin.server_name, visit->server_name) != 0) return false;
  memcpy(visit->identity, origin.identity, origin.identity_length);
  visit->identity_length = origin.identity_length;
  return true;
}

bool session_describe(void *session, struct visit *visit, struct established *told) {
  SSL *ssl = session;
  if (!has_certificate && !read_origin(ssl, visit)) return false;
  told->version = version_of(ssl);
  told->suite = SSL_CIPHER_standard_name(SSL_get_current_cipher(ssl));
  /* OpenSSL calls an external PSK of TLS 1.3 a resumed session too. */
  told->resumed = SSL_session_reused(ssl) && !visit->has_key;
  return SSL_export_keying_material(ssl, told->exporter, EXPORTER_LENGTH, EXPORTER_LABEL, strlen(EXPORTER_LABEL),
                                    (const unsigned char *)"", 0, 1) == 1;
}

int session_read(void *session, unsigned char *to, int length) {
  ERR_clear_error();
  return outcome_of(session, SSL_read(session, to, length));
}

int session_write(void *session, const unsigned char *from, int length) {
  ERR_clear_error();
  return outcome_of(session, SSL_write(session, from, length));
}

void session_close(void *session) { SSL_shutdown(session); }

void session_free(void *session) { SSL_free(session); }

/* A GnuTLS server with external pre-shared keys (gnutls_psk_set_server_credentials_function2), or with a certificate. */
#include <gnutls/gnutls.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "gateway.h"

const char library_usage[] =
    "usage: gnutls HOST SOCKET PRIORITY (psk HINT | certificate CHAIN KEY), with files in PEM";

static gnutls_priority_t priority;
static gnutls_psk_server_credentials_t keys;
static gnutls_certificate_credentials_t certificate; /* NULL: keys */
static gnutls_datum_t ticket_key;

/* What belongs to one connection beside the session. */
struct state {
  gnutls_session_t session;
  struct visit *visit;
  unsigned suite; /* of the ServerHello */
};

static const char *version_of(gnutls_session_t session) {
  switch (gnutls_protocol_get_version(session)) {
    case GNUTLS_TLS1_0: return "1.0";
    case GNUTLS_TLS1_1: return "1.1";
    case GNUTLS_TLS1_2: return "1.2";
    default: return "1.3";
  }
}

/* The name that the terminal sent, if it sent one. */
static bool read_server_name(gnutls_session_t session, struct visit *visit) {
  unsigned type;
  size_t size = sizeof visit->server_name;
  int outcome = gnutls_server_name_get(session, visit->server_name, &size, &type, 0);
  if (outcome == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE) return true;
  return outcome == 0 && type == GNUTLS_NAME_DNS;
}

/* The suite, which is part of NAF_Id, is told nowhere while the handshake is under way: ServerHello has it. */
static int on_server_hello(gnutls_session_t session, unsigned type, unsigned when, unsigned incoming,
                           const gnutls_datum_t *message) {
  struct state *state = gnutls_session_get_ptr(session);
  (void)type, (void)when, (void)incoming;
  /* Version, random, and the session id with its length (RFC 5246 7.4.1.3). */
  unsigned suite_at = message->size < 35 ? UINT16_MAX : 35u + message->data[34];
  if (suite_at + 2 <= message->size) state->suite = (unsigned)(message->data[suite_at] << 8) | message->data[suite_at + 1];
  return 0;
}

/* 1: unknown, and GnuTLS goes on with a random key to hide that it is (RFC 4279 2). */
static int on_identity(gnutls_session_t session, const gnutls_datum_t *identity, gnutls_datum_t *key) {
  struct state *state = gnutls_session_get_ptr(session);
  unsigned char octets[KEY_LENGTH];
  if (!read_server_name(session, state->visit)) return -1;
  const char *version = version_of(session);
  if (!ask_key(state->visit, identity->data, identity->size, version, state->suite, octets)) return 1;
  key->data = gnutls_malloc(KEY_LENGTH);
  if (key->data == NULL) return -1;
  memcpy(key->data, octets, KEY_LENGTH);
  key->size = KEY_LENGTH;
  return 0;
}

static void use_keys(const char *hint) {
  if (gnutls_psk_allocate_server_credentials(&keys) != 0 ||
      gnutls_psk_set_server_known_dh_params(keys, GNUTLS_SEC_PARAM_MEDIUM) != 0 ||
      gnutls_psk_set_server_credentials_hint(keys, hint) != 0)
    give_up("GnuTLS has no credentials for keys");
  gnutls_psk_set_server_credentials_function2(keys, on_identity);
}

static void use_certificate(const char *chain, const char *key) {
  if (gnutls_certificate_allocate_credentials(&certificate) != 0 ||
      gnutls_certificate_set_x509_key_file(certificate, chain, key, GNUTLS_X509_FMT_PEM) < 0)
    give_up("GnuTLS does not take the certificate");
}

void library_start(int argc, char **argv) {
  if (argc < 3 || gnutls_priority_init(&priority, argv[0], NULL) != 0) give_up(library_usage);
  if (gnutls_session_ticket_key_generate(&ticket_key) != 0) give_up("GnuTLS has no ticket key");
  if (argc == 3 && strcmp(argv[1], "psk") == 0) use_keys(argv[2]);
  else if (argc == 4 && strcmp(argv[1], "certificate") == 0) use_certificate(argv[2], argv[3]);
  else give_up(library_usage);
}

void *session_start(struct visit *visit) {
  struct state *state = gnutls_calloc(1, sizeof *state);
  if (state == NULL || gnutls_init(&state->session, GNUTLS_SERVER | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL) != 0)
    give_up("no memory for another connection");
  gnutls_session_t session = state->session;
  state->visit = visit;
  gnutls_session_set_ptr(session, state);
  gnutls_priority_set(session, priority);
  if (certificate == NULL) gnutls_credentials_set(session, GNUTLS_CRD_PSK, keys);
  else gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, certificate);
  gnutls_session_ticket_enable_server(session, &ticket_key);
  gnutls_handshake_set_hook_function(session, GNUTLS_HANDSHAKE_SERVER_HELLO, GNUTLS_HOOK_POST, on_server_hello);
  gnutls_handshake_set_timeout(session, GNUTLS_INDEFINITE_TIMEOUT);
  gnutls_transport_set_int(session, visit->tcp);
  return state;
}

/* A fatal error is told to the terminal as GnuTLS maps it to an alert. */
static int outcome_of(gnutls_session_t session, long result) {
  if (result >= 0) return (int)result;
  if (result == GNUTLS_E_AGAIN || result == GNUTLS_E_INTERRUPTED)
    return gnutls_record_get_direction(session) == 0 ? WANTS_READ : WANTS_WRITE;
  if (!gnutls_error_is_fatal((int)result)) return WANTS_READ;
  fprintf(stderr, "%s\n", gnutls_strerror((int)result));
  gnutls_alert_send_appropriate(session, (int)result);
  return BROKEN;
}

int session_handshake(void *session) {
  struct state *state = session;
  int result = gnutls_handshake(state->session);
  /* A warning alert, for example: GnuTLS wants to be called again, without waiting. */
  while (result < 0 && result != GNUTLS_E_AGAIN && !gnutls_error_is_fatal(result))
    result = gnutls_handshake(state->session);
  return outcome_of(state->session, result);
}

/* Whose key the session rests on, of this handshake or of one before it. */
static bool read_identity(gnutls_session_t session, struct visit *visit) {
  gnutls_datum_t identity;
  if (gnutls_psk_server_get_username2(session, &identity) != 0 || identity.size > MAX_IDENTITY) return false;
  memcpy(visit->identity, identity.data, identity.size);
  visit->identity_length = identity.size;
  return true;
}

bool session_describe(void *opaque, struct visit *visit, struct established *told) {
  gnutls_session_t session = ((struct state *)opaque)->session;
  if (!read_server_name(session, visit) || (certificate == NULL && !read_identity(session, visit))) return false;
  told->version = version_of(session);
  told->suite = gnutls_ciphersuite_get(session);
  told->resumed = gnutls_session_is_resumed(session) != 0 && !visit->has_key;
  return told->suite != NULL && gnutls_prf_rfc5705(session, strlen(EXPORTER_LABEL), EXPORTER_LABEL, 0, "",
                                                   EXPORTER_LENGTH, (char *)told->exporter) == 0;
}

int session_read(void *session, unsigned char *to, int length) {
  struct state *state = session;
  long result = gnutls_record_recv(state->session, to, (size_t)length);
  while (result < 0 && result != GNUTLS_E_AGAIN && !gnutls_error_is_fatal((int)result)) {
    /* A second handshake would change NAF_Id (TS 33.220 H.3): the terminal may go on without one. */
    if (result == GNUTLS_E_REHANDSHAKE)
      gnutls_alert_send(state->session, GNUTLS_AL_WARNING, GNUTLS_A_NO_RENEGOTIATION);
    result = gnutls_record_recv(state->session, to, (size_t)length);
  }
  return outcome_of(state->session, result);
}

int session_write(void *session, const unsigned char *from, int length) {
  struct state *state = session;
  return outcome_of(state->session, gnutls_record_send(state->session, from, (size_t)length));
}

void session_close(void *session) { gnutls_bye(((struct state *)session)->session, GNUTLS_SHUT_WR); }

void session_free(void *session) {
  gnutls_deinit(((struct state *)session)->session);
  gnutls_free(session);
}

/*
 * What the two programs have in common: a TLS server of somebody else's between a terminal (TCP) and the enabler (a
 * Unix stream for each connection). openssl.c and gnutls.c say what their library does; gateway.c does the rest.
 *
 * On the Unix stream go lines, then octets. Texts are in hex, "-" for none.
 *
 *   key IDENTITY SERVER-NAME VERSION SUITE           asks for the key of an identity; may come several times
 *   HEX | none                                       the answer
 *   open IDENTITY SERVER-NAME VERSION SUITE-NAME RESUMED EXPORTER     the handshake is done; plain octets follow
 */
#ifndef GATEWAY_H
#define GATEWAY_H

#include <stdbool.h>
#include <stddef.h>

/* An identity that is longer is nobody's. */
#define MAX_IDENTITY 1024
#define MAX_SERVER_NAME 255
/* Ks_NAF; tls-exporter of RFC 9266. Octets. */
#define KEY_LENGTH 32
#define EXPORTER_LABEL "EXPORTER-Channel-Binding"
#define EXPORTER_LENGTH 32

/* One connection of a terminal. */
struct visit {
  int tcp;
  int stream;
  char server_name[MAX_SERVER_NAME + 1]; /* empty: none */
  unsigned char identity[MAX_IDENTITY];  /* whose the connection is */
  size_t identity_length;
  bool has_key; /* the key was asked for in this handshake */
};

/* What a connection is when the handshake is done. */
struct established {
  const char *version; /* 1.0 to 1.3 */
  const char *suite;   /* IANA name */
  bool resumed;
  unsigned char exporter[EXPORTER_LENGTH];
};

/* What a step of the library came to; 0 and more are octets, and 0 is the end that the terminal told. */
enum { WANTS_READ = -1, WANTS_WRITE = -2, BROKEN = -3 };

/* Asks the enabler. Keeps the identity and gives true when it has a key. `suite`: 0 when it does not matter. */
bool ask_key(struct visit *visit, const unsigned char *identity, size_t length, const char *version,
             unsigned suite, unsigned char key[KEY_LENGTH]);

/* Says on stderr what does not work, and ends the program. */
_Noreturn void give_up(const char *what);

/* What each library has. */
extern const char library_usage[];
void library_start(int argc, char **argv); /* the arguments that gateway.c does not take */
void *session_start(struct visit *visit);
int session_handshake(void *session); /* 0: done */
bool session_describe(void *session, struct visit *visit, struct established *established);
int session_read(void *session, unsigned char *to, int length);
int session_write(void *session, const unsigned char *from, int length);
void session_close(void *session); /* close_notify */
void session_free(void *session);

#endif

#define _GNU_SOURCE
#include "gateway.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

/* Milliseconds. */
#define HANDSHAKE_MS 10000
#define IDLE_MS 120000
#define LINGER_MS 1000
#define MAX_CONNECTIONS 1000
#define MAX_LINE (2 * MAX_IDENTITY + 2 * MAX_SERVER_NAME + 256)

static struct sockaddr_un enabler = {.sun_family = AF_UNIX};
static atomic_int connections;

void give_up(const char *what) {
  fprintf(stderr, "%s\n", what);
  exit(1);
}

static long now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Puts octets as hex behind `to`, "-" for none, and gives the end. */
static char *put_hex(char *to, const unsigned char *octets, size_t length) {
  if (length == 0) to += sprintf(to, "-");
  for (size_t i = 0; i < length; i++) to += sprintf(to, "%02x", octets[i]);
  return to;
}

static bool send_all(int socket, const void *from, size_t length) {
  for (const char *next = from; length > 0;) {
    ssize_t sent = send(socket, next, length, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    next += sent;
    length -= (size_t)sent;
  }
  return true;
}

static bool waits_for(int socket, short events, long until) {
  struct pollfd one = {.fd = socket, .events = events};
  long left = until - now_ms();
  return left > 0 && poll(&one, 1, (int)left) > 0;
}

/* The line that both messages begin with. */
static char *put_visit(char *to, const char *word, const struct visit *visit, const unsigned char *identity,
                       size_t length) {
  to += sprintf(to, "%s ", word);
  to = put_hex(to, identity, length);
  *to++ = ' ';
  return put_hex(to, (const unsigned char *)visit->server_name, strlen(visit->server_name));
}

bool ask_key(struct visit *visit, const unsigned char *identity, size_t length, const char *version,
             unsigned suite, unsigned char key[KEY_LENGTH]) {
  if (length > MAX_IDENTITY) return false;
  char line[MAX_LINE];
  char *end = put_visit(line, "key", visit, identity, length);
  end += sprintf(end, " %s %04x\n", version, suite & 0xffff);
  if (!send_all(visit->stream, line, (size_t)(end - line))) return false;
  char answer[2 * KEY_LENGTH + 1];
  size_t have = 0;
  /* One by one: what follows the line is not ours. */
  while (have < sizeof answer && recv(visit->stream, answer + have, 1, 0) == 1 && answer[have] != '\n') have++;
  if (have != 2 * KEY_LENGTH) return false;
  for (size_t i = 0; i < KEY_LENGTH; i++)
    if (sscanf(answer + 2 * i, "%2hhx", &key[i]) != 1) return false;
  memcpy(visit->identity, identity, length);
  visit->identity_length = length;
  visit->has_key = true;
  return true;
}

static bool shake_hands(struct visit *visit, void *session) {
  long until = now_ms() + HANDSHAKE_MS;
  for (;;) {
    int outcome = session_handshake(session);
    if (outcome == 0) return true;
    if (outcome == BROKEN || !waits_for(visit->tcp, outcome == WANTS_READ ? POLLIN : POLLOUT, until)) return false;
  }
}

static bool tell_open(struct visit *visit, void *session) {
  struct established told;
  if (!session_describe(session, visit, &told)) return false;
  char line[MAX_LINE];
  char *end = put_visit(line, "open", visit, visit->identity, visit->identity_length);
  end += sprintf(end, " %s %s %d ", told.version, told.suite, told.resumed);
  end = put_hex(end, told.exporter, EXPORTER_LENGTH);
  *end++ = '\n';
  return send_all(visit->stream, line, (size_t)(end - line));
}

/* What the terminal sent goes to the enabler. False: the connection is over. */
static bool receive(struct visit *visit, void *session, bool *terminal_ended) {
  unsigned char octets[16384];
  for (;;) {
    int length = session_read(session, octets, sizeof octets);
    if (length == WANTS_READ || length == WANTS_WRITE) return true;
    if (length == BROKEN) return false;
    if (length == 0) {
      *terminal_ended = true;
      return shutdown(visit->stream, SHUT_WR) == 0;
    }
    if (!send_all(visit->stream, octets, (size_t)length)) return false;
  }
}

/* What the enabler sent goes to the terminal. False: the connection is over. */
static bool answer(struct visit *visit, void *session) {
  unsigned char octets[16384];
  ssize_t length = recv(visit->stream, octets, sizeof octets, 0);
  if (length <= 0) {
    session_close(session);
    return false;
  }
  for (ssize_t sent = 0; sent < length;) {
    int outcome = session_write(session, octets + sent, (int)(length - sent));
    if (outcome == BROKEN) return false;
    if (outcome >= 0) sent += outcome;
    else if (!waits_for(visit->tcp, outcome == WANTS_READ ? POLLIN : POLLOUT, now_ms() + IDLE_MS)) return false;
  }
  return true;
}

static void pump(struct visit *visit, void *session) {
  bool terminal_ended = false;
  while (terminal_ended || receive(visit, session, &terminal_ended)) {
    struct pollfd both[] = {{.fd = visit->stream, .events = POLLIN},
                            {.fd = terminal_ended ? -1 : visit->tcp, .events = POLLIN}};
    if (poll(both, 2, IDLE_MS) <= 0) return;
    if (both[0].revents != 0 && !answer(visit, session)) return;
  }
}

/* A reset would take away from the terminal what was sent last. */
static void linger(int tcp) {
  char dropped[4096];
  long until = now_ms() + LINGER_MS;
  shutdown(tcp, SHUT_WR);
  while (waits_for(tcp, POLLIN, until) && recv(tcp, dropped, sizeof dropped, 0) > 0) continue;
}

static void *serve(void *argument) {
  struct visit *visit = argument;
  visit->stream = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connect(visit->stream, (struct sockaddr *)&enabler, sizeof enabler) == 0) {
    void *session = session_start(visit);
    if (shake_hands(visit, session) && tell_open(visit, session)) pump(visit, session);
    close(visit->stream);
    linger(visit->tcp);
    session_free(session);
  } else {
    perror("the enabler's socket");
    close(visit->stream);
  }
  close(visit->tcp);
  free(visit);
  atomic_fetch_sub(&connections, 1);
  return NULL;
}

static int listen_on(const char *host) {
  struct sockaddr_in address = {.sin_family = AF_INET};
  socklen_t size = sizeof address;
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (inet_pton(AF_INET, host, &address.sin_addr) != 1) give_up("the host is no IPv4 address");
  if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, SOMAXCONN) != 0 ||
      getsockname(listener, (struct sockaddr *)&address, &size) != 0)
    give_up("cannot listen on the host");
  printf("%d\n", ntohs(address.sin_port));
  fflush(stdout);
  return listener;
}

/* Arguments: IPv4 address to listen on, path of the enabler's socket, then the library's. Prints the port. */
int main(int argc, char **argv) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  signal(SIGPIPE, SIG_IGN);
  if (argc < 3 || strlen(argv[2]) >= sizeof enabler.sun_path) give_up(library_usage);
  strcpy(enabler.sun_path, argv[2]);
  library_start(argc - 3, argv + 3);
  int listener = listen_on(argv[1]);
  for (;;) {
    int tcp = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (tcp < 0) continue;
    struct visit *visit = calloc(1, sizeof *visit);
    pthread_t thread;
    if (visit == NULL || atomic_fetch_add(&connections, 1) >= MAX_CONNECTIONS) {
      if (visit != NULL) atomic_fetch_sub(&connections, 1);
      free(visit);
      close(tcp);
      continue;
    }
    visit->tcp = tcp;
    if (pthread_create(&thread, NULL, serve, visit) != 0) give_up("no thread for another connection");
    pthread_detach(thread);
  }
}

#!/bin/sh
# The application behind Apache, as CGI (RFC 3875). It trusts REMOTE_USER, which Apache sets to the B-TID.
say() {
  printf 'Content-Type: text/plain\r\n\r\n%s\n' "$1"
}

count() {
  [ -f "$1" ] && wc -l < "$1" || echo 0
}

case $PATH_INFO in
  /protected) say "protected resource of Apache" ;;
  /open) say "open resource of Apache for user=${REMOTE_USER:-nobody}" ;;
  /identity) say "user=$REMOTE_USER" ;;
  /view)
    [ "$SSL_SESSION_RESUMED" = Resumed ] && resumed=true || resumed=false
    say "version=$SSL_PROTOCOL
suite=$SSL_CIPHER
serverName=$SSL_TLS_SNI
resumed=$resumed
user=$REMOTE_USER"
    ;;
  /counters/*[!a-zA-Z0-9-]* | /counters/) printf 'Status: 404\r\n\r\n' ;;
  /counters/*)
    file=${0%/*}/counters/${PATH_INFO#/counters/}
    # A line for each change: appending a few octets is atomic.
    [ "$REQUEST_METHOD" != POST ] || echo changed >> "$file"
    say "count=$(count "$file")"
    ;;
  *) printf 'Status: 404\r\n\r\n' ;;
esac

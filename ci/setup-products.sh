#!/usr/bin/env bash
# Installs the Debian products that `npm run test:products` measures the harness against.
# Needs root and apt-get; says nothing and changes nothing when everything is there already.
set -euo pipefail

PACKAGES=(stunnel4 gnutls-bin apache2 libosmocore-utils openssl curl iproute2 tshark
  freediameterd freediameter-extensions gcc libc6-dev libgnutls28-dev libssl-dev)

fail() {
  printf 'setup-products: %s\n' "$1" >&2
  exit 1
}

command -v apt-get >/dev/null && command -v dpkg-query >/dev/null ||
  fail "there is no apt-get: install ${PACKAGES[*]} with the package manager of this system."

missing=()
for package in "${PACKAGES[@]}"; do
  status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$status" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

[ "$(id -u)" = 0 ] ||
  fail "${missing[*]} missing, and only root can install them: run this script with sudo."

export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
trap 'rm -f "$log"' EXIT

quietly() {
  "$@" </dev/null >"$log" 2>&1 || {
    tail -n 20 "$log" >&2
    fail "\"$*\" failed, see above. Check that the package sources answer, then run this script again."
  }
}

quietly apt-get update -q
quietly apt-get install -q -y --no-install-recommends "${missing[@]}"

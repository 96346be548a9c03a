#!/bin/sh
# Makes the certificates for a broker with TLS: a certificate authority (CA) of your own, and certificates signed by it.
#
# usage: broker/certificates.sh ca DIR                  a CA: DIR/ca.pem to distribute, DIR/ca.key to keep secret
#        broker/certificates.sh broker DIR NAME...      DIR/NAME.pem and .key for a broker with these names or addresses
#        broker/certificates.sh client DIR NAME         the same for an agent, a pm-cluster or a person of that name
#
# PM_CERT_DAYS is the validity in days (default: 3650 for the CA, 397 for others). Existing files are not changed.
set -eu
umask 077

fail() {
	echo "certificates.sh: $1" >&2
	exit 1
}

# key FILE
key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1"; }

# sign NAME EXTENSIONS
sign() {
	[ -f "$dir/ca.key" ] || fail "$dir has no CA: run broker/certificates.sh ca $dir"
	[ ! -e "$dir/$1.pem" ] || { echo "$dir/$1.pem already exists"; exit 0; }
	# The files get their names only after success, so that they are always complete.
	new=$(mktemp -d "$dir/new.XXXXXX")
	trap 'rm -rf "$new"' EXIT
	key "$new/key"
	printf '%b' "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n$2\n" >"$new/extensions"
	# A common name has at most 64 bytes. It is used only in client certificates, as the user name.
	openssl req -new -key "$new/key" -subj "/CN=$(printf %.64s "$1")" -out "$new/request"
	openssl x509 -req -in "$new/request" -CA "$dir/ca.pem" -CAkey "$dir/ca.key" -set_serial "0x$(openssl rand -hex 16)" \
		-days "${PM_CERT_DAYS:-397}" -extfile "$new/extensions" -out "$new/certificate" 2>"$new/errors" ||
		fail "openssl: $(cat "$new/errors")"
	chmod 644 "$new/certificate"
	mv "$new/key" "$dir/$1.key"
	mv "$new/certificate" "$dir/$1.pem"
	echo "$dir/$1.pem, $dir/$1.key"
}

[ $# -ge 2 ] || fail "usage: ca DIR | broker DIR NAME... | client DIR NAME"
kind=$1 dir=$2
shift 2
for name in "$@"; do
	case $name in *[!A-Za-z0-9._:-]* | "" | -*) fail "\"$name\" is not a valid name for a certificate" ;; esac
done
mkdir -p "$dir"
case $kind in
ca)
	[ ! -e "$dir/ca.pem" ] || { echo "$dir/ca.pem already exists"; exit 0; }
	key "$dir/ca.key"
	openssl req -x509 -new -key "$dir/ca.key" -subj "/CN=pmqtt authority" -days "${PM_CERT_DAYS:-3650}" \
		-addext "basicConstraints=critical,CA:TRUE,pathlen:0" -addext "keyUsage=critical,keyCertSign,cRLSign" -out "$dir/ca.pem"
	chmod 644 "$dir/ca.pem"
	echo "$dir/ca.pem, $dir/ca.key"
	;;
broker)
	[ $# -ge 1 ] || fail "a broker needs a name"
	alternatives=
	for name in "$@"; do
		# Only digits and at least three dots: an IPv4 address. 1.2.3.4.example is a name.
		case $name in
		*:*) form=IP ;;
		*[!0-9.]*) form=DNS ;;
		*.*.*.*) form=IP ;;
		*) form=DNS ;;
		esac
		alternatives="$alternatives${alternatives:+,}$form:$name"
	done
	sign "$1" "extendedKeyUsage=serverAuth\nsubjectAltName=$alternatives"
	;;
client)
	[ $# -eq 1 ] || fail "a client has one name"
	[ ${#1} -le 64 ] || fail "\"$1\" is longer than 64 characters"
	sign "$1" "extendedKeyUsage=clientAuth"
	;;
*) fail "usage: ca DIR | broker DIR NAME... | client DIR NAME" ;;
esac

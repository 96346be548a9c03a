#!/bin/sh
# Makes what a broker with TLS takes: an authority of your own, and certificates that it vouches for.
#
# usage: broker/certificates.sh ca DIR                  an authority: DIR/ca.pem for everybody, DIR/ca.key for nobody else
#        broker/certificates.sh broker DIR NAME...      DIR/NAME.pem and .key for a broker of these names and addresses
#        broker/certificates.sh client DIR NAME         the same for an agent, a pm-cluster or a person of that name
#
# PM_CERT_DAYS says for how long: 3650 for the authority, 397 else. What is there already is left alone.
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
	[ -f "$dir/ca.key" ] || fail "$dir holds no authority: broker/certificates.sh ca $dir"
	[ ! -e "$dir/$1.pem" ] || { echo "$dir/$1.pem is there already"; exit 0; }
	# Under their names only when all has gone well, so that what is there is whole.
	new=$(mktemp -d "$dir/new.XXXXXX")
	trap 'rm -rf "$new"' EXIT
	key "$new/key"
	printf '%b' "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n$2\n" >"$new/extensions"
	# A subject holds 64 bytes; only a client's counts, as the name of its user.
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
	case $name in *[!A-Za-z0-9._:-]* | "" | -*) fail "\"$name\" is no name for a certificate" ;; esac
done
mkdir -p "$dir"
case $kind in
ca)
	[ ! -e "$dir/ca.pem" ] || { echo "$dir/ca.pem is there already"; exit 0; }
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
		# A name may look like an address, as 1.2.3.4.example does; what is digits and three dots is one.
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
	[ ${#1} -le 64 ] || fail "\"$1\" is longer than 64"
	sign "$1" "extendedKeyUsage=clientAuth"
	;;
*) fail "usage: ca DIR | broker DIR NAME... | client DIR NAME" ;;
esac

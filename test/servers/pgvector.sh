#!/bin/sh
# pgvector.sh MAJOR DEST: compiles Debian's pgvector against Debian's headers of that major, into DEST/{lib,extension}.
set -eu
major=$1 dest=$2
case $major in
  15) suite=bookworm ;;
  17) suite=trixie ;;
  18) suite=sid ;;
  *) echo "Debian has no headers of PostgreSQL $major" >&2; exit 1 ;;
esac
command -v gcc >/dev/null || { echo "gcc is needed" >&2; exit 1; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
. "$(dirname "$0")/debian.sh"
debian_apt "$work" "deb @ $suite main
deb-src @ trixie main"

cd "$work"
apt-get download -qq "postgresql-server-dev-$major"
apt-get source -qq --download-only pgvector
dpkg-deb -x postgresql-server-dev-*.deb headers
mkdir source
tar xzf pgvector_*.orig.tar.gz -C source --strip-components=1
version=$(sed -n "s/^default_version = '\(.*\)'/\1/p" source/vector.control)
if [ "$major" -ge 18 ] && [ "$version" = 0.8.0 ]; then
  # 0.8.0 is older than 18: one function took an argument more, one field became a macro.
  sed -i 's/vacuum_delay_point()/vacuum_delay_point(false)/' source/src/*.c
  sed -i 's/buildstate->tupdesc->attrs\[0\]\.atttypid/TupleDescAttr(buildstate->tupdesc, 0)->atttypid/' source/src/ivfbuild.c
fi

mkdir -p out/lib out/extension
gcc -O1 -fPIC -shared -D_GNU_SOURCE -w -I"headers/usr/include/postgresql/$major/server" -o out/lib/vector.so source/src/*.c -lm
cp source/vector.control out/extension/
cp source/sql/vector.sql "out/extension/vector--$version.sql"
mkdir -p "$(dirname "$dest")"
rm -rf "$dest"
mv out "$dest"

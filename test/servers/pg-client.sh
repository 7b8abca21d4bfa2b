#!/bin/sh
# pg-client.sh DEST: unpacks pg_dump 18 of Debian sid, with the C library that it wants, into DEST; DEST/pg_dump runs it.
set -eu
dest=$1
[ "$(uname -m)" = x86_64 ] || { echo "only fetched for x86_64" >&2; exit 1; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
. "$(dirname "$0")/debian.sh"
debian_apt "$work" "deb @ sid main"

apt-get install -qq -y --download-only --no-install-recommends postgresql-client-18 >/dev/null
mkdir -p "$work/out/root"
for package in "$work"/cache/archives/lib*.deb "$work"/cache/archives/zlib*.deb "$work"/cache/archives/postgresql-client-18*.deb; do
  case $package in *libperl*) continue ;; esac
  dpkg-deb -x "$package" "$work/out/root"
done
rm -rf "$work/out/root/usr/share"
cat > "$work/out/pg_dump" <<'RUN'
#!/bin/sh
lib=$(dirname "$0")/root/usr/lib
exec "$lib/x86_64-linux-gnu/ld-linux-x86-64.so.2" --library-path "$lib/x86_64-linux-gnu" "$lib/postgresql/18/bin/pg_dump" "$@"
RUN
chmod +x "$work/out/pg_dump"
"$work/out/pg_dump" --version
mkdir -p "$(dirname "$dest")"
rm -rf "$dest"
mv "$work/out" "$dest"

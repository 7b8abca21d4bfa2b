# Sourced. Reads Debian's archive with lists of its own: nothing is installed, and the machine's apt stays as it is.
# debian_apt WORK "DEB LINES" writes the lists' configuration and names it in APT_CONFIG; @ in a line stands for the archive.
debian_apt() {
  command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || { echo "apt-get and dpkg-deb are needed" >&2; return 1; }
  archive=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | grep -v '^ *#' | grep -oE 'https?://[^ ]+/debian/?( |$)' | head -n 1 | tr -d ' ')
  [ -n "$archive" ] || { echo "apt names no Debian archive" >&2; return 1; }
  mkdir -p "$1/state/lists/partial" "$1/cache/archives/partial" "$1/preferences"
  keyring=/usr/share/keyrings/debian-archive-keyring.gpg
  printf '%s\n' "$2" | sed "s|@|[signed-by=$keyring] $archive|" > "$1/sources.list"
  cat > "$1/apt.conf" <<CONF
Dir::Etc::SourceList "$1/sources.list";
Dir::Etc::SourceParts "-";
Dir::Etc::PreferencesParts "$1/preferences";
Dir::State "$1/state";
Dir::State::Status "$1/state/status";
Dir::Cache "$1/cache";
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::Retries "2";
Acquire::http::Timeout "30";
CONF
  : > "$1/state/status"
  export APT_CONFIG="$1/apt.conf"
  apt-get update -qq
}

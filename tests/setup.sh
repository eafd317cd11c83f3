# Sets up .venv on a bare Debian or Ubuntu with python3 and git. Sourced by `try` and by tests/run.
# Installs system packages only where it may (root, or sudo without a password), and says what is missing elsewhere.

say() { printf '%s\n' "$0: $*" >&2; }

# Installs Debian packages; false where that is not possible. The log is shown only when something went wrong.
apt_install() {
    local log as_root=()
    command -v apt-get >/dev/null || return 1
    if [ "$(id -u)" -ne 0 ]; then
        sudo -n true 2>/dev/null || return 1
        as_root=(sudo -n)
    fi
    local options=(-qq -o Acquire::Retries=2 -o Acquire::http::Timeout=30 -o DPkg::Lock::Timeout=300)
    log=$(mktemp)
    if [ -z "${apt_is_fresh:-}" ]; then
        "${as_root[@]}" apt-get "${options[@]}" update >"$log" 2>&1 || tail -n 5 "$log" >&2
        apt_is_fresh=yes
    fi
    # At runlevel 1 a package starts no service.
    if "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
        apt-get "${options[@]}" install -y --no-install-recommends "$@" >"$log" 2>&1; then
        rm -f "$log"
        return 0
    fi
    tail -n 20 "$log" >&2
    rm -f "$log"
    return 1
}

find_python() {
    local name
    for name in "${PYTHON:-python3}" python3.13 python3.12 python3.11 python3.10; do
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
            command -v "$name"
            return 0
        fi
    done
    say "needs python3, 3.10 or newer (set PYTHON to name one)"
    return 1
}

make_venv() {
    local python version
    python=$(find_python)
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        apt_install "python$version-venv" || {
            say "this python cannot make virtual environments: apt-get install python$version-venv"
            return 1
        }
    fi
    rm -rf .venv
    "$python" -m venv .venv
}

# Installs the project into .venv, unless that was done for this pyproject.toml, here; $1 is a word for what, the rest
# are pip's arguments.
install_project() {
    local stamp what=$1
    shift
    stamp=$({ pwd && cat pyproject.toml && .venv/bin/python -V; } 2>/dev/null | sha256sum)
    [ "$(cat ".venv/installed-$what" 2>/dev/null)" != "$stamp" ] || return 0
    say "installing $what into .venv"
    export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
    .venv/bin/python -m pip install -qq --upgrade pip # --group needs 25.1
    .venv/bin/python -m pip install -qq --editable . "$@"
    printf '%s\n' "$stamp" >".venv/installed-$what"
}

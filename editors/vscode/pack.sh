#!/usr/bin/env bash
# Packs the extension: pack.sh [FOLDER]. Works in FOLDER (default: a new one), outside of the repository, and leaves
# spteproof.vsix there. What the pack is made with comes from npm, unless FOLDER/node_modules is there already: then
# nothing is fetched.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
folder=${1:-$(mktemp -d -t spteproof-vscode-XXXXXX)}
mkdir -p "$folder"
cp -R "$here"/package.json "$here"/README.md "$here"/language-configuration.json "$here"/.vscodeignore \
    "$here"/src "$here"/syntaxes "$folder"
cd "$folder"
[ -d node_modules ] || npm install --no-audit --no-fund --no-package-lock --ignore-scripts --loglevel=error
node_modules/.bin/esbuild --version >/dev/null 2>&1 || npm rebuild --loglevel=error esbuild
npm run --silent bundle
npm run --silent pack
echo "$folder/spteproof.vsix"

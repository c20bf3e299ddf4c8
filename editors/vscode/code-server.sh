#!/usr/bin/env bash
# Fetches VS Code's own web server, and puts this extension into it: code-server.sh FOLDER. Works in FOLDER, outside of the
# repository; a second run with the same folder fetches nothing. Needs node 20, npm, and a C++ compiler.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
folder=$(cd "$1" && pwd)
cd "$folder"
if [ ! -e package/ready ]; then
    # Of code-server's package only VS Code itself is used, lib/vscode: what stands around it gives up on a busy machine.
    rm -rf package code-server-*.tgz
    npm pack --silent code-server@4.100.3
    tar -xzf code-server-*.tgz
    cd package/lib/vscode
    # No scripts of packages run but those that compile what the server cannot start without.
    npm install --ignore-scripts --omit=dev --no-audit --no-fund --loglevel=error
    npm rebuild --loglevel=error @vscode/spdlog native-watchdog
    ln -sfn node_modules node_modules.asar
    touch "$folder/package/ready"
fi
vsix=$("$here/pack.sh" "$folder/pack" | tail -1)
node "$folder/package/lib/vscode/out/server-main.js" --accept-server-license-terms --server-data-dir "$folder/data" \
    --extensions-dir "$folder/extensions" --force --install-extension "$vsix"

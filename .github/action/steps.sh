#!/usr/bin/env bash
# steps.sh STEP: a step of action.yml. Inputs of the action are in variables INPUT_…, so that no text becomes part of a command.
set -euo pipefail

fail() {
  echo "::error::$*"
  exit 2
}

# Downloads a file; `file://` is for mirrors on disk.
fetch() {
  case $1 in
    file://*) cp "${1#file://}" "$2" ;;
    *) curl --proto '=https' --tlsv1.2 --silent --show-error --fail --location --retry 5 --output "$2" "$1" ;;
  esac
}

sha256_of() {
  if command -v sha256sum >/dev/null; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -d' ' -f1
}

target() {
  case $(uname -s)-$(uname -m) in
    Linux-x86_64) echo x86_64-unknown-linux-musl ;;
    Linux-aarch64 | Linux-arm64) echo aarch64-unknown-linux-musl ;;
    Darwin-arm64) echo aarch64-apple-darwin ;;
    Darwin-x86_64) echo x86_64-apple-darwin ;;
    *) fail "there is no release for $(uname -s) on $(uname -m): set the input \`binary\`" ;;
  esac
}

# Checks the inputs, installs the program, and names it in the output `program`. Later steps of the job find it as `rolecall`.
install() {
  [[ $INPUT_NAME =~ ^[A-Za-z0-9._-]{1,100}$ ]] || fail "the input \`name\` can have letters, digits, and the characters . _ -"
  case $INPUT_COMMAND in
    scan | evaluate)
      [ -z "$INPUT_PLAN" ] || fail "the input \`plan\` is for the command preview"
      [ -z "$INPUT_CHANGE_SET" ] || fail "the input \`change-set\` is for the command preview"
      ;;
    preview)
      [ -z "$INPUT_PLAN" ] || [ -z "$INPUT_CHANGE_SET" ] || fail "use one of the inputs \`plan\` and \`change-set\`, not both"
      [ -n "$INPUT_PLAN$INPUT_CHANGE_SET" ] ||
        fail "the input \`plan\` is missing: the file that \`terraform show -json\` wrote; or \`change-set\`: the output of \`aws cloudformation describe-change-set --include-property-values --output json\`"
      ;;
    *) fail "the input \`command\` must be scan, evaluate or preview" ;;
  esac
  case /$INPUT_FOLDER/ in
    // | //* | */../* | */./*) fail "the input \`folder\` must be a folder in the workspace" ;;
  esac
  local program=$INPUT_BINARY
  if [ -n "$program" ]; then
    case $program in */*) ;; *) program=./$program ;; esac
    [ -x "$program" ] || fail "the input \`binary\` is not a program: $program"
  else
    [[ $INPUT_VERSION =~ ^[0-9]+\.[0-9]+\.[0-9]+(-[A-Za-z0-9.]+)?$ ]] || fail "the input \`version\` must be a version, such as 1.2.3"
    [[ $INPUT_REPOSITORY =~ ^[A-Za-z0-9._-]+/[A-Za-z0-9._-]+$ ]] || fail "the input \`repository\` must be OWNER/NAME"
    local name folder base
    name=rolecall-$INPUT_VERSION-$(target)
    folder=$RUNNER_TEMP/rolecall-$INPUT_VERSION
    base=${ROLECALL_RELEASES:-https://github.com/$INPUT_REPOSITORY/releases/download}/v$INPUT_VERSION
    mkdir -p "$folder"
    fetch "$base/$name.tar.gz" "$folder/$name.tar.gz" || fail "cannot download $name.tar.gz of release $INPUT_VERSION"
    local expected=$INPUT_SHA256
    if [ -z "$expected" ]; then
      # A checksum from the place of the archive proves little, so the attestation must be there, too.
      fetch "$base/$name.tar.gz.sha256" "$folder/sha256" || fail "cannot download the checksum of $name.tar.gz"
      expected=$(cut -d' ' -f1 "$folder/sha256")
    fi
    local found
    found=$(sha256_of "$folder/$name.tar.gz")
    [ "$(tr 'A-F' 'a-f' <<<"$expected")" = "$found" ] ||
      fail "the archive $name.tar.gz has the SHA-256 checksum $found, and not the expected one"
    if [ -z "$INPUT_SHA256" ]; then
      command -v gh >/dev/null || fail "the GitHub CLI, which verifies the attestation, is missing: install it, or set the input \`sha256\` to the checksum of the archive"
      gh attestation verify "$folder/$name.tar.gz" --repo "$INPUT_REPOSITORY" || fail "the attestation of $name.tar.gz is not valid"
    fi
    tar -xzf "$folder/$name.tar.gz" -C "$folder"
    program=$folder/$name/rolecall
  fi
  "$program" -V
  echo "program=$program" >>"$GITHUB_OUTPUT"
  (cd "$(dirname "$program")" && pwd) >>"$GITHUB_PATH"
}

# Decides what the scan is compared with: `baseline/` then contains the last report, or the file `none` or `unknown`.
baseline() {
  local kept=$INPUT_FOLDER/baseline
  if [ -e "$kept/report.json" ] || [ -e "$kept/none" ] || [ -e "$kept/unknown" ]; then return; fi
  mkdir -p "$kept"
  if [ -f "$INPUT_FOLDER/last/report.json" ]; then
    cp "$INPUT_FOLDER/last/report.json" "$kept/report.json"
    return
  fi
  # There is no earlier report. If no alerts are open, nothing has to be withheld from code scanning. GitHub answers 404 if nothing was
  # uploaded yet, and 403 if code scanning is not enabled.
  local alerts="repos/$GITHUB_REPOSITORY/code-scanning/alerts?tool_name=rolecall&state=open&per_page=1" open=unknown answer
  if answer=$(gh api "$alerts" --jq length 2>&1); then
    open=$answer
  elif grep -qE 'HTTP 404|must be enabled|not enabled' <<<"$answer"; then
    open=0
  fi
  if [ "$open" = 0 ]; then
    touch "$kept/none"
  else
    touch "$kept/unknown"
    echo "::notice::There is no earlier report, and code scanning may have open alerts. Accounts that cannot be read completely are not uploaded until they have been read once."
  fi
}

scan() {
  local out=$INPUT_FOLDER
  mkdir -p "$out"
  rm -f "$out"/report.json "$out"/report.html "$out"/summary.md "$out"/rolecall*.sarif
  local arguments=("$INPUT_COMMAND")
  if [ -n "$INPUT_CONFIG" ]; then arguments+=(--config "$INPUT_CONFIG"); fi
  arguments+=(--output text --output "json=$out/report.json" --output "sarif=$out/rolecall.sarif")
  arguments+=(--output "markdown=$out/summary.md")
  if [ "$INPUT_COMMAND" = preview ]; then
    if [ -n "$INPUT_CHANGE_SET" ]; then arguments+=(--change-set "$INPUT_CHANGE_SET"); else arguments+=(--plan "$INPUT_PLAN"); fi
    # The comment shows the name, unless the arguments have another one.
    if [ "$INPUT_NAME" != default ] && ! grep -q '^--root' <<<"$INPUT_ARGUMENTS"; then arguments+=(--root "$INPUT_NAME"); fi
  else
    arguments+=(--output "html=$out/report.html")
    if [ -f "$out/baseline/report.json" ]; then
      arguments+=(--baseline "$out/baseline/report.json")
    elif [ -e "$out/baseline/none" ]; then
      arguments+=(--baseline none)
    fi
  fi
  local line
  while IFS= read -r line || [ -n "$line" ]; do
    line=${line%$'\r'}
    if [ -n "$line" ]; then arguments+=("$line"); fi
  done <<<"$INPUT_ARGUMENTS"
  local code=0
  "$ROLECALL" "${arguments[@]}" || code=$?
  {
    echo "exit-code=$code"
    echo "report=$out/report.json"
    if [ "$INPUT_COMMAND" != preview ]; then echo "html=$out/report.html"; fi
  } >>"$GITHUB_OUTPUT"
  # With 0 (clean), 1 (findings) and 3 (incomplete), the reports were written.
  case $code in 0 | 1 | 3) ;; *) exit "$code" ;; esac
}

summary() {
  cat "$INPUT_FOLDER/summary.md" >>"$GITHUB_STEP_SUMMARY"
}

# Writes the preview as a comment on the pull request, or updates the comment of an earlier run.
comment() {
  if [ -z "$PULL_REQUEST" ]; then
    echo "::notice::There is no comment, because this run is not for a pull request. The preview is in the summary."
    return
  fi
  # The preview of another name has a comment of its own.
  local body=$INPUT_FOLDER/comment.md longest=60000
  marker >"$body"
  if [ "$(wc -c <"$INPUT_FOLDER/summary.md")" -le $longest ]; then
    cat "$INPUT_FOLDER/summary.md" >>"$body"
  else
    # Whole lines only.
    head -c $longest "$INPUT_FOLDER/summary.md" | sed '$d' >>"$body"
    printf '\nThe preview is too long for a comment. The summary of the job has all of it.\n' >>"$body"
  fi
  printf '\n<sub>Preview `%s` of commit %s. [Run](%s).</sub>\n' "$INPUT_NAME" "$(commit)" "$(link)" >>"$body"
  write_comment "$body" create "so the preview is only in the summary."
}

# Updates the comment of an earlier run: nothing in it is about this commit.
failed() {
  # The step that checks the inputs can be the one that failed.
  if [ -z "$PULL_REQUEST" ] || ! [[ $INPUT_NAME =~ ^[A-Za-z0-9._-]{1,100}$ ]]; then return; fi
  local body=$RUNNER_TEMP/rolecall-comment.md
  {
    marker
    printf '## rolecall: the preview could not run\n\n'
    printf 'The preview `%s` of commit %s could not run, so what the change would do is not known. ' "$INPUT_NAME" "$(commit)"
    printf 'The log of [the run](%s) says why.\n' "$(link)"
  } >"$body"
  write_comment "$body" update "so a comment of an earlier commit can be out of date."
}

# The first line of a comment, hidden from readers.
marker() {
  printf '<!-- rolecall preview: %s -->\n' "$INPUT_NAME"
}

# The commit that was pushed. GITHUB_SHA of a pull request is a merge of it.
commit() {
  echo "${PULL_REQUEST_COMMIT:-$GITHUB_SHA}"
}

link() {
  echo "${GITHUB_SERVER_URL:-https://github.com}/$GITHUB_REPOSITORY/actions/runs/${GITHUB_RUN_ID:-}"
}

# write_comment FILE create|update CONSEQUENCE: updates the comment of an earlier run, or creates one.
write_comment() {
  local body=$1 mode=$2 marker
  marker=$(marker)
  # Anyone can write a comment that begins with the marker, so only one by the owner of the token counts. The token of a job belongs to a
  # bot, which cannot ask for its own name.
  local mine='.user.type == "Bot"' login
  if login=$(gh api user --jq .login 2>/dev/null) && [[ $login =~ ^[A-Za-z0-9-]+$ ]]; then mine=".user.login == \"$login\""; fi
  local comments=repos/$GITHUB_REPOSITORY/issues/$PULL_REQUEST/comments ids place method=POST
  local denied="$3 The job needs the permission \`pull-requests: write\`, which a pull request from a fork cannot have."
  if ! ids=$(gh api --paginate "$comments?per_page=100" --jq ".[] | select($mine and (.body | startswith(\"$marker\"))) | .id"); then
    echo "::warning::The comments on the pull request cannot be read, $denied"
    return
  fi
  if [ -z "$ids" ] && [ "$mode" = update ]; then return; fi
  place=$comments
  if [ -n "$ids" ]; then method=PATCH place=repos/$GITHUB_REPOSITORY/issues/comments/$(head -n 1 <<<"$ids"); fi
  gh api --silent --method "$method" "$place" --field "body=@$body" || echo "::warning::The comment cannot be written, $denied"
}

# Copies the report to where the next run finds it.
keep() {
  rm -rf "${INPUT_FOLDER:?}/last"
  mkdir -p "$INPUT_FOLDER/last"
  cp "$INPUT_FOLDER/report.json" "$INPUT_FOLDER/last/report.json"
}

upload() {
  local code=0 notes=$INPUT_FOLDER/upload.log
  "$ROLECALL" upload github "$INPUT_FOLDER/rolecall.sarif" --report "$INPUT_FOLDER/report.json" --skip-if-disabled \
    2>"$notes" || code=$?
  cat "$notes" >&2
  if grep -q '^note: nothing was uploaded' "$notes"; then
    echo "::notice::Nothing was uploaded, because code scanning is not enabled for this repository. The findings are in the summary."
  fi
  case $code in
    0) ;;
    3) echo "::warning::GitHub has not processed all uploads yet." ;;
    *) fail "The upload to code scanning failed; see the log." ;;
  esac
}

result() {
  local kind=error
  if [ "$INPUT_FAIL" != true ]; then kind=warning; fi
  case $INPUT_COMMAND-$CODE in
    *-0) return ;;
    preview-1) echo "::$kind::The change would introduce failures, or make failures worse, of the severity that fails the preview, or higher." ;;
    preview-3) echo "::$kind::The preview is incomplete: something that the change concerns is not known. The summary lists what and why." ;;
    *-1) echo "::$kind::There are failures of the severity that fails the scan, or higher." ;;
    *-3) echo "::$kind::The scan is incomplete: something could not be read. The summary lists what and why." ;;
  esac
  if [ "$INPUT_FAIL" = true ]; then exit "$CODE"; fi
}

case ${1:-} in
  install | baseline | scan | summary | comment | failed | keep | upload | result) "$1" ;;
  *) fail "usage: steps.sh install|baseline|scan|summary|comment|failed|keep|upload|result" ;;
esac

# What both demos need: building, processes and their logs, the actuator. Sourced by ./demo.

patience_s=120 # For each thing that is waited for; a loaded machine starts a JVM slowly.
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
work= step=0 started=() culprit=

step() { printf '\n%d. %s\n' $((step += 1)) "$*"; }
say() { printf '   %s\n' "$@"; }

fail() {
    printf '\n./demo: %s\n' "$*" >&2
    local log
    # What most likely tells the reason comes last, where it is seen.
    for log in ${work:+"$work"/*.log} ${culprit:+"$work/$culprit.log"}; do
        [[ -s $log ]] || continue
        printf '\n--- the end of %s\n' "${log##*/}" >&2
        tail -n 30 "$log" >&2
    done
    exit 1
}

# Removes all that was made. A further Ctrl-C does not stop it half way.
stop() {
    trap - EXIT
    trap '' HUP INT TERM
    local name pid end=$((SECONDS + 5))
    for name in ${started[@]+"${started[@]}"}; do
        pid=${name}_pid
        [[ -z ${!pid} ]] || kill "${!pid}" 2>/dev/null || true
    done
    # A file that is under way keeps an application from stopping for as long as its grace period.
    for name in ${started[@]+"${started[@]}"}; do
        pid=${name}_pid
        while [[ -n ${!pid} ]] && kill -0 "${!pid}" 2>/dev/null && ((SECONDS < end)); do sleep 0.1; done
        kill_now "$name"
    done
    remove_network
    [[ -z $work ]] || rm -rf "$work"
}
# enter NAME: sets what a command has to begin with to run on that party's machine. And what is to be removed at the
# end. Nothing, unless a demo has a network of its own.
enter() { on=(); }
remove_network() { :; }
trap stop EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
work=$(mktemp -d "${TMPDIR:-/tmp}/conec-demo-$$.XXXXXX")

# Sets coordinator_jar and client_jar.
build() {
    command -v mvn >/dev/null || fail "there is no mvn on the PATH"
    "$java" -version 2>/dev/null || fail "there is no $java"
    step "Building the samples (mvn package, without tests)"
    local began=$SECONDS as=()
    # With sudo: target/ stays the user's, and so do the downloads.
    [[ $EUID != 0 || -z ${SUDO_USER:-} ]] || as=(runuser -u "$SUDO_USER" --)
    (cd "$root" && ${as[@]+"${as[@]}"} mvn -q -B -Dmaven.test.skip=true \
        -pl sample-coordinator-app,sample-client-app -am package) \
        >"$work/build.log" 2>&1 </dev/null || fail "the build failed"
    rm "$work/build.log"
    coordinator_jar=$(ls "$root"/sample-coordinator-app/target/sample-coordinator-app-*.jar)
    client_jar=$(ls "$root"/sample-client-app/target/sample-client-app-*.jar)
    say "$((SECONDS - began)) s"
}

# start NAME JAR ARGUMENT...: a JVM of its own, its output in NAME.log.
start() {
    local name=$1 jar=$2
    shift 2
    : >"$work/$name.log"
    enter "$name"
    # <&0: without it bash gives a background process no input.
    ${on[@]+"${on[@]}"} "$java" -Xmx256m -jar "$jar" --server.port=0 "$@" <&0 >"$work/$name.log" 2>&1 &
    eval "${name}_pid=$!"
    started+=("$name")
}

# kill_now NAME: with SIGKILL.
kill_now() {
    local pid=$1_pid
    [[ -n ${!pid} ]] || return 0
    kill -KILL "${!pid}" 2>/dev/null || true
    # Here bash would say that it was killed.
    wait "${!pid}" 2>/dev/null || true
    eval "$pid="
}

# start_coordinator ADDRESS PORT: sets udp_port and fingerprint.
start_coordinator() {
    start coordinator "$coordinator_jar" --conec.coordinator.address="$1" --conec.coordinator.port="$2" \
        --conec.coordinator.development-certificate.directory="$work/certificate"
    wait_for coordinator 'Coordinator .* listens on UDP'
    udp_port=$(logged coordinator 'listens on UDP [^,]*:\([0-9]*\),')
    fingerprint=$(logged coordinator 'certificate-fingerprint: \([0-9A-Fa-f:]*\)')
}

# start_client NAME COORDINATOR-ADDRESS ARGUMENT...
start_client() {
    local name=$1 coordinator=$2
    shift 2
    # What is typed into it. Opened for both directions, which does not wait for the other end.
    mkfifo "$work/$name.commands"
    start "$name" "$client_jar" --conec.client.id="$name" \
        --conec.client.coordinator.address="$coordinator" --conec.client.coordinator.port="$udp_port" \
        --conec.client.coordinator.certificate-fingerprint="$fingerprint" \
        --sample.files.directory="$work/received-by-$name" "$@" <>"$work/$name.commands"
}

# type_into NAME LINE
type_into() { echo "$2" 1<>"$work/$1.commands"; }

# wait_for NAME PATTERN [COUNT]: until the process has logged it (so often).
wait_for() {
    local pid=$1_pid end=$((SECONDS + patience_s))
    until (($(grep -c "$2" "$work/$1.log") >= ${3:-1})); do
        kill -0 "${!pid}" 2>/dev/null || culprit=$1 fail "$1 has ended"
        ((SECONDS < end)) || culprit=$1 fail "nothing like \"$2\" from $1 within $patience_s s"
        sleep 0.1
    done
}

# wait_until_ready NAME...: until it is registered and its actuator is there; then tells where it is.
wait_until_ready() {
    local name pid
    for name in "$@"; do
        [[ $name == coordinator ]] || wait_for "$name" "$name is registered"
        wait_for "$name" 'Started Sample'
        pid=${name}_pid
        say "$(printf '%-12s process %-8d http://127.0.0.1:%s/actuator' "$name" "${!pid}" \
            "$(logged "$name" 'Tomcat started on port \([0-9]*\)')")"
    done
}

# logged NAME SED-EXPRESSION: the part of a log line between the parentheses, or nothing.
logged() { sed -n "s/.*$2.*/\1/p" "$work/$1.log" | tail -n 1; }

# get NAME PATH: the body, by bash itself, for there may be no curl.
get() {
    local port
    port=$(logged "$1" 'Tomcat started on port \([0-9]*\)')
    enter "$1"
    ${on[@]+"${on[@]}"} bash -c 'exec 4<>"/dev/tcp/127.0.0.1/$0" &&
        printf "GET /actuator/%s HTTP/1.0\r\nHost: localhost\r\n\r\n" "$1" >&4 && sed "1,/^\r*$/d" <&4' \
        "$port" "$2" || fail "$1 has no actuator on port $port"
}

# number NAME < JSON: its (first) value, or nothing.
number() { tr ',{' '\n\n' | sed -n "s/^\"$1\":\([0-9][0-9]*\).*/\1/p" | sed -n 1p; }

# channel NAME PEER: from /actuator/conec/PEER, that channel, as one line of JSON; nothing without one.
channel() { get "$1" "conec/$2" | sed -n 's/.*"channels":\[\({.*}\)\]}$/\1/p'; }

# path_of < JSON of a channel: how its packets travel.
path_of() { sed 's/.*"path":{"\([^}]*\)"}.*/\1/; s/","/\n/g' | sed 's/":"/ /' | while read -r key value; do
    say "$(printf '  %-7s %s' "$key" "$value")"
done; }

# progress NAME FILE: what its screen has shown of the transfer.
progress() { grep "^$2  *\(10\|50\|100\) %\|^[a-z]* has $2\|^Path to " "$work/$1.log" | sed 's/^/     /'; }

# Breaks JSON into lines, with an indent; good enough to read.
pretty() {
    sed 's/[{[]/&\n/g; s/[]}]/\n&/g; s/,"/,\n"/g' | awk '
        /^$/ { next }
        /^[]}]/ { depth-- }
        { printf "   %*s%s\n", 2 * depth, "", $0 }
        /[{[]$/ { depth++ }'
}

sha256() {
    if command -v sha256sum >/dev/null; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -d ' ' -f 1
}

# random_file FILE MIB
random_file() { head -c $(($2 * 1024 * 1024)) /dev/urandom >"$work/$1"; }

# wait_for_file_stream SENDER RECEIVER: until a file is under way.
wait_for_file_stream() {
    local end=$((SECONDS + patience_s))
    until [[ $(channel "$1" "$2") == *'"name":"file"'* ]]; do
        ! grep -q '^Failed' "$work/$1.log" || culprit=$1 fail "the file was not sent"
        ((SECONDS < end)) || culprit=$1 fail "no file is under way within $patience_s s"
        sleep 0.05
    done
}

# wait_for_file SENDER RECEIVER FILE: until the sender says that the receiver has it.
wait_for_file() {
    wait_for "$1" "^$2 has $3\|^Failed"
    grep -q "^$2 has $3" "$work/$1.log" || culprit=$1 fail "the file was not sent"
}

# check_file SENDER RECEIVER FILE: the same bytes?
check_file() {
    local sent received
    sent=$(sha256 "$work/$3")
    received=$(sha256 "$work/received-by-$2/$1/$3")
    say "SHA-256 sent     $sent" "SHA-256 received $received"
    [[ $sent == "$received" ]] || fail "$2 has another file than $1"
}

# show_health NAME...
show_health() {
    local name health
    for name in "$@"; do
        health=$(get "$name" health/conec)
        [[ $health == *'"status":"UP"'* ]] || fail "$name is not up: $health"
        say "$name: $health"
    done
}

# Two clients behind NATs, and what happens to a file while paths and coordinator fail. Sourced by ./demo.

file_mib=192
upload_mbit=16
coordinator_address=198.18.3.2
source "$root/demo.d/network.sh"

now_ms() { date +%s%3N; }

# happened WHAT: with the time since the file was begun.
happened() { say "$(awk -v ms=$(($(now_ms) - file_began)) -v what="$*" 'BEGIN { printf "%6.1f s  %s", ms / 1000, what }')"; }

# seconds_since MILLISECONDS
seconds_since() { awk -v ms=$(($(now_ms) - $1)) 'BEGIN { printf "%.1f s", ms / 1000 }'; }

received_by_bob() { channel bob alice | number bytesReceived; }

# wait_until_moving: until bob has got another MiB. Not only what was under way already.
wait_until_moving() {
    local from end=$((SECONDS + patience_s)) received
    from=$(received_by_bob)
    [[ -n $from ]] || fail "bob has lost the channel to alice"
    until received=$(received_by_bob) && ((${received:-0} > from + 1024 * 1024)); do
        [[ -n $received ]] || fail "bob has lost the channel to alice"
        ((SECONDS < end)) || fail "bob has got nothing for $patience_s s"
        sleep 0.1
    done
}

# wait_for_move KIND COUNT: until both have seen the channel move to such a path, so often.
wait_for_move() {
    wait_for alice "^Path to bob: $1" "$2"
    wait_for bob "^Path to alice: $1" "$2"
}

megabytes() { awk -v bytes="${1:-0}" 'BEGIN { printf "%.1f MB", bytes / 1e6 }'; }

require_network

step "Making a small internet out of network namespaces"
make_network
say 'alice 10.1.0.2 -- NAT 198.18.1.2 --.' \
    "                                internet -- coordinator $coordinator_address" \
    "bob   10.2.0.2 -- NAT 198.18.2.2 --'" \
    "Both NATs let in only what answers a packet that went out to the same address and port." \
    "alice's upload is limited to $upload_mbit Mbit/s, so that there is time to watch."

build

step "Starting the coordinator, alice and bob"
start_coordinator $coordinator_address 1719
first_fingerprint=$fingerprint
start_client alice $coordinator_address
start_client bob $coordinator_address
wait_until_ready coordinator alice bob

step "alice sends bob $file_mib MiB of random bytes; the channel goes direct through both NATs"
random_file random.bin $file_mib
type_into alice "/send bob $work/random.bin"
wait_for_file_stream alice bob
file_began=$(now_ms)
wait_for_move DIRECT 1
happened "The channel is direct. From alice's /actuator/conec:"
channel alice bob | path_of
wait_until_moving
relayed=$(get coordinator conec | number relayedBytes)
happened "bob has got $(megabytes "$(received_by_bob)"); the coordinator has relayed $(megabytes "$relayed") of it."

step "Cutting the direct path: packets between the two NATs are dropped"
cut_direct_path
cut=$(now_ms)
happened "The path is cut."
wait_for_move RELAYED 1
happened "The channel is relayed, $(seconds_since "$cut") after the cut. From alice's /actuator/conec:"
channel alice bob | path_of
wait_until_moving
happened "The file moves again, $(seconds_since "$cut") after the cut."
say "         The coordinator has relayed $(megabytes $(($(get coordinator conec | number relayedBytes) - relayed))) since the cut."

step "Killing the coordinator (SIGKILL): now there is no path at all"
kill_now coordinator
killed=$(now_ms)
happened "The coordinator is dead."
sleep 2
stalled=$(received_by_bob)
sleep 1
[[ $(received_by_bob) == "$stalled" ]] || fail "bob still gets something"
happened "Nothing arrives at bob: $(megabytes "$stalled"), and a second later the same."
start_coordinator $coordinator_address 1719
started_again=$(now_ms)
[[ $fingerprint == "$first_fingerprint" ]] || fail "the coordinator has another certificate: $fingerprint"
happened "The coordinator listens again, at the same address and with the same certificate, after $(seconds_since "$killed")."
wait_until_moving
happened "The same file moves again, $(seconds_since "$started_again") later."
wait_until_ready coordinator

step "Freeing the direct path"
free_direct_path
freed=$(now_ms)
happened "The path is free. The clients try it again from time to time, and whenever something has changed."
wait_for_move DIRECT 2
happened "The channel is direct again, $(seconds_since "$freed") later. From alice's /actuator/conec:"
channel alice bob | path_of
! grep -q '^bob has' "$work/alice.log" || fail "the file was there before the direct path was back"

step "Lifting the limit, for the rest of the file"
lift_upload_limit
wait_for_file alice bob random.bin
happened "bob has the file. alice's screen:"
progress alice random.bin
check_file alice bob random.bin
streams=$(channel alice bob | number streamsOpened)
[[ $streams == 1 ]] || fail "it took $streams streams"
say "It was one stream of one channel, from the first byte to the last."
show_health alice bob
say "Meter conec.path.changes of alice: $(get alice metrics/conec.path.changes | sed 's/.*"measurements":\[\([^]]*\)\].*/\1/')"

stop
printf '\nDone in %d s; processes, namespaces and files are removed.\n' $SECONDS

# Four processes on one machine: what goes through the relay, and what does not. Sourced by ./demo.

file_mib=64
direct_mib=128

# relayed_bytes: by the coordinator, so far.
relayed_bytes() { get coordinator conec | number relayedBytes; }

build
began=$SECONDS

step "Starting a coordinator, alice, bob and carol: four processes"
start_coordinator 127.0.0.1 0
for name in alice bob carol; do
    path=auto
    # On one machine a direct path is found within milliseconds. bob wants none, to let us see the relay at work.
    [[ $name != bob ]] || path=relay-only
    start_client "$name" 127.0.0.1 --conec.client.bind-address=127.0.0.1 --conec.client.path=$path
done
wait_until_ready coordinator alice bob carol
say "The coordinator listens on UDP 127.0.0.1:$udp_port." \
    "It made itself a certificate; the others were given its SHA-256:" \
    "$fingerprint" \
    "bob is configured with conec.client.path=relay-only, alice and carol with nothing."

step "alice and bob chat"
type_into alice 'bob: Hello, I have a file for you.'
wait_for bob '^alice: Hello'
say "bob's screen:    $(grep '^alice: ' "$work/bob.log")"
type_into bob 'alice: Let it come!'
wait_for alice '^bob: Let it come'
say "alice's screen:  $(grep '^bob: ' "$work/alice.log")"

step "carol greets everybody in the lobby, a group"
for name in alice bob carol; do
    wait_for "$name" 'has joined group "lobby"'
done
type_into carol '/all Good morning!'
for name in alice bob; do
    wait_for "$name" '^\[lobby\] carol: '
    say "$(printf '%-16s %s' "$name's screen:" "$(grep '^\[lobby\] carol: ' "$work/$name.log")")"
done

step "alice sends bob $file_mib MiB of random bytes through the relay"
random_file random.bin $file_mib
type_into alice "/send bob $work/random.bin"
wait_for_file alice bob random.bin
say "alice's screen:"
progress alice random.bin
check_file alice bob random.bin

step "Health (/actuator/health/conec)"
show_health coordinator alice bob

step "What bob knows about his channel to alice (from /actuator/conec/alice)"
bob=$(channel bob alice)
[[ -n $bob ]] || fail "bob has no channel to alice: $(get bob conec)"
pretty <<<"$bob"

step "What the coordinator saw of it (its own /actuator/conec)"
coordinator=$(get coordinator conec)
relayed=$(number relayedBytes <<<"$coordinator")
payload=$(grep -o '"bytesReceived":[0-9]*' <<<"$coordinator" | awk -F: '{ sum += $2 } END { print sum + 0 }')
[[ $coordinator != *'"kind":"PEER"'* ]] || fail "the coordinator has a channel that is not its own: $coordinator"
((relayed > file_mib * 1024 * 1024)) || fail "only $relayed bytes were relayed: $coordinator"
((payload < 1024)) || fail "the coordinator got $payload bytes of payload: $coordinator"
say "It relayed $relayed bytes in $(number relayedPackets <<<"$coordinator") packets." \
    "Each was encrypted by alice for bob, or by bob for alice." \
    "It held no key for them: the TLS handshake was between alice and bob, through the relay." \
    "What came in on its own channels, the only ones it can read: $payload bytes of messages."

step "alice sends carol $direct_mib MiB: their channel begins on the relay and goes direct while the file is under way"
random_file direct.bin $direct_mib
type_into alice "/send carol $work/direct.bin"
wait_for alice '^direct.bin\|^Failed' # The first tenth has been sent.
underway=$(channel alice carol)
wait_for_file alice carol direct.bin
say "alice's screen:"
progress alice direct.bin
check_file alice carol direct.bin
say "The channel's path while the file was under way (alice's /actuator/conec/carol):"
[[ $underway == *'"name":"file"'* ]] || fail "the file was not under way: $underway"
[[ $underway == *'"kind":"DIRECT"'* ]] || fail "the channel is not direct: $underway"
path_of <<<"$underway"
relayed=$(($(relayed_bytes) - relayed))
((relayed < direct_mib * 1024 * 1024 / 4)) || fail "$relayed bytes were relayed for carol"
say "The coordinator relayed $relayed bytes for it, the handshake of the channel among them, of $((direct_mib * 1024 * 1024))."

stop
printf '\nDone in %d s after the build; all four processes are stopped.\n' $((SECONDS - began))

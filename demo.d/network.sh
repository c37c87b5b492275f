# A small internet made of network namespaces: two networks behind NATs, and a coordinator. Sourced by nat.sh.
#
#   alice 10.1.0.2 -- alice-nat 198.18.1.2 --.
#                                        internet -- coordinator 198.18.3.2
#   bob   10.2.0.2 -- bob-nat   198.18.2.2 --'
#
# The devices are in these namespaces only, and go with them.

network=conec-demo-$$

enter() { on=(ip netns exec "$network-$1"); }

# What is missing for it, in one message.
require_network() {
    PATH=$PATH:/usr/sbin:/sbin
    local tool missing=
    [[ $(uname -s) == Linux ]] || missing+=", Linux"
    [[ $EUID == 0 ]] || missing+=", root (sudo ./demo --nat)"
    for tool in ip:iproute2 tc:iproute2 nft:nftables; do
        command -v "${tool%:*}" >/dev/null || missing+=", the command ${tool%:*} (in Debian's package ${tool#*:})"
    done
    [[ -z $missing ]] || fail "--nat makes network namespaces. What is missing for that: ${missing#, }"
}

make_network() {
    { lay_cables && set_rules && limit_upload; } >"$work/network.log" 2>&1 ||
        fail "network namespaces, nftables and tc are there, but cannot be used as they have to be"
}

remove_network() {
    local namespace
    for namespace in $(ip netns list 2>/dev/null | grep -o "^$network-[a-z-]*" || true); do
        ip netns delete "$namespace"
    done
}

lay_cables() {
    local site=0 name
    for name in internet coordinator alice-nat alice bob-nat bob; do
        ip netns add "$network-$name" && ip -n "$network-$name" link set lo up || return
    done
    for name in alice-nat bob-nat coordinator; do
        connect internet "${name%-nat}" 198.18.$((site += 1)).1 "$name" wan 198.18.$site.2 || return
    done
    connect alice-nat lan 10.1.0.1 alice wan 10.1.0.2 && connect bob-nat lan 10.2.0.1 bob wan 10.2.0.2 || return
    for name in internet alice-nat bob-nat; do
        in_namespace "$name" sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward' || return
    done
}

# connect UPPER DEVICE ADDRESS LOWER DEVICE ADDRESS: a cable; the upper end is the way to everywhere for the lower.
connect() {
    ip -n "$network-$1" link add "$2" type veth peer name "$5" netns "$network-$4" &&
        ip -n "$network-$1" address add "$3/24" dev "$2" && ip -n "$network-$1" link set "$2" up &&
        ip -n "$network-$4" address add "$6/24" dev "$5" && ip -n "$network-$4" link set "$5" up &&
        ip -n "$network-$4" route add default via "$3"
}

set_rules() {
    local name
    for name in alice-nat bob-nat; do
        # Endpoint-independent mapping: the kernel gives all flows of one inner address and port the same outer port.
        # Address-and-port-dependent filtering: only what answers gets in. Other packets are dropped without a trace in
        # the table of flows, where they could take the outer port away from a later flow.
        in_namespace "$name" nft -f - <<'RULES' || return
            table ip nat {
                chain translate { type nat hook postrouting priority srcnat;
                    oifname "wan" meta l4proto udp masquerade to :20000-29999
                }
                chain input { type filter hook input priority filter;
                    iifname "wan" meta l4proto udp drop
                }
                chain forward { type filter hook forward priority filter; policy drop;
                    iifname "lan" accept
                    ct state established,related accept
                }
            }
RULES
    done
    in_namespace internet nft -f - <<'RULES'
        table ip internet {
            chain forward { type filter hook forward priority filter; }
        }
RULES
}

cut_direct_path() {
    in_namespace internet nft add rule ip internet forward \
        iifname . oifname '{ "alice" . "bob", "bob" . "alice" }' drop
}

free_direct_path() { in_namespace internet nft flush chain ip internet forward; }

limit_upload() { in_namespace alice-nat tc qdisc add dev wan root tbf rate "${upload_mbit}mbit" burst 64kb latency 50ms; }

lift_upload_limit() { in_namespace alice-nat tc qdisc delete dev wan root; }

in_namespace() { ip netns exec "$network-$1" "${@:2}"; }

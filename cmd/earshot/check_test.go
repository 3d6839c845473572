package main

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestCheck(t *testing.T) {
	t.Setenv("EARSHOT_TEST_KEY", "sesame")
	file := configured(t, `
captures:
  - {name: lo, point: edge, filter: "udp port 5060"}
  - {name: absent0, snap_length: 200}
hep: {udp: "127.0.0.1:9060", nodes: {2001: kamailio-1}, keys_env: EARSHOT_TEST_KEY}
hep_out:
  - {address: "192.0.2.5:9060", network: tcp}
peers:
  - {name: site, networks: [10.0.0.0/8]}
  - {name: carrier-a, networks: [203.0.113.0/24, "2001:db8::/32"]}
segments:
  - {name: trunk, near: [site], far: [carrier-a]}
  - {name: voice, vlans: [110, 111], points: [kamailio-1]}
save: {dir: /srv/captures, rtp: full}
records: {file: calls.jsonl}
`)
	status, out, errs := earshot(t, "check", file)
	if status != exitOK {
		t.Fatal(errs)
	}
	flat := strings.Join(strings.Fields(out), " ")
	for _, want := range []string{
		"OK: " + file,
		`capture lo point edge, filter: udp port 5060; without "or fragment" it loses the rest of fragmented SIP messages`,
		"capture absent0 point absent0, filter: what voice needs; 200 octets of a frame may cut SIP messages; not here now, there are lo",
		"HEP in 127.0.0.1:9060 UDP, point hep",
		"HEP node 2001 point kamailio-1",
		"HEP out 192.0.2.5:9060 tcp, node 2002",
		"peer carrier-a 203.0.113.0/24, 2001:db8::/32",
		"segment trunk near site; far carrier-a",
		"segment voice VLANs 110, 111; points kamailio-1",
		"web 127.0.0.1:10060 plain HTTP, no login",
		"recent packets 64 MiB RTP: headers",
		"capture files /srv/captures RTP: full, 4096 MiB in all",
		"records " + filepath.Join(filepath.Dir(file), "calls.jsonl"),
		"of a budget of 100000",
	} {
		if !strings.Contains(flat, want) {
			t.Errorf("want %q in\n%s", want, out)
		}
	}
	if strings.Contains(out, "sesame") {
		t.Error("the key is shown")
	}
}

// Everything that is wrong is told at once, in the order of lines.
func TestCheckRefuses(t *testing.T) {
	file := configured(t, `captures:
  - {name: eth0, filter: "udp prot 5060"}
hep: {tls: ":9061", tls_cert: no.crt, tls_key: no.key}
lanes: 99
`)
	status, _, errs := earshot(t, "check", file)
	at := -1
	for _, want := range []string{"\n  line 2: captures.filter", "\n  line 4: lanes is 99, want 1 to 64"} {
		i := strings.Index(errs, want)
		if status != exitUsage || i < at || i < 0 {
			t.Errorf("got status %d, %q; want %q in its place", status, errs, want)
		}
		at = i
	}
	for text, want := range map[string]string{
		"hep: {tls: ':9061', tls_cert: no.crt, tls_key: no.key}\n":         "cannot use the certificate",
		"hep: {udp: ':9060', keys_file: no.keys}\n":                        "line 1: cannot read keys: open ",
		"hep: {udp: ':9060', keys_env: EARSHOT_TEST_UNSET}\n":              "there is no key in the environment variable EARSHOT_TEST_UNSET",
		"hep_out:\n  - {address: 'h:1', network: tls, tls_ca: no.pem}\n":   "cannot use the certificate authorities",
		"web: {listen: '0.0.0.0:10060'}\n":                                 "insecure",
		"web: {tokens_file: no.tokens}\n":                                  "no.tokens",
		"save: {dir: /dev/null}\n":                                         `line 1: save.dir: "/dev/null" is no folder`,
		"records: {file: /}\n":                                             `line 1: records.file: "/" is a folder`,
		"metrics: {max_series: 1000}\npeers:\n" + manyPeers(50):            "line 1: ",
		"metrics: {push: {url: 'http://h:1/', token_file: no.push.tok}}\n": "no.push.tok",
	} {
		if status, _, errs := earshot(t, "check", configured(t, text)); status != exitUsage || !strings.Contains(errs, want) {
			t.Errorf("%q: got status %d, %q; want %d and %q", text, status, errs, exitUsage, want)
		}
	}
	if status, _, errs := earshot(t, "check"); status != exitUsage || !strings.Contains(errs, "wants one configuration file") {
		t.Errorf("got status %d, %q", status, errs)
	}
}

// manyPeers lists n peers.
func manyPeers(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("  - {name: p" + decimal(float64(i)) + ", networks: [10.0.0." + decimal(float64(i)) + "]}\n")
	}
	return b.String()
}

package main

import (
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// kamailioConfig is a record-routing proxy that sends every call to bob, with
// its media through rtpengine, and everything that it hears and says as HEP.
const kamailioConfig = `
debug=0
log_stderror=yes
children=1
tcp_children=1
disable_tcp=yes
listen=udp:10.9.3.2:5060
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "siputils.so"
loadmodule "maxfwd.so"
loadmodule "textops.so"
loadmodule "rtpengine.so"
loadmodule "siptrace.so"
modparam("rtpengine", "rtpengine_sock", "udp:127.0.0.1:2223")
modparam("siptrace", "duplicate_uri", "sip:10.9.3.1:9060")
modparam("siptrace", "hep_mode_on", 1)
modparam("siptrace", "hep_version", 3)
modparam("siptrace", "hep_capture_id", 2001)
modparam("siptrace", "trace_to_database", 0)
modparam("siptrace", "trace_on", 1)
modparam("siptrace", "trace_mode", 1)
request_route {
	if (!mf_process_maxfwd_header("10")) { exit; }
	if (has_totag()) {
		if (is_method("BYE")) { rtpengine_delete(); }
		if (loose_route()) { t_relay(); }
		exit;
	}
	if (is_method("CANCEL")) { t_relay(); exit; }
	record_route();
	if (is_method("INVITE")) {
		rtpengine_offer("replace-origin replace-session-connection ICE=remove");
		t_on_reply("ANSWER");
	}
	$du = "sip:10.9.2.2:5070";
	t_relay();
}
onreply_route[ANSWER] {
	if (status == "200") { rtpengine_answer("replace-origin replace-session-connection ICE=remove"); }
}
`

// testProxy: a call from alice through kamailio and rtpengine to bob, while the
// router drops some of alice's voice before it gets there. One probe hears the
// wire at the proxy, another only the HEP that both of them send.
func (l *lab) testProxy(t *testing.T) {
	needs(t, "baresip", "kamailio", "rtpengine", "nft")
	wire := l.probe(t, "captures: [{name: rp}]\nweb: {listen: 127.0.0.1:10060}\nsave: {memory_mb: 0}")
	hep := l.probe(t, "hep: {udp: 10.9.3.1:9060, nodes: {2001: kamailio, 2002: rtpengine}}\nweb: {listen: 127.0.0.1:10061}\nsave: {memory_mb: 0}")
	engine, proxy := l.startProxy(t)
	l.startPhone(t, phone{"bob", "10.9.2.2", 5070, 20000, "PCMU/8000/1", tone(t, 8000, 1)}, 35)
	listening(t, "bob", "10.9.2.2:5070")
	l.drop(t)
	alice := l.startPhone(t, phone{"alice", "10.9.1.2", 5070, 20200, "PCMU/8000/1", tone(t, 8000, 1)}, 20, "/dial sip:bob@10.9.3.2:5060")
	alice.wait(40 * time.Second)
	time.Sleep(time.Second)
	relayed := metric(t, l.get(t, "proxy", "http://127.0.0.1:2280/metrics"), "rtpengine_packets_total")
	wirePage := l.get(t, "router", "http://127.0.0.1:10060/metrics")
	hepPage := l.get(t, "router", "http://127.0.0.1:10061/metrics")

	wireLines, hepLines := wire.finish(), hep.finish()
	engine.signal(syscall.SIGTERM)
	proxy.signal(syscall.SIGTERM)
	compareEngine(t, engine.output(), relayed, wireLines)
	compareHEP(t, wireLines, hepLines)
	onWire, byHEP := metric(t, wirePage, `earshot_capture_voice_packets_total{kind="sip"}`), metric(t, hepPage, `earshot_hep_messages_total{kind="sip"}`)
	if onWire != byHEP || onWire < 8 { // two hops of INVITE, 200, ACK, BYE at least: a phone that quits waits for no answer to its BYE
		t.Errorf("got %v SIP messages on the wire and %v by HEP", onWire, byHEP)
	}
	if n := metric(t, hepPage, `earshot_hep_messages_total{kind="rtcp_json"}`); n < 2 {
		t.Errorf("got %v RTCP messages from rtpengine", n)
	}
}

func (l *lab) startProxy(t *testing.T) (engine, proxy *running) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "kamailio.cfg"), []byte(kamailioConfig), 0o600); err != nil {
		t.Fatal(err)
	}
	engine = l.start(t, "proxy", dir, "rtpengine", "-f", "-E", "--table=-1", "-i", "10.9.3.2", "-n", "127.0.0.1:2223", "--listen-http=127.0.0.1:2280",
		"-m", "30000", "-M", "30100", "--tos=184", "--delete-delay=0", "--log-level=6", "--homer=10.9.3.1:9060", "--homer-id=2002")
	listening(t, "proxy", "127.0.0.1:2223")
	proxy = l.start(t, "proxy", dir, "kamailio", "-DD", "-E", "-f", "kamailio.cfg", "-Y", dir, "-P", filepath.Join(dir, "pid"))
	listening(t, "proxy", "10.9.3.2:5060")
	return engine, proxy
}

// drop makes the router lose 4 % of alice's voice on its way to the proxy.
func (l *lab) drop(t *testing.T) {
	t.Helper()
	rules := filepath.Join(t.TempDir(), "lab.nft")
	text := `table ip lab {
	chain forward {
		type filter hook forward priority 0; policy accept;
		iifname "ra" oifname "rp" udp sport 20200-20298 meta length > 190 numgen random mod 100 < 4 counter drop
	}
}
`
	if err := os.WriteFile(rules, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	l.start(t, "router", "/", "nft", "-f", rules).wait(5 * time.Second)
}

// enginePort is a line of rtpengine's report at the end of a call:
// "Port 10.9.3.2:30008 <> 10.9.1.2:26206, SSRC ee9f1b5a, 681 p, 117132 b, 0 e".
var enginePort = regexp.MustCompile(`Port +10\.9\.3\.2:\d+ +<> +(10\.9\.[12]\.2:\d+).*SSRC ([0-9a-f]+).*, (\d+) p, (\d+) b, (\d+) e`)

// engineScore is what it thinks by the RTCP that an SSRC sent, and so of the
// stream that this one receives:
// "--- SSRC 6b6e682f", "------ Average MOS 4.2, lowest MOS 4.2 ...".
var engineScore = regexp.MustCompile(`--- SSRC ([0-9a-f]+)\n.*Average MOS (\d\.\d)`)

// compareEngine holds rtpengine's own figures beside ours. It doesn't count a
// packet that comes after the call was deleted, we do; its total has RTCP too.
// Its MOS is a simplified E-model over what RTCP told, in tenths: within 0.5.
func compareEngine(t *testing.T, log string, relayed float64, lines []string) {
	t.Helper()
	_, streams := parseRecords(t, lines)
	ours := map[string]float64{} // MOS by the SSRC of the other side
	var other []string
	sum := 0
	for _, m := range enginePort.FindAllStringSubmatch(log, -1) {
		packets, err := strconv.Atoi(m[3])
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(streams, func(s heard) bool { return s.Src == m[1] && strings.HasSuffix(s.SSRC, m[2]) })
		if i < 0 {
			continue // RTCP's ports
		}
		s := &streams[i]
		if d := int(s.Packets) - packets; d < 0 || d > 3 {
			t.Errorf("from %s: rtpengine counts %d packets, we %d", m[1], packets, s.Packets)
		}
		if strings.HasPrefix(m[1], "10.9.1.2") && s.Lost < 5 {
			t.Errorf("the router dropped some of alice's packets, we miss %d", s.Lost)
		}
		if s.MOS.LQ == nil {
			t.Fatalf("from %s: no score", m[1])
		}
		sum += int(s.Packets)
		other = append(other, m[2])
		ours[m[2]] = *s.MOS.LQ
	}
	if len(other) != 2 {
		t.Fatalf("compared %d streams, want alice's and bob's:\n%s", len(other), log)
	}
	ours[other[0]], ours[other[1]] = ours[other[1]], ours[other[0]]
	scores := engineScore.FindAllStringSubmatch(log, -1)
	for _, m := range scores {
		theirs, _ := strconv.ParseFloat(m[2], 64) // digits, by the expression
		t.Logf("MOS by what %s reports: rtpengine %v, ours %v", m[1], theirs, ours[m[1]])
		if math.Abs(ours[m[1]]-theirs) > 0.5 {
			t.Errorf("rtpengine's MOS by what %s reports is %v, ours %v", m[1], theirs, ours[m[1]])
		}
	}
	if len(scores) == 0 {
		t.Errorf("rtpengine says no MOS:\n%s", log)
	}
	if d := relayed - float64(sum); d < -6 || d > 20 {
		t.Errorf("rtpengine relayed %v packets, we count %d of RTP", relayed, sum)
	}
}

// compareHEP: the call as the HEP of kamailio and rtpengine tells it is the
// call on the wire.
func compareHEP(t *testing.T, wire, hep []string) {
	t.Helper()
	wireCalls, _ := parseRecords(t, wire)
	hepCalls, hepStreams := parseRecords(t, hep)
	if len(wireCalls) != 1 || len(hepCalls) != 1 {
		t.Fatalf("got %d calls on the wire and %d by HEP, want one:\n%s\n%s", len(wireCalls), len(hepCalls), strings.Join(wire, "\n"), strings.Join(hep, "\n"))
	}
	a, b := wireCalls[0], hepCalls[0]
	if !slices.Equal(a.CallIDs, b.CallIDs) || a.Disposition != "answered" || b.Disposition != "answered" || a.DurationMS == nil || b.DurationMS == nil {
		t.Fatalf("wire %+v\nHEP  %+v", a, b)
	}
	if d := math.Abs(*a.DurationMS - *b.DurationMS); d > 50 { // kamailio's clock is read when it sends
		t.Errorf("the call took %v ms on the wire, %v ms by HEP", *a.DurationMS, *b.DurationMS)
	}
	if len(hepStreams) > 0 {
		t.Errorf("no RTP came by HEP, got %d streams", len(hepStreams))
	}
}

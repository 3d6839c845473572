package main

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"earshot/web"
)

// hep3 wraps a SIP message as a proxy does: HEP version 3, big-endian chunks of
// vendor 0 with type, length with the 6 octets of the chunk's header, and value.
func hep3(src, dst string, at time.Time, sip string) []byte {
	b := []byte{'H', 'E', 'P', '3', 0, 0} // total length at the end
	chunk := func(kind uint16, value ...byte) {
		b = binary.BigEndian.AppendUint16(b, 0)
		b = binary.BigEndian.AppendUint16(b, kind)
		b = binary.BigEndian.AppendUint16(b, uint16(6+len(value)))
		b = append(b, value...)
	}
	u16 := func(v int) []byte { return binary.BigEndian.AppendUint16(nil, uint16(v)) }
	u32 := func(v int64) []byte { return binary.BigEndian.AppendUint32(nil, uint32(v)) }
	chunk(0x01, 2)                                   // IP family: IPv4
	chunk(0x02, 17)                                  // IP protocol: UDP
	chunk(0x03, net.ParseIP(src).To4()...)           // source
	chunk(0x04, net.ParseIP(dst).To4()...)           // destination
	chunk(0x07, u16(5060)...)                        // source port
	chunk(0x08, u16(5060)...)                        // destination port
	chunk(0x09, u32(at.Unix())...)                   // seconds
	chunk(0x0a, u32(int64(at.Nanosecond()/1000))...) // microseconds
	chunk(0x0b, 1)                                   // protocol type: SIP
	chunk(0x0c, u32(2001)...)                        // capture node
	chunk(0x0f, []byte(sip)...)                      // payload
	binary.BigEndian.PutUint16(b[4:], uint16(len(b)))
	return b
}

// talk is one answered call of 2 s, as pairs of its direction and the message.
func talk(callID string) []string {
	head := func(first, method, cseq, toTag string) string {
		return first + "\r\nVia: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bK" + callID + method + "\r\nFrom: <sip:alice@10.0.0.1>;tag=a\r\nTo: <sip:bob@192.0.2.9>" +
			toTag + "\r\nCall-ID: " + callID + "\r\nCSeq: " + cseq + " " + method + "\r\nContent-Length: 0\r\n\r\n"
	}
	const uri = " sip:bob@192.0.2.9 SIP/2.0"
	return []string{
		">" + head("INVITE"+uri, "INVITE", "1", ""),
		"<" + head("SIP/2.0 180 Ringing", "INVITE", "1", ";tag=b"),
		"<" + head("SIP/2.0 200 OK", "INVITE", "1", ";tag=b"),
		">" + head("ACK"+uri, "ACK", "1", ";tag=b"),
		">" + head("BYE"+uri, "BYE", "2", ";tag=b"),
		"<" + head("SIP/2.0 200 OK", "BYE", "2", ";tag=b"),
	}
}

// sendCall sends a call to a HEP listener, over TCP so that nothing is lost.
func sendCall(t *testing.T, address, callID string) {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	at := time.Now().Add(-2 * time.Second)
	for i, m := range talk(callID) {
		src, dst := "10.0.0.1", "192.0.2.9"
		if m[0] == '<' {
			src, dst = dst, src
		}
		if _, err := c.Write(hep3(src, dst, at.Add(time.Duration(i)*300*time.Millisecond), m[1:])); err != nil {
			t.Fatal(err)
		}
	}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// A probe's whole life, without root: ready, measuring, reloading, ending.
func TestRunLifecycle(t *testing.T) {
	dir := t.TempDir()
	file, hep, page := filepath.Join(dir, "earshot.yaml"), freePort(t), freePort(t)
	base := fmt.Sprintf("hep: {tcp: %q, nodes: {2001: kamailio-1}}\nweb: {listen: %q}\nrecords: {file: calls.jsonl}\n", hep, page)
	write(t, file, base)
	probe := start(t, "run", "--config", file)
	probe.hears("READY=1")
	if status, body := fetch(t, "http://"+page+"/readyz"); status != 200 {
		t.Errorf("not ready: %d %s", status, body)
	}
	messages := func(n uint64) func() bool {
		return func() bool {
			var s web.Summary
			_, body := fetch(t, "http://"+page+"/api/v1/summary")
			return json.Unmarshal([]byte(body), &s) == nil && s.Totals.SIPMessages == n
		}
	}
	sendCall(t, hep, "one")
	probe.until("6 messages", messages(6))
	probe.hears("WATCHDOG=1")

	write(t, file, base+"peers:\n  - {name: site, networks: [10.0.0.0/8]}\nsegments:\n  - {name: trunk, near: [site]}\nlog: {level: debug}\nlanes: 2\n")
	probe.signal(syscall.SIGHUP)
	probe.logs("configuration reloaded")
	probe.logs("not until a restart: lanes")
	if _, body := fetch(t, "http://"+page+"/metrics"); !strings.Contains(body, `segment="trunk"`) || !strings.Contains(body, `earshot_config_reloads_total{result="success"} 1`) {
		t.Error("the metrics don't show the new segment, or the reload")
	}
	sendCall(t, hep, "two")
	probe.until("12 messages", messages(12))
	capture := filepath.Join(dir, "one.pcapng")
	if status, _, errs := earshot(t, "packets", "one", "--url", "http://"+page, "-o", capture); status != exitOK {
		t.Errorf("packets: got status %d, %s", status, errs)
	} else if _, out, _ := earshot(t, "replay", "--json", capture); kinds(t, out)["call"] != 1 || !strings.Contains(out, `"call_ids":["one"]`) {
		t.Errorf("the packets of call one give %s", out)
	}

	write(t, file, base+"segments:\n  - {name: trunk, neer: [site]}\n")
	probe.signal(syscall.SIGHUP)
	probe.logs(`cannot reload; the old configuration goes on`)
	probe.logs(`unknown key \"neer\" (did you mean \"near\"?)`)
	if _, body := fetch(t, "http://"+page+"/metrics"); !strings.Contains(body, `segment="trunk"`) || !strings.Contains(body, `earshot_config_reloads_total{result="failure"} 1`) {
		t.Error("after a broken file the old segments are gone, or the failure is not counted")
	}

	probe.signal(syscall.SIGTERM)
	probe.hears("STOPPING=1")
	if status := probe.end(); status != exitOK {
		t.Errorf("got status %d; log:\n%s", status, probe.log())
	}
	text, err := os.ReadFile(filepath.Join(dir, "calls.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"one", "two"} {
		if n := strings.Count(string(text), fmt.Sprintf(`"call_ids":[%q]`, id)); n != 1 {
			t.Errorf("got %d records of call %s", n, id)
		}
	}
	if n := strings.Count(string(text), `"disposition":"answered"`); n != 2 {
		t.Errorf("got %d answered calls, want 2:\n%s", n, text)
	}
}

// A call that goes on at the end has its record all the same.
func TestRunFlushesWhatGoesOn(t *testing.T) {
	hep, page, file := freePort(t), freePort(t), filepath.Join(t.TempDir(), "calls.jsonl")
	probe := start(t, "run", "--hep", hep, "--listen", page, "--records", file, "--log-format", "json")
	probe.hears("READY=1")
	c, err := net.Dial("udp", hep)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for i, m := range talk("going-on")[:4] {
		src, dst := "10.0.0.1", "192.0.2.9"
		if m[0] == '<' {
			src, dst = dst, src
		}
		if _, err := c.Write(hep3(src, dst, time.Now().Add(time.Duration(i-4)*100*time.Millisecond), m[1:])); err != nil {
			t.Fatal(err)
		}
	}
	probe.until("4 messages", func() bool {
		var s web.Summary
		_, body := fetch(t, "http://"+page+"/api/v1/summary")
		return json.Unmarshal([]byte(body), &s) == nil && s.Totals.SIPMessages == 4
	})
	probe.signal(syscall.SIGINT)
	if status := probe.end(); status != exitOK {
		t.Errorf("got status %d; log:\n%s", status, probe.log())
	}
	if text, err := os.ReadFile(file); err != nil || strings.Count(string(text), `"call_ids":["going-on"]`) != 1 {
		t.Errorf("got %s, %v", text, err)
	}
	for line := range strings.Lines(probe.log()) {
		if !json.Valid([]byte(line)) {
			t.Errorf("no JSON: %s", line)
		}
	}
}

// Mistakes are told at the start, with what to do.
func TestRunRefuses(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	free := freePort(t)
	for _, tt := range []struct {
		args   []string
		status int
		want   string
	}{
		{[]string{"run"}, exitUsage, "there is nothing to listen to: name an interface (there are "},
		{[]string{"run", "--lane", "2", "eth0"}, exitUsage, `did you mean "lanes"?`},
		{[]string{"run", "--log-level", "loud", "eth0"}, exitUsage, "log.level is \"loud\", want one of info"},
		{[]string{"run", "--filter", "udp prot 5060", "eth0"}, exitUsage, "captures.filter"},
		{[]string{"run", "eth0/1"}, exitUsage, `"eth0/1" is no interface name`},
		{[]string{"run", "--config", "/nowhere.yaml", "eth0"}, exitUsage, "cannot read the configuration"},
		{[]string{"run", "--hep", "9060"}, exitUsage, `hep.udp is "9060", want host:port`},
		{[]string{"run", "--hep", free, "--listen", taken.Addr().String()}, exitFailure, "cannot listen for metrics and the API (web.listen, --listen)"},
		{[]string{"run", "--hep", taken.Addr().String(), "--listen", "none"}, exitFailure, "ss -lntup"},
		{[]string{"run", "--hep", free, "--listen", "0.0.0.0:0"}, exitUsage, "insecure"},
		{[]string{"run", "--hep", free, "--listen", "none", "--records", "/nowhere/calls"}, exitFailure, "cannot write records: open /nowhere/calls"},
		{[]string{"run", "--hep", free, "--listen", "none", "--user", "no-such-user"}, exitFailure, "cannot"},
	} {
		probe := start(t, tt.args...)
		if status := probe.end(); status != tt.status || !strings.Contains(probe.log(), tt.want) {
			t.Errorf("%q: got status %d, %q; want %d and %q", tt.args, status, probe.log(), tt.status, tt.want)
		}
	}
}

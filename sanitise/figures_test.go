package sanitise

import (
	"encoding/json"
	"maps"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"earshot/capture"
	"earshot/dialog"
	"earshot/pipeline"
)

// sites are generated captures: what they go over, and what happens in them.
var sites = map[string][]string{
	"links":      {"-encap", "none=1,vlan=1,qinq=1,mpls=1,pppoe=1,gre=1", "-dtmf", "50", "-fragment", "40", "-rtcp", "1s", "-xr"},
	"tunnels":    {"-encap", "erspan2=1,erspan3=1,vxlan=1,geneve=1,ipip=1,gtpu=1,l2tp=1", "-fragment", "50", "-dtmf", "50"},
	"IPv6":       {"-encap", "none=1,6in4=1", "-ipv6", "100", "-fragment", "50"},
	"TCP":        {"-tcp", "100", "-ipv6", "30", "-prack", "30", "-hold", "30", "-b2bua", "50"},
	"x-call-id":  {"-b2bua", "100", "-b2bua-link", "x-call-id", "-nat", "50", "-refer", "30"},
	"codecs":     {"-format", "pcapng", "-interfaces", "2", "-tcp", "30", "-copies", "50", "-dtx", "40", "-codecs", "opus=1,amr=1,pcmu=1,g729=1", "-loss", "1%", "-jitter", "exp(5)"},
	"headers":    {"-snaplen", "90", "-tcp", "30", "-fragment", "30", "-encap", "none=1,vxlan=1"},
	"cut text":   {"-snaplen", "300", "-tcp", "60", "-encap", "none=1,gre=1,gtpu=1"},
	"everything": {"-nat", "50", "-proxy", "50", "-srtp", "40", "-rtcp-mux", "50", "-register", "5", "-options", "3", "-faults", "oneway=10,natoneway=20,restart=10"},
}

// generate writes the captures of the sites, and returns their files by name.
func generate(t *testing.T) map[string]string {
	t.Helper()
	dir := t.TempDir()
	callgen := filepath.Join(dir, "callgen")
	if out, err := exec.Command("go", "build", "-o", callgen, "../cmd/callgen").CombinedOutput(); err != nil {
		t.Fatalf("cannot build callgen: %v: %s", err, out)
	}
	files := map[string]string{}
	for name, args := range sites {
		file := filepath.Join(dir, strings.ReplaceAll(name, " ", "-")+".pcap")
		args = append([]string{"-calls", "12", "-duration", "3s", "-ramp", "2s", "-ring", "300ms", "-seed", "7", "-o", file}, args...)
		if out, err := exec.Command(callgen, args...).CombinedOutput(); err != nil {
			t.Fatalf("cannot generate %q: %v: %s", name, err, out)
		}
		files[name] = file
	}
	return files
}

// sanitiseFile writes the result beside other tests' files.
func sanitiseFile(t *testing.T, name string, o Options) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), "result.pcapng")
	f, err := os.Create(out)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	open := func() (capture.Source, error) { return capture.Open([]string{name}, capture.Options{}) }
	if _, err := Capture(open, f, o); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return out
}

// figures takes the records of a replay as JSON.
type figures struct {
	t    *testing.T
	list []map[string]any
}

// Record keeps one.
func (r *figures) Record(rec dialog.Record) {
	line := dialog.AppendJSON(nil, rec, dialog.JSONOptions{Intervals: true})
	m := map[string]any{}
	if err := json.Unmarshal(line, &m); err != nil {
		r.t.Errorf("%v: %s", err, line)
	}
	r.list = append(r.list, m)
}

// replay returns the records of a capture, and its summary.
func replay(t *testing.T, name string) ([]map[string]any, pipeline.Summary) {
	t.Helper()
	source, err := capture.Open([]string{name}, capture.Options{})
	if err != nil {
		t.Fatal(err)
	}
	r := &figures{t: t}
	config := pipeline.Config{}
	config.Dialog.LegHeaders = []string{"X-Call-ID"}
	p := pipeline.New(config, []capture.Source{source}, r)
	if err := p.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	return r.list, p.Summary()
}

// replacedMembers are those of a record that hold what is replaced, and no figure.
// Where an address stands alone it is not among them: those are translated.
var replacedMembers = []string{
	"id", "call", "stream", "streams", "call_ids", "call_id", "from_tag", "to_tag", "from", "to", "from_uri", "to_uri", "uri", "user_agents",
	"evidence", "reason", "target", "referred_to", "replaces", "text", "realm", "user", "contact", "source",
	"offered", "answered_codecs", // a codec that no registry has may be named after anybody
}

// translate replaces the addresses of a record as the sanitiser does, and drops
// what else is replaced. Lists keep their lengths.
func translate(a *Addresses, v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for name, member := range v {
			_, text := member.(string)
			list, several := member.([]any)
			switch {
			case !slices.Contains(replacedMembers, name) || !text && !several:
				out[name] = translate(a, member)
			case several:
				out[name] = len(list)
			}
		}
		return out
	case []any:
		for i := range v {
			v[i] = translate(a, v[i])
		}
		return v
	case string:
		if p, err := netip.ParseAddrPort(v); err == nil && a != nil {
			return netip.AddrPortFrom(a.Of(p.Addr()), p.Port()).String()
		}
	}
	return v
}

// lines counts equal records.
func lines(a *Addresses, list []map[string]any) map[string]int {
	count := map[string]int{}
	for _, m := range list {
		b, _ := json.Marshal(translate(a, m))
		count[string(b)]++
	}
	return count
}

// sameFigures replays original and result, and compares all that is no pseudonym.
func sameFigures(t *testing.T, key Key, original, result string) {
	t.Helper()
	before, summary := replay(t, original)
	after, now := replay(t, result)
	want, got := lines(NewAddresses(key), before), lines(nil, after)
	for line, n := range want {
		if got[line] != n {
			t.Errorf("%d times, want %d: %s", got[line], n, line)
		}
	}
	for line := range got {
		if want[line] == 0 {
			t.Errorf("not in the original: %s", line)
		}
	}
	summary.Bytes, now.Bytes = 0, 0 // messages have other lengths
	x, _ := json.Marshal(summary)
	y, _ := json.Marshal(now)
	if string(x) != string(y) {
		t.Errorf("got summary %s\nwant %s", y, x)
	}
}

func TestFiguresStay(t *testing.T) {
	for name, file := range generate(t) {
		t.Run(name, func(t *testing.T) {
			for _, o := range []Options{{Key: testKey(42)}, {Key: testKey(42), Cut: true}} {
				if o.Cut && name != "links" {
					continue
				}
				result := sanitiseFile(t, file, o)
				if o.Cut {
					uncutRTP(t, file, result)
					continue
				}
				sameFigures(t, testKey(42), file, result)
			}
		})
	}
}

// uncutRTP compares the figures where RTP was cut: all but the count of cut
// packets.
func uncutRTP(t *testing.T, original, result string) {
	t.Helper()
	before, summary := replay(t, original)
	after, now := replay(t, result)
	want, got := lines(NewAddresses(testKey(42)), before), lines(nil, after)
	if !maps.Equal(want, got) {
		t.Errorf("the figures differ:\n%v\nwant\n%v", got, want)
	}
	events := summary.RTPPackets / 10 // they are too short to be cut
	if now.TruncatedPackets < summary.RTPPackets-events || now.RTPPackets != summary.RTPPackets {
		t.Errorf("%d packets are cut, want nearly all of %d RTP", now.TruncatedPackets, summary.RTPPackets)
	}
}

// corpusDir has real captures, of which no copy is part of this repository.
const corpusDir = "../../shared/captures/files"

// Two keys, because a key puts addresses in another order, and nothing may hang on that.
func TestFiguresOfRealCapturesStay(t *testing.T) {
	files, _ := filepath.Glob(corpusDir + "/*cap*")
	if len(files) == 0 {
		t.Skip("there are no real captures beside this repository")
	}
	for _, file := range files {
		name := filepath.Base(file)
		t.Run(name, func(t *testing.T) {
			for _, key := range []Key{testKey(42), testKey(2)} {
				sameFigures(t, key, file, sanitiseFile(t, file, Options{Key: key}))
			}
		})
	}
}

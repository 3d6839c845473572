package dialog

import (
	"encoding/json"
	"math"
	"net/netip"
	"reflect"
	"strings"
	"testing"

	"earshot/rtpstats"
)

// The lines are the contract: written by hand from the list of fields.
func TestJSONStream(t *testing.T) {
	s := newScene(t, Config{KeepTimeline: true})
	c := s.call("1f", 1)
	s.sdp(0, c.legs[0], caller, "audio [2001:db8::1]:4000 0")
	s.sdp(0, c.legs[0], callee, "audio [2001:db8::2]:4002 0")
	r := rtp("[2001:db8::1]:4000", "[2001:db8::2]:4002", 0x1a2b3c4d, 0.5, 2.5)
	r.Bytes, r.Packets, r.Expected, r.Lost, r.Duplicates = 21800, 100, 101, 1, 0
	r.CumulativeLost, r.LossRuns.Count[0] = 1, 1
	r.Jitter = rtpstats.Jitter{Last: 0.25, Mean: 1.0 / 3, Max: 2}
	r.DeltaMaxMS, r.SkewPPM, r.SkewValid = 40, -12.5, true
	r.Bursts = rtpstats.BurstGap{Gaps: 1, GapDensity: 1.0 / 101, GapMS: 2020, BurstRatio: 1}
	r.Interval = rtpstats.Interval{Start: clock(0.5), End: clock(5), Packets: 100, Expected: 49, Lost: 1, JitterMS: 0.5}
	s.report(r)
	rec := s.finish(c, 3)
	id := rec.Streams[0]
	// Ppl 100/101 %: R = 93.2062077233 - 95*0.990099/(0.990099+25.1) = 89.601031
	want := `{"type":"stream","id":"` + id + `","call":"1f","binding":"announced","direction":"from_caller",` +
		`"src":"[2001:db8::1]:4000","dst":"[2001:db8::2]:4002","ssrc":"0x1a2b3c4d","media":"audio","codec":"PCMU","clock_rate":8000,` +
		`"payload_types":[0],"clock_inferred":false,"codec_changes":0,"ptime_ms":20,"ptime_changes":0,` +
		`"start":"2023-11-14T22:13:20.500000000Z","end":"2023-11-14T22:13:22.500000000Z","duration_ms":2000,` +
		`"packets":100,"bytes":21800,"bitrate_bps":87200,"expected":101,"lost":1,"loss_ratio":0.009901,"cumulative_lost":1,` +
		`"duplicates":0,"capture_copies":0,"reordered":0,"restarts":0,"loss_runs":[1,0,0,0,0,0,0,0,0,0],"comfort_noise":0,"silences":0,` +
		`"events":0,"event_packets":0,"jitter_ms":{"last":0.25,"mean":0.333333,"max":2},"delta_max_ms":40,"skew_ppm":-12.5,` +
		`"late":{"fixed_60ms":0,"adaptive":0},"bursts":{"count":0,"density":0,"duration_ms":0},` +
		`"gaps":{"count":1,"density":0.009901,"duration_ms":2020},"burst_ratio":1,` +
		`"mos":{"model":"G.107","lq":4.329103,"cq":null,"r_lq":89.601031,"r_cq":null,"ie":0,"bpl":25.1,"plc":"G.711 Appendix I",` +
		`"ppl":0.990099,"burst_r":1,"delay_ms":null,"delay_source":null,"buffer":"adaptive","confidence":"A",` +
		`"reason":"conversational quality unknown: no round trip was measured and no delay declared"},"mos_min":null,"mos_min_at":null,` +
		`"dscp":[46],"vlan":[],"ttl":[64],"rtcp":null,"srtp":false,"trust":"ok"`
	if got := string(AppendJSON(nil, rec.Media[0], JSONOptions{})); got != want+"}" {
		t.Errorf("line:\n%s\nwant:\n%s}", got, want)
	}
	want += `,"intervals":[{"start":"2023-11-14T22:13:20.500000000Z","packets":100,"lost":1,"late":0,"jitter_ms":0.5,"mos":null}]}`
	if got := string(AppendJSON(nil, rec.Media[0], JSONOptions{Intervals: true})); got != want {
		t.Errorf("line:\n%s\nwant:\n%s", got, want)
	}
}

func TestJSONCall(t *testing.T) {
	r := &CallRecord{
		Type: "call", ID: "1f", CallIDs: []string{"a@b", `q"uo\te`}, From: "100", To: "200",
		FromURI: "sip:100@example.org", ToURI: "sip:200@example.org",
		Start: Time(sceneEpoch), Answer: Time(sceneEpoch + 3*second), End: Time(sceneEpoch + 63*second + 1),
		DurationMS: new(60000.000001), SetupMS: new(210.0), Disposition: Answered, FinalStatus: new(200), Reason: "OK\n",
		EndedBy: EndedByCaller, Transport: "udp", Retransmissions: 2,
		Legs:  []LegRecord{{Src: netip.MustParseAddrPort("192.0.2.1:5060"), CallID: "a@b", FromTag: "f", ToTag: "t", Transport: "udp"}},
		Holds: 1, HoldMS: 1.5, Transfers: []Transfer{{At: Time(sceneEpoch), Kind: "blind", Target: "sip:300@example.org"}},
		Streams: []string{"0a"}, MOSWorst: new(4.4094059544), Findings: []Finding{{Code: "loss", Text: "3 % lost", Evidence: "3 of 100", Stream: "0a"}, {Code: "x"}},
	}
	want := `{"type":"call","id":"1f","call_ids":["a@b","q\"uo\\te"],"from":"100","to":"200",` +
		`"from_uri":"sip:100@example.org","to_uri":"sip:200@example.org",` +
		`"start":"2023-11-14T22:13:20.000000000Z","ringing":null,"answer":"2023-11-14T22:13:23.000000000Z","end":"2023-11-14T22:14:23.000000001Z",` +
		`"duration_ms":60000.000001,"setup_ms":210,"pdd_ms":null,"disconnect_ms":null,"disposition":"answered","final_status":200,"reason":"OK\u000a",` +
		`"ended_by":"caller","transport":"udp","user_agents":[],"retransmissions":2,` +
		`"legs":[{"src":"192.0.2.1:5060","dst":null,"call_id":"a@b","from_tag":"f","to_tag":"t","transport":"udp"}],"leg_evidence":[],` +
		`"offered":[],"answered_codecs":[],"holds":1,"hold_ms":1.5,` +
		`"transfers":[{"at":"2023-11-14T22:13:20.000000000Z","kind":"blind","target":"sip:300@example.org","status":null}],` +
		`"streams":["0a"],"mos_worst":4.409406,` +
		`"findings":[{"code":"loss","text":"3 % lost","evidence":"3 of 100","stream":"0a"},{"code":"x","text":"","evidence":""}],"truncated":false}`
	if got := string(AppendJSON(nil, r, JSONOptions{})); got != want {
		t.Errorf("line:\n%s\nwant:\n%s", got, want)
	}
}

// The encoder knows every field of every record by its tag, in order.
func TestJSONFields(t *testing.T) {
	full := &StreamRecord{Call: new("c"), RTCP: &RTCPRecord{XR: &XRRecord{}}, TrustReason: "r", Timeline: []IntervalRecord{{Suspect: true}}}
	for _, r := range []Record{&CallRecord{Trust: suspect, TrustReason: "r", Legs: []LegRecord{{}}, Transfers: []Transfer{{}}, Findings: []Finding{{Stream: "s"}}}, full, &TransactionRecord{}} {
		line := AppendJSON(nil, r, JSONOptions{Intervals: true})
		if !json.Valid(line) {
			t.Fatalf("no JSON: %s", line)
		}
		want := tags(reflect.TypeOf(r).Elem())
		if got := keys(t, line); got != want {
			t.Errorf("fields of %T:\n%s\nwant\n%s", r, got, want)
		}
	}
}

// tags lists a record's JSON names in order, inner records in braces.
func tags(v reflect.Type) string {
	var b strings.Builder
	for i := range v.NumField() {
		name, _, _ := strings.Cut(v.Field(i).Tag.Get("json"), ",")
		if name == "-" {
			continue
		}
		b.WriteString(name)
		inner := v.Field(i).Type
		for inner.Kind() == reflect.Pointer || inner.Kind() == reflect.Slice {
			inner = inner.Elem()
		}
		if inner.Kind() == reflect.Struct && inner != reflect.TypeFor[netip.AddrPort]() {
			b.WriteString("{" + tags(inner) + "}")
		}
		b.WriteByte(' ')
	}
	return b.String()
}

// keys lists the names of a JSON object in order, inner objects in braces.
func keys(t *testing.T, line []byte) string {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(string(line)))
	var b strings.Builder
	var object func()
	value := func() {
		for depth := 0; ; {
			token, err := d.Token()
			if err != nil {
				t.Fatal(err)
			}
			switch token {
			case json.Delim('{'):
				b.WriteByte('{')
				object()
				b.WriteByte('}')
			case json.Delim('['):
				depth++
			case json.Delim(']'):
				depth--
			}
			if depth == 0 {
				return
			}
		}
	}
	object = func() {
		for d.More() {
			name, _ := d.Token()
			b.WriteString(name.(string))
			value()
			b.WriteByte(' ')
		}
		_, _ = d.Token()
	}
	_, _ = d.Token()
	object()
	return b.String()
}

func TestJSONNumbers(t *testing.T) {
	for v, want := range map[float64]string{
		0: "0", -0.0000001: "0", 1: "1", 0.1: "0.1", 2.0 / 3: "0.666667", -12.5: "-12.5", 1e9: "1000000000", 100: "100",
		123456.7890125: "123456.789012", math.Inf(1): "null",
	} {
		if got := string(appendNumber(nil, v)); got != want {
			t.Errorf("%v is written %s, want %s", v, got, want)
		}
	}
	if got := string(appendNumber(nil, math.NaN())); got != "null" {
		t.Errorf("NaN is written %s", got)
	}
}

func TestTimeJSON(t *testing.T) {
	for _, at := range []Time{0, 1, Time(sceneEpoch + 123456789), -1} {
		b, err := json.Marshal(at)
		if err != nil {
			t.Fatal(err)
		}
		var back Time
		if err := json.Unmarshal(b, &back); err != nil || back != at {
			t.Errorf("%d came back as %d from %s: %v", at, back, b, err)
		}
	}
	var at Time
	if err := at.UnmarshalJSON([]byte(`"yesterday"`)); err == nil {
		t.Error("yesterday is no time")
	}
}

// Any text of a packet makes valid JSON that says the same.
func FuzzJSONString(f *testing.F) {
	f.Add("plain")
	f.Add("\x00\x1f\"\\\x7f\xff\u2028é")
	f.Fuzz(func(t *testing.T, s string) {
		var back string
		if err := json.Unmarshal(appendString(nil, s), &back); err != nil {
			t.Fatalf("%q: %v", s, err)
		}
		if want := strings.ToValidUTF8(s, "\uFFFD"); back != want && len([]rune(s)) != len([]rune(back)) {
			t.Errorf("%q came back as %q", s, back)
		}
	})
}

package dialog

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"earshot/sipparse"
)

const corpus = "../../shared/captures/sip-text/rfc4475-and-callflows"

// The flows that RFCs print, with the outcome that their text tells. The texts
// have no addresses, so hosts get one by name: a request goes from its top
// Via's host to the host that adds the next Via, else to the dialog's other end.
func TestFlowsOfRFCs(t *testing.T) {
	if _, err := os.Stat(corpus); err != nil {
		t.Skip("the texts of the RFCs' call flows are not there")
	}
	tests := []struct{ file, want string }{
		{"misc_rfc3665_3.01_successful-session-establishment.yaml", "answered 200 by callee, 1 leg"},
		// The failover uses a new Call-ID. That the challenged INVITE went to proxy
		// 2 the text does not tell: it counts as a leg to Bob.
		{"misc_rfc3665_3.04_successful-session-with-proxy-failure.yaml", "failed null by timeout, 1 leg; answered 200 by callee, 3 legs"},
		{"misc_rfc3665_3.06_session-via-redirect-and-proxy-servers-with-sdp-in-ack.yaml", "answered 200 by callee, 3 legs"},
		{"misc_rfc3665_3.08_unsuccessful-no-answer.yaml", "cancelled 487 by caller, 3 legs"},
		{"misc_rfc3665_3.09_unsuccessful-busy.yaml", "busy 486 by callee, 3 legs"},
		{"misc_rfc3665_3.10_unsuccessful-no-response-from-user-agent.yaml", "no_answer 480 by callee, 3 legs"},
		{"misc_rfc3665_3.11_unsuccessful-temporarily-unavailable.yaml", "no_answer 480 by callee, 3 legs"},
		{"misc_rfc3665_2.01_sip-client-new-registration.yaml", "REGISTER 200"},
		{"misc_rfc3665_2.02_update-of-contact-list.yaml", "REGISTER 200"},
		{"misc_rfc3665_2.04_cancellation-of-registration.yaml", "REGISTER 200"},
		{"misc_rfc3665_2.05_unsuccessful-registration.yaml", "REGISTER 401"},
	}
	for _, tt := range tests {
		t.Run(tt.file, func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join(corpus, tt.file))
			if err != nil {
				t.Fatal(err)
			}
			if got := playTexts(t, messagesOf(string(text))); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// Whatever else the corpus holds (RFC 4475's torture among it) ends without panic.
func TestCorpusEnds(t *testing.T) {
	files, _ := filepath.Glob(corpus + "/*")
	if len(files) == 0 {
		t.Skip("the texts of the RFCs' call flows are not there")
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		playTexts(t, append(messagesOf(string(text)), string(text)))
	}
}

// messagesOf cuts the blocks out of a text: each begins with "- |" and is
// indented by two.
func messagesOf(text string) (list []string) {
	for _, block := range strings.Split("\n"+text, "\n- |")[1:] {
		_, block, _ = strings.Cut(block, "\n")
		var b strings.Builder
		for _, line := range strings.Split(strings.TrimRight(block, "\n"), "\n") {
			if strings.HasPrefix(line, "#") {
				continue
			}
			b.WriteString(strings.TrimPrefix(line, "  ") + "\r\n")
		}
		list = append(list, b.String()+"\r\n")
	}
	return list
}

var viaHost = regexp.MustCompile(`(?m)^Via: SIP/2\.0/\w+ ([^;\r\n]+)`)

func playTexts(t *testing.T, texts []string) string {
	t.Helper()
	parser := sipparse.NewParser(sipparse.Config{})
	type seen struct {
		m    *sipparse.Message
		vias []string
	}
	var list []seen
	for _, text := range texts {
		m, _ := parser.Parse([]byte(text))
		if m == nil {
			continue
		}
		var vias []string
		for _, v := range viaHost.FindAllStringSubmatch(text, -1) {
			vias = append(vias, v[1])
		}
		list = append(list, seen{m, vias})
	}
	// next finds who got the request that top sent: the one that added its Via to it.
	next := func(s seen) string {
		for _, o := range list {
			if o.m.IsRequest() && o.m.CallID == s.m.CallID && o.m.CSeq == s.m.CSeq && len(o.vias) > 1 && o.vias[1] == s.vias[0] {
				return o.vias[0]
			}
		}
		for _, o := range list {
			if o.m.IsRequest() && o.m.From.User == s.m.To.User && len(o.vias) == 1 {
				return o.vias[0]
			}
		}
		return "host-of-" + s.m.To.User
	}
	f := &flow{t: t, table: NewTable(Config{MaxStreams: 100})}
	at := epoch
	for _, s := range list {
		at += 1e8
		f.tick(at)
		hop := Hop{Transport: "udp"}
		if len(s.vias) > 0 {
			hop.Src, hop.Dst = named(s.vias[0]), named(next(s))
		}
		if !s.m.IsRequest() {
			hop.Src, hop.Dst = hop.Dst, hop.Src
		}
		f.table.SIP(at, hop, s.m)
	}
	f.table.Close(at+60e9, f.emit)
	var out []string
	for _, r := range f.records {
		switch r := r.(type) {
		case *CallRecord:
			legs := "legs"
			if len(r.Legs) == 1 {
				legs = "leg"
			}
			out = append(out, fmt.Sprintf("%s %s by %s, %d %s", r.Disposition, show(r.FinalStatus), r.EndedBy, len(r.Legs), legs))
		case *TransactionRecord:
			out = append(out, fmt.Sprintf("%s %s", r.Method, show(r.FinalStatus)))
		}
	}
	return strings.Join(out, "; ")
}

// named gives a host name an address: FNV of the name in 198.18.0.0/15.
func named(name string) netip.AddrPort {
	h := uint32(2166136261)
	for _, b := range []byte(strings.TrimSuffix(name, ":5060")) {
		h = (h ^ uint32(b)) * 16777619
	}
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{198, 18, byte(h >> 8), byte(h)}), 5060)
}

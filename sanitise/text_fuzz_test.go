package sanitise

import (
	"bytes"
	"testing"

	"earshot/sipparse"
)

// fuzzCanary is planted by the fuzz targets; no list of harmless words has it.
const fuzzCanary = "Zbeeblebrox8675309qux"

// FuzzSIP plants a canary at any place of any message. It never survives, the
// result is SIP where the message was, and as long as its Content-Length says
// where that was so. The same message always becomes the same.
func FuzzSIP(f *testing.F) {
	for _, line := range planted {
		f.Add(messageWith(line), uint16(90))
	}
	for _, c := range bodies {
		f.Add([]byte("INVITE sip:a@b SIP/2.0\r\nCall-ID: 1\r\n"+c.headers+"\r\n\r\n"+c.body), uint16(100))
	}
	f.Fuzz(func(t *testing.T, message []byte, at uint16) {
		if len(message) > 1<<16 || bytes.Contains(message, []byte("\x00")) {
			return
		}
		where := int(at) % (len(message) + 1)
		with := append(append(append([]byte(nil), message[:where]...), fuzzCanary...), message[where:]...)
		text, _ := testText(t)
		result := text.SIP(nil, with)
		if bytes.Contains(bytes.ToLower(result), bytes.ToLower([]byte(fuzzCanary))) {
			t.Fatalf("it is still there:\n%q\n%q", with, result)
		}
		if sipparse.Looks(with) != sipparse.Looks(result) || len(result) == 0 {
			t.Fatalf("SIP: was %v, is %v\n%q\n%q", sipparse.Looks(with), sipparse.Looks(result), with, result)
		}
		if again := text.SIP(nil, with); !bytes.Equal(result, again) {
			t.Fatalf("%q became %q and %q", with, result, again)
		}
		checkFrame(t, with, result)
	})
}

// checkFrame holds how much of a stream is taken for the message.
func checkFrame(t *testing.T, was, is []byte) {
	t.Helper()
	p := sipparse.NewParser(sipparse.Config{})
	before, errBefore := p.Parse(was)
	after, errAfter := p.Parse(is)
	if errBefore != errAfter {
		t.Fatalf("%v, was %v:\n%q\n%q", errAfter, errBefore, was, is)
	}
	if before == nil {
		return
	}
	if len(was)-before.Size != len(is)-after.Size {
		t.Fatalf("%d octets of %d, were %d of %d:\n%q\n%q", after.Size, len(is), before.Size, len(was), was, is)
	}
	const cut = sipparse.DamageTruncated | sipparse.DamageBareLF | sipparse.DamageStartLine | sipparse.DamageJunk
	if before.StatusCode != after.StatusCode || before.CSeq != after.CSeq || before.Damage&cut != after.Damage&cut {
		t.Fatalf("%d %d %b, were %d %d %b:\n%q\n%q", after.StatusCode, after.CSeq, after.Damage, before.StatusCode, before.CSeq, before.Damage, was, is)
	}
}

// FuzzRTCPJSON plants a canary in reports; the form of the JSON stays.
func FuzzRTCPJSON(f *testing.F) {
	f.Add([]byte(report), uint16(40))
	f.Fuzz(func(t *testing.T, report []byte, at uint16) {
		where := int(at) % (len(report) + 1)
		with := append(append(append([]byte(nil), report[:where]...), fuzzCanary...), report[where:]...)
		text, _ := testText(t)
		result := text.RTCPJSON(nil, with)
		if bytes.Contains(bytes.ToLower(result), bytes.ToLower([]byte(fuzzCanary))) || len(result) != len(with) {
			t.Fatalf("%q became %q", with, result)
		}
	})
}

// FuzzHTTPUpgrade does the same with what opens a WebSocket.
func FuzzHTTPUpgrade(f *testing.F) {
	f.Add([]byte(upgrade), uint16(40))
	f.Fuzz(func(t *testing.T, head []byte, at uint16) {
		where := int(at) % (len(head) + 1)
		with := append(append(append([]byte(nil), head[:where]...), fuzzCanary...), head[where:]...)
		text, _ := testText(t)
		result := text.HTTPUpgrade(nil, with)
		if bytes.Contains(bytes.ToLower(result), bytes.ToLower([]byte(fuzzCanary))) || len(result) != len(with) {
			t.Fatalf("%q became %q", with, result)
		}
	})
}

// FuzzISUP plants a canary in ISUP and Q.931; the length stays.
func FuzzISUP(f *testing.F) {
	f.Add([]byte(iam), uint16(20))
	f.Add([]byte("\x08\x02\x12\x34\x05\x28\x06Zaphod"), uint16(7))
	f.Fuzz(func(t *testing.T, b []byte, at uint16) {
		where := int(at) % (len(b) + 1)
		with := append(append(append([]byte(nil), b[:where]...), fuzzCanary...), b[where:]...)
		text, _ := testText(t)
		for _, result := range [][]byte{text.isup(nil, with), qsig(nil, with)} {
			if bytes.Contains(result, []byte(fuzzCanary)) || len(result) != len(with) {
				t.Fatalf("% x became % x", with, result)
			}
		}
	})
}

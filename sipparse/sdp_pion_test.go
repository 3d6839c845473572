package sipparse

import (
	"bytes"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/pion/sdp/v3"
	"pgregory.net/rapid"
)

// TestSDPAgainstPion makes sound descriptions and reads them with pion/sdp,
// which is strict, and with ours.
func TestSDPAgainstPion(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := drawSDP(t)
		if err := agree([]byte(text)); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
	})
}

// TestSDPTexts does the same with the descriptions in the recorded messages, as
// far as pion accepts them.
func TestSDPTexts(t *testing.T) {
	files, _ := filepath.Glob(textsDir + "/*")
	if len(files) == 0 {
		t.Skipf("no messages in %s", textsDir)
	}
	bodyRE := regexp.MustCompile(`(?m)^ *v=0\r?\n(?: *[a-z]=.*(?:\n|$))+`)
	compared := 0
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, body := range bodyRE.FindAll(b, -1) {
			body = regexp.MustCompile(`(?m)^ +`).ReplaceAll(body, nil)
			if new(sdp.SessionDescription).Unmarshal(body) != nil {
				continue
			}
			compared++
			if err := agree(body); err != nil {
				t.Errorf("%s: %v\n%s", file, err, body)
			}
		}
	}
	if compared < 30 {
		t.Errorf("only %d descriptions compared", compared)
	}
}

// agree reads a description twice and compares what binds media.
func agree(text []byte) error {
	var want sdp.SessionDescription
	if err := want.Unmarshal(text); err != nil {
		return fmt.Errorf("pion: %w", err)
	}
	got, err := ParseSDP(text)
	if err != nil {
		return err
	}
	origin := []string{want.Origin.Username, strconv.FormatUint(want.Origin.SessionID, 10),
		strconv.FormatUint(want.Origin.SessionVersion, 10), want.Origin.UnicastAddress}
	number := func(s string) string { // some write leading zeros
		v, _ := strconv.ParseUint(s, 10, 64)
		return strconv.FormatUint(v, 10)
	}
	if ours := []string{got.OriginUser, number(got.SessionID), number(got.SessionVersion), got.OriginAddr}; fmt.Sprint(ours) != fmt.Sprint(origin) {
		return fmt.Errorf("origin %q, want %q", ours, origin)
	}
	if len(got.Media) != len(want.MediaDescriptions) {
		return fmt.Errorf("%d m-lines, want %d", len(got.Media), len(want.MediaDescriptions))
	}
	for i, m := range want.MediaDescriptions {
		if err := agreeMedia(&got.Media[i], &want, m); err != nil {
			return fmt.Errorf("m-line %d: %w", i, err)
		}
	}
	return nil
}

func agreeMedia(got *Media, session *sdp.SessionDescription, want *sdp.MediaDescription) error {
	if got.Kind != want.MediaName.Media || int(got.Addr.Port()) != want.MediaName.Port.Value ||
		got.Protocol != strings.Join(want.MediaName.Protos, "/") {
		return fmt.Errorf("got %s %v %s, want %v", got.Kind, got.Addr, got.Protocol, want.MediaName)
	}
	c := want.ConnectionInformation
	if c == nil {
		c = session.ConnectionInformation
	}
	if c != nil && c.Address != nil {
		host, _, _ := strings.Cut(c.Address.Address, "/")
		if addr, err := netip.ParseAddr(host); err == nil && got.Addr.Addr() != addr || err != nil && got.Host != host {
			return fmt.Errorf("got %v %q, want %s", got.Addr, got.Host, host)
		}
	}
	direction := map[string]Direction{"sendrecv": SendRecv, "sendonly": SendOnly, "recvonly": RecvOnly, "inactive": Inactive}
	wantDirection := SendRecv
	for _, attributes := range [][]sdp.Attribute{session.Attributes, want.Attributes} {
		for _, a := range attributes {
			if d, ok := direction[a.Key]; ok {
				wantDirection = d
			}
		}
	}
	if got.Direction != wantDirection {
		return fmt.Errorf("direction %d, want %d", got.Direction, wantDirection)
	}
	if _, mux := want.Attribute("rtcp-mux"); mux != got.RTCPMux {
		return fmt.Errorf("rtcp-mux %v", got.RTCPMux)
	}
	if ptime, ok := want.Attribute("ptime"); ok && strconv.Itoa(got.PTimeMS) != ptime {
		return fmt.Errorf("ptime %d, want %s", got.PTimeMS, ptime)
	}
	return agreeFormats(got, want)
}

func agreeFormats(got *Media, want *sdp.MediaDescription) error {
	formats := map[string]Format{}
	for _, f := range got.Formats {
		formats[strconv.Itoa(int(f.PayloadType))] = f
	}
	listed := map[string]bool{}
	for _, f := range want.MediaName.Formats {
		listed[f] = true
		if _, err := strconv.ParseUint(f, 10, 7); err != nil {
			continue
		}
		if _, ok := formats[f]; !ok {
			return fmt.Errorf("format %s is missing", f)
		}
	}
	for _, a := range want.Attributes {
		pt, value, _ := strings.Cut(a.Value, " ")
		f, ok := formats[pt]
		if !ok || !listed[pt] {
			continue
		}
		clock := fmt.Sprintf("%s/%d", f.Encoding, f.ClockRate)
		channels := fmt.Sprintf("%s/%d", clock, f.Channels)
		if a.Key == "rtpmap" && !strings.Contains(value, "/") {
			clock = f.Encoding // RFC 4475 leaves the clock out
		}
		if a.Key == "rtpmap" && !strings.EqualFold(value, clock) && !strings.EqualFold(value, channels) {
			return fmt.Errorf("rtpmap %s, want %s", channels, a.Value)
		}
		if a.Key == "fmtp" && f.FMTP != value {
			return fmt.Errorf("fmtp %q, want %q", f.FMTP, value)
		}
	}
	return nil
}

// drawSDP draws a sound description.
func drawSDP(t *rapid.T) string {
	var b bytes.Buffer
	fmt.Fprintf(&b, "v=0\r\no=%s %d %d IN IP4 192.0.2.%d\r\ns=%s\r\n", rapid.SampledFrom([]string{"-", "alice", "FreeSWITCH"}).Draw(t, "user"),
		rapid.Uint32().Draw(t, "id"), rapid.Uint32().Draw(t, "version"), rapid.Byte().Draw(t, "origin"), rapid.SampledFrom([]string{"-", "a call"}).Draw(t, "s"))
	if rapid.Bool().Draw(t, "c") {
		drawConnection(t, &b)
	}
	b.WriteString("t=0 0\r\n")
	drawDirection(t, &b)
	for range rapid.IntRange(0, 4).Draw(t, "media") {
		drawMedia(t, &b)
	}
	return b.String()
}

func drawConnection(t *rapid.T, b *bytes.Buffer) {
	b.WriteString(rapid.SampledFrom([]string{
		"c=IN IP4 192.0.2.7\r\n", "c=IN IP4 224.2.1.1/127\r\n", "c=IN IP6 2001:db8::1\r\n", "c=IN IP4 media.example.com\r\n", "c=IN IP4 0.0.0.0\r\n",
	}).Draw(t, "c="))
}

func drawDirection(t *rapid.T, b *bytes.Buffer) {
	if d := rapid.SampledFrom([]string{"", "", "sendrecv", "sendonly", "recvonly", "inactive"}).Draw(t, "direction"); d != "" {
		fmt.Fprintf(b, "a=%s\r\n", d)
	}
}

func drawMedia(t *rapid.T, b *bytes.Buffer) {
	pts := rapid.SliceOfNDistinct(rapid.IntRange(0, 127), 1, 8, rapid.ID).Draw(t, "formats")
	fmt.Fprintf(b, "m=%s %d %s", rapid.SampledFrom([]string{"audio", "video", "text"}).Draw(t, "kind"), rapid.IntRange(0, 65535).Draw(t, "port"),
		rapid.SampledFrom([]string{"RTP/AVP", "RTP/SAVP", "UDP/TLS/RTP/SAVPF", "RTP/AVPF"}).Draw(t, "protocol"))
	for _, pt := range pts {
		fmt.Fprintf(b, " %d", pt)
	}
	b.WriteString("\r\n")
	if rapid.Bool().Draw(t, "own c") {
		drawConnection(t, b)
	}
	for _, pt := range pts {
		if rapid.Bool().Draw(t, "rtpmap") {
			fmt.Fprintf(b, "a=rtpmap:%d %s/%d%s\r\n", pt, rapid.SampledFrom([]string{"PCMU", "opus", "G729", "x-new", "VP8"}).Draw(t, "encoding"),
				rapid.IntRange(1, 192000).Draw(t, "clock"), rapid.SampledFrom([]string{"", "/1", "/2"}).Draw(t, "channels"))
		}
		if rapid.Bool().Draw(t, "fmtp") {
			fmt.Fprintf(b, "a=fmtp:%d %s\r\n", pt, rapid.SampledFrom([]string{"0-16", "annexb=no", "mode-set=0,2;octet-align=1"}).Draw(t, "parameters"))
		}
	}
	drawDirection(t, b)
	b.WriteString(rapid.SampledFrom([]string{"", "a=rtcp-mux\r\n", "a=ptime:30\r\n", "a=label:1\r\na=mid:x\r\n"}).Draw(t, "attribute"))
}
